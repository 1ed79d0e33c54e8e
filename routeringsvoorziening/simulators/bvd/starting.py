"""Start a BVD simulator: two listeners, one for browsers and one with mutual TLS."""

import asyncio
from datetime import datetime
from typing import NoReturn

from aiohttp import web

from routeringsvoorziening.saml.etd.metadata import read_makelaar
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.metadata.reading import read_identity_provider
from routeringsvoorziening.simulators.bvd.faults import FaultSwitches
from routeringsvoorziening.simulators.bvd.settings import BvdSettings
from routeringsvoorziening.simulators.bvd.simulator import BvdSimulator
from routeringsvoorziening.simulators.declaring.starting import back_app_of, listen, read_routing, utc_now
from routeringsvoorziening.simulators.pages import guard, prepare, problem_pages, serve_asset
from routeringsvoorziening.simulators.registers.demo import demo_stelsel
from routeringsvoorziening.simulators.registers.stelsel import Stelsel
from routeringsvoorziening.simulators.running import Running
from routeringsvoorziening.simulators.short_lived import Clock
from routeringsvoorziening.simulators.world.layout import METADATA_PATH, SSO_PATH
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application


async def start(
    settings: BvdSettings,
    *,
    stelsel: Stelsel | None = None,
    faults: FaultSwitches | None = None,
    clock: Clock = utc_now,
) -> Running:
    """Read the metadata of the routeringsdienst and of the authenticatiediensten, then listen.

    Args:
        settings: who it is.
        stelsel: the registers behind it. Give every BVD the same one, as there is one of each register; without one
            this BVD gets the demo's registers for itself.
        faults: what it does wrong; switch while it runs.
        clock: aware UTC.

    Raises:
        OSError: a file cannot be read, or a port is taken.
        SamlError: metadata that is not to be trusted.
    """
    await asyncio.to_thread(prepare)
    routing = await read_routing(settings, clock())
    ads = await asyncio.to_thread(_read_ads, settings, clock())
    if stelsel is None:
        stelsel = (await asyncio.to_thread(demo_stelsel, clock())).stelsel
    simulator = BvdSimulator(settings, routing, ads, stelsel, clock=clock, faults=faults)
    return await listen(settings, front_app(simulator), back_app(simulator))


def _read_ads(settings: BvdSettings, at: datetime) -> list[IdentityProvider]:
    """AMB-26: whose declarations we accept, and the keys to verify them with."""
    documents = (path.read_bytes() for path in settings.ad_metadata)
    ads = [
        read_identity_provider(each, trust=settings.trust, at=at, role="AD", allow_loopback=True) for each in documents
    ]
    makelaars = (path.read_bytes() for path in settings.makelaar_metadata)
    return [*ads, *(read_makelaar(each, trust=settings.trust, at=at, allow_loopback=True) for each in makelaars)]


def front_app(simulator: BvdSimulator) -> web.Application:
    """What browsers reach."""
    pages = problem_pages("bvd/layout.html", profile=simulator.settings.profile)
    app = bounded_application(RequestBounds(), [guard, pages])
    app.add_routes(
        [
            web.get("/", _home),
            web.post(SSO_PATH, simulator.sso),
            web.get("/keuze/{id}", simulator.show),
            web.post("/keuze/{id}", simulator.choose),
            web.get("/inzage", simulator.inzage.ask),
            web.post("/inzage", simulator.inzage.log_in),
            web.get("/inzage/{id}", simulator.inzage.show),
            web.get(METADATA_PATH, simulator.metadata),
            web.get("/static/{name}", serve_asset),
        ]
    )
    return app


async def _home(_: web.Request) -> NoReturn:
    """GET /: what somebody finds who comes here by themselves."""
    raise web.HTTPSeeOther("/inzage")


def back_app(simulator: BvdSimulator) -> web.Application:
    """What the routeringsdienst reaches."""
    return back_app_of(simulator.desk)
