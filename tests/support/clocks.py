"""A clock that stands still until it is moved."""

from datetime import datetime, timedelta


class Moment:
    """Now, as long as nobody moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Now."""
        return self.now

    def seconds(self) -> float:
        """The same for stores: seconds that never go back."""
        return self.now.timestamp()

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by
