"""A witness to many logins at once: holds every step that the core gives against what really happened."""

from dataclasses import dataclass

from routeringsvoorziening.broker.failures import LoginUnknown, TooBusy
from routeringsvoorziening.broker.steps import Depart, Finish, LoginView, Step
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    BrowserKey,
    Choice,
    Declaration,
    LegId,
    LoA,
    LoginId,
    Offer,
    Redirect,
    Reference,
)
from tests.support.core import START, Core

LIFETIME = 900
ENDS = {"login.declared", "login.failed"}


@dataclass
class Known:
    """A login as the world outside knows it; `begun` in seconds since the start."""

    id: LoginId
    reference: Reference
    browser: BrowserKey
    request: AuthenticationRequest
    offer: Offer
    begun: float
    finished: bool = False

    @property
    def minimum_loa(self) -> LoA:
        """The higher of the two."""
        return max(self.offer.minimum_loa, self.request.minimum_loa)


class Witness:
    """Remembers every login and every leg. Its word against the core's."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.logins: list[Known] = []
        self.legs: list[LegId] = []
        self.out: set[LegId] = set()

    def meet(self, view: LoginView, browser: BrowserKey, request: AuthenticationRequest, offer: Offer) -> None:
        """A login began."""
        self.logins.append(Known(view.id, view.reference, browser, request, offer, self._seconds()))

    def owner(self, leg: LegId) -> Known:
        """The login that a leg was started for, by the service's own account."""
        reference = self.core.ledger.tasks[leg].reference
        return next(known for known in self.logins if known.reference == reference)

    def is_open(self, known: Known) -> bool:
        """Neither finished nor expired."""
        return not known.finished and self._seconds() < known.begun + LIFETIME

    def observe(self, step: Step) -> None:
        """Hold a step against the truth."""
        if isinstance(step, Depart):
            self._see_departure(step)
        if isinstance(step, Finish):
            self._see_finish(step)

    async def see_refusal(self, error: BaseException) -> None:
        """The core may refuse in two ways only. A login whose end could not be recorded is gone as well."""
        assert isinstance(error, LoginUnknown | TooBusy), repr(error)
        if isinstance(error, TooBusy) and error.bound == "audit":
            for known in self.logins:
                known.finished |= await self.core.store.peek("login", known.id) is None

    def is_welcome(self, known: Known, browser: BrowserKey) -> bool:
        """An open login, and the browser that began it."""
        return self.is_open(known) and browser == known.browser

    def check_refusal(self, step: object, welcome: bool, *bounds: str) -> None:
        """Who was not welcome was refused, and who was only at a bound."""
        if not welcome:
            assert isinstance(step, LoginUnknown), step
        elif isinstance(step, Exception):
            assert isinstance(step, TooBusy), step
            assert step.bound in bounds

    def check_books(self) -> None:
        """Of every login at most one end is on record."""
        ends = [reference for event, reference, _ in self.core.audit.events if event in ENDS]
        assert len(ends) == len(set(ends))

    def _see_departure(self, step: Depart) -> None:
        known = self._by_id(step.login.id)
        assert isinstance(step.message, Redirect)
        leg = LegId(step.message.url.rpartition("=")[2])
        assert self.core.ledger.tasks[leg].reference == known.reference
        assert self.core.ledger.tasks[leg].choice == step.choice
        assert step.choice in known.offer.choices
        self.legs.append(leg)
        self.out.add(leg)

    def _see_finish(self, step: Finish) -> None:
        assert step.login is not None
        known = self._by_id(step.login.id)
        assert not known.finished, "finished twice"
        assert self.is_open(known), "finished after its end"
        known.finished = True
        assert (step.request, step.reference) == (known.request, known.reference)
        if isinstance(step.outcome, Declaration):
            self._verify(step.outcome, known)

    def _verify(self, declaration: Declaration, known: Known) -> None:
        """Really declared, on a leg of this login, high enough, for what was chosen, on record."""
        assert (declaration.request, declaration.reference) == (known.request, known.reference)
        who = self.core.ledger.declared[declaration.identity.evidence]
        assert who.leg.login == known.id
        assert who.about is None
        assert who.loa == declaration.identity.loa
        assert declaration.identity.loa >= known.minimum_loa
        assert who.task.choice in known.offer.choices
        self._verify_mandate(declaration, known, who.task.choice)
        assert not self.core.audit.broken
        assert ("login.declared", known.reference) in [(event, name) for event, name, _ in self.core.audit.events]

    def _verify_mandate(self, declaration: Declaration, known: Known, choice: Choice) -> None:
        """A mandate exactly when one was chosen, and about this very identity."""
        assert (declaration.mandate is None) == (choice.mandate is None)
        if declaration.mandate is not None:
            for_whom = self.core.ledger.declared[declaration.mandate.evidence]
            assert for_whom.leg.login == known.id
            assert for_whom.task.choice == choice
            assert for_whom.about == declaration.identity

    def _by_id(self, login: LoginId) -> Known:
        return next(known for known in self.logins if known.id == login)

    def _seconds(self) -> float:
        return (self.core.clock() - START).total_seconds()
