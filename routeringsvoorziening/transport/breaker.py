"""A circuit breaker: when a service has failed often in a row, stop asking for a while, then try with one call.

closed ──failures in a row──▶ open ──time──▶ half-open ──success──▶ closed
                                ▲                └──failure──▶ open

A service that is down costs its callers nothing that way, and is not buried under retries when it comes back.
"""

import time
from collections.abc import Callable
from typing import Literal, NewType

from routeringsvoorziening.transport.errors import Unreachable

State = Literal["closed", "open", "half-open"]
Call = NewType("Call", object)
"""One call that was let through: only the trial call itself makes room for the next trial."""


class Breaker:
    """Counts failures in a row and refuses calls while open. For one event loop; not thread-safe.

    Args:
        failures: in a row, after which it opens.
        pause: seconds that it stays open.
        clock: monotonic seconds.
    """

    def __init__(self, *, failures: int = 5, pause: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._pause = pause
        self._clock = clock
        self._failures = 0
        self._opened_at = 0.0
        self._trial: Call | None = None

    @property
    def state(self) -> State:
        """For metrics and health."""
        if self._failures < self._limit:
            return "closed"
        return "half-open" if self._clock() - self._opened_at >= self._pause else "open"

    def check_open_for_calls(self) -> None:
        """Pass unless the service is known to be down; takes nothing up.

        Raises:
            Unreachable: `breaker-open`.
        """
        if self.state == "open":
            raise Unreachable("breaker-open")

    def enter(self) -> Call:
        """Before a call; what comes back goes to one of `succeeded`, `failed` and `abandoned`.

        Raises:
            Unreachable: `breaker-open`, also while the one trial call of the half-open state is under way.
        """
        self.check_open_for_calls()
        call = Call(object())
        if self.state == "half-open":
            if self._trial is not None:
                raise Unreachable("breaker-open", "a trial call is under way")
            self._trial = call
        return call

    def succeeded(self, call: Call) -> None:
        """The service answered."""
        self._failures = 0
        self.abandoned(call)

    def failed(self, call: Call) -> None:
        """The service did not answer, or said that it cannot."""
        self._failures += 1
        self.abandoned(call)
        if self._failures >= self._limit:
            self._opened_at = self._clock()

    def abandoned(self, call: Call) -> None:
        """The caller gave up before anything was known."""
        if self._trial is call:
            self._trial = None
