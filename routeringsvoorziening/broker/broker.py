"""The steps of a login: begin, choose, arrive, cancel, show.

Each step reads what is kept, checks the browser, lets `state` decide, and carries the decision out. Nothing is consumed
before the browser is checked. Kept in the store:

    login      the facts, put once, taken once by whoever finishes; it outlives the login, to be counted as abandoned
    leg        a leg that is out with its attempt, taken by the first answer
    set-back   the failure that the person was last told about
    choice     one mark per choice made, so that nobody can start legs without end
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from routeringsvoorziening.broker import records, state
from routeringsvoorziening.broker.abandoned import AFTERLIFE, AbandonedLogins
from routeringsvoorziening.broker.failures import Failure, LoginFailed, LoginUnknown, TooBusy
from routeringsvoorziening.broker.identifiers import new_login_id, new_reference
from routeringsvoorziening.broker.journal import Journal
from routeringsvoorziening.broker.login import Attempt, Login, Trip, fingerprint
from routeringsvoorziening.broker.occupancy import Occupancy
from routeringsvoorziening.broker.ports import (
    AuditTrail,
    AuthenticationService,
    Catalogue,
    Clock,
    MandateService,
    Meter,
    Store,
)
from routeringsvoorziening.broker.services import Services
from routeringsvoorziening.broker.steps import Choose, Depart, Finish, Step, view
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    AuthenticationServiceId,
    BrowserKey,
    Choice,
    LegId,
    LoginId,
    MandateServiceId,
    Offer,
    Reference,
)


class Broker:
    """Walks logins from request to declaration.

    Every method may also raise `TooBusy` at a bound and `OSError` when the store is out of reach; what the step had
    not yet consumed can then be tried again.

    Args:
        store: short-lived state.
        catalogue: what is open for a request.
        authentication: the connected authenticatiediensten.
        mandates: the connected BVDs.
        audit: written before its consequence leaves; no audit, no declaration.
        meter: what is counted.
        clock: now, UTC.
        login_ttl: how long a login lives, in seconds.
        service_timeout: how long one call of a backend may last, in seconds.
        audit_timeout: how long one audit record may last, in seconds.
        max_logins: that are open at a time in this process.
        max_logins_per_connection: the same, of one connection.
        max_choices: how often a person may choose within one login.
        occupancy: shared with the brokers before and after this one, instead of the two bounds of its own.
        abandoned: is told which logins begin and end; shared in the same way.
    """

    def __init__(
        self,
        *,
        store: Store,
        catalogue: Catalogue,
        authentication: Mapping[AuthenticationServiceId, AuthenticationService],
        mandates: Mapping[MandateServiceId, MandateService],
        audit: AuditTrail,
        meter: Meter,
        clock: Clock,
        login_ttl: float = 900.0,
        service_timeout: float = 20.0,
        audit_timeout: float = 5.0,
        max_logins: int = 50_000,
        max_logins_per_connection: int = 10_000,
        max_choices: int = 20,
        occupancy: Occupancy | None = None,
        abandoned: AbandonedLogins | None = None,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._services = Services(authentication, mandates, timeout=service_timeout)
        self._journal = Journal(audit, meter, timeout=audit_timeout)
        if occupancy is None:
            occupancy = Occupancy(total=max_logins, per_connection=max_logins_per_connection)
        self._occupancy = occupancy
        self._abandoned = AbandonedLogins(store, self._journal, clock) if abandoned is None else abandoned
        self._clock = clock
        self._login_ttl = timedelta(seconds=login_ttl)
        self._max_choices = max_choices

    @property
    def open_logins(self) -> int:
        """How many logins that began in this process are open, or not known to have ended."""
        return len(self._occupancy)

    async def begin(
        self, request: AuthenticationRequest, browser: BrowserKey, reference: Reference | None = None
    ) -> Step:
        """Start a login. A request for which nothing is open finishes at once.

        Args:
            request: authenticated by its frontend.
            browser: fresh, and from now on this login's.
            reference: when the caller already uses one in its log lines.
        """
        reference = reference or new_reference()
        try:
            offer = self._catalogue.offer(request, self._clock())
        except LoginFailed as refused:
            await self._journal.begun(request, reference)
            await self._journal.ended(request, reference, None, refused.failure, self._clock())
            return Finish(None, request, reference, refused.failure)
        login = self._new_login(request, offer, browser, reference)
        with self._occupancy.entering(login):
            await self._journal.begun(request, reference)
            kept = self._seconds_left(login) + AFTERLIFE.total_seconds()
            await self._store.put("login", login.id, records.LOGIN.encode(login), kept)
        self._abandoned.begun(login)
        return await self._carry_out(login, state.opened(login))

    async def show(self, login_id: LoginId, browser: BrowserKey) -> Step:
        """Where a login stands, for a page.

        Raises:
            LoginUnknown: `login.unknown`, `login.other-browser`.
        """
        login = await self._login(login_id, browser)
        return await self._carry_out(login, state.shown(login, await self._set_back(login)))

    async def choose(self, login_id: LoginId, browser: BrowserKey, choice: Choice) -> Step:
        """The person chose, for the first time or again. A choice that is not open shows the page again.

        Raises:
            LoginUnknown: `login.unknown`, `login.other-browser`.
            TooBusy: `choices`, when the person keeps choosing.
        """
        login = await self._login(login_id, browser)
        set_back = await self._set_back(login)
        decision = state.chosen(login, set_back, choice)
        if isinstance(decision, state.Go):
            await self._count_choice(login)
            if set_back is not None:
                await self._store.take("set-back", login.id)
        return await self._carry_out(login, decision)

    async def cancel(self, login_id: LoginId, browser: BrowserKey) -> Step:
        """The person gives up.

        Raises:
            LoginUnknown: `login.unknown`, `login.other-browser`.
        """
        login = await self._login(login_id, browser)
        return await self._carry_out(login, state.cancelled(await self._set_back(login)))

    async def login_of(self, leg_id: LegId) -> LoginId:
        """The login that an answer belongs to, so that the browser's key for it can be found. Consumes nothing.

        Raises:
            LoginUnknown: `leg.unknown`.
        """
        return (await self._peek_trip(leg_id)).leg.login

    async def arrive(self, service_id: str, leg_id: LegId, browser: BrowserKey, answer: Mapping[str, str]) -> Step:
        """A service sent the browser back. The answer is judged once, whoever brings it in first.

        When there is no room to judge it (`TooBusy`), it can be brought again.

        Raises:
            LoginUnknown: `leg.unknown`, `login.unknown`, `login.other-browser`.
        """
        trip = await self._peek_trip(leg_id)
        trip.check_destination(service_id)
        login = await self._login(trip.leg.login, browser)
        if await self._store.take("leg", leg_id) is None:
            raise LoginUnknown("leg.unknown")
        try:
            proof = await self._services.complete(login, trip, answer)
            decision = state.proven(login, trip.attempt, proof, self._clock())
        except TooBusy:  # we have taken it, so nobody else judges it; and nothing came of it
            await self._keep(trip, login)
            raise
        except LoginFailed as failed:
            failure = replace(failed.failure, at=trip.leg.service)
            return await self._fail(login, trip.attempt.choice, failure, leg_id)
        self._occupancy.stay(login)
        return await self._carry_out(login, decision)

    async def _carry_out(self, login: Login, decision: state.Decision) -> Step:
        if isinstance(decision, state.Go):
            return await self._depart(login, decision.attempt)
        if isinstance(decision, state.End):
            return await self._finish(login, decision)
        return Choose(view(login), decision.choices, decision.because)

    async def _depart(self, login: Login, attempt: Attempt) -> Step:
        try:
            trip, message = await self._services.begin(login, attempt, self._clock())
        except LoginFailed as failed:
            return await self._fail(login, attempt.choice, replace(failed.failure, at=attempt.next_service))
        await self._keep(trip, login)
        return Depart(view(login), attempt.choice, message, trip.leg)

    async def _keep(self, trip: Trip, login: Login) -> None:
        await self._store.put("leg", trip.leg.id, records.TRIP.encode(trip), self._seconds_left(login))

    async def _fail(self, login: Login, choice: Choice, failure: Failure, leg: LegId | None = None) -> Step:
        decision = state.failed(login, choice, failure)
        if isinstance(decision, state.Ask):
            await self._journal.set_back(login.request, login.reference, choice, failure, leg)
            await self._store.put("set-back", login.id, records.SET_BACK.encode(failure), self._seconds_left(login))
        return await self._carry_out(login, decision)

    async def _finish(self, login: Login, end: state.End) -> Step:
        """Take the login, and only then write down and give the outcome: of all that get here, one."""
        now = self._clock()
        login.seconds_left(now)
        if await self._store.take("login", login.id) is None:
            raise LoginUnknown("login.unknown")
        self._occupancy.leave(login.id)
        self._abandoned.ended(login.id)
        await self._journal.ended(login.request, login.reference, end.choice, end.outcome, now)
        return Finish(view(login), login.request, login.reference, end.outcome)

    async def _login(self, login_id: LoginId, browser: BrowserKey) -> Login:
        login = records.LOGIN.decode(await self._store.peek("login", login_id))
        if login is None:
            raise LoginUnknown("login.unknown")
        login.check_browser(browser)
        self._seconds_left(login)
        return login

    async def _peek_trip(self, leg_id: LegId) -> Trip:
        trip = records.TRIP.decode(await self._store.peek("leg", leg_id))
        if trip is None:
            raise LoginUnknown("leg.unknown")
        return trip

    async def _set_back(self, login: Login) -> Failure | None:
        return records.SET_BACK.decode(await self._store.peek("set-back", login.id))

    async def _count_choice(self, login: Login) -> None:
        for number in range(self._max_choices):
            if await self._store.add_once("choice", f"{login.id}/{number}", self._seconds_left(login)):
                return
        raise TooBusy("choices")

    def _new_login(
        self, request: AuthenticationRequest, offer: Offer, browser: BrowserKey, reference: Reference
    ) -> Login:
        now = self._clock()
        login_id = new_login_id(request.service)
        return Login(login_id, reference, request, offer, fingerprint(browser), now, now + self._login_ttl)

    def _seconds_left(self, login: Login) -> float:
        return login.seconds_left(self._clock())
