"""The DigiD simulator in the role AD: what it asks of an AuthnRequest."""

from datetime import timedelta
from typing import Any

import pytest
from yarl import URL

from routeringsvoorziening.saml import names
from routeringsvoorziening.simulators.world import layout
from tests.simulators.conftest import DigidVisit, NewDigid
from tests.support import simulated
from tests.support.simulated import DV, MINUTE, NOW, RD, Clock, rd_request, signing_key

ANOTHER = layout.ZORG.entity_id


@pytest.mark.eis("RAD-02", "RAD-03")
async def test_a_right_request_gets_the_login_page(digid: DigidVisit) -> None:
    """The page names the service and the level that it asks."""
    answer = await digid.ask()
    assert answer.status == 303
    page = await (await digid.front.get(answer.headers["Location"])).text()
    assert "Uitkering aanvragen" in page
    assert "SIMULATOR" in page


REFUSED: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "other issuer": ({"issuer": ANOTHER}, "issuer.unknown", ["GEN-04", "ERR-11"]),
    "other destination": ({"destination": "http://digid.localhost:8081/saml"}, "destination", ["RAD-02"]),
    "look-alike destination": ({"destination": "http://digid.localhost:8081/saml/sso/"}, "destination", ["RAD-02"]),
    "no acs index": ({"acs_index": None}, "msg.structure", ["RAD-02"]),
    "acs url": ({"acs_url": simulated.RD_ACS, "acs_index": None}, "msg.structure", ["RAD-02"]),
    "unknown acs index": ({"acs_index": 9}, "md.endpoint", ["MD-SP-07"]),
    "old": ({"issue_instant": NOW - timedelta(minutes=7)}, "time.past", ["GEN-03"]),
    "of later": ({"issue_instant": NOW + 2 * MINUTE}, "time.future", ["GEN-03"]),
    "signed by a stranger": ({"key": signing_key(RD, "x")}, "key.unknown", ["SIG-11"]),
    "signed by the dienstverlener": ({"key": signing_key(DV)}, "key.unknown", ["SIG-12"]),
}


@pytest.mark.parametrize(
    ("changed", "code"),
    [pytest.param(*each[:2], id=name, marks=pytest.mark.eis(*each[2])) for name, each in REFUSED.items()],
)
@pytest.mark.eis("ERR-06", "ERR-11")
async def test_what_cannot_be_trusted_gets_a_page_and_no_answer(
    digid: DigidVisit, changed: dict[str, Any], code: str
) -> None:
    """One thing differs from a right request: HTTP 400 with its own code, and no redirect anywhere."""
    answer = await digid.ask(**changed)
    assert answer.status == 400
    assert "Location" not in answer.headers
    assert f"<code>{code}</code>" in await answer.text()


@pytest.mark.eis("ERR-11")
@pytest.mark.parametrize(
    ("saml_request", "code"), [("", "msg.encoding"), ("!!!", "msg.encoding"), ("PHg+", "xml.malformed")]
)
async def test_what_is_no_message_gets_a_page(digid: DigidVisit, saml_request: str, code: str) -> None:
    """Not base64, or not XML."""
    answer = await digid.front.post("/saml/sso", data={"SAMLRequest": saml_request})
    assert answer.status == 400
    assert f"<code>{code}</code>" in await answer.text()


@pytest.mark.eis("GEN-07")
async def test_only_post_is_taken(digid: DigidVisit) -> None:
    """There is no HTTP-Redirect binding."""
    assert (await digid.front.get("/saml/sso", params={"SAMLRequest": rd_request()})).status == 405


@pytest.mark.eis("GEN-01")
async def test_a_request_comes_once(digid: DigidVisit) -> None:
    """The same message a second time is refused."""
    message = rd_request()
    assert (await digid.ask(message)).status == 303
    again = await digid.ask(message)
    assert again.status == 400
    assert "<code>id.duplicate</code>" in await again.text()


async def test_relay_state_is_bounded(digid: DigidVisit) -> None:
    """Eighty bytes, and not one more."""
    assert (await digid.ask(relay_state="x" * 80)).status == 303
    assert (await digid.ask(relay_state="x" * 81)).status == 400


