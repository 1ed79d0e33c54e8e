"""The handlers of the nodes of other countries: request in, page, Response out through the browser."""

import base64
from datetime import timedelta
from typing import Final

from aiohttp import web

from routeringsvoorziening.saml.eidas.response import DENIED, FAILED
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.simulators.buitenland import login_page
from routeringsvoorziening.simulators.buitenland.answers import LoggedIn, response_of
from routeringsvoorziening.simulators.buitenland.faults import FAULTS, Fault, FaultSwitch, Scene
from routeringsvoorziening.simulators.buitenland.metadata import metadata_of
from routeringsvoorziening.simulators.buitenland.requests import ForeignLogin, judge
from routeringsvoorziening.simulators.buitenland.settings import ForeignSettings
from routeringsvoorziening.simulators.declaring.desk import SEEN_LIFE
from routeringsvoorziening.simulators.pages import METADATA_TYPE, page, relay_state_of
from routeringsvoorziening.simulators.short_lived import Clock, ShortLived
from routeringsvoorziening.simulators.world.europe import BY_CODE, Country
from routeringsvoorziening.transport.forms import posted_form

LOGIN_LIFE: Final = timedelta(minutes=15)
_ENDINGS: Final = {"refuse": DENIED, "fail": FAILED}


class ForeignNodes:
    """The nodes of every country of the demo world.

    Args:
        settings: their names, keys and addresses.
        clock: aware UTC.
        faults: what they do wrong; tests switch while they run.
    """

    def __init__(self, settings: ForeignSettings, clock: Clock, faults: FaultSwitch | None = None) -> None:
        self.settings = settings
        self._clock = clock
        self._faults = faults or FaultSwitch()
        self._logins: ShortLived[ForeignLogin] = ShortLived(LOGIN_LIFE, clock)
        self._seen: ShortLived[bool] = ShortLived(SEEN_LIFE, clock)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """POST /{country}/request: an AuthnRequest of the Dutch node."""
        country, form = _country(request), await posted_form(request)
        message, relay_state = str(form.get("SAMLRequest", "")), relay_state_of(form)
        try:
            login = judge(message, relay_state, country, self.settings, seen=self._seen, at=self._clock())
        except SamlError as problem:
            return page(request, "buitenland/refused.html", status=400, country=country, code=problem.code)
        raise web.HTTPSeeOther(f"/{country.code}/login/{self._logins.add(login)}")

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET /{country}/login/{id}: the login page."""
        country, login = _country(request), self._logins.peek(request.match_info["id"])
        if login is None or login.country != country:
            return page(request, "buitenland/gone.html", status=404, country=country)
        return login_page.render(request, login, self.settings)

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """POST /{country}/login/{id}: somebody logs in, gives no consent, or fails."""
        country, login = _country(request), self._logins.peek(request.match_info["id"])
        if login is None or login.country != country:
            return page(request, "buitenland/gone.html", status=404, country=country)
        form = await posted_form(request)
        outcome: LoggedIn | Status | None = _ENDINGS.get(str(form.get("action", ""))) or login_page.chosen(login, form)
        if outcome is None:
            problem = ("Kies wie u bent en hoe u inlogt.", "Choose who you are and how you log in.")
            return login_page.render(request, login, self.settings, problem=problem, form=form, status=422)
        self._logins.take(request.match_info["id"])
        return self._answer(request, login, outcome, self._fault(form))

    async def metadata(self, request: web.Request) -> web.StreamResponse:
        """GET /{country}/metadata."""
        data = metadata_of(self.settings, _country(request), self._clock())
        return web.Response(body=data, content_type=METADATA_TYPE)

    def _fault(self, form: login_page.Form) -> Fault:
        chosen = FAULTS.get(str(form.get("fault", ""))) if self.settings.show_faults else None
        return chosen or self._faults.current

    def _answer(
        self, request: web.Request, login: ForeignLogin, outcome: LoggedIn | Status, fault: Fault
    ) -> web.Response:
        scene = Scene(self._faults.memory)
        response = response_of(login, outcome, self.settings, at=self._clock(), scene=scene, fault=fault)
        fields = {"SAMLResponse": base64.b64encode(response).decode("ascii")}
        if login.relay_state is not None:
            fields["RelayState"] = login.relay_state
        action = self.settings.asker.acs_url
        return page(request, "buitenland/leave.html", country=login.country, action=action, fields=fields)


def _country(request: web.Request) -> Country:
    country = BY_CODE.get(request.match_info["country"])
    if country is None:
        raise web.HTTPNotFound
    return country
