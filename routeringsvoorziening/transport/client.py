"""A client of one service: one kept-open session, and a bound on everything."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver

from routeringsvoorziening.transport.addresses import AddressForbidden
from routeringsvoorziening.transport.breaker import Breaker
from routeringsvoorziening.transport.errors import BadAnswer, ExchangeFailed, Forbidden, Unreachable
from routeringsvoorziening.transport.resolver import LocalhostResolver

DOWN: Final = frozenset({502, 503, 504})
"""Statuses by which a service (or what stands before it) says that it is down."""
KEPT_OPEN: Final = 15.0
"""Seconds; shorter than servers keep a connection, so that we rarely write into one that is being closed."""
AGENT: Final = "routeringsvoorziening"


@dataclass(frozen=True, slots=True)
class ClientBounds:
    """Bounds of one client. Times are in seconds.

    Args:
        total: for a whole exchange, waiting for a turn included.
        connect: TCP and TLS.
        response_bytes: largest body that is read.
        concurrent: exchanges at the same time.
        queued: exchanges that may wait for a turn.
    """

    total: float = 10.0
    connect: float = 3.0
    response_bytes: int = 512 * 1024
    concurrent: int = 32
    queued: int = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status that is not a redirect, the media type without parameters, and the whole body."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


class BoundedClient:
    """Calls one service. Follows no redirect, keeps no cookie, uses no proxy, unpacks nothing. Close it when done.

    Args:
        tls: for https, with our own certificate in mutual TLS; None trusts what the system trusts.
        bounds: see `ClientBounds`.
        breaker: shared by everything that calls the same service; a new one by default.
        resolver: makes what turns names into addresses.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        bounds: ClientBounds | None = None,
        breaker: Breaker | None = None,
        resolver: Callable[[], AbstractResolver] = LocalhostResolver,
    ) -> None:
        self.bounds = bounds or ClientBounds()
        self.breaker = breaker or Breaker()
        self._tls = tls
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._turns = asyncio.Semaphore(self.bounds.concurrent)
        self._waiting = 0

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post `body` and read the whole answer, whatever its status.

        Raises:
            Unreachable: nobody answered, or asking makes no sense now.
            Forbidden: the resolver says that the address may not be called.
            BadAnswer: a redirect, an encoded, broken or too large body.
        """
        return await self._exchange("POST", url, body, headers)

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """As `post`, without a body to send."""
        return await self._exchange("GET", url, None, headers or {})

    async def close(self) -> None:
        """Close the kept-open connections. Safe to call twice."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        call = self.breaker.enter()
        try:
            answer = await self._in_time(method, url, body, headers)
        except Unreachable as failure:
            self.breaker.abandoned(call) if failure.reason == "overloaded" else self.breaker.failed(call)
            raise
        except BadAnswer:
            self.breaker.succeeded(call)
            raise
        except BaseException:
            self.breaker.abandoned(call)
            raise
        self.breaker.failed(call) if answer.status in DOWN else self.breaker.succeeded(call)
        return answer

    async def _in_time(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """The whole of it, the wait for a turn included."""
        try:
            async with asyncio.timeout(self.bounds.total):
                await self._wait_for_turn()
                try:
                    return await self._ask(method, url, body, headers)
                finally:
                    self._turns.release()
        except TimeoutError:
            raise Unreachable("timeout", f"above {self.bounds.total} s") from None

    async def _wait_for_turn(self) -> None:
        if self._turns.locked() and self._waiting >= self.bounds.queued:
            raise Unreachable("overloaded", f"{self._waiting} calls wait already")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1

    async def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        sent = {**headers, "Accept-Encoding": "identity", "User-Agent": AGENT}
        try:
            async with self._open_session().request(
                method, url, data=body, headers=sent, allow_redirects=False
            ) as response:
                return await self._read(response)
        except (aiohttp.ClientError, OSError) as problem:
            raise _as_failure(problem) from problem

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self.bounds.concurrent,
                    ssl=self._tls if self._tls is not None else True,
                    resolver=self._resolver(),
                    keepalive_timeout=KEPT_OPEN,
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.bounds.connect),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> Answer:
        if 300 <= response.status < 400:  # noqa: PLR2004  the range is the standard's
            raise BadAnswer("redirect", f"status {response.status}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise BadAnswer("content-encoding")
        return Answer(response.status, response.content_type, await self._read_body(response))

    async def _read_body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for part in response.content.iter_any():
            body += part
            if len(body) > self.bounds.response_bytes:
                raise BadAnswer("too-large", f"above {self.bounds.response_bytes} bytes")
        return bytes(body)


def _as_failure(problem: Exception) -> ExchangeFailed:
    """Which of our failures a problem of the library is; its text names no more than hosts and rules."""
    kind = type(problem).__name__
    if isinstance(problem.__cause__, AddressForbidden):
        return Forbidden(str(problem.__cause__))
    if isinstance(problem, TimeoutError):
        return Unreachable("timeout", kind)
    if isinstance(problem, aiohttp.ClientSSLError | ssl.SSLError) or _caused_by_tls(problem):
        return Unreachable("tls", kind)
    if isinstance(problem, aiohttp.ClientPayloadError):
        return BadAnswer("truncated", kind)
    if isinstance(problem, aiohttp.ClientResponseError):
        return BadAnswer("malformed", kind)
    return Unreachable("refused", kind)


def _caused_by_tls(problem: BaseException) -> bool:
    """True when TLS ended a connection that was already made: a refused client certificate in TLS 1.3."""
    return isinstance(problem.__cause__ or problem.__context__, ssl.SSLError)
