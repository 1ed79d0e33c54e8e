"""Single sign-on at a service: when credentials are asked, what is remembered, and how a session ends there."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from routeringsvoorziening.backends.saml_service.judging import Proven
from routeringsvoorziening.backends.saml_service.logging_out import Asker, LogoutConversation
from routeringsvoorziening.backends.saml_service.resolving import check_reachable
from routeringsvoorziening.backends.saml_service.sessions import credentials_asked, must_ask, note, session_in
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.login import Task
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Choice,
    EntityID,
    Leg,
    LegId,
    LoA,
    LoginId,
    PostForm,
    Reference,
    ServiceSession,
    ServiceUUID,
)
from routeringsvoorziening.saml.messages.logout_request import read_logout_request
from routeringsvoorziening.saml.messages.logout_response import LogoutResponse, build_logout_response
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.metadata.model import Endpoint
from routeringsvoorziening.saml.names import BINDING_POST, STATUS_PARTIAL_LOGOUT, STATUS_RESPONDER
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.transport.breaker import Breaker
from routeringsvoorziening.transport.client import BoundedClient
from tests.support import federation as fed
from tests.support.clocks import Moment
from tests.support.federation import MINUTE, NOW

AD_LOGOUT, RV_LOGOUT = "https://digid.example/saml/logout", "https://rv.example/saml/logout"
WITH_SESSIONS = fed.identity_provider(single_logout=(Endpoint(AD_LOGOUT, BINDING_POST),))
WITHOUT = fed.identity_provider()
OWN = Asker(fed.RD, fed.signing_key(fed.RD_OIN), RV_LOGOUT, skew=MINUTE, message_age=5 * MINUTE)
SESSION = ServiceSession("name-at-digid", "index-at-digid")
LEG = LegId("_our-logout-request")
NOT_DONE = Status(STATUS_RESPONDER, STATUS_PARTIAL_LOGOUT)


def task(*, force: bool = False, may_answer: bool = False) -> Task:
    """A login in which a session may answer, or not."""
    return Task(
        Reference("RV-1"),
        EntityID(fed.DV),
        ServiceUUID(fed.SERVICE),
        LoA.SUBSTANTIEEL,
        force_authn=force,
        choice=Choice(AuthenticationServiceId("digid")),
        session_may_answer=may_answer,
    )


@pytest.mark.eis("AR-03", "SSO-02")
def test_when_credentials_are_asked() -> None:
    """Always when the dienstverlener says so; at a service with sessions also unless we know one that may answer."""
    for service in (WITH_SESSIONS, WITHOUT):
        assert must_ask(service, task(force=True, may_answer=True))
    assert must_ask(WITH_SESSIONS, task())
    assert not must_ask(WITH_SESSIONS, task(may_answer=True))
    assert not must_ask(WITHOUT, task())


@pytest.mark.eis("SSO-02")
@pytest.mark.parametrize("asked", [True, False])
def test_a_leg_remembers_whether_they_were(asked: bool) -> None:
    """For the moment that the answer comes."""
    leg = Leg(LEG, LoginId("login"), None, None, NOW, note(credentials_asked=asked))
    assert credentials_asked(leg) is asked


@pytest.mark.eis("SLO-08")
def test_the_names_of_a_session_are_the_service_s_own() -> None:
    """NameID and SessionIndex of its Assertion, at a service that keeps sessions."""
    proven = Proven(fed.ad_assertion(name_id="a", session_index="b"), b"")
    assert session_in(proven, WITH_SESSIONS) == ServiceSession("a", "b")
    assert session_in(proven, WITHOUT) is None


@pytest.fixture
def moment() -> Moment:
    """The clock."""
    return Moment(NOW)


@pytest.fixture
def logout(moment: Moment) -> Any:
    """The logout of a service that keeps sessions."""
    pool = CryptoPool(workers=1)
    yield LogoutConversation(WITH_SESSIONS, own=OWN, pool=pool, clock=moment)
    pool.close()


@pytest.mark.eis("SLO-08", "SIG-09")
async def test_our_request_is_of_the_same_layout(logout: LogoutConversation) -> None:
    """Issuer is the RD, signed with a KeyName, by POST to the service, with the names that it gave the session."""
    departure = await logout.begin_logout(SESSION)
    assert isinstance(departure.message, PostForm)
    assert departure.message.action == AD_LOGOUT
    assert departure.message.fields["RelayState"] == departure.leg
    element = parse(base64.b64decode(departure.message.fields["SAMLRequest"]))
    key = fed.signing_key(fed.RD_OIN).verification_key
    request = read_logout_request(verify(element, [key], at=NOW, require_key_name=True))
    assert (request.id, request.issuer, request.destination) == (departure.leg, fed.RD, AD_LOGOUT)
    assert (request.name_id, request.session_index) == ("name-at-digid", "index-at-digid")


async def test_expired_metadata_is_no_place_to_go(logout: LogoutConversation, moment: Moment) -> None:
    """The answer could not be trusted."""
    moment.now = WITH_SESSIONS.valid_until  # type: ignore[assignment]
    with pytest.raises(LoginFailed) as caught:
        await logout.begin_logout(SESSION)
    assert (caught.value.failure.kind, caught.value.failure.code) == (FailureKind.UNREACHABLE, "md.expired")


async def test_nobody_is_sent_to_a_service_that_is_down(moment: Moment) -> None:
    """The breaker of its back channel is open: the website hears that it is not everywhere."""
    pool, client = CryptoPool(workers=1), BoundedClient(breaker=Breaker(failures=1))
    logout = LogoutConversation(
        WITH_SESSIONS, own=OWN, pool=pool, clock=moment, check_reachable=lambda: check_reachable(client)
    )
    await logout.begin_logout(SESSION)
    client.breaker.failed(client.breaker.enter())
    with pytest.raises(LoginFailed) as caught:
        await logout.begin_logout(SESSION)
    assert (caught.value.failure.kind, caught.value.failure.code) == (FailureKind.UNREACHABLE, "backend.breaker-open")
    pool.close()


def answer(oin: str = fed.AD_OIN, bend: Callable[[Element], object] = lambda _: None, **changed: Any) -> dict[str, str]:
    """What the browser brings; bent after signing."""
    response = replace(LogoutResponse("_answer", LEG, fed.AD, RV_LOGOUT, NOW, SUCCESS), **changed)
    element = fed.signed(build_logout_response(response), fed.signing_key(oin))
    bend(element)
    return {"SAMLResponse": base64.b64encode(etree.tostring(element)).decode(), "RelayState": LEG}


async def rejected(logout: LogoutConversation, brought: dict[str, str]) -> str:
    """The code with which an answer is not believed."""
    with pytest.raises(LoginFailed) as caught:
        await logout.complete_logout(LEG, brought)
    assert caught.value.failure.kind is FailureKind.ANSWER_REJECTED
    return caught.value.failure.code


@pytest.mark.eis("SLO-09", "SLO-10")
async def test_a_success_is_believed(logout: LogoutConversation) -> None:
    """From the service, to us, to this request, just made, signed: the session has ended."""
    await logout.complete_logout(LEG, answer())


@pytest.mark.eis("SLO-10")
async def test_another_status_is_a_failure(logout: LogoutConversation) -> None:
    """Believed too, and it says that the session has not ended."""
    with pytest.raises(LoginFailed) as caught:
        await logout.complete_logout(LEG, answer(status=NOT_DONE))
    assert caught.value.failure == Failure(
        FailureKind.NOT_SUPPORTED, "logout.refused", "the service did not end its session"
    )


@pytest.mark.eis("SLO-09")
@pytest.mark.attack("S73", "S64", "S65", "S67")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"in_response_to": "_another-request"}, "irt.mismatch"),
        ({"issuer": fed.DV}, "issuer.mismatch"),
        ({"destination": AD_LOGOUT}, "destination"),
        ({"destination": RV_LOGOUT + "/"}, "destination"),
        ({"issue_instant": NOW - 7 * MINUTE}, "time.past"),
        ({"issue_instant": NOW + 2 * MINUTE}, "time.future"),
        ({"oin": fed.DV_OIN}, "key.unknown"),
    ],
)
async def test_what_does_not_fit_is_not_believed(
    logout: LogoutConversation, changed: dict[str, Any], code: str
) -> None:
    """Each with its own code, whatever its status says."""
    assert await rejected(logout, answer(**changed)) == code


@pytest.mark.eis("SLO-09")
@pytest.mark.attack("S73", "S01")
async def test_what_is_not_signed_is_not_believed(logout: LogoutConversation) -> None:
    """Without signature, changed after it, or no message at all."""
    assert await rejected(logout, answer(bend=lambda root: root.remove(root[1]))) == "sig.missing"
    altered = answer(bend=lambda root: root[-1][0].set("Value", STATUS_RESPONDER))
    assert await rejected(logout, altered) == "sig.invalid"
    assert await rejected(logout, {}) == "msg.encoding"


async def test_after_its_metadata_has_expired_nothing_is_believed(logout: LogoutConversation, moment: Moment) -> None:
    """Its keys prove nothing any more."""
    moment.now = WITH_SESSIONS.valid_until  # type: ignore[assignment]
    assert await rejected(logout, answer(issue_instant=moment.now)) == "md.expired"
