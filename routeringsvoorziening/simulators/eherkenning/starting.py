"""Start an eHerkenning simulator: two listeners, one for browsers and one with mutual TLS."""

import asyncio
from datetime import datetime

from aiohttp import web

from routeringsvoorziening.saml.etd.catalogue import ServiceCatalogue
from routeringsvoorziening.saml.etd.catalogue_reading import read_catalogue
from routeringsvoorziening.saml.etd.metadata import read_etd_dienstverlener
from routeringsvoorziening.saml.metadata.model import IdentityProvider, RoutingDienst, ServiceProvider
from routeringsvoorziening.saml.metadata.reading import read_identity_provider
from routeringsvoorziening.simulators.declaring.starting import back_app_of, listen, utc_now
from routeringsvoorziening.simulators.eherkenning.answers import Tellers
from routeringsvoorziening.simulators.eherkenning.faults import FaultSwitches
from routeringsvoorziening.simulators.eherkenning.settings import MakelaarSettings
from routeringsvoorziening.simulators.eherkenning.simulator import MakelaarSimulator
from routeringsvoorziening.simulators.pages import guard, prepare, problem_pages, serve_asset
from routeringsvoorziening.simulators.running import Running
from routeringsvoorziening.simulators.short_lived import Clock
from routeringsvoorziening.simulators.world.layout import METADATA_PATH, SSO_PATH
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application


async def start(settings: MakelaarSettings, *, faults: FaultSwitches | None = None, clock: Clock = utc_now) -> Running:
    """Read the metadata of the dienstverlener and of the BVDs, and the service catalogue; then listen.

    Raises:
        OSError: a file cannot be read, or a port is taken.
        SamlError: the metadata or the catalogue is not to be trusted.
    """
    await asyncio.to_thread(prepare)
    routing, catalogue, bvds = await asyncio.to_thread(_read, settings, clock())
    tellers = await asyncio.to_thread(Tellers.generate)
    simulator = MakelaarSimulator(settings, routing, catalogue, tellers, clock=clock, faults=faults, bvds=bvds)
    return await listen(settings, front_app(simulator), back_app_of(simulator.desk))


def _read(settings: MakelaarSettings, at: datetime) -> tuple[RoutingDienst, ServiceCatalogue, list[IdentityProvider]]:
    data, trust = settings.rd_metadata.read_bytes(), settings.trust
    provider = read_etd_dienstverlener(data, trust=trust, at=at, allow_loopback=True)
    catalogue = read_catalogue(settings.catalogue.read_bytes(), [settings.signing.verification_key], at=at)
    documents = (path.read_bytes() for path in settings.bvd_metadata)
    bvds = [read_identity_provider(each, trust=trust, at=at, role="BVD", allow_loopback=True) for each in documents]
    served = ServiceProvider(provider.entity_id, provider.keys, acs=provider.acs)
    keys = {each.instance.service_id: each.instance.recipients for each in catalogue.services()}
    return RoutingDienst(served, keys), catalogue, bvds


def front_app(simulator: MakelaarSimulator) -> web.Application:
    """What browsers reach."""
    app = bounded_application(RequestBounds(), [guard, problem_pages("eherkenning/layout.html")])
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
