"""The steps of a logout: a website asks, our session ends, every authenticatiedienst is asked, the website hears.

    begin ─▶ our own session ends ─┬─▶ Leave (the browser goes to an authenticatiedienst) ──▶ arrive ─┐
                                   │        ▲   └─ show: it did not come back ──▶ give_up ─┐          │
                                   │        └──────────────── the next one ────────────────┼──────────┤
                                   └─▶ Left (the website gets its answer) ◀────────────────┴──────────┘

Our own session ends first, whatever happens after it. The answer is the truth: `ENDED` only when every
authenticatiedienst said so (SLO-10, AMB-20). No other website is told (SLO-06), and no BVD: it keeps no session.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed, LoginUnknown, TooBusy
from routeringsvoorziening.broker.identifiers import new_logout_id
from routeringsvoorziening.broker.login import check_key, fingerprint
from routeringsvoorziening.broker.ports import AuditTrail, Clock, Meter, SessionService, Store
from routeringsvoorziening.broker.records import CONFIG, Codec, Version
from routeringsvoorziening.broker.services import deadline
from routeringsvoorziening.broker.sessions import Ended, Sessions
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    BrowserKey,
    EntityID,
    FrontChannelMessage,
    LegId,
    LogoutId,
    PostForm,
    Redirect,
    Reference,
    ServiceSession,
)

LIFE: Final = timedelta(minutes=15)
"""How long a person may be away at an authenticatiedienst."""
TIMEOUT: Final = 10.0
"""Seconds for one call of a backend, and for one audit record."""


class LogoutOutcome(StrEnum):
    """What became of the session that a website named."""

    ENDED = "ended"
    """It has ended, here and at every authenticatiedienst."""
    PARTIAL = "partial"
    """It has ended here; an authenticatiedienst did not say that it ended there (AMB-20)."""
    UNKNOWN = "unknown"
    """This website has no such session; nothing has ended (SLO-04)."""


@dataclass(frozen=True, slots=True)
class LogoutWish:
    """What a website asks, after its frontend has checked every rule of the wire.

    Args:
        connection: who asked and gets the answer.
        subject: what the person is called in the declaration that the connection got; None when the connection named
            something that no declaration holds.
        reply: the frontend's own note on how to answer; opaque to the core.
    """

    connection: EntityID
    subject: str | None = field(repr=False)
    reply: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Logout:
    """A logout under way.

    Args:
        id: the same on all its errands.
        reference: to read out.
        connection: who gets the answer.
        reply: see `LogoutWish`.
        remaining: which authenticatiediensten must still be asked.
        browser: SHA-256 of the key of the browser.
        expires_at: UTC.
        failed: one that was asked did not end its session.
    """

    id: LogoutId
    reference: Reference
    connection: EntityID
    reply: Mapping[str, str]
    remaining: Ended
    browser: bytes = field(repr=False)
    expires_at: datetime
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Errand:
    """The browser is on its way to an authenticatiedienst with our request. Single use; `leg` is that request's ID."""

    logout: Logout
    leg: LegId
    service: AuthenticationServiceId
    message: PostForm | Redirect


@dataclass(frozen=True, slots=True)
class Leave:
    """Send the browser to an authenticatiedienst; `leg` names the errand."""

    logout: LogoutId
    leg: LegId
    service: AuthenticationServiceId
    connection: EntityID
    message: FrontChannelMessage


@dataclass(frozen=True, slots=True)
class Left:
    """Answer the website; given once per logout."""

    connection: EntityID
    reply: Mapping[str, str]
    outcome: LogoutOutcome


LogoutStep = Leave | Left

_RECORD: Final = Codec(TypeAdapter(tuple[Version, Errand], config=CONFIG))
_ABSENT: Final = Failure(FailureKind.UNREACHABLE, "service.absent")
_GIVEN_UP: Final = Failure(FailureKind.UNREACHABLE, "logout.given-up")


