"""The handlers of the eIDAS-berichtenservice simulator: request in, country, consent, abroad and back, artifact out."""

from datetime import timedelta
from functools import partial
from typing import Final

from aiohttp import web

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.eidas.attributes import text_of
from routeringsvoorziening.saml.eidas.vocabulary import FAMILY_NAME, GIVEN_NAME, LEGAL_NAME
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.simulators.declaring.desk import CANCELLED, SEEN_LIFE, Desk
from routeringsvoorziening.simulators.declaring.requests import Gate, Refused
from routeringsvoorziening.simulators.declaring.scene import Answer
from routeringsvoorziening.simulators.eidas import pages
from routeringsvoorziening.simulators.eidas.abroad import AnswerJudge, Arrived, NotTrusted
from routeringsvoorziening.simulators.eidas.answers import assertion_of, identified
from routeringsvoorziening.simulators.eidas.asking_abroad import Errand, ask
from routeringsvoorziening.simulators.eidas.faults import FAULTS, FaultSwitches
from routeringsvoorziening.simulators.eidas.metadata import metadata_of, node_metadata_of
from routeringsvoorziening.simulators.eidas.recognising import Brp
from routeringsvoorziening.simulators.eidas.requests import EuropeanLogin, RequestJudge
from routeringsvoorziening.simulators.eidas.settings import EidasSettings
from routeringsvoorziening.simulators.pages import METADATA_TYPE, page, relay_state_of
from routeringsvoorziening.simulators.short_lived import Clock, ShortLived
from routeringsvoorziening.simulators.world.europe import BY_CODE, Country
from routeringsvoorziening.transport.forms import posted_form

LOGIN_LIFE: Final = timedelta(minutes=15)
FAILED: Final = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, "Authentication failed")
NO_COUNTRY: Final = ("Kies uit welk land u komt.", "Choose from which country you come.")


