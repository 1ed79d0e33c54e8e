"""Start a portal: one listener for browsers, one client for the back channel."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from aiohttp import web

from routeringsvoorziening.saml.metadata.reading import read_identity_provider
from routeringsvoorziening.simulators.pages import guard, prepare, problem_pages, serve_asset
from routeringsvoorziening.simulators.portal.portal import Portal
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.portal.texts import prepare_texts
from routeringsvoorziening.simulators.running import Running
from routeringsvoorziening.simulators.world.layout import PORTAL_ACS_PATH, PORTAL_LOGOUT_PATH
from routeringsvoorziening.transport.client import BoundedClient, ClientBounds
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.transport.listeners import Listener
from routeringsvoorziening.transport.tls import client_context


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


async def start(
    settings: PortalSettings, *, clock: Callable[[], datetime] = utc_now, bounds: ClientBounds | None = None
) -> Running:
    """Read the routeringsdienst's metadata, then listen.

    Raises:
        OSError: a file cannot be read, or the port is taken.
        SamlError: the metadata is not to be trusted.
    """
    await asyncio.to_thread(prepare)
    await asyncio.to_thread(prepare_texts)
    data = await asyncio.to_thread(settings.rd_metadata.read_bytes)
    rd = read_identity_provider(data, trust=settings.trust, at=clock(), role="RD", allow_loopback=True)
    tls = await asyncio.to_thread(
        client_context, settings.trust_file, certificate=settings.tls_certificate, key=settings.tls_key
    )
    client = BoundedClient(tls=tls, bounds=bounds)
    listener = Listener(app_of(Portal(settings, rd, client, clock)), port=settings.port)
    await listener.start()
    return Running(settings.front_url, {"front": listener.port}, [listener.stop, client.close])


def app_of(portal: Portal) -> web.Application:
    """What browsers reach."""
    settings = portal.settings
    pages = problem_pages("portal/layout.html", portal_name=settings.name, citizen=None, cluster=bool(settings.behind))
    app = bounded_application(RequestBounds(), [guard, pages])
    app.add_routes(
        [
            web.get("/", portal.home),
            web.post("/login", portal.login),
            web.get(PORTAL_ACS_PATH, portal.acs),
            web.get("/sessie", portal.session),
            web.get("/sessie/bericht/{name}", portal.message),
            web.post("/logout", portal.logout),
            web.post(PORTAL_LOGOUT_PATH, portal.leaving.arrive),
            web.get("/uitgelogd", portal.logged_out),
            web.get("/metadata", portal.metadata),
            web.get("/static/{name}", serve_asset),
        ]
    )
    return app
