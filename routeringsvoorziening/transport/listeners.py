"""A listener: one aiohttp application on one host and port, under bounds."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from routeringsvoorziening.transport.door import Crowd, Door, Leave
from routeringsvoorziening.transport.guarding import ConnectionBounds, Guard, Guards
from routeringsvoorziening.transport.protocol import QuietHandler

LINGER = 1.0
"""Seconds to read on and throw away what a client still sends after its answer."""


class _Tenant:
    """An application that serves, or has requests to finish."""

    def __init__(self, runner: web.AppRunner) -> None:
        self.runner = runner
        self.handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]] = _server_of(runner).request_handler
        self.busy = 0


class Listener:
    """Serves an application until stopped.

    Args:
        app: the application; its startup and cleanup run with the listener's.
        host: address to bind.
        port: 0 takes a free one; `port` tells which after `start`.
        tls: None for plain HTTP.
        bounds: see `ConnectionBounds`.
        access_logger: a class that writes the access log; None writes none.
        on_bound: told which bound was reached (`head`, `stall`, or one of those of `Door`), for a metric.
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
        self._bounds = bounds or ConnectionBounds()
        self._guards = Guards(self._bounds, on_bound)
        self._door = Door(
            Crowd(self._bounds),
            tls=tls,
            bounds=self._bounds,
            receive=self._new_guard,
            reached=on_bound,
        )
        self._settings = self._handler_settings(access_logger)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=self._bounds.shutdown)
        self._serving = False
        self._tenant: _Tenant | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the application and listen.

        Raises:
            OSError: the address is in use or not ours.
        """
        await self._runner.setup()
        self._mark_requests(_server_of(self._runner))
        try:
            self.port = await self._door.open(self.host, self.port)
        except OSError:
            await self._runner.cleanup()
            raise
        self._serving = True

    async def prepare(self, app: web.Application) -> Callable[[], None]:
        """Start another application; calling what comes back puts it in the place of the one that serves now.

        Requests under way are finished by the application that they began with; then it is cleaned up.
        """
        runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=self._bounds.shutdown)
        await runner.setup()

        def switch() -> None:
            before, self._tenant = self._tenant, _Tenant(runner)
            self._let_go(before)

        return switch

    async def stop(self) -> None:
        """Accept no more, let requests under way finish (bounded), clean the application up. Safe to call twice."""
        if self._serving:
            self._serving = False
            await self._door.close()
            await self._runner.cleanup()
            if self._tenant is not None and self._tenant.runner is not self._runner:
                await self._tenant.runner.cleanup()
            await asyncio.gather(*self._leaving)

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

    def _new_guard(self, ended: Leave) -> Guard:
        loop = asyncio.get_running_loop()
        return Guard(QuietHandler(_server_of(self._runner), loop=loop, **self._settings), self._guards, ended)

    def _mark_requests(self, server: web.Server) -> None:
        """Tell each connection's guard when a request's head is complete, and when its answer is ready."""
        self._tenant = _Tenant(self._runner)

        async def handle_marked(request: web.BaseRequest) -> web.StreamResponse:
            guard = self._guards.of.get(request.protocol)
            if guard is None:
                return await self._serve(request)
            guard.request_begins()
            try:
                return await self._serve(request)
            finally:
                guard.request_ends()

        server.request_handler = handle_marked

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        tenant = self._tenant
        if tenant is None:
            raise web.HTTPServiceUnavailable
        tenant.busy += 1
        try:
            return await tenant.handle(request)
        finally:
            tenant.busy -= 1
            if tenant is not self._tenant:
                self._let_go(tenant)

    def _let_go(self, tenant: _Tenant | None) -> None:
        """Clean up an application that was replaced, once it has nothing more to do; the first one goes with `stop`."""
        if tenant is None or tenant.busy or tenant.runner is self._runner:
            return
        task = asyncio.create_task(tenant.runner.cleanup())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


def _server_of(runner: web.AppRunner) -> web.Server:
    if runner.server is None:
        raise RuntimeError("the application did not start")
    return runner.server
