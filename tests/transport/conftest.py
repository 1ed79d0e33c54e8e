"""A small PKI, and raw sockets that speak HTTP as badly as a test wants."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from aiohttp import web

from routeringsvoorziening.transport.guarding import ConnectionBounds
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.transport.listeners import Listener
from tests.support.certificates import Authority, Issued

Serve = Callable[..., Awaitable[Listener]]


@dataclass(frozen=True)
class Pki:
    """Who is who: a server, a client, another party's client, and one under an authority that nobody trusts."""

    authority: Authority
    server: Issued
    client: Issued
    stranger_authority: Authority
    stranger: Issued


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    directory = tmp_path_factory.mktemp("pki")
    authority = Authority(directory)
    strangers = Authority(directory, "Other CA")
    return Pki(
        authority,
        authority.issue("server", hosts=("rv.localhost", "localhost", "127.0.0.1")),
        authority.issue("client"),
        strangers,
        strangers.issue("client"),
    )


async def echo(request: web.Request) -> web.Response:
    """Answer with the body."""
    return web.Response(body=await request.read())


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """A function that starts a listener which ends with the test; by default it echoes on every path."""
    async with AsyncExitStack() as listeners:

        async def start(
            handler: Callable[[web.Request], Awaitable[web.StreamResponse]] = echo,
            *,
            requests: RequestBounds | None = None,
            connections: ConnectionBounds | None = None,
            tls: ssl.SSLContext | None = None,
            prepare: Callable[[web.Application], None] = lambda _app: None,
            on_bound: Callable[[str], None] = lambda _bound: None,
        ) -> Listener:
            app = bounded_application(requests or RequestBounds())
            app.router.add_route("*", "/{tail:.*}", handler)
            prepare(app)
            listener = Listener(app, tls=tls, bounds=connections, on_bound=on_bound)
            return await listeners.enter_async_context(listener)

        yield start


class Raw:
    """One connection on which a test writes bytes itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Write these bytes now."""
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> bytes:
        """The status line and headers of one answer."""
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)

    async def status(self) -> int:
        """The status of one answer."""
        return int((await self.head()).split()[1])

    async def rest(self) -> bytes:
        """Everything until the other side ends; a reset counts as an end."""
        try:
            return await asyncio.wait_for(self.reader.read(), 5)
        except ConnectionError:
            return b""

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            return


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[Listener], Awaitable[Raw]]]:
    """A function that opens a raw connection to a listener."""
    opened: list[Raw] = []

    async def open_raw(listener: Listener) -> Raw:
        opened.append(Raw(*await asyncio.open_connection("127.0.0.1", listener.port)))
        return opened[-1]

    yield open_raw
    for raw in opened:
        await raw.close()


@pytest.fixture
async def serve_bytes() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """A function that starts a server which answers every connection with the same bytes; returns its URL."""
    servers: list[asyncio.Server] = []
    writers: list[asyncio.StreamWriter] = []

    async def start(*parts: bytes, pause: float = 0, hang: bool = False) -> str:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            await reader.readuntil(b"\r\n\r\n")
            for part in parts:
                writer.write(part)
                await asyncio.sleep(pause)
            if hang:
                await reader.read()
            writer.close()

        servers.append(await asyncio.start_server(answer, "127.0.0.1", 0))
        return f"http://localhost:{servers[-1].sockets[0].getsockname()[1]}/"

    yield start
    for server in servers:
        server.close()
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(0.01)
