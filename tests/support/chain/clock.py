"""A clock that a test can push forward, and never back."""

from datetime import UTC, datetime, timedelta


class PushedClock:
    """The system's time, and what tests added to it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC) + self._ahead

    def seconds(self) -> float:
        """The same as a number that never goes back."""
        return self().timestamp()

    def push(self, seconds: float) -> None:
        """Let time pass, for everybody in the chain."""
        self._ahead += timedelta(seconds=seconds)
