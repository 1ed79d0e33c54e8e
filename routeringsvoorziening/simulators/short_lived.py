"""A table in memory whose records vanish: bounded in time and in number. Enough for a simulator."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

Clock = Callable[[], datetime]
"""Where time comes from: aware UTC."""
MOST_RECORDS: Final = 50_000

Value = TypeVar("Value")


class ShortLived(Generic[Value]):
    """Records that vanish after a while, the oldest first when there are too many.

    Args:
        life: how long a record lives.
        clock: aware UTC.
        most: bound on the number of records.
    """

    def __init__(self, life: timedelta, clock: Clock, most: int = MOST_RECORDS) -> None:
        self._life = life
        self._clock = clock
        self._most = most
        self._records: dict[str, tuple[datetime, Value]] = {}

    def put(self, key: str, value: Value) -> None:
        """Keep a record."""
        self._prune()
        self._records.pop(key, None)
        self._records[key] = (self._clock() + self._life, value)

    def add(self, value: Value) -> str:
        """Keep a record under a new random key."""
        key = secrets.token_urlsafe(16)
        self.put(key, value)
        return key

    def peek(self, key: str) -> Value | None:
        """The record, left in place."""
        until, value = self._records.get(key, (self._clock(), None))
        return value if until > self._clock() else None

    def take(self, key: str) -> Value | None:
        """The record, and it is gone."""
        value = self.peek(key)
        self._records.pop(key, None)
        return value

    def add_once(self, key: str, value: Value) -> bool:
        """Keep a record unless one lives under this key; False when it does."""
        if self.peek(key) is not None:
            return False
        self.put(key, value)
        return True

    def _prune(self) -> None:
        now = self._clock()
        while self._records:
            oldest = next(iter(self._records))
            if self._records[oldest][0] > now and len(self._records) < self._most:
                return
            del self._records[oldest]
