"""POST /saml/logout with a played core: where an answer goes, and what is refused before the core is asked."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from lxml import etree, html

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.logout import Leave, Left, LogoutOutcome, LogoutStep, LogoutWish
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    BrowserKey,
    EntityID,
    LegId,
    LocalizedText,
    LogoutId,
    PostForm,
    Reference,
)
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.logout import LogoutPages, SingleLogout
from routeringsvoorziening.frontends.saml.rejecting import Rejections
from routeringsvoorziening.saml.messages.logout_request import LogoutRequest, build_logout_request
from routeringsvoorziening.saml.messages.logout_response import read_logout_response
from routeringsvoorziening.saml.metadata.model import Endpoint
from routeringsvoorziening.saml.names import BINDING_POST
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.web.leaving import LeavingPages
from routeringsvoorziening.web.pages import Pages, PageSettings
from tests.support import federation as fed
from tests.support.clocks import Moment
from tests.support.federation import MINUTE, NOW
from tests.support.meters import CountingMeter

RV_LOGOUT = f"{fed.RV_URL}/saml/logout"
DV_LOGOUT, LC_LOGOUT = "https://portal.example/slo", "https://cloud.example/slo"
LC = fed.DV.replace(":DV:", ":LC:")
LEG = LegId("_our-logout")
ASKED = LogoutRequest("_logout", fed.DV, RV_LOGOUT, NOW, "name", "name")


@dataclass
class PlayedCore:
    """Notes what it was asked, and answers what it was told."""

    outcome: LogoutOutcome | None = LogoutOutcome.ENDED
    wishes: list[LogoutWish] = field(default_factory=list)
    full: bool = False

    async def begin(self, wish: LogoutWish, browser: BrowserKey, reference: Reference) -> LogoutStep:
        """As the core."""
        if self.full:
            raise TooBusy("audit")
        self.wishes.append(wish)
        if self.outcome is None:
            form = PostForm("https://digid.example/saml/logout", {"SAMLRequest": "x"})
            return Leave(LogoutId("logout"), LEG, AuthenticationServiceId("digid"), wish.connection, form)
        return Left(wish.connection, wish.reply, self.outcome)


def connections() -> Mapping[str, Connection]:
    """A dienstverlener, a supplier, and one who cannot be answered."""
    plain = fed.connection()
    found = [
        replace(plain, metadata=replace(plain.metadata, slo=(Endpoint(DV_LOGOUT, BINDING_POST),))),
        replace(
            plain,
            entity_id=EntityID(LC),
            metadata=replace(plain.metadata, entity_id=LC, slo=(Endpoint(LC_LOGOUT, BINDING_POST),)),
            members={},
        ),
        fed.other_connection(),
    ]
    return {each.entity_id: each for each in found}


@dataclass
class Front:
    """The application, and what a browser posts to it."""

    client: TestClient[Any, Any]
    core: PlayedCore
    meter: CountingMeter

    async def post(self, request: LogoutRequest = ASKED, oin: str = fed.DV_OIN, **fields: str) -> Any:
        """A posted LogoutRequest."""
        element = fed.signed(build_logout_request(request), fed.signing_key(oin))
        message = base64.b64encode(etree.tostring(element)).decode()
        sent = {"SAMLRequest": message, **fields}
        return await self.client.post("/saml/logout", data=sent, allow_redirects=False)

    async def answered(self, request: LogoutRequest = ASKED, **fields: str) -> tuple[str, Any, str | None]:
        """Where our LogoutResponse goes, what it says, and the RelayState with it."""
        answer = await self.post(request, **fields)
        assert answer.status == 200
        (form,) = html.fromstring(await answer.text()).forms
        message = parse(base64.b64decode(form.fields["SAMLResponse"]))
        verified = verify(message, [fed.signing_key(fed.RD_OIN).verification_key], at=NOW, require_key_name=True)
        return form.action, read_logout_response(verified), dict(form.fields).get("RelayState")

    async def refused(self, request: LogoutRequest = ASKED, oin: str = fed.DV_OIN, **fields: str) -> str:
        """The code with which a request ends on a page, before the core is asked."""
        answer = await self.post(request, oin, **fields)
        assert answer.status == 400
        assert not self.core.wishes
        return self.meter.codes[-1]


def refuse(_request: web.Request, reference: Reference) -> web.StreamResponse:
    return web.Response(status=400, text=f"reference {reference}")


@pytest.fixture
async def front(
    aiohttp_client: Callable[..., Awaitable[TestClient[Any, Any]]],
    store: MemoryStore,
    pool: CryptoPool,
    meter: CountingMeter,
    moment: Moment,
) -> Front:
    """The logout of a Routeringsdienst, with a played core."""
    core = PlayedCore()
    name = LocalizedText("Gemeente", "City")
    logout = SingleLogout(
        fed.dienst(),
        find=connections().get,
        services={fed.AD},
        logouts=core,  # type: ignore[arg-type]
        pages=LogoutPages(
            LeavingPages(Pages(PageSettings())),
            refuse,
            lambda _request: "nl",
            services={AuthenticationServiceId("digid"): LocalizedText("DigiD", "DigiD")},
            connections={EntityID(each): name for each in connections()},
        ),
        store=store,
        pool=pool,
        rejections=Rejections("logout", meter),
        clock=moment,
    )
    app = web.Application()
    app.router.add_post("/saml/logout", logout.handle)
    return Front(await aiohttp_client(app), core, meter)


@pytest.mark.eis("SLO-10", "SLO-11", "MD-DV-03")
async def test_a_dienstverlener_is_answered_at_its_own_address(front: Front) -> None:
    """To the SingleLogoutService of its metadata, InResponseTo its request, with its RelayState."""
    action, response, relay_state = await front.answered(RelayState="état & <b>")
    assert (action, response.destination, relay_state) == (DV_LOGOUT, DV_LOGOUT, "état & <b>")
    assert (response.in_response_to, response.issuer, response.status.success) == ("_logout", fed.RD, True)
    assert front.core.wishes[0].subject == "name"


@pytest.mark.eis("MD-LC-05", "SLO-11")
async def test_a_supplier_is_answered_at_its_own_address(front: Front) -> None:
    """The LogoutResponse for an LC goes to the LC."""
    action, response, _ = await front.answered(replace(ASKED, issuer=LC))
    assert (action, response.destination) == (LC_LOGOUT, LC_LOGOUT)
    assert front.core.wishes[0].connection == LC


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62")
async def test_a_logout_that_came_when_it_was_too_busy_may_come_again(front: Front) -> None:
    """The same form, resent after 503, is no replay; and after that it is."""
    front.core.full = True
    assert (await front.post()).status == 500
    front.core.full = False
    assert (await front.post()).status == 200
    front.core.wishes.clear()
    assert await front.refused() == "msg.replay"


@pytest.mark.eis("SLO-10", "SLO-04")
@pytest.mark.attack("S73")
@pytest.mark.parametrize(
    ("outcome", "codes"),
    [
        (LogoutOutcome.PARTIAL, ("Responder", "PartialLogout")),
        (LogoutOutcome.UNKNOWN, ("Requester", "UnknownPrincipal")),
    ],
)
async def test_what_did_not_end_is_no_success(front: Front, outcome: LogoutOutcome, codes: tuple[str, str]) -> None:
    """Partial and unknown, each by its own code."""
    front.core.outcome = outcome
    _, response, _ = await front.answered()
    assert tuple(each.rpartition(":")[2] for each in (response.status.code, response.status.second)) == codes


@pytest.mark.eis("SLO-04")
@pytest.mark.attack("S73")
@pytest.mark.parametrize(("index", "subject"), [(None, "name"), ("name", "name"), ("another", None)])
async def test_a_session_index_belongs_to_the_name(front: Front, index: str | None, subject: str | None) -> None:
    """Another's index names nothing at all."""
    await front.answered(replace(ASKED, session_index=index))
    assert front.core.wishes[0].subject == subject


