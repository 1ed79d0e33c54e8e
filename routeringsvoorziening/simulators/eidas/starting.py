"""Start an eIDAS-berichtenservice simulator: two listeners, one for browsers and one with mutual TLS."""

import asyncio

from aiohttp import web

from routeringsvoorziening.simulators.declaring.starting import back_app_of, listen, read_routing, utc_now
from routeringsvoorziening.simulators.eidas.faults import FaultSwitches
from routeringsvoorziening.simulators.eidas.settings import EidasSettings
from routeringsvoorziening.simulators.eidas.simulator import EidasSimulator
from routeringsvoorziening.simulators.pages import guard, prepare, problem_pages, serve_asset
from routeringsvoorziening.simulators.running import Running
from routeringsvoorziening.simulators.short_lived import Clock
from routeringsvoorziening.simulators.world.layout import (
    EIDAS_ACS_PATH,
    EIDAS_METADATA_PATH,
    METADATA_PATH,
    SSO_PATH,
)
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application


async def start(settings: EidasSettings, *, faults: FaultSwitches | None = None, clock: Clock = utc_now) -> Running:
    """Read the metadata of the routeringsdienst, then listen.

    Raises:
        OSError: a file cannot be read, or a port is taken.
        SamlError: the metadata is not to be trusted.
    """
    await asyncio.to_thread(prepare)
    simulator = EidasSimulator(settings, await read_routing(settings, clock()), clock, faults)
    return await listen(settings, front_app(simulator), back_app_of(simulator.desk))


def front_app(simulator: EidasSimulator) -> web.Application:
    """What browsers reach."""
    app = bounded_application(RequestBounds(), [guard, problem_pages("eidas/layout.html")])
    app.add_routes(
        [
            web.post(SSO_PATH, simulator.sso),
            web.get("/land/{id}", simulator.choose_country),
            web.post("/land/{id}", simulator.decide),
            web.post(EIDAS_ACS_PATH, simulator.arrive),
            web.get(METADATA_PATH, simulator.metadata),
            web.get(EIDAS_METADATA_PATH, simulator.node_metadata),
            web.get("/static/{name}", serve_asset),
        ]
    )
    return app
