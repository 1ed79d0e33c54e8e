"""The portal in the role DV: a login that is right."""

from http.cookies import SimpleCookie

import pytest

from tests.simulators.conftest import PortalVisit
from tests.support import simulated


@pytest.mark.eis("SES-07", "AS-17", "AS-20")
async def test_a_right_answer_opens_a_session(visit: PortalVisit) -> None:
    """The page says who is logged in: the BSN that only the portal could decrypt."""
    page = await visit.come_back()
    import re; print(re.sub(r"<[^>]+>", " ", page)[:6000])
    assert "U bent ingelogd" in page
    assert simulated.BSN in page
