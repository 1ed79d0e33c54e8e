"""Betrouwbaarheidsniveaus."""

import pytest

from routeringsvoorziening.saml.loa import URIS, level_of, uri_of
from tests.support.signed import refused


@pytest.mark.eis("LOA-01")
def test_four_levels_ascending_with_the_uris_of_the_koppelvlak() -> None:
    """The exact strings, in order."""
    assert list(URIS.items()) == [
        (10, "http://eID.logius.nl/LoA/basic"),
        (20, "http://eidas.europa.eu/LoA/low"),
        (25, "http://eidas.europa.eu/LoA/substantial"),
        (30, "http://eidas.europa.eu/LoA/high"),
    ]


@pytest.mark.eis("LOA-01")
@pytest.mark.parametrize("level", [10, 20, 25, 30])
def test_a_level_and_its_uri_belong_together(level: int) -> None:
    """There and back."""
    assert level_of(uri_of(level), lenient=False) == level_of(uri_of(level)) == level


@pytest.mark.eis("LOA-01")
def test_the_other_spelling_of_basic_is_read_and_never_written() -> None:
    """Accepted as an alias from a login service, normalised on the way out (AMB-01)."""
    assert uri_of(level_of("http://eid.logius.nl/LoA/basic")) == "http://eID.logius.nl/LoA/basic"
    with refused("loa"):
        level_of("http://eid.logius.nl/LoA/basic", lenient=False)


@pytest.mark.eis("LOA-01")
@pytest.mark.attack("S69")
@pytest.mark.parametrize(
    "uri",
    [
        "",
        "http://eidas.europa.eu/LoA/High",
        "http://eidas.europa.eu/LoA/high ",
        "https://eidas.europa.eu/LoA/high",
        "http://eidas.europa.eu/LoA/higher",
        "HTTP://EID.LOGIUS.NL/LOA/BASIC",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
    ],
)
def test_any_other_uri_is_refused(uri: str) -> None:
    """Compared exactly."""
    with refused("loa"):
        level_of(uri)


def test_there_is_no_other_level() -> None:
    """A level that the koppelvlak does not know has no URI."""
    with refused("loa"):
        uri_of(15)
