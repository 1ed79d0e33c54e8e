"""Start a DigiD simulator: two listeners, one for browsers and one with mutual TLS."""

import asyncio
from datetime import UTC, datetime

from aiohttp import web

from routeringsvoorziening.saml.metadata.reading import read_routing_dienst
from routeringsvoorziening.simulators.digid.faults import FaultSwitches
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.digid.simulator import DigidSimulator
from routeringsvoorziening.simulators.pages import guard, prepare, serve_asset
from routeringsvoorziening.simulators.running import Running
from routeringsvoorziening.simulators.short_lived import Clock
from routeringsvoorziening.simulators.world.layout import ARTIFACT_PATH, METADATA_PATH, SSO_PATH
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.transport.listeners import Listener
from routeringsvoorziening.transport.tls import server_context

BACK_BOUNDS = RequestBounds(seconds=600.0)
"""Longer than the slowest fault."""


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


async def start(settings: DigidSettings, *, faults: FaultSwitches | None = None, clock: Clock = utc_now) -> Running:
    """Read the routeringsdienst's metadata, then listen.

    Raises:
        OSError: a file cannot be read, or a port is taken.
        SamlError: the metadata is not to be trusted.
    """
    await asyncio.to_thread(prepare)
    data = await asyncio.to_thread(settings.rd_metadata.read_bytes)
    routing = read_routing_dienst(data, trust=settings.trust, at=clock(), allow_loopback=True)
    simulator = DigidSimulator(settings, routing, clock, faults)
    tls = await asyncio.to_thread(
        server_context, settings.tls_certificate, settings.tls_key, client_ca=settings.trust_file
    )
    front = Listener(front_app(simulator), port=settings.front_port)
    back = Listener(back_app(simulator), port=settings.back_port, tls=tls)
    running = Running(settings.front_url, {})
    try:
        for name, listener in (("front", front), ("back", back)):
            await listener.start()
            running.ports[name] = listener.port
            running.closers.append(listener.stop)
    except OSError:
        await running.stop()
        raise
    return running


def front_app(simulator: DigidSimulator) -> web.Application:
    """What browsers reach."""
    app = bounded_application(RequestBounds(), [guard])
    app.add_routes(
        [
            web.post(SSO_PATH, simulator.sso),
            web.get("/login/{id}", simulator.show),
            web.post("/login/{id}", simulator.choose),
            web.get(METADATA_PATH, simulator.metadata),
            web.get("/static/{name}", serve_asset),
        ]
    )
    return app


def back_app(simulator: DigidSimulator) -> web.Application:
    """What the routeringsdienst reaches."""
    app = bounded_application(BACK_BOUNDS)
    app.add_routes([web.post(ARTIFACT_PATH, simulator.resolve)])
    return app
