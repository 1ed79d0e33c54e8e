"""POST /saml/sso over HTTP: what reaches the core, what ends on a page, what goes back through an artifact."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from routeringsvoorziening.broker.failures import FailureKind, TooBusy
from routeringsvoorziening.broker.sessions import Sessions
from routeringsvoorziening.broker.steps import Finish, Step
from routeringsvoorziening.broker.vocabulary import AuthenticationRequest, BrowserKey, Reference
from routeringsvoorziening.frontends.saml.answers import SamlAnswers
from routeringsvoorziening.frontends.saml.pending import PendingAnswer, PendingAnswers
from routeringsvoorziening.frontends.saml.rejecting import Rejections
from routeringsvoorziening.frontends.saml.sso import Pages, SingleSignOn
from routeringsvoorziening.saml.artifact import parse_artifact
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.store.memory import MemoryStore
from tests.support import federation as fed
from tests.support.clocks import Moment
from tests.support.federation import MINUTE, NOW
from tests.support.meters import CountingMeter


@dataclass
class PlayedCore:
    """Notes what it was asked to begin."""

    asked: list[AuthenticationRequest] = field(default_factory=list)
    full: bool = False
    refusals: int = 0

    async def begin(self, request: AuthenticationRequest, browser: BrowserKey, reference: Reference) -> Step:
        """As the core."""
        assert len(browser) >= 22
        await asyncio.sleep(0)
        if self.full or self.refusals:
            self.refusals -= not self.full
            raise TooBusy("logins")
        self.asked.append(request)
        return Finish(None, request, reference, fed.CANCELLED)


@dataclass
class FrontChannel:
    """The application, and what a browser posts to it."""

    client: TestClient[Any, Any]
    core: PlayedCore
    pending: PendingAnswers
    meter: CountingMeter

    async def post(self, message: str, **fields: str) -> Any:
        """A posted form."""
        return await self.client.post("/saml/sso", data={"SAMLRequest": message, **fields}, allow_redirects=False)

    async def refused(self, message: str, **fields: str) -> str:
        """The code with which a message ends on a page."""
        answer = await self.post(message, **fields)
        assert answer.status == 400
        assert "Location" not in answer.headers
        assert not self.core.asked
        return self.meter.codes[-1]

    async def declined(self, message: str, **fields: str) -> tuple[str, PendingAnswer]:
        """Where a message is answered, and with what."""
        answer = await self.post(message, **fields)
        assert answer.status == 303
        assert not self.core.asked
        location = answer.headers["Location"]
        artifact = parse_artifact(parse_qs(urlsplit(location).query)["SAMLart"][0])
        found = await self.pending.take(artifact.handle, fed.DV)
        assert found is not None
        return location, found


async def respond(_request: web.Request, _step: Step, _browser: BrowserKey) -> web.StreamResponse:
    return web.Response(text="the core goes on")


def refuse(_request: web.Request, reference: Reference) -> web.StreamResponse:
    return web.Response(status=400, text=f"reference {reference}")


@pytest.fixture
async def front(  # noqa: PLR0917
    aiohttp_client: Callable[..., Awaitable[TestClient[Any, Any]]],
    pending: PendingAnswers,
    store: MemoryStore,
    pool: CryptoPool,
    meter: CountingMeter,
    moment: Moment,
) -> FrontChannel:
    """The front channel of a Routeringsdienst with two dienstverleners and a played core."""
    core, dienst = PlayedCore(), fed.dienst()
    pages = Pages(respond, refuse, lambda _request: "en")
    sso = SingleSignOn(
        dienst,
        find=fed.finding(fed.connection(), fed.other_connection(), fed.connection(RELAXED, relay_state_max=512)),
        broker=core,  # type: ignore[arg-type]
        sessions=Sessions(store, [], longest=3600, clock=moment),
        answers=SamlAnswers(dienst, pending),
        pages=pages,
        store=store,
        pool=pool,
        rejections=Rejections("sso", meter),
        clock=moment,
    )
    app = web.Application()
    app.router.add_post("/saml/sso", sso.handle)
    return FrontChannel(await aiohttp_client(app), core, pending, meter)


RELAXED_DV = fed.DV.replace("9003", "9008")
RELAXED = fed.service_provider(RELAXED_DV)


@pytest.mark.eis("AR-01", "AR-02", "AR-04", "AR-07", "AR-10", "GEN-04")
async def test_a_good_request_reaches_the_core(front: FrontChannel) -> None:
    """Signed by a connection, to our address, just made: the core is asked."""
    answer = await front.post(fed.posted(fed.authn_request()), RelayState="abc")
    assert (answer.status, await answer.text()) == (200, "the core goes on")
    (asked,) = front.core.asked
    assert (asked.connection, asked.service, asked.language) == (fed.DV, fed.SERVICE, "en")
    assert asked.reply == {"request": fed.REQUEST_ID, "acs": fed.DV_ACS, "relay_state": "abc"}
    assert front.meter.rejected == []


@pytest.mark.eis("SIG-10", "SIG-11", "SIG-12", "ERR-11", "GEN-04")
async def test_only_the_issuer_s_own_key_counts(front: FrontChannel) -> None:
    """Another connection's key in this one's name, a key of nobody, an unknown issuer: a page, no redirect."""
    request = fed.authn_request()
    assert await front.refused(fed.posted(request, fed.signing_key(fed.OTHER_OIN))) == "key.unknown"
    assert await front.refused(fed.posted(request, fed.signing_key(fed.DV_OIN, "unpublished"))) == "key.unknown"
    assert await front.refused(fed.posted(fed.authn_request(issuer=fed.AD))) == "issuer.unknown"


@pytest.mark.eis("AR-02", "AR-04", "GEN-03", "ERR-11")
@pytest.mark.attack("S65", "S67", "S71")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"destination": fed.SSO + ".evil.example"}, "destination"),
        ({"destination": fed.ARTIFACT}, "destination"),
        ({"issue_instant": NOW - 7 * MINUTE}, "time.past"),
        ({"issue_instant": NOW + 2 * MINUTE}, "time.future"),
        ({"acs_index": 9}, "authn.acs"),
        ({"acs_index": None}, "authn.acs"),
        ({"acs_url": fed.OTHER_ACS, "acs_index": None}, "authn.acs"),
    ],
)
async def test_a_request_that_breaks_a_rule_ends_on_a_page(
    front: FrontChannel, changed: dict[str, Any], code: str
) -> None:
    """Each with its own code; nothing is sent anywhere."""
    assert await front.refused(fed.posted(fed.authn_request(**changed))) == code


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62")
async def test_a_request_counts_once(front: FrontChannel) -> None:
    """The same message again is a replay."""
    message = fed.posted(fed.authn_request())
    assert (await front.post(message)).status == 200
    front.core.asked.clear()
    assert await front.refused(message) == "msg.replay"


@pytest.mark.eis("GEN-01")
async def test_a_request_that_came_when_it_was_too_busy_may_come_again(front: FrontChannel) -> None:
    """The same form, resent after 503, is no replay; and after that it is."""
    message = fed.posted(fed.authn_request())
    front.core.full = True
    assert (await front.post(message)).status == 500
    front.core.full = False
    assert (await front.post(message)).status == 200
    front.core.asked.clear()
    assert await front.refused(message) == "msg.replay"


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62")
async def test_of_fifty_at_once_one_begins(front: FrontChannel) -> None:
    """Also while it is too busy for some of them: the same request begins one login."""
    message = fed.posted(fed.authn_request())
    front.core.refusals = 3
    answers = await asyncio.gather(*(front.post(message) for _ in range(50)))
    assert len(front.core.asked) <= 1
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) == len(front.core.asked)
    assert set(statuses) <= {200, 400, 500}
    front.core.refusals = 0  # fewer may have got that far
    expected = 400 if front.core.asked else 200
    assert (await front.post(message)).status == expected


@pytest.mark.eis("ERR-11")
@pytest.mark.parametrize(
    ("message", "code"),
    [("%%%", "msg.encoding"), ("bm90IHhtbA==", "xml.malformed"), ("PHgvPg==", "msg.structure")],
)
async def test_what_is_no_message_ends_on_a_page(front: FrontChannel, message: str, code: str) -> None:
    """Not base64, not XML, not SAML."""
    assert await front.refused(message) == code


@pytest.mark.eis("MD-03")
async def test_a_connection_with_expired_metadata_is_not_trusted(front: FrontChannel, moment: Moment) -> None:
    """After validUntil its keys prove nothing any more."""
    moment.now = fed.service_provider().valid_until  # type: ignore[assignment]
    request = fed.authn_request(issue_instant=moment.now)
    assert await front.refused(fed.posted(request)) == "md.expired"


@pytest.mark.eis("ERR-07", "ART-01", "ART-02", "SES-04")
async def test_a_trusted_request_that_cannot_be_met_is_answered(front: FrontChannel) -> None:
    """Through an artifact, with the RelayState byte for byte, and a status that says why."""
    location, answer = await front.declined(fed.posted(fed.authn_request(is_passive=True)), RelayState="a+b &'é")
    assert location.startswith(fed.DV_ACS + "?SAMLart=")
    assert location.endswith("&RelayState=a%2Bb%20%26%27%C3%A9")
    assert answer.outcome.kind is FailureKind.NOT_SUPPORTED  # type: ignore[union-attr]
    assert front.meter.codes == ["authn.passive"]


@pytest.mark.eis("ART-01")
async def test_an_acs_with_a_query_keeps_it(front: FrontChannel) -> None:
    """The artifact is added to what stands there."""
    request = fed.authn_request(acs_index=2, attribute_index=None)
    location, _ = await front.declined(fed.posted(request))
    assert location.startswith(fed.DV_ACS + "/tweede?kanaal=2&SAMLart=")
    assert "RelayState" not in location


@pytest.mark.eis("SES-05")
async def test_a_long_relay_state_needs_an_agreement(front: FrontChannel) -> None:
    """81 bytes end on a page; with the switch they pass, and are counted."""
    assert await front.refused(fed.posted(fed.authn_request()), RelayState="a" * 81) == "relaystate"
    answer = await front.post(fed.posted(fed.authn_request(issuer=RELAXED_DV)), RelayState="a" * 236)
    assert answer.status == 200
    assert front.meter.compat == [(RELAXED_DV, "relay_state_max")]


@pytest.mark.eis("GEN-07", "AR-01")
async def test_only_post_is_a_way_in(front: FrontChannel) -> None:
    """HTTP-Redirect starts nothing."""
    answer = await front.client.get("/saml/sso", params={"SAMLRequest": fed.posted(fed.authn_request())})
    assert answer.status == 405