class EidasSimulator:
    """The authenticatiedienst for people from other countries.

    Args:
        settings: who it is.
        routing: the routeringsdienst that it serves.
        clock: aware UTC.
        faults: what it does wrong towards the routeringsdienst; tests switch while it runs.
        brp: who is known here.
    """

    def __init__(
        self,
        settings: EidasSettings,
        routing: RoutingDienst,
        clock: Clock,
        faults: FaultSwitches | None = None,
        brp: Brp | None = None,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._brp = brp or Brp.of()
        self._logins: ShortLived[EuropeanLogin] = ShortLived(LOGIN_LIFE, clock)
        self._errands: ShortLived[Errand] = ShortLived(LOGIN_LIFE, clock)
        seen: ShortLived[bool] = ShortLived(SEEN_LIFE, clock)
        self._requests = RequestJudge(Gate(routing, settings.sso_url, seen), settings.catalogue)
        self._answers = AnswerJudge(
            settings.node_entity_id,
            settings.node_acs_url,
            settings.nodes,
            settings.decryption_keys,
            self._errands,
            seen,
            settings.node_of,
        )
        self.desk = Desk(settings, routing, clock, faults or FaultSwitches(), seen)

    async def sso(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/sso: an AuthnRequest of the routeringsdienst."""
        form = await posted_form(request)
        try:
            login = self._requests.judge(str(form.get("SAMLRequest", "")), relay_state_of(form), self._clock())
        except SamlError as problem:
            return page(request, "eidas/refused.html", status=400, code=problem.code)
        except Refused as refusal:
            return self.desk.send_back(Answer(refusal.asked, refusal.status))
        raise web.HTTPSeeOther(f"/land/{self._logins.add(login)}")

    async def choose_country(self, request: web.Request) -> web.StreamResponse:
        """GET /land/{id}: the countries; with `?land=`, what that country will be asked and who gets it."""
        login = self._logins.peek(request.match_info["id"])
        if login is None:
            return page(request, "eidas/gone.html", status=404)
        code = request.query.get("land")
        if code is None:
            return pages.countries(request, login)
        country, legal = _open(login, code), _legal(login, request.query.get("als", ""))
        if country is None:
            return pages.countries(request, login, problem=NO_COUNTRY, chosen=code, status=422)
        return pages.consent(request, login, country, legal=legal, show_faults=self.settings.show_faults)

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """POST /land/{id}: consent, and off to that country; or cancel."""
        key = request.match_info["id"]
        login, form = self._logins.peek(key), await posted_form(request)
        if login is None:
            return page(request, "eidas/gone.html", status=404)
        action = str(form.get("action", ""))
        if action in _ENDINGS:
            return self._finish(request, key, Answer(login, _ENDINGS[action]))
        country = _open(login, str(form.get("land", "")))
        if country is None or action != "agree":
            return pages.countries(request, login, problem=NO_COUNTRY, status=422)
        faults = frozenset({str(form.get("fault", ""))} & FAULTS.keys()) if self.settings.show_faults else frozenset()
        legal = _legal(login, str(form.get("als", "")))
        errand, url, fields = ask(login, country, self.settings, legal=legal, faults=faults, at=self._clock())
        self._errands.put(errand.request.id, errand)
        return page(request, "eidas/leave.html", country=country, action=url, fields={**fields, "RelayState": key})

    async def arrive(self, request: web.Request) -> web.StreamResponse:
        """POST /eidas/acs: what the other country answers."""
        form = await posted_form(request)
        key = relay_state_of(form) or ""
        try:
            errand, outcome = self._answers.judge(str(form.get("SAMLResponse", "")), self._clock())
        except NotTrusted as problem:
            return pages.not_trusted(request, problem.code, key if self._logins.peek(key) else "")
        if self._logins.peek(key) != errand.login:
            return page(request, "eidas/gone.html", status=404)
        if isinstance(outcome, Status):
            return self._finish(request, key, Answer(errand.login, _status_of(outcome)))
        return self._declare(request, key, errand, outcome)

    async def metadata(self, _: web.Request) -> web.StreamResponse:
        """GET /saml/metadata: for the routeringsdienst."""
        return web.Response(body=metadata_of(self.settings, self._clock()), content_type=METADATA_TYPE)

    async def node_metadata(self, _: web.Request) -> web.StreamResponse:
        """GET /eidas/metadata: for the nodes of other countries."""
        return web.Response(body=node_metadata_of(self.settings, self._clock()), content_type=METADATA_TYPE)

    def _declare(self, request: web.Request, key: str, errand: Errand, arrived: Arrived) -> web.StreamResponse:
        login = errand.login
        who = identified(arrived, self._brp.bsn_of(arrived), login.service)
        if who is None:
            return pages.unknown_here(request, login, errand.country, _name_of(arrived), key)
        return self._finish(request, key, Answer(login, SUCCESS, partial(assertion_of, login, who), errand.faults))

    def _finish(self, request: web.Request, key: str, answer: Answer) -> web.StreamResponse:
        """A login ends once, however many tabs show its page."""
        if self._logins.take(key) is None:
            return page(request, "eidas/gone.html", status=404)
        return self.desk.send_back(answer)


_ENDINGS: Final = {"cancel": CANCELLED, "fail": FAILED}


def _status_of(status: Status) -> Status:
    """No consent abroad is a cancellation here; all else is a failed login."""
    return CANCELLED if status.second == names.STATUS_REQUEST_DENIED else FAILED


def _open(login: EuropeanLogin, code: str) -> Country | None:
    """A country whose means of login reach what the service needs."""
    country = BY_CODE.get(code)
    return country if country is not None and country.highest >= login.service.minimum_loa else None


def _legal(login: EuropeanLogin, role: str) -> bool:
    return login.service.rights.legal_persons and role == "organisatie"


def _name_of(arrived: Arrived) -> str:
    if arrived.legal:
        return text_of(arrived.values, LEGAL_NAME) or ""
    return f"{text_of(arrived.values, GIVEN_NAME)} {text_of(arrived.values, FAMILY_NAME)}"