@pytest.mark.eis("RAD-03", "RAD-07", "ERR-01", "ERR-02", "ART-06", "MD-SP-01")
@pytest.mark.parametrize(
    "changed",
    [
        {"intended_audience": None, "service_uuid": None, "has_extensions": False},
        {"service_uuid": "another"},
        {"service_uuid": layout.ZORG_SERVICES[0].uuid},
        {"intended_audience": ANOTHER},
        {"intended_audience": ANOTHER, "service_uuid": layout.ZORG_SERVICES[0].uuid},
    ],
    ids=["no extensions", "unknown service", "service of another", "unknown pair", "not in the metadata"],
)
async def test_an_unknown_pair_is_answered_with_an_error(digid: DigidVisit, changed: dict[str, Any]) -> None:
    """The requester is verified, so it gets a Response: Requester and RequestDenied, without an Assertion."""
    location = URL((await digid.ask(**changed)).headers["Location"])
    body = await (await digid.resolve(location.query["SAMLart"])).read()
    assert names.STATUS_REQUESTER.encode() in body
    assert names.STATUS_REQUEST_DENIED.encode() in body
    assert b"<saml:Assertion" not in body


@pytest.mark.eis("ERR-07")
async def test_passive_is_not_supported(digid: DigidVisit) -> None:
    """Responder and RequestUnsupported with a text."""
    location = URL((await digid.ask(is_passive=True)).headers["Location"])
    body = await (await digid.resolve(location.query["SAMLart"])).read()
    assert names.STATUS_REQUEST_UNSUPPORTED.encode() in body
    assert b"StatusMessage" in body


@pytest.mark.eis("RAD-06")
async def test_an_attribute_index_is_ignored(digid: DigidVisit) -> None:
    """It changes nothing."""
    assert (await digid.ask(attribute_index=3)).headers["Location"].startswith("/login/")


@pytest.mark.eis("MD-SP-02")
async def test_expired_metadata_is_not_used(new_digid: NewDigid, clock: Clock) -> None:
    """After validUntil the routeringsdienst is refused."""
    digid = await new_digid(simulated.rd_as_asker(valid_until=NOW + MINUTE))
    assert (await digid.ask()).status == 303
    clock.advance(MINUTE)
    answer = await digid.ask(issue_instant=clock())
    assert "<code>md.expired</code>" in await answer.text()


@pytest.mark.eis("LOA-04")
async def test_means_below_the_minimum_are_shut(digid: DigidVisit) -> None:
    """They are shown with the reason, cannot be chosen, and are refused when sent all the same."""
    page = (await digid.ask()).headers["Location"]
    shown = await (await digid.front.get(page)).text()
    assert 'value="wachtwoord" disabled' in shown
    assert "Te laag: deze dienst vraagt minstens" in shown
    answer = await digid.front.post(page, data={"person": "fenna", "means": "sms", "action": "login"})
    assert answer.status == 422
    assert "minstens niveau substantieel" in await answer.text()


@pytest.mark.parametrize("form", [{}, {"person": "daan", "means": "app"}, {"person": "nobody", "means": "app"}])
async def test_a_choice_that_cannot_be_is_explained(digid: DigidVisit, form: dict[str, str]) -> None:
    """Nothing chosen, or a means that the person does not have: the page again, with what is wrong."""
    page = (await digid.ask()).headers["Location"]
    answer = await digid.front.post(page, data={"action": "login", **form})
    assert answer.status == 422
    assert 'role="alert"' in await answer.text()


async def test_a_login_ends_once(digid: DigidVisit) -> None:
    """The page of a login that is over, unknown or too old leads nowhere."""
    page = (await digid.ask()).headers["Location"]
    form = {"person": "fenna", "means": "app", "action": "login"}
    assert (await digid.front.post(page, data=form, allow_redirects=False)).status == 303
    assert (await digid.front.post(page, data=form, allow_redirects=False)).status == 404
    assert (await digid.front.get(page)).status == 404


async def test_a_login_takes_fifteen_minutes_at_most(digid: DigidVisit, clock: Clock) -> None:
    """Then it is over."""
    page = (await digid.ask()).headers["Location"]
    clock.advance(timedelta(minutes=14))
    assert (await digid.front.get(page)).status == 200
    clock.advance(timedelta(minutes=1))
    assert (await digid.front.get(page)).status == 404
