"""A listener: one aiohttp application on one host and port, under bounds."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from routeringsvoorziening.transport.guarding import ConnectionBounds, Crowd, Guard
from routeringsvoorziening.transport.protocol import QuietHandler

LINGER = 1.0
"""Seconds to read on and throw away what a client still sends after its answer."""


class Listener:
    """Serves an application until stopped.

    Args:
        app: the application; its startup and cleanup run with the listener's.
        host: address to bind.
        port: 0 takes a free one; `port` tells which after `start`.
        tls: None for plain HTTP.
        bounds: see `ConnectionBounds`.
        access_logger: a class that writes the access log; None writes none.
        on_bound: told which bound was reached (`connections`, `head`, `stall`), for a metric.
    """

    def __init__(
        self,
        app: web.Application,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        bounds: ConnectionBounds | None = None,
        access_logger: type[AbstractAccessLogger] | None = None,
        on_bound: Callable[[str], None] = lambda _bound: None,
    ) -> None:
        self.host = host
        self.port = port
        self._tls = tls
        self._bounds = bounds or ConnectionBounds()
        self._crowd = Crowd(self._bounds, on_bound)
        self._settings = self._handler_settings(access_logger)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=self._bounds.shutdown)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Start the application and listen.

        Raises:
            OSError: the address is in use or not ours.
        """
        await self._runner.setup()
        self._mark_requests(self._web_server())
        loop = asyncio.get_running_loop()
        secure: dict[str, Any] = {"ssl": self._tls, "ssl_handshake_timeout": self._bounds.handshake}
        try:
            self._server = await loop.create_server(
                self._new_guard, self.host, self.port, backlog=1024, **(secure if self._tls else {})
            )
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Accept no more, let requests under way finish (bounded), clean the application up. Safe to call twice."""
        if self._server is not None:
            self._server.close()
            self._server = None
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _handler_settings(self, access_logger: type[AbstractAccessLogger] | None) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "keepalive_timeout": self._bounds.idle,
            "max_line_size": self._bounds.line,
            "max_field_size": self._bounds.header,
            "max_headers": self._bounds.headers,
            "lingering_time": LINGER,
            "auto_decompress": False,
        }
        if access_logger is None:
            return {**settings, "access_log": None}
        return {**settings, "access_log_class": access_logger}

    def _web_server(self) -> web.Server:
        server = self._runner.server
        if server is None:
            raise RuntimeError("the application did not start")
        return server

    def _new_guard(self) -> Guard:
        loop = asyncio.get_running_loop()
        return Guard(QuietHandler(self._web_server(), loop=loop, **self._settings), self._crowd)

    def _mark_requests(self, server: web.Server) -> None:
        """Tell each connection's guard when a request's head is complete, and when its answer is ready."""
        handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]] = server.request_handler

        async def handle_marked(request: web.BaseRequest) -> web.StreamResponse:
            guard = self._crowd.guards.get(request.protocol)
            if guard is None:
                return await handle(request)
            guard.request_begins()
            try:
                return await handle(request)
            finally:
                guard.request_ends()

        server.request_handler = handle_marked