@pytest.mark.eis("SLO-02", "SLO-03", "SLO-07", "MD-DV-03", "GEN-03", "SES-05")
@pytest.mark.attack("S73")
async def test_what_is_refused(front: Front) -> None:
    """Each with its own code; the core is not asked."""
    assert await front.refused(replace(ASKED, destination=fed.SSO)) == "destination"
    assert await front.refused(replace(ASKED, issue_instant=NOW - 7 * MINUTE)) == "time.past"
    assert await front.refused(replace(ASKED, issue_instant=NOW + 2 * MINUTE)) == "time.future"
    assert await front.refused(oin=fed.OTHER_OIN) == "key.unknown"
    assert await front.refused(replace(ASKED, issuer=fed.AD), fed.AD_OIN) == "logout.unsupported"
    assert await front.refused(replace(ASKED, issuer=fed.OTHER_DV), fed.OTHER_OIN) == "logout.endpoint"
    assert await front.refused(RelayState="x" * 81) == "relaystate"
    assert await front.refused(RelayState="a\rb") == "relaystate"


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62", "S73")
async def test_a_request_counts_once(front: Front) -> None:
    """The same message again is a replay."""
    assert (await front.post()).status == 200
    front.core.wishes.clear()
    assert await front.refused() == "msg.replay"


@pytest.mark.eis("SLO-08")
async def test_the_browser_goes_on_from_a_page_of_its_own(front: Front) -> None:
    """By a redirect, with a cookie for this logout alone; nothing of the message stands in the address."""
    front.core.outcome = None
    answer = await front.post(RelayState="bye")
    assert (answer.status, answer.headers["Location"]) == (303, f"/saml/logout/{LEG}?lang=nl")
    assert "__Host-rv-" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


@pytest.mark.eis("GEN-07")
@pytest.mark.attack("S72")
@pytest.mark.parametrize("fields", [{}, {"SAMLRequest": "x", "SAMLResponse": "y"}, {"RelayState": "x"}])
async def test_a_form_holds_one_message(front: Front, fields: dict[str, str]) -> None:
    """Neither none nor two."""
    assert (await front.client.post("/saml/logout", data=fields)).status == 400
    assert front.meter.codes == ["binding"]
