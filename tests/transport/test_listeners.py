"""A listener serves, and cannot be held up."""

import asyncio
import socket
import time

import pytest
from aiohttp import web

from routeringsvoorziening.transport.guarding import ConnectionBounds
from routeringsvoorziening.transport.listeners import Listener

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
PATIENCE = 2.0
"""Seconds within which a deadline of a tenth must have struck, on a busy machine."""


async def drip(raw, data: bytes, pause: float) -> None:
    """Send one byte at a time, as a client that holds a server up."""
    for byte in data:
        await raw.send(bytes([byte]))
        await asyncio.sleep(pause)


async def test_serves_on_a_free_port(serve, connect):
    """Port 0 takes a free port, and tells which."""
    listener = await serve()
    raw = await connect(listener)
    await raw.send(GET)
    assert listener.port != 0
    assert await raw.status() == 200


async def test_a_port_in_use_is_an_os_error(serve):
    """A second listener on the same port does not start silently."""
    first = await serve()
    with pytest.raises(OSError, match="address already in use"):
        await Listener(web.Application(), port=first.port).start()


@pytest.mark.attack("S53")
async def test_slow_head_is_cut_off(serve, connect):
    """A client that drips its head is cut off at the deadline, although it keeps sending."""
    reached: list[str] = []
    listener = await serve(connections=ConnectionBounds(head=0.15), on_bound=reached.append)
    raw = await connect(listener)
    started = time.monotonic()
    with pytest.raises(ConnectionError):
        await drip(raw, b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 100, 0.01)
    assert time.monotonic() - started < PATIENCE
    assert reached == ["head"]


@pytest.mark.attack("S53")
async def test_silent_connection_is_cut_off(serve, connect):
    """A connection on which nothing is ever said is ended too."""
    listener = await serve(connections=ConnectionBounds(head=0.1))
    raw = await connect(listener)
    assert await raw.rest() == b""


@pytest.mark.attack("S53")
async def test_slow_second_head_is_cut_off(serve, connect):
    """A good first request buys no time for a slow second one."""
    listener = await serve(connections=ConnectionBounds(head=0.15, idle=60))
    raw = await connect(listener)
    await raw.send(GET)
    assert await raw.status() == 200
    started = time.monotonic()
    await raw.send(b"GET / HT")
    assert await raw.rest() == b""
    assert time.monotonic() - started < PATIENCE


async def test_head_in_pieces_within_the_deadline_is_served(serve, connect):
    """The positive twin: a head in pieces, but in time."""
    listener = await serve(connections=ConnectionBounds(head=5))
    raw = await connect(listener)
    await drip(raw, GET, 0.001)
    assert await raw.status() == 200


async def test_handling_may_outlast_the_head_deadline(serve, connect):
    """The head's deadline ends with the head: a slow handler is not its business."""

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.Response(text="done")

    listener = await serve(slow, connections=ConnectionBounds(head=0.1))
    raw = await connect(listener)
    await raw.send(GET)
    assert await raw.status() == 200


async def test_idle_connection_stays_open_between_requests(serve, connect):
    """Between two requests the idle time counts, not the head's deadline."""
    listener = await serve(connections=ConnectionBounds(head=0.1, idle=60))
    raw = await connect(listener)
    for _ in range(2):
        await raw.send(GET)
        assert await raw.status() == 200
        await asyncio.sleep(0.2)


async def test_idle_connection_is_closed_in_the_end(serve, connect):
    """The idle time is a bound too."""
    listener = await serve(connections=ConnectionBounds(idle=0.1))
    raw = await connect(listener)
    await raw.send(GET)
    assert await raw.status() == 200
    assert await raw.rest() == b""


@pytest.mark.attack("S53")
async def test_client_that_does_not_read_is_cut_off(serve):
    """An answer that nobody takes does not hold the connection for ever."""
    reached: asyncio.Queue[str] = asyncio.Queue()

    async def much(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 30_000_000)

    listener = await serve(much, connections=ConnectionBounds(stall=0.15, shutdown=0.1), on_bound=reached.put_nowait)
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setblocking(False)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(client, ("127.0.0.1", listener.port))
        await loop.sock_sendall(client, GET)
        assert await asyncio.wait_for(reached.get(), PATIENCE) == "stall"


async def test_client_that_reads_gets_a_large_answer(serve, connect):
    """The positive twin: whoever reads gets it all, however often is looked."""

    async def much(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 5_000_000)

    listener = await serve(much, connections=ConnectionBounds(stall=0.05))
    raw = await connect(listener)
    await raw.send(GET)
    await raw.head()
    assert len(await raw.reader.readexactly(5_000_000)) == 5_000_000


@pytest.mark.attack("S53")
async def test_one_connection_too_many_gets_503(serve, connect):
    """Above the bound a client hears 503 with Retry-After; when one leaves there is room again."""
    reached: list[str] = []
    listener = await serve(connections=ConnectionBounds(connections=2), on_bound=reached.append)
    guests = [await connect(listener) for _ in range(2)]
    for guest in guests:
        await guest.send(GET)
        assert await guest.status() == 200
    extra = await connect(listener)
    answer = await extra.rest()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5" in answer
    assert reached == ["connections"]
    await guests[0].close()
    again = await connect(listener)
    await again.send(GET)
    assert await again.status() == 200


@pytest.mark.allow_blocking("pytest's own log handler writes to a file")
@pytest.mark.attack("S53", "S91")
@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 17_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(80)) + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n",
    ],
    ids=["long line", "long header", "many headers", "CL.TE", "two lengths", "bare LF", "folded header"],
)
async def test_bad_heads_get_400(serve, connect, head, caplog):
    """What could be read in two ways, or is too large, is refused, not repeated, and the connection ends."""
    raw = await connect(await serve(connections=ConnectionBounds(headers=64)))
    caplog.set_level("INFO")
    await raw.send(head)
    head, _, body = (await raw.rest()).partition(b"\r\n\r\n")
    assert head.split()[1] == b"400"
    assert body == b"400: Bad Request"
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["malformed request"]
    assert caplog.records[0].exc_info is None


async def test_stop_lets_a_request_finish(serve, connect):
    """Stopping is graceful: what is under way gets its answer, and nothing new is accepted."""
    begun = asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        begun.set()
        await asyncio.sleep(0.1)
        return web.Response(text="finished")

    listener = await serve(slow)
    raw = await connect(listener)
    await raw.send(GET)
    await begun.wait()
    await listener.stop()
    assert b"finished" in await raw.rest()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", listener.port)


async def test_stop_twice_is_harmless(serve):
    """A second stop does nothing."""
    listener = await serve()
    await listener.stop()
    await listener.stop()
