"""Accepts connections, and counts each from that moment on.

A connection in its TLS handshake costs memory and a descriptor like any other; so it is counted before the handshake
begins, and let go when that fails. Who comes when there is no room is turned away before anything is made for it: with
a 503 over plain HTTP, without a word over TLS. Handshakes have a bound of their own, see `handshakes`.
"""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any, Final

from routeringsvoorziening.transport.guarding import ConnectionBounds, Guard
from routeringsvoorziening.transport.handshakes import Handshakes

BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n\r\n"
)
BACKLOG: Final = 1024
BREATH: Final = 1.0
"""Seconds to wait when the system has no descriptors left."""
SUBNET: Final = 64
"""Bits of an IPv6 address; whoever has one has all that begin with them."""
Origin = IPv4Address | IPv6Network
Leave = Callable[[], None]


class Crowd:
    """Who is inside, from accept to close, in total and by where they come from.

    Args:
        bounds: how many there may be.
    """

    def __init__(self, bounds: ConnectionBounds) -> None:
        self._bounds = bounds
        self._inside: dict[object, Origin] = {}
        self._from: Counter[Origin] = Counter()

    def full(self, address: str) -> str | None:
        """The bound that keeps a newcomer out: `connections` or `address`; None when there is room."""
        if len(self._inside) >= self._bounds.connections:
            return "connections"
        if self._from[origin_of(address)] < self._bounds.per_address or self._is_exempt(address):
            return None
        return "address"

    def enter(self, address: str) -> Leave:
        """Count a connection; what comes back lets go of it, however often it is called."""
        origin, visit = origin_of(address), object()
        self._inside[visit] = origin
        self._from[origin] += 1
        return lambda: self._leave(visit)

    def _leave(self, visit: object) -> None:
        origin = self._inside.pop(visit, None)
        if origin is not None:
            self._from[origin] -= 1
            if not self._from[origin]:
                del self._from[origin]

    def _is_exempt(self, address: str) -> bool:
        found = ip_address(address.partition("%")[0])
        return any(found in network for network in self._bounds.exempt)


class Door:
    """One port, open until closed.

    Args:
        crowd: shared by all doors of one listener.
        tls: None for plain HTTP.
        bounds: of handshakes.
        receive: makes what guards a new connection, and calls the function that it is given when that has ended.
        reached: told which bound was reached: those of `Crowd.full`, `handshake`, `handshakes`, `descriptors`.
    """

    def __init__(
        self,
        crowd: Crowd,
        *,
        tls: ssl.SSLContext | None,
        bounds: ConnectionBounds,
        receive: Callable[[Leave], Guard],
        reached: Callable[[str], None],
    ) -> None:
        self._crowd = crowd
        self._secure: dict[str, Any] = {} if tls is None else {"ssl": tls, "ssl_handshake_timeout": bounds.handshake}
        self._handshakes: Handshakes[Origin] = Handshakes(bounds.handshakes)
        self._receive = receive
        self._reached = reached
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen on every address of the host; gives the port.

        Raises:
            OSError: an address is in use or not ours.
        """
        try:
            for address in await _addresses(host, port):
                self._sockets.append(_listening(*address))
        except OSError:
            await self.close()
            raise
        for each in self._sockets:
            self._start(self._accept(each))
        return int(self._sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Accept no more, and end handshakes that are under way."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while self._sockets:
            self._sockets.pop().close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, (address, *_) = await loop.sock_accept(listening)
            except ConnectionError:
                continue
            except OSError:
                self._reached("descriptors")
                await asyncio.sleep(BREATH)
                continue
            self._meet(connection, address)
            await asyncio.sleep(0)

    def _meet(self, connection: socket.socket, address: str) -> None:
        bound = self._crowd.full(address)
        if bound is None:
            task = self._start(self._let_in(connection, self._crowd.enter(address)))
            if self._secure and not self._handshakes.add(task, origin_of(address)):
                self._reached("handshakes")
            return
        self._reached(bound)
        with connection, suppress(OSError):
            if not self._secure:
                connection.send(BUSY)

    async def _let_in(self, connection: socket.socket, leave: Leave) -> None:
        loop, guard = asyncio.get_running_loop(), self._receive(leave)
        try:
            await loop.connect_accepted_socket(lambda: guard, connection, **self._secure)
        except ConnectionAbortedError:
            self._reached("handshake")
            leave()
        except OSError:
            leave()
        except BaseException:
            leave()
            raise

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def origin_of(address: str) -> Origin:
    """Whom an address counts for: itself, or of IPv6 the subnet that one party has as a rule."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv4Address):
        return found
    return found.ipv4_mapped or IPv6Network((found, SUBNET), strict=False)


async def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _listening(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise OSError(error.errno, f"{address[0]}:{address[1]}: {str(error.strerror).lower()}") from None
    return listening
