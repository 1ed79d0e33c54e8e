"""The handlers of the eHerkenning simulator: request in, page, artifact out."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from aiohttp import web

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd.catalogue import ServiceCatalogue
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.metadata.model import IdentityProvider, RoutingDienst
from routeringsvoorziening.simulators.declaring.desk import CANCELLED, SEEN_LIFE, Desk
from routeringsvoorziening.simulators.declaring.metadata import metadata_of
from routeringsvoorziening.simulators.declaring.requests import Gate, Refused
from routeringsvoorziening.simulators.declaring.scene import Answer
from routeringsvoorziening.simulators.eherkenning import login_page
from routeringsvoorziening.simulators.eherkenning.answers import LoggedIn, Tellers, summary_of
from routeringsvoorziening.simulators.eherkenning.companies import BY_KEY, Means
from routeringsvoorziening.simulators.eherkenning.faults import FAULTS, FaultSwitches
from routeringsvoorziening.simulators.eherkenning.requests import LOGIN_LIFE, LoginRequest, RequestJudge, acs_by_url
from routeringsvoorziening.simulators.eherkenning.settings import MakelaarSettings
from routeringsvoorziening.simulators.pages import METADATA_TYPE, page, relay_state_of
from routeringsvoorziening.simulators.short_lived import Clock, ShortLived
from routeringsvoorziening.transport.forms import posted_form

FAILED: Final = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, "Authentication failed")
"""eTD knows of second levels AuthnFailed and RequestUnsupported only."""
_ENDINGS: Final = {"cancel": CANCELLED, "fail": FAILED}


class MakelaarSimulator:
    """One herkenningsmakelaar.

    Args:
        settings: who it is.
        routing: the dienstverlener that it serves, in the form in which other declaring parties know one.
        catalogue: the services that there are.
        tellers: the parties behind it.
        clock: aware UTC.
        faults: what it does wrong; tests switch while it runs.
        bvds: the BVDs for which it encrypts identities, when asked.
    """

    def __init__(
        self,
        settings: MakelaarSettings,
        routing: RoutingDienst,
        catalogue: ServiceCatalogue,
        tellers: Tellers,
        *,
        clock: Clock,
        faults: FaultSwitches | None = None,
        bvds: Iterable[IdentityProvider] = (),
    ) -> None:
        self.settings = settings
        self.faults = faults or FaultSwitches()
        self._tellers = tellers
        self._clock = clock
        self._logins: ShortLived[LoginRequest] = ShortLived(LOGIN_LIFE, clock)
        seen: ShortLived[bool] = ShortLived(SEEN_LIFE, clock)
        gate = Gate(routing, settings.sso_url, seen, acs_by_url)
        self._requests = RequestJudge(gate, catalogue, {bvd.entity_id: bvd for bvd in bvds})
        self.desk = Desk(settings, routing, clock, self.faults, seen)

    async def sso(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/sso: an AuthnRequest of a dienstverlener."""
        form = await posted_form(request)
        try:
            login = self._requests.judge(str(form.get("SAMLRequest", "")), relay_state_of(form), self._clock())
        except SamlError as problem:
            return page(request, "eherkenning/refused.html", status=400, code=problem.code)
        except Refused as refusal:
            return self.desk.send_back(Answer(refusal.asked, refusal.status))
        raise web.HTTPSeeOther(f"/login/{self._logins.add(login)}")

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET /login/{id}: the login page."""
        login = self._logins.peek(request.match_info["id"])
        if login is None:
            return page(request, "eherkenning/gone.html", status=404)
        return login_page.render(request, login, show_faults=self.settings.show_faults)

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """POST /login/{id}: somebody logs in, cancels or fails."""
        login = self._logins.peek(request.match_info["id"])
        if login is None:
            return page(request, "eherkenning/gone.html", status=404)
        form = await posted_form(request)
        action, shown = str(form.get("action", "")), self.settings.show_faults
        if action in _ENDINGS:
            return self._finish(request, Answer(login, _ENDINGS[action]))
        chosen = _chosen(form)
        problem = login_page.problem_with(login, chosen)
        if problem is not None or chosen is None:
            return login_page.render(request, login, show_faults=shown, problem=problem, form=form, status=422)
        faults = frozenset({str(form.get("fault", ""))} & FAULTS.keys()) if shown else frozenset()
        declare = partial(summary_of, login, chosen, self._tellers)
        return self._finish(request, Answer(login, SUCCESS, declare, faults))

    async def metadata(self, _: web.Request) -> web.StreamResponse:
        """GET /saml/metadata."""
        return web.Response(body=metadata_of(self.settings, self._now()), content_type=METADATA_TYPE)

    def _finish(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        """A login ends once, however many tabs show its page."""
        if self._logins.take(request.match_info["id"]) is None:
            return page(request, "eherkenning/gone.html", status=404)
        return self.desk.send_back(answer)

    def _now(self) -> datetime:
        return self._clock()


def _chosen(form: login_page.Form) -> LoggedIn | None:
    capacity = BY_KEY.get(str(form.get("capacity", "")))
    try:
        return LoggedIn(capacity, Means(str(form.get("means", "")))) if capacity else None
    except ValueError:
        return None
