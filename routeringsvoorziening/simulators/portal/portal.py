"""The handlers of the portal: services, the way out, the way back, the session."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.simulators.pages import page
from routeringsvoorziening.simulators.portal import views
from routeringsvoorziening.simulators.portal.asking import new_attempt
from routeringsvoorziening.simulators.portal.behind import Behind
from routeringsvoorziening.simulators.portal.checks import CheckFailed, LoginRefused
from routeringsvoorziening.simulators.portal.exchange import Attempt, Citizen, Exchange
from routeringsvoorziening.simulators.portal.judging import Judge
from routeringsvoorziening.simulators.portal.leaving import Leaving
from routeringsvoorziening.simulators.portal.metadata import metadata_of
from routeringsvoorziening.simulators.portal.problems import problem_of
from routeringsvoorziening.simulators.portal.relay_state import unseal
from routeringsvoorziening.simulators.portal.representing import TYPE_NAMES, representations_of, wish_of
from routeringsvoorziening.simulators.portal.resolving import Resolver
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.short_lived import ShortLived
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import LOGIN_METHODS, DemoService
from routeringsvoorziening.transport.client import BoundedClient
from routeringsvoorziening.transport.forms import posted_form
from routeringsvoorziening.transport.limits import single

SESSION_COOKIE: Final = "__Host-voorbeeldstad-sessie"
BROWSER_COOKIE: Final = "__Host-voorbeeldstad-browser"
SESSION_IDLE: Final = timedelta(minutes=15)
"""SES-01: a session ends after this long without a request."""
ATTEMPT_LIFE: Final = timedelta(minutes=20)
SEEN_LIFE: Final = timedelta(hours=1)
METADATA_TYPE: Final = "application/samlmetadata+xml"


@dataclass(frozen=True, slots=True)
class _Memory:
    """The tables of one portal."""

    attempts: ShortLived[Attempt]
    sessions: ShortLived[Citizen]
    failures: ShortLived[Exchange]

    @classmethod
    def new(cls, clock: Callable[[], datetime]) -> "_Memory":
        return cls(ShortLived(ATTEMPT_LIFE, clock), ShortLived(SESSION_IDLE, clock), ShortLived(SESSION_IDLE, clock))


class Portal:
    """The website of one dienstverlener, or of a supplier for those behind it.

    Args:
        settings: who it is.
        rd: verified metadata of the routeringsdienst.
        client: with our certificate, for the back channel.
        clock: aware UTC.
    """

    def __init__(
        self, settings: PortalSettings, rd: IdentityProvider, client: BoundedClient, clock: Callable[[], datetime]
    ) -> None:
        self.settings = settings
        self.rd = rd
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._memory = _Memory.new(clock)
        self._resolver = Resolver(settings, rd, client, ShortLived(SEEN_LIFE, clock), clock)
        self._judge = Judge(settings, rd, ShortLived(SEEN_LIFE, clock), clock)
        self.leaving = Leaving(settings, rd, self._secret, clock)

    async def home(self, request: web.Request) -> web.StreamResponse:
        """GET /: the services."""
        citizen = self._citizen(request)
        if self.settings.behind:
            return page(
                request,
                "portal/cluster.html",
                **self._frame(citizen),
                behind=self.settings.behind.values(),
                representations_of=representations_of,
            )
        services = [(each, representations_of(each)) for each in self.settings.services]
        names = {method: name for method, (_, name) in LOGIN_METHODS.items()}
        return page(
            request,
            "portal/home.html",
            **self._frame(citizen),
            services=services,
            method_names=names,
            decrypted=self._decrypted,
        )

    async def login(self, request: web.Request) -> web.StreamResponse:
        """POST /login: a form that takes the browser to the routeringsdienst, in the same window (SES-06)."""
        form = await posted_form(request)
        behind, service = self._wanted(str(form.get("dienstverlener", "")), str(form.get("service", "")))
        browser = request.cookies.get(BROWSER_COOKIE) or secrets.token_urlsafe(16)
        force = form.get("force_authn") == "true"
        key, attempt = new_attempt(
            self.settings,
            self.rd,
            service,
            browser=browser,
            secret=self._secret,
            at=self._clock(),
            force_authn=force,
            wish=wish_of(service, str(form.get("voor", ""))),
            behind=behind,
            method=str(form.get("met", "")),
        )
        self._memory.attempts.put(key, attempt)
        exchange = attempt.exchange
        response = page(
            request, "portal/leave.html", **self._frame(None), action=exchange.sso_url, fields=exchange.form_fields
        )
        _set_cookie(response, BROWSER_COOKIE, browser)
        return response

    async def acs(self, request: web.Request) -> web.StreamResponse:
        """GET /acs: the artifact arrives. Whatever was logged in before ends when this does not succeed (ERR-14)."""
        try:
            attempt = self._attempt(request)
        except CheckFailed as problem:
            return page(request, "portal/unknown.html", status=400, **self._frame(None), code=problem.code)
        exchange = attempt.exchange
        exchange.returned = self._clock()
        exchange.redirect = str(request.url)
        try:
            artifact = self._resolver.read_artifact(single(request.query, "SAMLart"), attempt)
            citizen = self._judge.judge(await self._resolver.resolve(artifact, attempt), attempt)
        except LoginRefused:
            self._memory.failures.put(request.cookies[BROWSER_COOKIE], exchange)
            return self._end_session(request, _see_session())
        return self._begin_session(request, citizen)

    async def session(self, request: web.Request) -> web.StreamResponse:
        """GET /sessie: who logged in, or why nobody did, with the whole exchange."""
        citizen = self._citizen(request)
        if citizen is not None:
            shown = views.of_exchange(citizen.exchange, citizen, decrypted=self._decrypted)
            return page(
                request,
                "portal/session.html",
                **self._frame(citizen),
                exchange=shown,
                behind=citizen.exchange.behind,
                authorities=self.settings.authorities,
                type_names=TYPE_NAMES,
            )
        failed = self._failure(request)
        if failed is None:
            raise web.HTTPSeeOther("/")
        problem = problem_of(failed)
        return page(
            request,
            "portal/failed.html",
            **self._frame(None),
            exchange=views.of_exchange(failed, decrypted=self._decrypted),
            problem=problem,
            behind=failed.behind,
            service=failed.service,
        )

    async def message(self, request: web.Request) -> web.StreamResponse:
        """GET /sessie/bericht/{name}: a message byte by byte, only for whose login it was."""
        citizen = self._citizen(request)
        exchange = citizen.exchange if citizen else self._failure(request)
        name = request.match_info["name"]
        data = exchange.bytes_of(name.removesuffix(".xml")) if exchange else None
        if data is None:
            raise web.HTTPNotFound
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=data, content_type="application/xml", headers=headers)

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """POST /logout: the local session ends, and with it the shared one, when there is one (SLO-01)."""
        citizen, browser = self._citizen(request), request.cookies.get(BROWSER_COOKIE)
        if citizen is not None and browser and citizen.session_index is not None:
            return self._end_session(request, self.leaving.begin(request, citizen, browser))
        return self._end_session(request, web.Response(status=303, headers={"Location": "/"}))

    async def logged_out(self, request: web.Request) -> web.StreamResponse:
        """GET /uitgelogd: how a logout ended."""
        return await self.leaving.show(request, request.cookies.get(BROWSER_COOKIE))

    async def metadata(self, _: web.Request) -> web.StreamResponse:
        """GET /metadata."""
        return web.Response(body=metadata_of(self.settings, self._clock()), content_type=METADATA_TYPE)

    def _wanted(self, dienstverlener: str, index: str) -> tuple[Behind | None, DemoService]:
        """What the citizen chose: a service here, or at one of those behind us."""
        behind = self.settings.behind.get(dienstverlener)
        services = self.settings.services if behind is None else behind.services
        service = next((each for each in services if str(each.index) == index), None)
        if service is None:
            raise web.HTTPBadRequest(text="unknown service")
        return behind, service

    def _attempt(self, request: web.Request) -> Attempt:
        """The attempt that RelayState names: ours, of this browser, and used now for the only time.

        Raises:
            CheckFailed: `relay-state` or `attempt`.
        """
        relay_state = single(request.query, "RelayState")
        key = unseal(relay_state, request.cookies.get(BROWSER_COOKIE), self._secret)
        attempt = self._memory.attempts.take(key)
        if attempt is None:
            raise CheckFailed("attempt")
        attempt.exchange.checklist.tick("relay-state", "attempt")
        return attempt

    @property
    def _decrypted(self) -> bool:
        """The Routeringsvoorziening opens identities on our behalf."""
        return self.settings.entity_id in {each.entity_id for each in layout.DECRYPTED}

    def _citizen(self, request: web.Request) -> Citizen | None:
        """Who is logged in; every request starts the fifteen minutes again (SES-01)."""
        key = request.cookies.get(SESSION_COOKIE, "")
        citizen = self._memory.sessions.take(key)
        if citizen is not None:
            self._memory.sessions.put(key, citizen)
        return citizen

    def _failure(self, request: web.Request) -> Exchange | None:
        return self._memory.failures.peek(request.cookies.get(BROWSER_COOKIE, ""))

    def _begin_session(self, request: web.Request, citizen: Citizen) -> web.Response:
        """A new session under a new key; the old one, if any, is gone (SES-07)."""
        self._memory.sessions.take(request.cookies.get(SESSION_COOKIE, ""))
        self._memory.failures.take(request.cookies.get(BROWSER_COOKIE, ""))
        response = _see_session()
        _set_cookie(response, SESSION_COOKIE, self._memory.sessions.add(citizen))
        return response

    def _end_session(self, request: web.Request, response: web.Response) -> web.Response:
        self._memory.sessions.take(request.cookies.get(SESSION_COOKIE, ""))
        response.del_cookie(SESSION_COOKIE, secure=True, httponly=True, samesite="Lax")
        return response

    def _frame(self, citizen: Citizen | None) -> dict[str, Any]:
        return {"portal_name": self.settings.name, "citizen": citizen, "cluster": bool(self.settings.behind)}


def _see_session() -> web.Response:
    return web.Response(status=303, headers={"Location": "/sessie"})


def _set_cookie(response: web.Response, name: str, value: str) -> None:
    """SES-03: Secure and HttpOnly; Lax suffices, as answers come back by a GET."""
    response.set_cookie(name, value, secure=True, httponly=True, samesite="Lax", path="/")
