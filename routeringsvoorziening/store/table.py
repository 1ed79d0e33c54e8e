"""One kind of record in memory: a bounded table that forgets on time, without a task in the background.

Records that expire within the same second share a basket. Taking or replacing a record removes it from its basket, so
nothing stale is kept; sweeping empties overdue baskets a few records at a time, so no operation pays for all.
"""

import heapq
import math
from dataclasses import dataclass
from typing import Final

SWEEP = 32
"""How many overdue records one operation clears away at most; more than it adds, so that the table keeps up."""
_ABSENT: Final[tuple[bytes | None, float]] = (None, 0.0)


@dataclass(slots=True)
class Ledger:
    """What several tables hold together: how many records, and how many bytes of values."""

    records: int = 0
    size: int = 0


class Table:
    """Keys to values, each until its moment. Times are seconds of one clock that never goes back.

    Args:
        ledger: kept up to date with what this table holds.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._records: dict[str, tuple[bytes, float]] = {}
        self._baskets: dict[int, set[str]] = {}
        self._due: list[int] = []
        self.due = math.inf
        """When something is to be swept next."""

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, key: str) -> bool:
        return key in self._records

    def put(self, key: str, value: bytes, expires_at: float) -> None:
        """Keep a value until `expires_at`, replacing what was there."""
        self.drop(key)
        self._records[key] = (value, expires_at)
        self._ledger.records += 1
        self._ledger.size += len(value)
        second = math.ceil(expires_at)
        basket = self._baskets.get(second)
        if basket is None:
            basket = self._baskets[second] = set()
            heapq.heappush(self._due, second)
            self.due = self._due[0]
        basket.add(key)

    def get(self, key: str, at: float) -> bytes | None:
        """The value, unless it has expired."""
        value, expires_at = self._records.get(key, _ABSENT)
        return value if at < expires_at else None

    def drop(self, key: str) -> None:
        """Forget a key, known or not."""
        value, expires_at = self._records.pop(key, _ABSENT)
        if value is not None:
            self._ledger.records -= 1
            self._ledger.size -= len(value)
            self._baskets[math.ceil(expires_at)].discard(key)

    def sweep(self, at: float) -> None:
        """Clear away overdue records, at most `SWEEP` of them."""
        budget = SWEEP
        while budget and self._due and self._due[0] <= at:
            basket = self._baskets[self._due[0]]
            while basket and budget:
                self.drop(next(iter(basket)))
                budget -= 1
            if not basket:
                del self._baskets[heapq.heappop(self._due)]
                self.due = self._due[0] if self._due else math.inf
