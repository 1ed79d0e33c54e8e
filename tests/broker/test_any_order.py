"""Whatever the order: a declaration is given at most once, only for what was proven, and only to its own browser.

The machine plays persons, browsers, tabs, services and time against one broker. A witness holds everything that comes
out against what the services really declared, and the rules check that good answers are not lost.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from routeringsvoorziening.broker.failures import FailureKind, LoginUnknown, TooBusy
from routeringsvoorziening.broker.steps import Choose, Depart, Finish, Step
from routeringsvoorziening.broker.vocabulary import BrowserKey, Choice, Declaration, LegId, LoA, Preselection
from tests.support.core import FAILURES, FOR_ANOTHER, PRESELECTED, WITH_DIGID, WITH_EIDAS, Core, offer, request
from tests.support.witness import Known, Witness

MAX_LOGINS = 10
FOR_ONE = 8
"""Of those, what one connection can have: all are of the same."""
BROWSERS = [BrowserKey(f"the key of browser number {number}") for number in range(3)]
OFFERS = [(WITH_DIGID,), (FOR_ANOTHER,), (WITH_DIGID, FOR_ANOTHER), (WITH_DIGID, WITH_EIDAS, FOR_ANOTHER)]

ANY = st.integers(0, 1000)
"""Which of the logins or legs; modulo how many there are."""
OWN_OR_OTHER = st.sampled_from([None, None, None, *BROWSERS])
"""None for the browser that began the login."""
MOSTLY = st.sampled_from([True, True, True, True, False])
RESULTS = st.sampled_from(["good"] * 14 + list(FAILURES))
MINIMA = st.sampled_from([LoA.BASIS, LoA.BASIS, *LoA])
REACHED = st.sampled_from([LoA.HOOG, LoA.HOOG, *LoA])


class AnyOrder(RuleBasedStateMachine):
    """Persons, tabs, time and mischief against one broker."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.core = Core(max_logins=MAX_LOGINS, max_choices=6)
        self.broker = self.core.broker
        self.witness = Witness(self.core)

    def teardown(self) -> None:
        """Leave no loop behind."""
        self.runner.close()

    @rule(
        browser=st.sampled_from(BROWSERS),
        choices=st.sampled_from(OFFERS),
        catalogue=MINIMA,
        asked=MINIMA,
        preselection=st.sampled_from([Preselection(), PRESELECTED]),
    )
    def begin(
        self, browser: BrowserKey, choices: tuple[Choice, ...], catalogue: LoA, asked: LoA, preselection: Preselection
    ) -> None:
        """A dienstverlener sends somebody."""
        self.core.catalogue.offered = offer(*choices, minimum_loa=catalogue)
        wish = request(preselection=preselection, minimum_loa=asked)
        full, broken = self.broker.open_logins >= FOR_ONE, self.core.audit.broken
        [step] = self.together(self.broker.begin(wish, browser), observe=False)
        if isinstance(step, Exception):
            assert isinstance(step, TooBusy)
            assert full or broken
            return
        assert step.login is not None
        self.witness.meet(step.login, browser, wish, self.core.catalogue.offered)
        self.witness.observe(step)
        if not self.core.authentication[choices[0].authentication].down:
            assert isinstance(step, Depart if len(choices) == 1 else Choose)

    @precondition(lambda self: self.witness.logins)
    @rule(which=ANY, browser=OWN_OR_OTHER, choice=st.sampled_from([WITH_DIGID, WITH_EIDAS, FOR_ANOTHER]))
    def choose(self, which: int, browser: BrowserKey | None, choice: Choice) -> None:
        """Somebody chooses: in any browser, offered or not, first or again."""
        known, key = self.pick(which, browser)
        welcome = self.witness.is_welcome(known, key)
        [step] = self.together(self.broker.choose(known.id, key, choice))
        self.witness.check_refusal(step, welcome, "choices", "audit")
        if isinstance(step, Depart):
            assert self.core.ledger.tasks[self.witness.legs[-1]].choice == choice

    @precondition(lambda self: self.witness.logins)
    @rule(which=ANY, browser=OWN_OR_OTHER)
    def show(self, which: int, browser: BrowserKey | None) -> None:
        """Somebody presses Back, or reloads."""
        known, key = self.pick(which, browser)
        welcome = self.witness.is_welcome(known, key)
        [step] = self.together(self.broker.show(known.id, key))
        self.witness.check_refusal(step, welcome)
        assert isinstance(step, Choose | LoginUnknown)

    @precondition(lambda self: self.witness.logins)
    @rule(which=ANY, browser=OWN_OR_OTHER)
    def cancel(self, which: int, browser: BrowserKey | None) -> None:
        """Somebody gives up: that always works, and never declares anything."""
        known, key = self.pick(which, browser)
        welcome = self.witness.is_welcome(known, key)
        [step] = self.together(self.broker.cancel(known.id, key))
        self.witness.check_refusal(step, welcome, "audit")
        if welcome and not self.core.audit.broken:
            assert isinstance(step, Finish)
            assert not isinstance(step.outcome, Declaration)
            assert step.outcome.kind in {FailureKind.CANCELLED, FailureKind.ANSWER_REJECTED}

    @precondition(lambda self: self.witness.legs)
    @rule(which=ANY, unused=MOSTLY, browser=OWN_OR_OTHER, result=RESULTS, loa=REACHED)
    def answer(self, which: int, unused: bool, browser: BrowserKey | None, result: str, loa: LoA) -> None:
        """A browser comes back from a service: on any leg, used or not, in any browser, with any answer."""
        legs = (sorted(self.witness.out) if unused else []) or self.witness.legs
        leg = legs[which % len(legs)]
        known = self.witness.owner(leg)
        key = browser or known.browser
        counts = leg in self.witness.out and self.witness.is_welcome(known, key)
        [step] = self.together(self.arrive(leg, key, result, loa))
        if not counts:
            assert isinstance(step, LoginUnknown)
            return
        self.witness.out.discard(leg)
        if result == "good" and not self.core.audit.broken:
            self.check_progress(step, known, leg, loa)

    @precondition(lambda self: self.witness.out)
    @rule(which=ANY, times=st.integers(2, 4), result=RESULTS, loa=REACHED)
    def answer_at_once(self, which: int, times: int, result: str, loa: LoA) -> None:
        """The same answer arrives several times together: at most one is looked at."""
        leg = sorted(self.witness.out)[which % len(self.witness.out)]
        browser = self.witness.owner(leg).browser
        self.witness.out.discard(leg)
        steps = self.together(*(self.arrive(leg, browser, result, loa, pauses=n) for n in range(times)))
        assert sum(not isinstance(step, LoginUnknown) for step in steps) <= 1

    @precondition(lambda self: self.witness.out)
    @rule(loa=REACHED, cancel=st.booleans(), backwards=st.booleans())
    def all_tabs_at_once(self, loa: LoA, cancel: bool, backwards: bool) -> None:
        """Every leg that is out is answered well at the same time, and perhaps every login cancelled as well."""
        legs = sorted(self.witness.out, reverse=backwards)
        self.witness.out.clear()
        owners = {leg: self.witness.owner(leg) for leg in legs}
        calls = [self.arrive(leg, owners[leg].browser, "good", loa, pauses=n % 2) for n, leg in enumerate(legs)]
        if cancel:
            by_id = {known.id: known for known in owners.values()}
            calls += [self.broker.cancel(known.id, known.browser) for known in by_id.values()]
        self.together(*calls)

    @rule(seconds=st.sampled_from([1, 1, 30, 30, 300, 899, 900]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.core.clock.advance(seconds)

    @rule(working=MOSTLY)
    def audit(self, working: bool) -> None:
        """The audit trail breaks, or is repaired."""
        self.core.audit.broken = None if working else OSError("disk full")

    @rule(service=st.sampled_from(["digid", "eidas", "machtigen"]), up=MOSTLY)
    def service(self, service: str, up: bool) -> None:
        """A service goes down, or comes back."""
        every: dict[Any, Any] = {**self.core.authentication, **self.core.mandates}
        every[service].down = None if up else "unreachable"

    @invariant()
    def the_books_are_right(self) -> None:
        """Of every login at most one end is on record."""
        self.witness.check_books()

    @invariant()
    def the_house_is_not_overfull(self) -> None:
        """Never more logins than may be."""
        assert self.broker.open_logins <= MAX_LOGINS

    def check_progress(self, step: Step | Exception, known: Known, leg: LegId, loa: LoA) -> None:
        """A good answer, in time and in its own browser, is not lost."""
        choice = self.core.ledger.tasks[leg].choice
        at_bvd = self.core.ledger.identities[leg] is not None
        if not at_bvd and loa < known.minimum_loa:
            assert isinstance(step, Choose | Finish)
            failure = step.because if isinstance(step, Choose) else step.outcome
            assert getattr(failure, "code", None) == "loa.insufficient"
        elif at_bvd or choice.mandate is None:
            assert isinstance(step, Finish)
            assert isinstance(step.outcome, Declaration)
        elif not self.core.mandates[choice.mandate].down:
            assert isinstance(step, Depart)

    def pick(self, which: int, browser: BrowserKey | None) -> tuple[Known, BrowserKey]:
        """One of the logins, and the browser that somebody uses for it."""
        known = self.witness.logins[which % len(self.witness.logins)]
        return known, browser or known.browser

    def arrive(self, leg: LegId, browser: BrowserKey, result: str, loa: LoA, pauses: int = 0) -> Awaitable[Step]:
        """An answer at the door that its leg went out by."""
        answer = {"result": result, "loa": loa.name, "pauses": str(pauses)}
        return self.broker.arrive(leg.removeprefix("_").rpartition("-")[0], leg, browser, answer)

    def together(self, *calls: Awaitable[Step], observe: bool = True) -> list[Step | Exception]:
        """Make calls at the same time, and let the witness see what comes of them."""
        return self.runner.run(self._together(*calls, observe=observe))

    async def _together(self, *calls: Awaitable[Step], observe: bool) -> list[Step | Exception]:
        steps: list[Step | Exception] = []
        for step in await asyncio.gather(*calls, return_exceptions=True):
            if isinstance(step, BaseException):
                await self.witness.see_refusal(step)
            elif observe:
                self.witness.observe(step)
            steps.append(step)  # type: ignore[arg-type]
        return steps


AnyOrder.TestCase.settings = settings(max_examples=max(300, settings().max_examples), stateful_step_count=40)
TestAnyOrder = AnyOrder.TestCase