class Logouts:
    """Walks logouts from request to answer.

    Methods may also raise `TooBusy` at a bound or without an audit trail, and `OSError` when the store is out of reach.

    Args:
        sessions: what there is to end.
        services: the authenticatiediensten that keep sessions.
        store: short-lived state.
        audit: written before the answer leaves.
        meter: what is counted.
        clock: now, UTC.
    """

    def __init__(
        self,
        sessions: Sessions,
        services: Mapping[AuthenticationServiceId, SessionService],
        *,
        store: Store,
        audit: AuditTrail,
        meter: Meter,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._services = services
        self._store = store
        self._audit = audit
        self._meter = meter
        self._clock = clock

    async def begin(self, wish: LogoutWish, browser: BrowserKey, reference: Reference) -> LogoutStep:
        """End our own session, then ask the authenticatiediensten (SLO-05, SLO-08)."""
        await self._record("logout.begun", reference, {"connection": wish.connection})
        self._meter.logout_begun()
        ended = None if wish.subject is None else await self._sessions.leave(wish.connection, wish.subject)
        logout = Logout(
            id=new_logout_id(),
            reference=reference,
            connection=wish.connection,
            reply=wish.reply,
            remaining=ended or (),
            browser=fingerprint(browser),
            expires_at=self._clock() + LIFE,
        )
        return await (self._finish(logout, LogoutOutcome.UNKNOWN) if ended is None else self._go_on(logout))

    async def errand(self, leg: LegId) -> Leave:
        """Where a logout stands, whoever asks: to find the browser's key for it. Consumes nothing.

        Raises:
            LoginUnknown: `logout.unknown`.
        """
        return _leave(await self._peek(leg))

    async def show(self, leg: LegId, browser: BrowserKey) -> tuple[Leave, bool]:
        """Where a logout stands, and whether this is the first look: at the second, the service did not answer.

        Raises:
            LoginUnknown: `logout.unknown`, `login.other-browser`.
        """
        errand = await self._peek(leg)
        check_key(errand.logout.browser, browser)
        first = await self._store.add_once("logout-shown", leg, LIFE.total_seconds())
        return _leave(errand), first

    async def arrive(self, leg: LegId, answer: Mapping[str, str]) -> LogoutStep:
        """An authenticatiedienst answered. What is not to be trusted uses nothing up: the real answer may still come.

        Raises:
            LoginUnknown: `logout.unknown`.
            LoginFailed: `ANSWER_REJECTED`.
        """
        failure = await self._judge(await self._peek(leg), answer)
        errand = await self._take(leg)
        return await self._go_on(errand.logout if failure is None else await self._failed(errand, failure))

    async def give_up(self, leg: LegId, browser: BrowserKey) -> LogoutStep:
        """The person did not get through to the authenticatiedienst and goes back to the website (AMB-20).

        Raises:
            LoginUnknown: `logout.unknown`, `login.other-browser`.
        """
        check_key((await self._peek(leg)).logout.browser, browser)
        logout = await self._failed(await self._take(leg), _GIVEN_UP)
        return await self._finish(logout, LogoutOutcome.PARTIAL)

    async def _judge(self, errand: Errand, answer: Mapping[str, str]) -> Failure | None:
        """Why the session did not end, when the authenticatiedienst says so."""
        try:
            async with deadline(TIMEOUT):
                await self._service(errand.service).complete_logout(errand.leg, answer)
        except LoginFailed as failed:
            if failed.failure.kind is not FailureKind.ANSWER_REJECTED:
                return failed.failure
            await self._set_back(errand.logout, errand.service, failed.failure)
            raise
        return None

    async def _go_on(self, logout: Logout) -> LogoutStep:
        """To the next authenticatiedienst that can be asked; without one, back."""
        while logout.remaining:
            (service, session), remaining = logout.remaining[0], logout.remaining[1:]
            logout = replace(logout, remaining=remaining)
            try:
                return await self._depart(logout, service, session)
            except LoginFailed as failed:
                await self._set_back(logout, service, failed.failure)
                logout = replace(logout, failed=True)
        return await self._finish(logout, LogoutOutcome.PARTIAL if logout.failed else LogoutOutcome.ENDED)

    async def _depart(self, logout: Logout, service: AuthenticationServiceId, session: ServiceSession) -> Leave:
        async with deadline(TIMEOUT):
            departure = await self._service(service).begin_logout(session)
        errand = Errand(logout, departure.leg, service, departure.message)
        left = max((logout.expires_at - self._clock()).total_seconds(), 1.0)
        await self._store.put("logout", errand.leg, _RECORD.encode(errand), left)
        return _leave(errand)

    async def _finish(self, logout: Logout, outcome: LogoutOutcome) -> Left:
        facts = {"connection": str(logout.connection), "outcome": outcome.value}
        await self._record("logout.ended", logout.reference, facts)
        self._meter.logout_ended(outcome.value)
        return Left(logout.connection, logout.reply, outcome)

    async def _failed(self, errand: Errand, failure: Failure) -> Logout:
        await self._set_back(errand.logout, errand.service, failure)
        return replace(errand.logout, failed=True)

    async def _set_back(self, logout: Logout, service: AuthenticationServiceId, failure: Failure) -> None:
        facts = {"connection": str(logout.connection), "authentication": str(service)}
        await self._record(
            "logout.set-back", logout.reference, facts | {"code": failure.code, "detail": failure.detail}
        )

    def _service(self, service: AuthenticationServiceId) -> SessionService:
        if service not in self._services:
            raise LoginFailed(_ABSENT)
        return self._services[service]

    async def _peek(self, leg: LegId) -> Errand:
        return _known(await self._store.peek("logout", leg))

    async def _take(self, leg: LegId) -> Errand:
        return _known(await self._store.take("logout", leg))

    async def _record(self, event: str, reference: Reference, facts: Mapping[str, str]) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._audit.record(event, reference, facts)
        except OSError as error:  # TimeoutError is one too
            raise TooBusy("audit") from error


def _leave(errand: Errand) -> Leave:
    return Leave(errand.logout.id, errand.leg, errand.service, errand.logout.connection, errand.message)


def _known(record: bytes | None) -> Errand:
    errand = _RECORD.decode(record)
    if errand is None:
        raise LoginUnknown("logout.unknown")
    return errand
