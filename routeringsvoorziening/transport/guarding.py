"""One connection under bounds that aiohttp does not keep by itself.

A `Guard` stands between the socket and aiohttp's own protocol and passes everything on. It ends a connection that

- does not deliver the head of a request within the deadline (S53: slow headers; one byte at a time does not help),
- has answers waiting and reads none of them for as long.

How many there may be, and a slow TLS handshake, are bounded by the `Door`, a slow body by `limits.bodies`, an idle
connection by aiohttp.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import cast

from aiohttp import web


@dataclass(frozen=True, slots=True)
class ConnectionBounds:
    """Bounds of one listener. Times are in seconds, sizes in bytes.

    Args:
        connections: at the same time, those in their TLS handshake among them.
        per_address: the same, of one IPv4 address or one IPv6 /64.
        exempt: from `per_address`: proxies, behind which everybody has one address.
        head: from the first byte of a request (or the opening of the connection) to the end of its head.
        idle: between two requests of one connection.
        stall: how long an answer may wait for a client that does not read.
        handshake: of TLS.
        handshakes: under way at the same time; a newcomer takes the place of the oldest.
        shutdown: for requests under way when the listener stops.
        line: the request line.
        header: one header. All the cookies that a browser keeps for one site fit in it.
        headers: how many headers.
    """

    connections: int = 1000
    per_address: int = 500
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()
    head: float = 10.0
    idle: float = 75.0
    stall: float = 20.0
    handshake: float = 5.0
    handshakes: int = 500
    shutdown: float = 10.0
    line: int = 8190
    header: int = 16_384
    headers: int = 64


@dataclass(slots=True)
class Guards:
    """The guards of one listener, by aiohttp's own protocol."""

    bounds: ConnectionBounds
    reached: Callable[[str], None]
    of: dict[object, "Guard"] = field(default_factory=dict)


class Guard(asyncio.Protocol):
    """Passes one connection on to `inner`, ends it when it overstays a bound, and tells when it has ended."""

    def __init__(self, inner: web.RequestHandler, guards: Guards, ended: Callable[[], None]) -> None:
        self._inner = inner
        self._guards = guards
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._head: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._unread = 0
        self._handling = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection begins, after its TLS handshake."""
        self._transport = cast("asyncio.Transport", transport)
        self._guards.of[self._inner] = self
        self._inner.connection_made(transport)
        self._start_head()
        self._watch = self._loop.call_later(self._guards.bounds.stall, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of it."""
        self._ended()
        self._guards.of.pop(self._inner, None)
        for timer in (self._head, self._watch):
            if timer is not None:
                timer.cancel()
        self._inner.connection_lost(exc)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Bytes of a head start its deadline; those of a body have their own."""
        if not self._handling and self._head is None:
            self._start_head()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """The client sends no more."""
        self._inner.eof_received()
        return None

    def pause_writing(self) -> None:
        """The client reads slower than we write."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._inner.resume_writing()

    def request_begins(self) -> None:
        """The head of a request is complete."""
        self._handling = True
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def request_ends(self) -> None:
        """Its answer is ready to be sent."""
        self._handling = False

    def _start_head(self) -> None:
        self._head = self._loop.call_later(self._guards.bounds.head, self._cut_off, "head")

    def _look(self) -> None:
        """End a connection whose answers wait without a byte being read since the last look."""
        if self._transport is None:
            return
        unread = self._transport.get_write_buffer_size()
        if unread and unread == self._unread:
            self._cut_off("stall")
            return
        self._unread = unread
        self._watch = self._loop.call_later(self._guards.bounds.stall, self._look)

    def _cut_off(self, bound: str) -> None:
        self._guards.reached(bound)
        if self._transport is not None:
            self._transport.abort()
