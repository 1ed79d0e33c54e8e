"""POST /saml/logout: single logout, asked by a dienstverlener, answered by an authenticatiedienst (SLO-02 to SLO-11).

    SAMLRequest   read the form ▸ decode, parse, find the connection, verify, read ▸ check destination, age, replay
                  ▸ find where to answer ▸ hand over to the core ▸ on to the authenticatiedienst, or back
    SAMLResponse  of an authenticatiedienst: hand over to the core ▸ on to the next one, or back

    GET  /saml/logout/{leg}          the page from which the browser goes on; seen again, it offers the way back
    POST /saml/logout/{leg}/return   the authenticatiedienst does not answer: back, with the truth (AMB-20)

What is not trusted ends on a page and ends no session. A LogoutRequest of an authenticatiedienst is such a message:
logout starts at a dienstverlener or nowhere (SLO-07).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from routeringsvoorziening.broker.failures import LoginFailed
from routeringsvoorziening.broker.identifiers import new_browser_key, new_reference
from routeringsvoorziening.broker.logout import Leave, Left, LogoutOutcome, Logouts, LogoutStep, LogoutWish
from routeringsvoorziening.broker.ports import Clock, Store
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    BrowserKey,
    EntityID,
    Language,
    LegId,
    LocalizedText,
    LoginId,
    PostForm,
    Reference,
)
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.asking import check_relay_state
from routeringsvoorziening.frontends.saml.dienst import Routeringsdienst
from routeringsvoorziening.frontends.saml.forms import PostedAnswer, PostedMessage, read_logout_form
from routeringsvoorziening.frontends.saml.freshness import (
    check_destination,
    check_first_seen,
    check_issue_instant,
    check_still_wanted,
    resendable,
)
from routeringsvoorziening.frontends.saml.logout_answer import build_answer, note_for
from routeringsvoorziening.frontends.saml.receiving import FindConnection, receive_logout_request
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.frontends.saml.rejecting import REJECTIONS, Rejections
from routeringsvoorziening.frontends.saml.sso import RefusalPage
from routeringsvoorziening.observability.logs import bound_reference
from routeringsvoorziening.saml.messages.logout_request import LogoutRequest
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.saml.on_the_spot import work_in
from routeringsvoorziening.transport.forms import media_type
from routeringsvoorziening.web.browser import bind, check_own_request, key_of
from routeringsvoorziening.web.leaving import Errand, LeavingPages

PATH: Final = "/saml/logout"

SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class LogoutPages:
    """What logout needs of the pages.

    Args:
        leaving: the pages of a logout.
        refuse: see `RefusalPage`.
        language: of a browser.
        services: name of every authenticatiedienst, by our short name of it.
        connections: name of every connection.
    """

    leaving: LeavingPages
    refuse: RefusalPage
    language: Callable[[web.Request], Language]
    services: Mapping[AuthenticationServiceId, LocalizedText]
    connections: Mapping[EntityID, LocalizedText]

    def errand(self, step: Leave, *, reference: Reference | None = None) -> Errand:
        """What a page tells of a step."""
        return Errand(
            service=self.services.get(step.service, _NAMELESS),
            dienstverlener=self.name_of(step.connection),
            back=f"{PATH}/{step.leg}/return",
            form=step.message if isinstance(step.message, PostForm) and reference is None else None,
            reference=reference,
        )

    def name_of(self, connection: EntityID) -> LocalizedText:
        """As people know it."""
        return self.connections.get(connection, _NAMELESS)


_NAMELESS: Final = LocalizedText("de website", "the website")
"""Of who was taken out of the configuration meanwhile."""


class SingleLogout:
    """The handlers. One per server.

    Args:
        services: entity IDs of the authenticatiediensten.
    """

    def __init__(
        self,
        dienst: Routeringsdienst,
        *,
        find: FindConnection,
        services: Collection[str],
        logouts: Logouts,
        pages: LogoutPages,
        store: Store,
        pool: CryptoPool,
        rejections: Rejections,
        clock: Clock,
    ) -> None:
        self._dienst = dienst
        self._find = find
        self._services = services
        self._logouts = logouts
        self._pages = pages
        self._store = store
        self._pool = pool
        self._rejections = rejections
        self._clock = clock

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/logout."""
        reference = bound_reference() or new_reference()
        try:
            form = read_logout_form(media_type(request), await request.read())
            if isinstance(form, PostedAnswer):
                return await self._arrive(request, form, reference)
            message, wish = await self._trust(form, self._clock())
        except REJECTIONS as error:
            self._rejections.note(reference, error)
            return self._pages.refuse(request, reference)
        browser = new_browser_key()
        async with resendable(self._store, message.issuer, message.id):
            step = await self._logouts.begin(wish, browser, reference)
        return await self._respond(request, step, browser)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET /saml/logout/{leg}."""
        leg = LegId(request.match_info["leg"])
        step, first = await self._logouts.show(leg, await self._browser(request, leg))
        return self._pages.leaving.leave(request, self._pages.errand(step), first=first)

    async def give_up(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/logout/{leg}/return."""
        check_own_request(request)
        leg = LegId(request.match_info["leg"])
        return await self._respond(request, await self._logouts.give_up(leg, await self._browser(request, leg)))

    async def _trust(self, form: PostedMessage, now: datetime) -> tuple[LogoutRequest, LogoutWish]:
        """Every rule that must hold before a session is looked for.

        Raises:
            SamlError: a rule of the wire format.
            MessageRefused: a rule of this frontend.
        """
        pool = self._pool.for_work(work_in(form.message))
        connection, message = await pool.run(receive_logout_request, form.message, self._find_asker, at=now)
        check_destination(message.destination, self._dienst.addresses.logout)
        check_issue_instant(message.issue_instant, now=now, times=self._dienst.times)
        check_still_wanted(message.not_on_or_after, now=now, times=self._dienst.times)
        check_relay_state(form.relay_state, connection)
        note = note_for(message, connection, form)
        await check_first_seen(self._store, message.issuer, message.id, self._dienst.times)
        return message, LogoutWish(EntityID(connection.entity_id), named_subject(message), note)

    def _find_asker(self, name: str) -> Connection | None:
        """As `find`, for who may ask for a logout.

        Raises:
            MessageRefused: `logout.unsupported` for an authenticatiedienst (SLO-07).
        """
        if name in self._services:
            raise MessageRefused("logout.unsupported", "a LogoutRequest of an authenticatiedienst")
        return self._find(name)

    async def _arrive(self, request: web.Request, form: PostedAnswer, reference: Reference) -> web.StreamResponse:
        """The browser brings a LogoutResponse; RelayState names the errand that it is the answer of."""
        leg = LegId(form.relay_state)
        try:
            step = await self._logouts.arrive(leg, {"SAMLResponse": form.message})
        except LoginFailed as failed:
            self._rejections.note_code(reference, failed.failure.code, failed.failure.detail)
            errand = self._pages.errand(await self._logouts.errand(leg), reference=reference)
            return self._pages.leaving.distrust(request, errand)
        return await self._respond(request, step)

    async def _respond(
        self, request: web.Request, step: LogoutStep, browser: BrowserKey | None = None
    ) -> web.StreamResponse:
        """Carry a step out; `browser` is the key of a logout that begins."""
        if isinstance(step, Left):
            return self._answer(request, step)
        language = self._pages.language(request)
        response = web.Response(status=SEE_OTHER, headers={"Location": f"{PATH}/{step.leg}?lang={language}"})
        if browser is not None:
            bind(response, LoginId(step.logout), browser)
        return response

    def _answer(self, request: web.Request, step: Left) -> web.StreamResponse:
        if step.outcome is LogoutOutcome.UNKNOWN:
            reference = bound_reference() or new_reference()
            self._rejections.note_code(reference, "logout.unknown", "no session of this connection", step.connection)
        form = build_answer(self._dienst, step.reply, step.outcome, now=self._clock())
        return self._pages.leaving.answer(request, self._pages.name_of(step.connection), form)

    async def _browser(self, request: web.Request, leg: LegId) -> BrowserKey:
        """The key that this browser holds for a logout.

        Raises:
            LoginUnknown: `logout.unknown`, `login.other-browser`.
        """
        return key_of(request, LoginId((await self._logouts.errand(leg)).logout))


def named_subject(message: LogoutRequest) -> str | None:
    """The NameID; None when the SessionIndex is not that of the same declaration, where the two are equal (SLO-04)."""
    return message.name_id if message.session_index in {None, message.name_id} else None
