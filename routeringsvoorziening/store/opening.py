"""From a URL to a store. Opening connects to nothing yet: `check` does."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from redis.asyncio import ConnectionPool, Redis, Sentinel, SSLConnection
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from routeringsvoorziening.store.address import Credentials, StoreAddress, StoreAddressInvalid, parse_address
from routeringsvoorziening.store.managed import ManagedStore
from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.store.redis import RedisStore
from routeringsvoorziening.store.sealing import SealedStore, SealingKey, Unreadable

FILE_OPTIONS = {"ca": "ssl_ca_certs", "certificate": "ssl_certfile", "key": "ssl_keyfile"}


def ignore_unreadable(kind: str, reason: Unreadable) -> None:
    """For when nobody counts the records that do not open."""


def open_store(
    url: str,
    *,
    keys: Sequence[SealingKey] = (),
    on_unreadable: Callable[[str, Unreadable], None] = ignore_unreadable,
    clock: Callable[[], float] = time.monotonic,
    max_entries: int = 400_000,
    max_entries_per_kind: int = 200_000,
    timeout: float = 2.0,
    max_connections: int = 50,
) -> ManagedStore:
    """The store at `url`, sealed when there are keys. What leaves the process is always sealed.

    Args:
        url: see `address`.
        keys: the first seals, all open.
        on_unreadable: told the kind of a record that does not open, and why.
        clock: of the memory store, in seconds.
        max_entries: of the memory store.
        max_entries_per_kind: of the memory store.
        timeout: of one operation of Redis, in seconds.
        max_connections: to Redis.

    Raises:
        StoreAddressInvalid: when the URL is wrong, or sealing keys are missing.
    """
    address = parse_address(url)
    if address.scheme == "memory":
        inner: ManagedStore = MemoryStore(clock, max_entries=max_entries, max_entries_per_kind=max_entries_per_kind)
        return SealedStore(inner, keys, on_unreadable) if keys else inner
    if not keys:
        raise StoreAddressInvalid("a store outside the process needs at least one sealing key")
    return SealedStore(open_redis(address, timeout=timeout, max_connections=max_connections), keys, on_unreadable)


def open_redis(address: StoreAddress, *, timeout: float, max_connections: int) -> RedisStore:
    """An unsealed store with one pool for the server at `address`, or for the one that its sentinels name."""
    options = _common(address, timeout) | _login(address.login) | {"db": address.database}
    if address.scheme == "sentinel":
        switch = {"ssl": True} if address.tls else {}
        asking = _common(address, timeout) | _login(address.sentinel_login) | switch
        sentinel = Sentinel(address.hosts, sentinel_kwargs=asking, **options, **switch)  # type: ignore[no-untyped-call]
        client: Redis = sentinel.master_for(address.service, max_connections=max_connections)
        return RedisStore(client, timeout=timeout, max_calls=max_connections, also_close=sentinel.aclose)
    host, port = address.hosts[0]
    connection = SSLConnection if address.tls else Connection
    pool = ConnectionPool(connection, max_connections, host=host, port=port, **options)
    return RedisStore(Redis.from_pool(pool), timeout=timeout, max_calls=max_connections)


def _common(address: StoreAddress, timeout: float) -> dict[str, Any]:
    """RESP2, which every server speaks; no repeated commands (see `redis`).

    Without `driver_info`: to name itself to the server the library would read package metadata from disk for every new
    connection, and block the event loop.
    """
    return {
        "driver_info": None,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "socket_keepalive": True,
        "protocol": 2,
        "retry": Retry(NoBackoff(), 0),
    } | {FILE_OPTIONS[name]: path for name, path in address.files}


def _login(credentials: Credentials) -> dict[str, Any]:
    return {"username": credentials.user, "password": credentials.password}
