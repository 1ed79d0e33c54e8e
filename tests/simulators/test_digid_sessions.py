"""The DigiD simulator in the role AD: its sessions, and how strictly it ends one."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.messages.logout_request import LogoutRequest, build_logout_request
from routeringsvoorziening.saml.messages.logout_response import LogoutResponse, read_logout_response
from routeringsvoorziening.saml.metadata.model import Endpoint
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.digid.catalogue import KnownService
from routeringsvoorziening.simulators.digid.logins import LoggedIn, LoginRequest
from routeringsvoorziening.simulators.digid.metadata import metadata_of
from routeringsvoorziening.simulators.digid.sessions import IDLE, MAXIMUM, Sessions
from routeringsvoorziening.simulators.forms import forms_of
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.persons import PERSONS, Means
from tests.simulators.conftest import NewDigid
from tests.support import simulated
from tests.support.simulated import AD, DV, MINUTE, NOW, RD, Clock, signing_key

TOWN, TAXES, HOSPITAL = layout.PORTAL.entity_id, layout.BELASTINGEN.entity_id, layout.ZORG.entity_id
SOMEBODY = LoggedIn(PERSONS[0], Means.APP)
LOGOUT = f"{simulated.digid_settings().front_url}/saml/logout"
RD_LOGOUT = "http://rv.localhost:8080/saml/logout"


def asked(dienstverlener: str = TOWN, *, level: int = 25, force: bool = False) -> LoginRequest:
    """A request for a service of that level."""
    service = KnownService(dienstverlener, "x", "uuid", "x", "x", level)
    return LoginRequest("_1", RD.entity_id, "http://x.localhost/acs", None, service, force)


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    """Two websites of one domain, and a third in a domain of its own."""
    return Sessions({TOWN: "town", TAXES: "town", HOSPITAL: "hospital"}, clock)


@pytest.fixture
def key(sessions: Sessions) -> str:
    """Somebody logged in for the first website."""
    key = sessions.begin(asked(), SOMEBODY)
    assert key is not None
    return key


@pytest.mark.eis("SSO-01", "SSO-02", "AR-03")
@pytest.mark.parametrize(
    ("request_", "answers"),
    [
        (asked(), True),
        (asked(TAXES, level=10), True),
        (asked(TAXES, level=30), False),
        (asked(force=True), False),
        (asked(HOSPITAL, level=10), False),
        (asked("urn:no-single-sign-on", level=10), False),
    ],
)
def test_what_a_session_may_answer(sessions: Sessions, key: str, request_: LoginRequest, answers: bool) -> None:
    """Within its domain, up to its level, and not when credentials are asked for."""
    assert (sessions.answer(key, request_) == SOMEBODY) is answers


@pytest.mark.eis("SSO-02")
def test_a_session_ends_by_itself(sessions: Sessions, key: str, clock: Clock) -> None:
    """When it is not used; and at its maximum, however often it is."""
    clock.advance(IDLE - timedelta(seconds=1))
    assert sessions.answer(key, asked())
    for _ in range(int((MAXIMUM - IDLE) / (10 * MINUTE))):
        clock.advance(10 * MINUTE)
        assert sessions.answer(key, asked())
    clock.advance(10 * MINUTE)
    assert not sessions.answer(key, asked())
    other = sessions.begin(asked(), SOMEBODY)
    assert other is not None
    clock.advance(IDLE)
    assert not sessions.answer(other, asked())


@pytest.mark.eis("SLO-09")
def test_any_of_its_names_ends_a_session(sessions: Sessions, key: str) -> None:
    """The first as well as the last; with their own SessionIndex or none; also when it has ended already."""
    first, last = sessions.name_in(key), sessions.name_in(key)
    assert not sessions.end("unknown", None)
    assert not sessions.end(first, last)
    assert sessions.answer(key, asked())
    assert sessions.end(first, first)
    assert not sessions.answer(key, asked())
    assert sessions.end(last, None)


def test_who_takes_no_part_gets_no_session(sessions: Sessions) -> None:
    """A website without domain."""
    assert sessions.begin(asked("urn:no-single-sign-on"), SOMEBODY) is None


@pytest.mark.eis("MD-AD-04")
def test_metadata_says_where_to_log_out() -> None:
    """With single sign-on, by HTTP-POST; without it, not."""
    with_sso = metadata_of(simulated.digid_settings(domains={TOWN: "town"}), NOW)
    assert with_sso.count(b"SingleLogoutService") == 1
    assert LOGOUT.encode() in with_sso
    assert b"SingleLogoutService" not in metadata_of(simulated.digid_settings(), NOW)


def routing() -> Any:
    """The Routeringsdienst, with the address where it wants to be answered."""
    from dataclasses import replace

    found = simulated.rd_as_asker()
    provider = replace(found.service_provider, slo=(Endpoint(RD_LOGOUT, names.BINDING_POST),))
    return replace(found, service_provider=provider)


@pytest.fixture
async def front(new_digid: NewDigid) -> TestClient[Any, Any]:
    """A DigiD with single sign-on."""
    return (await new_digid(routing(), domains={TOWN: "town"})).front


def posted(key: Any = None, bend: Any = lambda _: None, **changed: Any) -> dict[str, str]:
    """A LogoutRequest of the Routeringsdienst, in its form."""
    values = {"id": "_logout", "issuer": RD.entity_id, "destination": LOGOUT, "issue_instant": NOW, "name_id": "nobody"}
    element = build_logout_request(LogoutRequest(**(values | changed)))
    simulated.signed(element, key or signing_key(RD))
    bend(element)
    return {"SAMLRequest": base64.b64encode(etree.tostring(element)).decode(), "RelayState": "_leg"}


async def answered(front: TestClient[Any, Any], fields: dict[str, str]) -> tuple[LogoutResponse, str | None]:
    """Its LogoutResponse, which goes where the metadata says, and the RelayState with it."""
    answer = await front.post("/saml/logout", data=fields)
    assert answer.status == 200
    (form,) = [each for each in forms_of(await answer.text()) if "SAMLResponse" in each.fields]
    assert form.action == RD_LOGOUT
    element = parse(base64.b64decode(form.fields["SAMLResponse"]))
    verified = verify(element, [signing_key(AD).verification_key], at=NOW, require_key_name=True)
    return read_logout_response(verified), form.fields.get("RelayState")


@pytest.mark.eis("SLO-09", "MD-SP-06")
async def test_a_request_is_answered_in_truth(front: TestClient[Any, Any]) -> None:
    """To the RD's SingleLogoutService, signed; a name that it never gave is unknown."""
    response, relay_state = await answered(front, posted())
    assert (response.in_response_to, response.issuer, response.destination) == ("_logout", AD.entity_id, RD_LOGOUT)
    assert (response.status.second, relay_state) == (names.STATUS_UNKNOWN_PRINCIPAL, "_leg")


