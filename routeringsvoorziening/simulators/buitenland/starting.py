"""Start the nodes of other countries: one listener, for browsers; nodes never call each other."""

import asyncio

from aiohttp import web

from routeringsvoorziening.simulators.buitenland.faults import FaultSwitch
from routeringsvoorziening.simulators.buitenland.node import ForeignNodes
from routeringsvoorziening.simulators.buitenland.settings import ForeignSettings
from routeringsvoorziening.simulators.declaring.starting import utc_now
from routeringsvoorziening.simulators.pages import guard, prepare, problem_pages, serve_asset
from routeringsvoorziening.simulators.running import Running
from routeringsvoorziening.simulators.short_lived import Clock
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.transport.listeners import Listener


async def start(settings: ForeignSettings, *, faults: FaultSwitch | None = None, clock: Clock = utc_now) -> Running:
    """Listen.

    Raises:
        OSError: the port is taken.
    """
    await asyncio.to_thread(prepare)
    listener = Listener(app_of(ForeignNodes(settings, clock, faults)), port=settings.port)
    await listener.start()
    return Running(settings.base_url, {"front": listener.port}, [listener.stop])


def app_of(nodes: ForeignNodes) -> web.Application:
    """What browsers reach."""
    app = bounded_application(RequestBounds(), [guard, problem_pages("buitenland/layout.html", country=None)])
    app.add_routes(
        [
            web.post("/{country}/request", nodes.ask),
            web.get("/{country}/login/{id}", nodes.show),
            web.post("/{country}/login/{id}", nodes.choose),
            web.get("/{country}/metadata", nodes.metadata),
            web.get("/static/{name}", serve_asset),
        ]
    )
    return app
