"""A store whose operations are counted and timed, by table; it changes nothing else."""

from collections.abc import Awaitable
from time import monotonic
from typing import Final, TypeVar

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.ports import Store
from routeringsvoorziening.observability.metrics import Metrics

T = TypeVar("T")
LOOKS: Final = frozenset({"peek", "take"})


class MeteredStore:
    """Implements the core's `Store` around another."""

    def __init__(self, inner: Store, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def put(self, kind: str, key: str, value: bytes, ttl: float) -> None:
        """As the inner store."""
        await self._measured("put", kind, self._inner.put(kind, key, value, ttl))

    async def peek(self, kind: str, key: str) -> bytes | None:
        """As the inner store."""
        return await self._measured("peek", kind, self._inner.peek(kind, key))

    async def take(self, kind: str, key: str) -> bytes | None:
        """As the inner store."""
        return await self._measured("take", kind, self._inner.take(kind, key))

    async def add_once(self, kind: str, key: str, ttl: float) -> bool:
        """As the inner store."""
        return await self._measured("add_once", kind, self._inner.add_once(kind, key, ttl))

    async def forget(self, kind: str, key: str) -> None:
        """As the inner store."""
        await self._measured("forget", kind, self._inner.forget(kind, key))

    async def _measured(self, operation: str, kind: str, doing: Awaitable[T]) -> T:
        started, outcome = monotonic(), "cancelled"
        try:
            result = await doing
            # A look that found nothing, or a mark that was there already: what replay and expiry look like in numbers.
            outcome = "none" if result is False or (result is None and operation in LOOKS) else "ok"
        except TooBusy:
            outcome = "busy"
            raise
        except OSError:
            outcome = "unavailable"
            raise
        finally:
            self._metrics.store_operated(operation, kind, outcome, monotonic() - started)
        return result
