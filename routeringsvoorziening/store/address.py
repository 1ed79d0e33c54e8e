"""A store's URL, read and checked.

    memory://
    redis://[user[:password]@]host[:port][/database]
    rediss://…                                   the same over TLS
    redis+sentinel://[user[:password]@]host:port,host:port/service[/database]
    rediss+sentinel://…                          the same over TLS, to the sentinels too

Query parameters: `ca`, `certificate` and `key` are paths of PEM files for TLS; the server's name is always checked, and
with `ca` that CA alone is trusted. `sentinel_user` and `sentinel_password` log in at the sentinels. Every part of the
address may be percent-encoded.
"""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

REDIS_PORT = 6379
SENTINEL_PORT = 26379
SCHEMES = ("memory", "redis", "rediss", "redis+sentinel", "rediss+sentinel")
TLS_PARAMETERS = frozenset({"ca", "certificate", "key"})
SENTINEL_PARAMETERS = frozenset({"sentinel_user", "sentinel_password"})


class StoreAddressInvalid(ValueError):
    """The URL cannot be a store's. Its text never repeats the URL, which may hold a password."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password, either of which may be absent."""

    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where a store is.

    Args:
        scheme: what kind of store.
        hosts: of the server (one), or of the sentinels; with ports.
        service: the sentinels' name for the servers.
        database: number of the database.
        login: at the server.
        sentinel_login: at the sentinels.
        tls: True for TLS.
        files: paths of PEM files: `ca`, `certificate`, `key`.
    """

    scheme: Literal["memory", "redis", "sentinel"]
    hosts: tuple[tuple[str, int], ...] = ()
    service: str = ""
    database: int = 0
    login: Credentials = Credentials()
    sentinel_login: Credentials = Credentials()
    tls: bool = False
    files: tuple[tuple[str, str], ...] = ()


def parse_address(url: str) -> StoreAddress:
    """Read a store's URL.

    Raises:
        StoreAddressInvalid: with what is wrong.
    """
    scheme, found, rest = url.partition("://")
    if not found or scheme not in SCHEMES:
        raise StoreAddressInvalid(f"a store's URL begins with one of {', '.join(s + '://' for s in SCHEMES)}")
    if scheme == "memory":
        return _memory(rest)
    authority, _, query = rest.partition("?")
    authority, _, path = authority.partition("/")
    userinfo, _, hosts = authority.rpartition("@")
    sentinel, tls = scheme.endswith("+sentinel"), scheme.startswith("rediss")
    parameters = _parameters(query, sentinel=sentinel, tls=tls)
    service, database = _path(path, sentinel=sentinel)
    return StoreAddress(
        scheme="sentinel" if sentinel else "redis",
        hosts=_hosts(hosts, sentinel=sentinel),
        service=service,
        database=database,
        login=_credentials(userinfo),
        sentinel_login=Credentials(parameters.get("sentinel_user"), parameters.get("sentinel_password")),
        tls=tls,
        files=tuple((name, path) for name, path in parameters.items() if name in TLS_PARAMETERS),
    )


def _memory(rest: str) -> StoreAddress:
    if rest:
        raise StoreAddressInvalid("memory:// has no parts")
    return StoreAddress("memory")


def _hosts(text: str, *, sentinel: bool) -> tuple[tuple[str, int], ...]:
    hosts = tuple(_host(part, SENTINEL_PORT if sentinel else REDIS_PORT) for part in text.split(","))
    if len(hosts) > 1 and not sentinel:
        raise StoreAddressInvalid("several hosts are for redis+sentinel://")
    return hosts


def _host(text: str, default_port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise StoreAddressInvalid("a host or port is not well formed") from None
    if not host or parts.path or parts.username:
        raise StoreAddressInvalid("a host is missing or not well formed")
    return unquote(host), port or default_port


def _path(text: str, *, sentinel: bool) -> tuple[str, int]:
    service = ""
    if sentinel:
        service, _, text = text.partition("/")
        if not service:
            raise StoreAddressInvalid("redis+sentinel:// needs the name of the service after the hosts")
    if text and not (text.isascii() and text.isdigit()):
        raise StoreAddressInvalid("the database is a number")
    return unquote(service), int(text or 0)


def _credentials(userinfo: str) -> Credentials:
    user, _, password = userinfo.partition(":")
    return Credentials(unquote(user) or None, unquote(password) or None)


def _parameters(query: str, *, sentinel: bool, tls: bool) -> dict[str, str]:
    none: frozenset[str] = frozenset()
    known = (TLS_PARAMETERS if tls else none) | (SENTINEL_PARAMETERS if sentinel else none)
    pairs = parse_qsl(query, keep_blank_values=True)
    parameters = dict(pairs)
    unknown = sorted(set(parameters) - known)
    if unknown or len(pairs) != len(parameters):
        raise StoreAddressInvalid(f"unknown or repeated parameters: {', '.join(unknown) or 'repeated'}")
    return parameters
