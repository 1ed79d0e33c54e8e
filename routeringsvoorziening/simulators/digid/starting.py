"""Start a DigiD simulator: two listeners, one for browsers and one with mutual TLS."""

import asyncio
from datetime import datetime

from aiohttp import web

from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.metadata.reading import read_identity_provider
from routeringsvoorziening.simulators.declaring.starting import back_app_of, listen, read_routing, utc_now
from routeringsvoorziening.simulators.digid.faults import FaultSwitches
from routeringsvoorziening.simulators.digid.faults_logout import LogoutFaultSwitch
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.digid.simulator import DigidSimulator
from routeringsvoorziening.simulators.pages import guard, prepare, problem_pages, serve_asset
from routeringsvoorziening.simulators.running import Running
from routeringsvoorziening.simulators.short_lived import Clock
from routeringsvoorziening.simulators.world.layout import LOGOUT_PATH, METADATA_PATH, SSO_PATH
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application


async def start(
    settings: DigidSettings,
    *,
    faults: FaultSwitches | None = None,
    logout_faults: LogoutFaultSwitch | None = None,
    clock: Clock = utc_now,
) -> Running:
    """Read the metadata of the routeringsdienst and of the BVDs, then listen.

    Raises:
        OSError: a file cannot be read, or a port is taken.
        SamlError: the metadata is not to be trusted.
    """
    await asyncio.to_thread(prepare)
    routing = await read_routing(settings, clock())
    bvds = await asyncio.to_thread(_read_bvds, settings, clock())
    simulator = DigidSimulator(settings, routing, clock, faults, bvds, logout_faults=logout_faults)
    return await listen(settings, front_app(simulator), back_app(simulator))


def _read_bvds(settings: DigidSettings, at: datetime) -> list[IdentityProvider]:
    """MD-AD-02: with the keys for which a BVD wants identities encrypted."""
    documents = (path.read_bytes() for path in settings.bvd_metadata)
    return [
        read_identity_provider(each, trust=settings.trust, at=at, role="BVD", allow_loopback=True) for each in documents
    ]


def front_app(simulator: DigidSimulator) -> web.Application:
    """What browsers reach."""
    app = bounded_application(RequestBounds(), [guard, problem_pages("digid/layout.html")])
    app.add_routes(
        [
            web.post(SSO_PATH, simulator.sso),
            web.get("/login/{id}", simulator.show),
            web.post("/login/{id}", simulator.choose),
            *([web.post(LOGOUT_PATH, simulator.logout)] if simulator.settings.domains else []),
            web.get(METADATA_PATH, simulator.metadata),
            web.get("/static/{name}", serve_asset),
        ]
    )
    return app


def back_app(simulator: DigidSimulator) -> web.Application:
    """What the routeringsdienst reaches."""
    return back_app_of(simulator.desk)
