"""When to look again: what the publisher asks for, within bounds, and never all at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SPREAD: Final = 0.1
"""Of an interval, by which it may be shorter, so that what began together does not stay together."""
MOST_DOUBLINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to fetch.

    Args:
        least: never sooner than this after a success.
        most: never later.
        usual: for metadata without cacheDuration.
        retry: after a first failure; doubled at every further one, up to what a success would have given.
    """

    least: timedelta = timedelta(minutes=5)
    most: timedelta = timedelta(days=1)
    usual: timedelta = timedelta(hours=1)
    retry: timedelta = timedelta(minutes=1)

    def after_success(
        self, at: datetime, cache_duration: timedelta | None, valid_until: datetime | None, random: Callable[[], float]
    ) -> datetime:
        """After cacheDuration (MD-04), or halfway to the end when that comes first.

        Args:
            at: now.
            cache_duration: as the metadata says it.
            valid_until: when the metadata ends.
            random: from 0 to 1.
        """
        wanted = self.usual if cache_duration is None else cache_duration
        if valid_until is not None:
            wanted = min(wanted, (valid_until - at) / 2)
        return at + self._bounded(wanted) * (1 - SPREAD * random())

    def after_failure(
        self, at: datetime, failures: int, cache_duration: timedelta | None, random: Callable[[], float]
    ) -> datetime:
        """Soon, then less and less often.

        Args:
            at: now.
            failures: in a row, this one included.
            cache_duration: of the metadata that is in use.
            random: from 0 to 1.
        """
        slowest = self._bounded(self.usual if cache_duration is None else cache_duration)
        wait = min(self.retry * (1 << min(failures - 1, MOST_DOUBLINGS)), slowest)
        return at + wait * (1 - SPREAD * random())

    def _bounded(self, wanted: timedelta) -> timedelta:
        return min(max(wanted, self.least), self.most)
