"""From a Redis address to a client with one pool. Nothing is connected yet; the files for TLS are read here, once.

Two habits of the library are avoided, because they block the event loop at every new connection: it reads its own
package metadata from disk to introduce itself, and it makes a TLS context anew (which, given a CA, would also trust
every CA of the system).
"""

import ssl
from typing import Any

from redis.asyncio import Connection, ConnectionPool, Redis, Sentinel, SSLConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool, SentinelManagedConnection, SentinelManagedSSLConnection
from redis.backoff import NoBackoff

from routeringsvoorziening.store.address import Credentials, StoreAddress
from routeringsvoorziening.store.redis import RedisStore


class SharedTlsConnection(SSLConnection):
    """A connection over TLS with a context that is made once."""

    def __init__(self, *, tls: ssl.SSLContext, **options: Any) -> None:
        super().__init__(**options)
        self.ssl_context.context = tls


class SharedTlsSentinelConnection(SentinelManagedSSLConnection):
    """The same, to the server that the sentinels name."""

    def __init__(self, *, tls: ssl.SSLContext, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self.ssl_context.context = tls


def open_redis(address: StoreAddress, *, timeout: float, max_connections: int) -> RedisStore:
    """An unsealed store at the server of `address`, or at the one that its sentinels name.

    Raises:
        OSError: when a file for TLS cannot be read; `ssl.SSLError` is one too.
    """
    options = _options(address, timeout)
    server = options | _login(address.login) | {"db": address.database}
    if address.scheme == "sentinel":
        sentinel = _sentinel(address, options | _login(address.sentinel_login))
        client = _client_by_sentinel(sentinel, address, server, max_connections)
        return RedisStore(client, timeout=timeout, max_calls=max_connections, also_close=sentinel.aclose)
    [host] = address.hosts
    client = _client(address, host, server, max_connections)
    return RedisStore(client, timeout=timeout, max_calls=max_connections)


def _client(address: StoreAddress, host: tuple[str, int], options: dict[str, Any], max_connections: int) -> Redis:
    connection = SharedTlsConnection if address.tls else Connection
    return Redis.from_pool(ConnectionPool(connection, max_connections, host=host[0], port=host[1], **options))


def _sentinel(address: StoreAddress, options: dict[str, Any]) -> Sentinel:
    sentinel = Sentinel([], sentinel_kwargs={})  # type: ignore[no-untyped-call]
    sentinel.sentinels = [_client(address, host, options, max_connections=4) for host in address.hosts]
    return sentinel


def _client_by_sentinel(
    sentinel: Sentinel, address: StoreAddress, options: dict[str, Any], max_connections: int
) -> Redis:
    pool = SentinelConnectionPool(  # type: ignore[no-untyped-call]
        address.service,
        sentinel,
        connection_class=SharedTlsSentinelConnection if address.tls else SentinelManagedConnection,
        max_connections=max_connections,
        **options,
    )
    return Redis.from_pool(pool)


def _options(address: StoreAddress, timeout: float) -> dict[str, Any]:
    """RESP2, which every server speaks; no repeated commands (see `redis`)."""
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "socket_keepalive": True,
        "protocol": 2,
        "retry": Retry(NoBackoff(), 0),
        "driver_info": None,
    }
    return options | {"tls": _tls(dict(address.files))} if address.tls else options


def _tls(files: dict[str, str]) -> ssl.SSLContext:
    """Trusts the given CA only, or those of the system when none is given. The server's name is checked."""
    context = ssl.create_default_context(cafile=files.get("ca"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if "certificate" in files:
        context.load_cert_chain(files["certificate"], files.get("key"))
    return context


def _login(credentials: Credentials) -> dict[str, Any]:
    return {"username": credentials.user, "password": credentials.password}
