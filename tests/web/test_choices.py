"""In which words the ways to log in are told apart."""

import pytest

from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, Choice, MandateServiceId
from routeringsvoorziening.web.choices import grouped

DIGID, EHERKENNING = AuthenticationServiceId("digid"), AuthenticationServiceId("eherkenning")
BEWIND = MandateServiceId("bewind")


@pytest.mark.parametrize(
    ("methods", "legends"),
    [
        ([DIGID], ["Voor mijzelf", "Voor iemand anders"]),
        ([EHERKENNING], ["Voor mijn organisatie", "Voor iemand anders"]),
        ([DIGID, EHERKENNING], ["Voor mijzelf of mijn organisatie", "Voor iemand anders"]),
        ([], ["Voor iemand anders"]),
    ],
)
def test_who_comes_for_an_organisation_does_not_come_for_themselves(methods, legends) -> None:
    """By the login methods that can be chosen without a mandate."""
    choices = [*map(Choice, methods), Choice(EHERKENNING, BEWIND)]
    groups = grouped(choices, {}, {"bewind": "als bewindvoerder"}, "nl", again=False, organisations={EHERKENNING})
    assert [each.legend for each in groups] == legends
