"""Connections are counted from accept on, in total and per address, on both event loops that the house runs on."""

import asyncio
import errno
import socket
from ipaddress import ip_network
from typing import Self

import aiohttp
import pytest
import uvloop
from aiohttp import web

from routeringsvoorziening.transport import door
from routeringsvoorziening.transport.door import origin_of
from routeringsvoorziening.transport.guarding import ConnectionBounds
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.transport.listeners import Listener
from routeringsvoorziening.transport.tls import client_context, server_context

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LOOPS = pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])


class Crowded:
    """A TLS listener with room for three, and what clients do to it."""

    def __init__(self, pki, **bounds) -> None:
        self.pki = pki
        self.reached: list[str] = []
        self.open: list[asyncio.StreamWriter] = []
        app = bounded_application(RequestBounds())
        app.router.add_get("/", hello)
        self.listener = Listener(
            app,
            tls=server_context(pki.server.certificate_file, pki.server.key_file),
            bounds=ConnectionBounds(connections=3, **bounds),
            on_bound=self.reached.append,
        )

    async def say(self, data: bytes) -> asyncio.StreamReader:
        """Connect, and say something that is no TLS; or nothing."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port)
        self.open.append(writer)
        writer.write(data)
        return reader

    async def request(self) -> int:
        """One request as it should be."""
        tls = client_context(self.pki.authority.bundle)
        async with aiohttp.ClientSession() as session:
            url = f"https://127.0.0.1:{self.listener.port}/"
            async with session.get(url, ssl=tls) as answer:
                return answer.status

    async def soon(self) -> int:
        """A request that may be turned away for a while."""
        async with asyncio.timeout(5):
            while True:
                try:
                    return await self.request()
                except aiohttp.ClientError:
                    await asyncio.sleep(0.02)

    async def __aenter__(self) -> Self:
        await self.listener.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for writer in self.open:
            writer.close()
        await self.listener.stop()


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


def on(new_loop, work) -> None:
    """Run on a loop of a kind."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(work)


@LOOPS
@pytest.mark.attack("S53")
def test_connections_in_their_handshake_take_up_room(pki, new_loop):
    """Those that never say a word too: the next one is turned away at once, without a word."""

    async def flood() -> None:
        async with Crowded(pki, handshake=30) as place:
            for _ in range(3):
                await place.say(b"")
            turned_away = await place.say(b"")
            assert await asyncio.wait_for(turned_away.read(), 5) == b""
            assert place.reached == ["connections"]

    on(new_loop, flood())


@LOOPS
@pytest.mark.attack("S53")
def test_a_silent_handshake_ends_at_its_deadline(pki, new_loop):
    """And makes room."""

    async def flood() -> None:
        async with Crowded(pki, handshake=0.3) as place:
            for _ in range(3):
                await place.say(b"")
            assert await place.soon() == 200
            assert "handshake" in place.reached

    on(new_loop, flood())


@LOOPS
def test_a_failed_handshake_makes_room(pki, new_loop):
    """Plain HTTP to a TLS port, noise, and hanging up, more often than there is room."""

    async def fail() -> None:
        async with Crowded(pki, handshake=30) as place:
            for data in (GET, b"\x16\x03\x01\x00\x05noise" + bytes(50), b"") * 3:
                reader = await place.say(data)
                if data:
                    await asyncio.wait({asyncio.create_task(reader.read())}, timeout=5)
                place.open.pop().close()
                assert await place.soon() == 200

    on(new_loop, fail())


@LOOPS
def test_whoever_leaves_makes_room(pki, new_loop):
    """A connection is let go of once, however it ends."""

    async def come_and_go() -> None:
        async with Crowded(pki) as place:
            for _ in range(9):
                assert await place.soon() == 200

    on(new_loop, come_and_go())


@LOOPS
def test_stopping_ends_handshakes(pki, new_loop):
    """Nobody waits for one that never comes."""

    async def stop() -> None:
        async with asyncio.timeout(5):
            async with Crowded(pki, handshake=60) as place:
                reader = await place.say(b"")
                await asyncio.sleep(0.05)
            assert await reader.read() == b""

    on(new_loop, stop())


async def visit(listener: Listener, source: str) -> bytes:
    """The status line that a client at this address gets; the connection stays open."""
    loop, client = asyncio.get_running_loop(), socket.socket()
    client.setblocking(False)
    client.bind((source, 0))
    await loop.sock_connect(client, ("127.0.0.1", listener.port))
    await loop.sock_sendall(client, GET)
    VISITORS.append(client)
    return (await asyncio.wait_for(loop.sock_recv(client, 4096), 5)).partition(b"\r\n")[0]


VISITORS: list[socket.socket] = []


@pytest.fixture(autouse=True)
def everybody_leaves():
    yield
    while VISITORS:
        VISITORS.pop().close()


@pytest.mark.attack("S53")
async def test_one_address_does_not_take_all_the_room(serve):
    """Above its own bound it hears 503, while others still come in."""
    reached: list[str] = []
    listener = await serve(connections=ConnectionBounds(per_address=2), on_bound=reached.append)
    assert [await visit(listener, "127.0.0.1") for _ in range(2)] == [b"HTTP/1.1 200 OK"] * 2
    assert await visit(listener, "127.0.0.1") == b"HTTP/1.1 503 Service Unavailable"
    assert await visit(listener, "127.0.0.2") == b"HTTP/1.1 200 OK"
    assert reached == ["address"]


async def test_behind_a_proxy_everybody_has_one_address(serve):
    """So it is exempt, but not from the bound on all."""
    proxy = ip_network("127.0.0.0/8")
    listener = await serve(connections=ConnectionBounds(connections=3, per_address=1, exempt=(proxy,)))
    assert [await visit(listener, "127.0.0.1") for _ in range(3)] == [b"HTTP/1.1 200 OK"] * 3
    assert await visit(listener, "127.0.0.1") == b"HTTP/1.1 503 Service Unavailable"


async def test_without_descriptors_the_door_stays(serve, monkeypatch):
    """It waits a moment, says so, and accepts again."""
    reached: list[str] = []
    loop, trouble = asyncio.get_running_loop(), [OSError(errno.EMFILE, "none left"), ConnectionAbortedError()]
    accept = loop.sock_accept

    async def short_of(listening: socket.socket) -> object:
        if trouble:
            raise trouble.pop()
        return await accept(listening)

    monkeypatch.setattr(door, "BREATH", 0.01)
    monkeypatch.setattr(loop, "sock_accept", short_of)
    listener = await serve(on_bound=reached.append)
    assert await visit(listener, "127.0.0.1") == b"HTTP/1.1 200 OK"
    assert reached == ["descriptors"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_whom_an_address_counts_for(one, other, same):
    """An IPv4 address for itself, an IPv6 address for its /64."""
    assert (origin_of(one) == origin_of(other)) is same
