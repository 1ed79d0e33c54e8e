"""The backends as the core calls them: each call with a deadline, each absence a failure that can be answered."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.login import Attempt, Login, Trip
from routeringsvoorziening.broker.ports import AuthenticationService, MandateService
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    FrontChannelMessage,
    Identity,
    Leg,
    Mandate,
    MandateServiceId,
)

ABSENT = Failure(FailureKind.NOT_SUPPORTED, "service.absent")
"""The catalogue offered a service that is not (any more) connected."""
SLOW = Failure(FailureKind.UNREACHABLE, "service.timeout")


class Services:
    """Every connected authenticatiedienst and BVD. `timeout` is in seconds, for one whole call."""

    def __init__(
        self,
        authentication: Mapping[AuthenticationServiceId, AuthenticationService],
        mandates: Mapping[MandateServiceId, MandateService],
        *,
        timeout: float,
    ) -> None:
        self._authentication = authentication
        self._mandates = mandates
        self._timeout = timeout

    async def begin(self, login: Login, attempt: Attempt, at: datetime) -> tuple[Trip, FrontChannelMessage]:
        """Start the next leg of an attempt: the AD first, with an identity the BVD (RBVD-01).

        Raises:
            LoginFailed: what the service says, `service.timeout`, or `service.absent`.
        """
        choice, task = attempt.choice, login.task(attempt.choice, at)
        async with deadline(self._timeout):
            if attempt.identity is None:
                departure = await self._ask_who(choice.authentication).begin(task)
                leg = Leg(departure.leg, login.id, choice.authentication, None, at, departure.state)
            else:
                departure = await self._ask_for_whom(choice.mandate).begin(task, attempt.identity)
                leg = Leg(departure.leg, login.id, None, choice.mandate, at, departure.state)
        return Trip(leg, attempt), departure.message

    async def complete(self, login: Login, trip: Trip, answer: Mapping[str, str]) -> Identity | Mandate:
        """Have an answer judged by the service that the leg went to.

        Raises:
            LoginFailed: what the service says, `service.timeout`, or `service.absent`.
        """
        leg, attempt = trip.leg, trip.attempt
        task = login.task(attempt.choice, leg.started_at)
        async with deadline(self._timeout):
            if attempt.identity is None:
                return await self._ask_who(leg.authentication).complete(leg, task, answer)
            return await self._ask_for_whom(leg.mandate).complete(leg, task, attempt.identity, answer)

    def _ask_who(self, service: AuthenticationServiceId | None) -> AuthenticationService:
        if service is None or service not in self._authentication:
            raise LoginFailed(ABSENT)
        return self._authentication[service]

    def _ask_for_whom(self, service: MandateServiceId | None) -> MandateService:
        if service is None or service not in self._mandates:
            raise LoginFailed(ABSENT)
        return self._mandates[service]


class deadline:  # noqa: N801 - a context manager, read as a verb
    """What a service does within this may not take longer. `seconds` count from the moment that it is entered.

    Raises:
        LoginFailed: `service.timeout`.
    """

    __slots__ = ("_seconds", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __aenter__(self) -> None:
        self._timer = asyncio.timeout(self._seconds)
        await self._timer.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timer.__aexit__(kind, error, trace)
        except TimeoutError:
            raise LoginFailed(SLOW) from None
        if isinstance(error, TimeoutError):
            raise LoginFailed(SLOW) from None
