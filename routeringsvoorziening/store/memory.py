"""The embedded store: one process, nothing to install, gone when the process ends."""

import time
from collections.abc import Callable

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.store.table import Ledger, Table


class MemoryStore:
    """Bounded tables in memory. Atomic because no operation waits.

    Args:
        clock: seconds that never go back.
        max_entries: in all tables together.
        max_entries_per_kind: in each.
        max_bytes: of all values together.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        max_entries: int = 400_000,
        max_entries_per_kind: int = 200_000,
        max_bytes: int = 1 << 30,
    ) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._max_entries_per_kind = max_entries_per_kind
        self._max_bytes = max_bytes
        self._tables: dict[str, Table] = {}
        self._ledger = Ledger()

    def __len__(self) -> int:
        return self._ledger.records

    @property
    def size(self) -> int:
        """Of all values together, in bytes."""
        return self._ledger.size

    async def put(self, kind: str, key: str, value: bytes, ttl: float) -> None:
        """As `Store.put`; raises `TooBusy` with `store-entries`, `store-bytes` or `store-<kind>`."""
        self._keep(kind, key, value, ttl)

    async def peek(self, kind: str, key: str) -> bytes | None:
        """As `Store.peek`."""
        table = self._tables.get(kind)
        return table.get(key, self._clock()) if table else None

    async def take(self, kind: str, key: str) -> bytes | None:
        """As `Store.take`."""
        table = self._tables.get(kind)
        if table is None:
            return None
        value = table.get(key, self._clock())
        table.drop(key)
        return value

    async def add_once(self, kind: str, key: str, ttl: float) -> bool:
        """As `Store.add_once`; raises `TooBusy` as `put`."""
        table = self._tables.get(kind)
        if table is not None and table.get(key, self._clock()) is not None:
            return False
        self._keep(kind, key, b"", ttl)
        return True

    async def forget(self, kind: str, key: str) -> None:
        """As `Store.forget`."""
        if kind in self._tables:
            self._tables[kind].drop(key)

    async def check(self) -> None:
        """Always in reach."""

    async def close(self) -> None:
        """Nothing to let go of."""

    def _keep(self, kind: str, key: str, value: bytes, ttl: float) -> None:
        if ttl <= 0:
            raise ValueError("a time to live is positive")
        now = self._clock()
        table = self._tables.get(kind)
        if table is None:
            table = self._tables[kind] = Table(self._ledger)
        for other in self._tables.values():
            if other.due <= now:
                other.sweep(now)
        self._check_room(kind, table, key, len(value))
        table.put(key, value, now + ttl)

    def _check_room(self, kind: str, table: Table, key: str, size: int) -> None:
        if self._ledger.size + size > self._max_bytes:
            raise TooBusy("store-bytes")
        if key in table:
            return
        if self._ledger.records >= self._max_entries:
            raise TooBusy("store-entries")
        if len(table) >= self._max_entries_per_kind:
            raise TooBusy(f"store-{kind}")
