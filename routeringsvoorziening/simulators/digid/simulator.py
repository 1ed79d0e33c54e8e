"""The handlers of the DigiD simulator: request in, page, artifact out; logout in, answer out."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from aiohttp import web

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.metadata.model import IdentityProvider, RoutingDienst
from routeringsvoorziening.simulators.declaring.desk import CANCELLED, SEEN_LIFE, Desk
from routeringsvoorziening.simulators.declaring.requests import Gate, Refused
from routeringsvoorziening.simulators.declaring.scene import Answer
from routeringsvoorziening.simulators.digid import login_page
from routeringsvoorziening.simulators.digid.answers import assertion_in_session, assertion_of
from routeringsvoorziening.simulators.digid.faults import FAULTS, FaultSwitches
from routeringsvoorziening.simulators.digid.faults_logout import LogoutFaultSwitch
from routeringsvoorziening.simulators.digid.logins import LOGIN_LIFE, LoggedIn, LoginRequest
from routeringsvoorziening.simulators.digid.logout import LogoutJudge, answer_of, logout_url_of
from routeringsvoorziening.simulators.digid.metadata import metadata_of
from routeringsvoorziening.simulators.digid.requests import RequestJudge
from routeringsvoorziening.simulators.digid.sessions import Sessions
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.pages import METADATA_TYPE, page, relay_state_of
from routeringsvoorziening.simulators.short_lived import Clock, ShortLived
from routeringsvoorziening.simulators.world.persons import BY_KEY, Means
from routeringsvoorziening.transport.forms import posted_form

FAILED: Final = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, "Authentication failed")
NO_LEVEL: Final = Status(names.STATUS_RESPONDER, names.STATUS_NO_AUTHN_CONTEXT, "Level of assurance not reached")


class DigidSimulator:
    """One authenticatiedienst.

    Args:
        settings: who it is.
        routing: the routeringsdienst that it serves.
        clock: aware UTC.
        faults: what it does wrong; tests switch while it runs.
        bvds: the BVDs for which it encrypts identities, when asked.
        logout_faults: what it does wrong when a session must end.
    """

    def __init__(
        self,
        settings: DigidSettings,
        routing: RoutingDienst,
        clock: Clock,
        faults: FaultSwitches | None = None,
        bvds: Iterable[IdentityProvider] = (),
        *,
        logout_faults: LogoutFaultSwitch | None = None,
    ) -> None:
        self.settings = settings
        self.routing = routing
        self.faults = faults or FaultSwitches()
        self._clock = clock
        self._logins: ShortLived[LoginRequest] = ShortLived(LOGIN_LIFE, clock)
        seen: ShortLived[bool] = ShortLived(SEEN_LIFE, clock)
        gate = Gate(routing, settings.sso_url, seen)
        self._requests = RequestJudge(gate, settings.catalogue, {bvd.entity_id: bvd for bvd in bvds})
        self.desk = Desk(settings, routing, clock, self.faults, seen)
        self._sessions = Sessions(settings.domains, clock)
        self._logouts = LogoutJudge(routing, settings.logout_url, seen)
        self._logout_faults = logout_faults or LogoutFaultSwitch()

    async def sso(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/sso: an AuthnRequest of the routeringsdienst."""
        form = await posted_form(request)
        try:
            login = self._requests.judge(str(form.get("SAMLRequest", "")), relay_state_of(form), self._now())
        except SamlError as problem:
            return page(request, "digid/refused.html", status=400, code=problem.code)
        except Refused as refusal:
            return self.desk.send_back(Answer(refusal.asked, refusal.status))
        raise web.HTTPSeeOther(f"/login/{self._logins.add(login)}")

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET /login/{id}: the login page, unless a session of this browser answers (SSO-02)."""
        login = self._logins.peek(request.match_info["id"])
        if login is None:
            return page(request, "digid/gone.html", status=404)
        key = request.cookies.get(self._sessions.cookie_of(login), "")
        known = self._sessions.answer(key, login)
        if known is not None:
            return self._finish(request, self._declared(login, known, key))
        return login_page.render(request, login, show_faults=self.settings.show_faults)

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """POST /login/{id}: somebody logs in, cancels or fails."""
        login = self._logins.peek(request.match_info["id"])
        if login is None:
            return page(request, "digid/gone.html", status=404)
        form = await posted_form(request)
        action = str(form.get("action", ""))
        if action in _ENDINGS:
            return self._finish(request, Answer(login, _ENDINGS[action]))
        chosen = _chosen(form)
        problem = login_page.problem_with(login, chosen)
        if problem is not None or chosen is None:
            return login_page.render(
                request, login, show_faults=self.settings.show_faults, problem=problem, form=form, status=422
            )
        fault = str(form.get("fault", ""))
        faults = frozenset({fault} & FAULTS.keys()) if self.settings.show_faults else frozenset()
        return self._log_in(request, login, chosen, faults)

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/logout: the routeringsdienst ends a session; it hears how that went (SLO-08, SLO-09)."""
        form, now, fault = await posted_form(request), self._now(), self._logout_faults.current
        relay_state = relay_state_of(form)
        try:
            asked = self._logouts.judge(str(form.get("SAMLRequest", "")), relay_state, now)
            destination = logout_url_of(self.routing)
        except SamlError as problem:
            return page(request, "digid/refused.html", status=400, code=problem.code)
        if not fault.answers:
            return page(request, "digid/logged_out.html", status=404, action=None)
        ended = fault.ends and self._sessions.end(asked.name_id, asked.session_index)
        answer = answer_of(self.settings, asked, destination, ended=ended, at=now, fault=fault)
        fields = {"SAMLResponse": answer} | ({} if relay_state is None else {"RelayState": relay_state})
        return page(request, "digid/logged_out.html", action=destination, fields=fields, ended=ended)

    async def metadata(self, _: web.Request) -> web.StreamResponse:
        """GET /saml/metadata."""
        return web.Response(body=metadata_of(self.settings, self._now()), content_type=METADATA_TYPE)

    def _log_in(
        self, request: web.Request, login: LoginRequest, chosen: LoggedIn, faults: frozenset[str]
    ) -> web.StreamResponse:
        """Credentials were given: with single sign-on a new session begins, in the place of an older one."""
        key = self._sessions.begin(login, chosen)
        if key is None:
            return self._finish(request, Answer(login, SUCCESS, partial(assertion_of, login, chosen), faults))
        try:
            return self._finish(request, self._declared(login, chosen, key, faults))
        except web.HTTPSeeOther as redirect:
            cookie = self._sessions.cookie_of(login)
            self._sessions.forget(request.cookies.get(cookie, ""))
            redirect.set_cookie(cookie, key, path="/", secure=True, httponly=True, samesite="Lax")
            raise

    def _declared(
        self, login: LoginRequest, logged_in: LoggedIn, key: str, faults: frozenset[str] = frozenset()
    ) -> Answer:
        name_id = self._sessions.name_in(key)
        return Answer(login, SUCCESS, partial(assertion_in_session, login, logged_in, name_id), faults)

    def _finish(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        """A login ends once, however many tabs show its page."""
        if self._logins.take(request.match_info["id"]) is None:
            return page(request, "digid/gone.html", status=404)
        return self.desk.send_back(answer)

    def _now(self) -> datetime:
        return self._clock()


_ENDINGS: Final = {"cancel": CANCELLED, "fail": FAILED, "level": NO_LEVEL}


def _chosen(form: "login_page.Form") -> LoggedIn | None:
    person = BY_KEY.get(str(form.get("person", "")))
    try:
        return LoggedIn(person, Means(str(form.get("means", "")))) if person else None
    except ValueError:
        return None