@pytest.mark.eis("SLO-08", "SIG-11")
@pytest.mark.attack("S73")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"issuer": DV.entity_id}, "issuer.unknown"),
        ({"destination": simulated.digid_settings().sso_url}, "destination"),
        ({"issue_instant": NOW - 7 * MINUTE}, "time.past"),
        ({"issue_instant": NOW + 2 * MINUTE}, "time.future"),
        ({"key": signing_key(DV)}, "key.unknown"),
        ({"bend": lambda root: root.remove(root[1])}, "sig.missing"),
        ({"bend": lambda root: root.set("ID", "_another")}, "sig.reference"),
    ],
)
async def test_what_cannot_be_trusted_ends_nothing(
    front: TestClient[Any, Any], changed: dict[str, Any], code: str
) -> None:
    """A page with the code, and no answer to anybody."""
    answer = await front.post("/saml/logout", data=posted(**changed))
    page = await answer.text()
    assert (answer.status, f"<code>{code}</code>" in page, "SAMLResponse" in page) == (400, True, False)


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62")
async def test_a_request_counts_once(front: TestClient[Any, Any]) -> None:
    """The second time it is a replay."""
    fields = posted()
    await answered(front, fields)
    assert (await front.post("/saml/logout", data=fields)).status == 400


async def test_without_single_sign_on_there_is_no_logout(new_digid: NewDigid) -> None:
    """The address does not exist."""
    front = (await new_digid(routing())).front
    assert (await front.post("/saml/logout", data=posted())).status == 404
