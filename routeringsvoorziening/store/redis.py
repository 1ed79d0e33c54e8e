"""Redis (6.2 or newer) or Valkey: the store that several processes share.

No command is repeated when its answer is lost: a repeated `take` would find nothing, and a repeated `add_once` would
call a first message a replay. What went wrong is `StoreUnavailable`, and the person gets a 503.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.store.errors import StoreUnavailable

OLDEST = (6, 2)
"""The first version with GETDEL."""


class RedisStore:
    """The four operations as one command each.

    Args:
        client: with a pool of its own of at least `max_calls` connections; closed by `close`.
        timeout: of one operation, waiting for a connection included, in seconds.
        max_calls: how many operations run at a time; the others wait within their timeout.
        prefix: before every key.
        also_close: what else to close with the client (its sentinels).
    """

    def __init__(
        self,
        client: Redis,
        *,
        timeout: float = 2.0,
        max_calls: int = 50,
        prefix: str = "rv:",
        also_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._client = client
        self._also_close = also_close
        self._timeout = timeout
        self._calls = asyncio.Semaphore(max_calls)
        self._prefix = prefix

    async def put(self, kind: str, key: str, value: bytes, ttl: float) -> None:
        """As `Store.put`; raises `TooBusy` with `store-memory` when the server is full."""
        async with self._call():
            await self._client.set(self._name(kind, key), value, px=_milliseconds(ttl))

    async def peek(self, kind: str, key: str) -> bytes | None:
        """As `Store.peek`."""
        async with self._call():
            return _bytes(await self._client.get(self._name(kind, key)))

    async def take(self, kind: str, key: str) -> bytes | None:
        """As `Store.take`."""
        async with self._call():
            return _bytes(await self._client.getdel(self._name(kind, key)))

    async def add_once(self, kind: str, key: str, ttl: float) -> bool:
        """As `Store.add_once`; raises `TooBusy` as `put`."""
        async with self._call():
            return bool(await self._client.set(self._name(kind, key), b"", px=_milliseconds(ttl), nx=True))

    async def forget(self, kind: str, key: str) -> None:
        """As `Store.forget`."""
        async with self._call():
            await self._client.delete(self._name(kind, key))

    async def check(self) -> None:
        """Reach the server, and see that it is new enough."""
        async with self._call():
            server = await self._client.info("server")
        version = str(server.get("redis_version", "0"))
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise StoreUnavailable(f"Redis {version} is too old: 6.2 or newer is needed")

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()
        if self._also_close is not None:
            await self._also_close()

    def _name(self, kind: str, key: str) -> str:
        return f"{self._prefix}{kind}:{key}"

    @asynccontextmanager
    async def _call(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout), self._calls:
                yield
        except OutOfMemoryError:
            raise TooBusy("store-memory") from None
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            raise StoreUnavailable(type(error).__name__) from error


def _milliseconds(ttl: float) -> int:
    if ttl <= 0:
        raise ValueError("a time to live is positive")
    return math.ceil(ttl * 1000)


def _bytes(answer: object) -> bytes | None:
    return answer if isinstance(answer, bytes) else None
