"""One connection under bounds that aiohttp does not keep by itself.

A `Guard` stands between the socket and aiohttp's own protocol and passes everything on. It ends a connection that

- does not deliver the head of a request within the deadline (S53: slow headers; one byte at a time does not help),
- has answers waiting and reads none of them for as long,
- comes when there are too many already: that one gets a 503.

A slow TLS handshake is bounded by the server itself, a slow body by `limits.bodies`, an idle connection by aiohttp.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

from aiohttp import web

BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class ConnectionBounds:
    """Bounds of one listener. Times are in seconds, sizes in bytes.

    Args:
        connections: at the same time.
        head: from the first byte of a request (or the opening of the connection) to the end of its head.
        idle: between two requests of one connection.
        stall: how long an answer may wait for a client that does not read.
        handshake: of TLS.
        shutdown: for requests under way when the listener stops.
        line: the request line.
        header: one header.
        headers: how many headers.
    """

    connections: int = 1000
    head: float = 10.0
    idle: float = 75.0
    stall: float = 20.0
    handshake: float = 10.0
    shutdown: float = 10.0
    line: int = 8190
    header: int = 8190
    headers: int = 64


@dataclass(slots=True)
class Crowd:
    """The connections of one listener, by aiohttp's own protocol."""

    bounds: ConnectionBounds
    reached: Callable[[str], None]
    guards: dict[object, "Guard"] = field(default_factory=dict)


class Guard(asyncio.Protocol):
    """Passes one connection on to `inner`, and ends it when it overstays a bound."""

    def __init__(self, inner: web.RequestHandler, crowd: Crowd) -> None:
        self._inner = inner
        self._crowd = crowd
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._head: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._unread = 0
        self._handling = False
        self._admitted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit the connection, or answer that we are busy."""
        self._transport = cast("asyncio.Transport", transport)
        if len(self._crowd.guards) >= self._crowd.bounds.connections:
            self._turn_away(self._transport)
            return
        self._admitted = True
        self._crowd.guards[self._inner] = self
        self._inner.connection_made(transport)
        self._start_head()
        self._watch = self._loop.call_later(self._crowd.bounds.stall, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of it."""
        self._crowd.guards.pop(self._inner, None)
        for timer in (self._head, self._watch):
            if timer is not None:
                timer.cancel()
        if self._admitted:
            self._inner.connection_lost(exc)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Bytes of a head start its deadline; those of a body have their own."""
        if not self._admitted:
            return
        if not self._handling and self._head is None:
            self._start_head()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """The client sends no more."""
        self._inner.eof_received()
        return None

    def pause_writing(self) -> None:
        """The client reads slower than we write."""
        if self._admitted:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """The client has caught up."""
        if self._admitted:
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
        self._head = self._loop.call_later(self._crowd.bounds.head, self._cut_off, "head")

    def _look(self) -> None:
        """End a connection whose answers wait without a byte being read since the last look."""
        if self._transport is None:
            return
        unread = self._transport.get_write_buffer_size()
        if unread and unread == self._unread:
            self._cut_off("stall")
            return
        self._unread = unread
        self._watch = self._loop.call_later(self._crowd.bounds.stall, self._look)

    def _turn_away(self, transport: asyncio.Transport) -> None:
        self._crowd.reached("connections")
        transport.write(BUSY)
        transport.close()

    def _cut_off(self, bound: str) -> None:
        self._crowd.reached(bound)
        if self._transport is not None:
            self._transport.abort()
