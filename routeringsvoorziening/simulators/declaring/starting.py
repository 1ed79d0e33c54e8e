"""Start a declaring party: two listeners, one for browsers and one with mutual TLS."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.saml.metadata.reading import read_routing_dienst
from routeringsvoorziening.simulators.declaring.desk import Desk
from routeringsvoorziening.simulators.declaring.settings import DeclaringSettings
from routeringsvoorziening.simulators.running import Running
from routeringsvoorziening.simulators.world.layout import ARTIFACT_PATH
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.transport.listeners import Listener
from routeringsvoorziening.transport.tls import server_context

BACK_BOUNDS: Final = RequestBounds(seconds=600.0)
"""Longer than the slowest fault."""


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


async def read_routing(settings: DeclaringSettings, at: datetime) -> RoutingDienst:
    """The routeringsdienst that is served.

    Raises:
        OSError: the file cannot be read.
        SamlError: the metadata is not to be trusted.
    """
    data = await asyncio.to_thread(settings.rd_metadata.read_bytes)
    return read_routing_dienst(data, trust=settings.trust, at=at, allow_loopback=True)


async def listen(settings: DeclaringSettings, front: web.Application, back: web.Application) -> Running:
    """Both listeners.

    Raises:
        OSError: a file cannot be read, or a port is taken.
    """
    tls = await asyncio.to_thread(
        server_context, settings.tls_certificate, settings.tls_key, client_ca=settings.trust_file
    )
    running = Running(settings.front_url, {})
    listeners = {
        "front": Listener(front, port=settings.front_port),
        "back": Listener(back, port=settings.back_port, tls=tls),
    }
    try:
        for name, listener in listeners.items():
            await listener.start()
            running.ports[name] = listener.port
            running.closers.append(listener.stop)
    except OSError:
        await running.stop()
        raise
    return running


def back_app_of(desk: Desk) -> web.Application:
    """What the routeringsdienst reaches."""
    app = bounded_application(BACK_BOUNDS)
    app.add_routes([web.post(ARTIFACT_PATH, desk.resolve)])
    return app
