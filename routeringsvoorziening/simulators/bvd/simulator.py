"""The handlers of a BVD simulator: request in, page, artifact out."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from aiohttp import web

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.metadata.model import IdentityProvider, RoutingDienst
from routeringsvoorziening.simulators.bvd import choosing
from routeringsvoorziening.simulators.bvd.answers import assertion_of
from routeringsvoorziening.simulators.bvd.faults import FAULTS, FaultSwitches
from routeringsvoorziening.simulators.bvd.idp_assertion import IdpAssertionJudge
from routeringsvoorziening.simulators.bvd.inzage import Inzage
from routeringsvoorziening.simulators.bvd.metadata import metadata_of
from routeringsvoorziening.simulators.bvd.requests import CHOICE_LIFE, PendingChoice, RequestJudge
from routeringsvoorziening.simulators.bvd.settings import BvdSettings, Text
from routeringsvoorziening.simulators.declaring.desk import CANCELLED, SEEN_LIFE, Desk
from routeringsvoorziening.simulators.declaring.requests import Gate, Refused
from routeringsvoorziening.simulators.declaring.scene import Answer
from routeringsvoorziening.simulators.pages import METADATA_TYPE, page, relay_state_of
from routeringsvoorziening.simulators.registers.records import NotHeld
from routeringsvoorziening.simulators.registers.stelsel import Possibility, Stelsel
from routeringsvoorziening.simulators.short_lived import Clock, ShortLived
from routeringsvoorziening.transport.forms import posted_form

NOBODY: Final = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, "No authority to represent anybody")
"""No representation can be established (RBVD-05): the authentication with representation failed."""


class BvdSimulator:
    """One bevoegdheidsverklaringsdienst.

    Args:
        settings: who it is.
        routing: the routeringsdienst that it serves.
        ads: the authenticatiediensten whose declarations it accepts.
        stelsel: what it asks for whom somebody may act.
        clock: aware UTC.
        faults: what it does wrong; tests switch while it runs.
    """

    def __init__(
        self,
        settings: BvdSettings,
        routing: RoutingDienst,
        ads: Iterable[IdentityProvider],
        stelsel: Stelsel,
        *,
        clock: Clock,
        faults: FaultSwitches | None = None,
    ) -> None:
        self.settings = settings
        self.faults = faults or FaultSwitches()
        self.inzage = Inzage(settings, stelsel, clock)
        self._stelsel = stelsel
        self._clock = clock
        self._choices: ShortLived[PendingChoice] = ShortLived(CHOICE_LIFE, clock)
        seen: ShortLived[bool] = ShortLived(SEEN_LIFE, clock)
        known = {ad.entity_id: ad for ad in ads}
        self._requests = RequestJudge(
            Gate(routing, settings.sso_url, seen),
            stelsel.catalogue,
            settings.profile.kinds,
            IdpAssertionJudge(
                settings.entity_id,
                settings.decryption_keys,
                known,
                ShortLived(SEEN_LIFE, clock),
                settings.bsnk,
                settings.offices,
            ),
        )
        self.desk = Desk(settings, routing, clock, self.faults, seen)

    async def sso(self, request: web.Request) -> web.StreamResponse:
        """POST /saml/sso: an AuthnRequest of the routeringsdienst."""
        form = await posted_form(request)
        try:
            choice = self._requests.judge(str(form.get("SAMLRequest", "")), relay_state_of(form), self._clock())
        except SamlError as problem:
            return self._page(request, "refused", status=400, code=problem.code)
        except Refused as refusal:
            return self.desk.send_back(Answer(refusal.asked, refusal.status))
        raise web.HTTPSeeOther(f"/keuze/{self._choices.add(choice)}")

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET /keuze/{id}: for whom do you act; `?zoek=` narrows a long list."""
        choice = self._choices.peek(request.match_info["id"])
        return self._gone(request) if choice is None else self._render(request, choice)

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """POST /keuze/{id}: somebody is chosen, or nobody."""
        form = await posted_form(request)
        choice = self._choices.peek(request.match_info["id"])
        if choice is None:
            return self._gone(request)
        action = str(form.get("action", ""))
        if action in _ENDINGS:
            return self._finish(request, Answer(choice, _ENDINGS[action]))
        try:
            chosen = self._act(choice, self._mandate_in(choice, form))
        except choosing.NotChosen as nobody:
            return self._render(request, choice, nobody.problem, form, 422)
        except NotHeld:
            return self._render(request, choice, choosing.TOO_LATE, form, 422)
        fault = str(form.get("fault", ""))
        faults = frozenset({fault} & FAULTS.keys()) if self.settings.show_faults else frozenset()
        return self._finish(request, Answer(choice, SUCCESS, partial(assertion_of, choice, chosen), faults))

    async def metadata(self, _: web.Request) -> web.StreamResponse:
        """GET /saml/metadata."""
        return web.Response(body=metadata_of(self.settings, self._clock()), content_type=METADATA_TYPE)

    def _mandate_in(self, choice: PendingChoice, form: choosing.Form) -> str:
        """Who works at an office may give the BSN of a client in the place of a line of the list."""
        bsn, mandate = str(form.get("bsn", "")).strip(), str(form.get("mandate", ""))
        if choice.acting.office is not None and bsn:
            kinds = self.settings.profile.kinds
            held = self._stelsel.for_whom(choice.acting.holder, choice.service, kinds, self._clock())
            return choosing.client_among(held, bsn)
        if not mandate:
            raise choosing.NotChosen(choosing.CHOOSE_SOMEBODY)
        return mandate

    def _act(self, choice: PendingChoice, mandate_id: str) -> Possibility:
        """Looked up again: what held when the page was shown may not hold now. What holds once is used up here."""
        kinds = self.settings.profile.kinds
        return self._stelsel.act(choice.acting.holder, choice.service, kinds, mandate_id, self._clock())

    def _render(
        self,
        request: web.Request,
        choice: PendingChoice,
        problem: Text | None = None,
        form: choosing.Form | None = None,
        status: int = 200,
    ) -> web.Response:
        kinds = self.settings.profile.kinds
        return choosing.render(
            request,
            self.settings,
            choice,
            person=self._stelsel.population.find(choice.acting.holder),
            possibilities=self._stelsel.for_whom(choice.acting.holder, choice.service, kinds, self._clock()),
            problem=problem,
            form=form,
            status=status,
        )

    def _finish(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        """A choice is made once, however many tabs show its page."""
        self._choices.take(request.match_info["id"])
        return self.desk.send_back(answer)

    def _gone(self, request: web.Request) -> web.Response:
        return self._page(request, "gone", status=404)

    def _page(self, request: web.Request, template: str, *, status: int, **values: object) -> web.Response:
        return page(request, f"bvd/{template}.html", status=status, profile=self.settings.profile, **values)


_ENDINGS: Final = {"cancel": CANCELLED, "nobody": NOBODY}
