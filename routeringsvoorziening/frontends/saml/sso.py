"""POST /saml/sso: a dienstverlener asks for a login (AR-01 to AR-21).

    read the form ▸ decode, parse, find the connection, verify, read ▸ check destination, age, replay
    ▸ choose where to answer ▸ understand ▸ find the browser's session ▸ hand over to the core

Up to and including the choice of where to answer, nothing is known to be a safe place: what goes wrong there ends on
a page with a reference number and never in a redirect (ERR-06, ERR-11). What goes wrong after it is answered there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from routeringsvoorziening.broker.broker import Broker
from routeringsvoorziening.broker.failures import Failure, LoginFailed
from routeringsvoorziening.broker.identifiers import new_browser_key, new_reference
from routeringsvoorziening.broker.ports import Clock, Store
from routeringsvoorziening.broker.sessions import Sessions
from routeringsvoorziening.broker.steps import Step
from routeringsvoorziening.broker.vocabulary import BrowserKey, Language, Reference
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.answers import SamlAnswers
from routeringsvoorziening.frontends.saml.asking import check_relay_state, chosen_acs, note_for, understand
from routeringsvoorziening.frontends.saml.compat import switches_used
from routeringsvoorziening.frontends.saml.dienst import Routeringsdienst
from routeringsvoorziening.frontends.saml.federating import remember, taking_part
from routeringsvoorziening.frontends.saml.forms import PostedMessage, read_form
from routeringsvoorziening.frontends.saml.freshness import (
    check_destination,
    check_first_seen,
    check_issue_instant,
    resendable,
)
from routeringsvoorziening.frontends.saml.receiving import FindConnection, receive_authn_request
from routeringsvoorziening.frontends.saml.rejecting import REJECTIONS, Rejections
from routeringsvoorziening.observability.logs import bound_reference
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.saml.on_the_spot import work_in
from routeringsvoorziening.transport.forms import media_type

RefusalPage = Callable[[web.Request, Reference], web.StreamResponse]
"""The page for a message that is not trusted: 400 with a reference number."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What this frontend needs of the pages.

    Args:
        respond: carries a step of a login out, for the browser that holds the key.
        refuse: see `RefusalPage`.
        language: of a browser.
    """

    respond: Callable[[web.Request, Step, BrowserKey], Awaitable[web.StreamResponse]]
    refuse: RefusalPage
    language: Callable[[web.Request], Language]


@dataclass(frozen=True, slots=True)
class Trusted:
    """A request that is proven to come from a connection, and where its answer goes."""

    connection: Connection
    message: AuthnRequest
    note: dict[str, str]


class SingleSignOn:
    """The handler. One per server."""

    def __init__(
        self,
        dienst: Routeringsdienst,
        *,
        find: FindConnection,
        broker: Broker,
        sessions: Sessions,
        answers: SamlAnswers,
        pages: Pages,
        store: Store,
        pool: CryptoPool,
        rejections: Rejections,
        clock: Clock,
    ) -> None:
        self._dienst = dienst
        self._find = find
        self._broker = broker
        self._sessions = sessions
        self._answers = answers
        self._pages = pages
        self._store = store
        self._pool = pool
        self._rejections = rejections
        self._clock = clock

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of a browser."""
        reference, now = bound_reference() or new_reference(), self._clock()
        try:
            trusted = await self._trust(read_form(media_type(request), await request.read()), now)
        except REJECTIONS as error:
            self._rejections.note(reference, error)
            return self._pages.refuse(request, reference)
        async with resendable(self._store, trusted.message.issuer, trusted.message.id):
            try:
                return await self._begin(request, trusted, reference, now)
            except LoginFailed as failed:
                return await self._decline(trusted, reference, failed.failure)

    async def _trust(self, form: PostedMessage, now: datetime) -> Trusted:
        """Every rule that must hold before anything is sent anywhere.

        Raises:
            SamlError: a rule of the wire format.
            MessageRefused: a rule of this frontend.
        """
        pool = self._pool.for_work(work_in(form.message))
        connection, message = await pool.run(receive_authn_request, form.message, self._find, at=now)
        check_destination(message.destination, self._dienst.addresses.sso)
        check_issue_instant(message.issue_instant, now=now, times=self._dienst.times)
        check_relay_state(form.relay_state, connection)
        note = note_for(message, chosen_acs(message, connection), form.quoted_relay_state)
        await check_first_seen(self._store, message.issuer, message.id, self._dienst.times)
        self._rejections.note_compat(connection.entity_id, switches_used(message, form.relay_state, connection))
        return Trusted(connection, message, note)

    async def _begin(
        self, request: web.Request, trusted: Trusted, reference: Reference, now: datetime
    ) -> web.StreamResponse:
        connection = trusted.connection
        asked = understand(
            trusted.message,
            connection,
            note=trusted.note,
            received_at=now,
            language=self._pages.language(request),
        )
        sso = await taking_part(request, connection, asked.dienstverlener, self._sessions)
        asked, browser = replace(asked, sso=sso), new_browser_key()
        response = await self._pages.respond(request, await self._broker.begin(asked, browser, reference), browser)
        if sso is not None:
            remember(request, response, sso)
        return response

    async def _decline(self, trusted: Trusted, reference: Reference, failure: Failure) -> web.StreamResponse:
        """Answer a request that is trusted, but cannot be understood or carried out (ERR-07)."""
        connection = trusted.connection.entity_id
        self._rejections.note_code(reference, failure.code, failure.detail, connection)
        redirect = await self._answers.hand_out(connection, trusted.note, reference, failure)
        return web.Response(status=303, headers={"Location": redirect.url, "Cache-Control": "no-store"})
