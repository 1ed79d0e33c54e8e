"""The composition root: a configuration in, a listening server out. Nothing else wires the house together.

    front channel ── browsers            web pages, frontends.saml: sso, logout, metadata
    back channel ─── servers, mutual TLS frontends.saml: artifact
    management ───── operators           metrics, health

The services behind it are connected by `backends.connecting`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final, Literal

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from routeringsvoorziening.backends.clients import Clients
from routeringsvoorziening.backends.connecting import Backends, Surroundings, acs_urls, connect, publications
from routeringsvoorziening.backends.decryption import Books
from routeringsvoorziening.backends.ending import session_services
from routeringsvoorziening.broker.abandoned import AbandonedLogins
from routeringsvoorziening.broker.broker import Broker
from routeringsvoorziening.broker.journal import Journal
from routeringsvoorziening.broker.logout import Logouts
from routeringsvoorziening.broker.occupancy import Occupancy
from routeringsvoorziening.broker.ports import AuditTrail, Clock, Store
from routeringsvoorziening.broker.sessions import Sessions
from routeringsvoorziening.broker.vocabulary import EntityID, LoA
from routeringsvoorziening.configuration.catalogue import ConfiguredCatalogue
from routeringsvoorziening.configuration.encrypting import recipients
from routeringsvoorziening.configuration.model.federations import LONGEST
from routeringsvoorziening.configuration.result import Configuration, ListenerSettings
from routeringsvoorziening.frontends.saml import back_channel
from routeringsvoorziening.frontends.saml.answers import NAME as SAML
from routeringsvoorziening.frontends.saml.answers import SamlAnswers
from routeringsvoorziening.frontends.saml.artifact import ArtifactResolution
from routeringsvoorziening.frontends.saml.dienst import Addresses, Routeringsdienst, Times
from routeringsvoorziening.frontends.saml.logout import LogoutPages, SingleLogout
from routeringsvoorziening.frontends.saml.metadata import (
    assertion_consumers,
    for_dienstverleners,
    for_services,
    published_keys,
    serve,
    serve_variants,
    with_redirect,
)
from routeringsvoorziening.frontends.saml.pending import PendingAnswers
from routeringsvoorziening.frontends.saml.publishing import Publication
from routeringsvoorziening.frontends.saml.receiving import FindConnection
from routeringsvoorziening.frontends.saml.rejecting import Rejections
from routeringsvoorziening.frontends.saml.sso import Pages as SsoPages
from routeringsvoorziening.frontends.saml.sso import SingleSignOn
from routeringsvoorziening.lanes import Lanes
from routeringsvoorziening.observability.access import AccessLogger, route_of
from routeringsvoorziening.observability.audit import STDOUT, LineAuditTrail
from routeringsvoorziening.observability.health import Health
from routeringsvoorziening.observability.management import management_application
from routeringsvoorziening.observability.metered_store import MeteredStore
from routeringsvoorziening.observability.metrics import Metrics, new_registry
from routeringsvoorziening.renewal.succession import Succession
from routeringsvoorziening.renewal.upkeep import keeping_fresh
from routeringsvoorziening.saml.metadata.writing import write_identity_provider, write_routing_dienst
from routeringsvoorziening.store.managed import ManagedStore
from routeringsvoorziening.store.opening import open_store
from routeringsvoorziening.store.sealing import SealingKey
from routeringsvoorziening.transport.guarding import ConnectionBounds
from routeringsvoorziening.transport.limits import RequestBounds
from routeringsvoorziening.transport.listeners import Listener
from routeringsvoorziening.transport.peer import TRUSTED_PROXY, TrustedProxy
from routeringsvoorziening.transport.tls import server_context
from routeringsvoorziening.web.application import front_application
from routeringsvoorziening.web.flow import Flow
from routeringsvoorziening.web.language import language_of
from routeringsvoorziening.web.leaving import LeavingPages
from routeringsvoorziening.web.page_settings import page_settings_of
from routeringsvoorziening.web.pages import Pages

Audience = Literal["dv", "dv-redirect", "ad"]
"""Whom our metadata is for."""

ARTIFACT_INDEX: Final = 0
"""Of our one ArtifactResolutionService."""
LOGOUT_PATH: Final = "/saml/logout"
SSO_PATH: Final = "/saml/sso"
METADATA_PATH: Final = "/saml/metadata"
METADATA_FOR_SERVICES_PATH: Final = "/saml/metadata/sp"

AUDIT_TIMEOUT: Final = 5.0
"""Seconds for one record of the audit trail."""
COUNTING_EVERY = 10.0
"""Seconds between two looks for logins that nobody finished."""
CRYPTO_MARGIN: Final = 10.0
"""Seconds on top of a service's own deadline, for our own work on its answer."""
STEPS: Final = {SSO_PATH: "sso", LOGOUT_PATH: "logout", "/saml/acs/{backend}": "acs", back_channel.PATH: "artifact"}
"""Route to the name of its step in the metrics."""


def utc_now() -> datetime:
    """The clock of a real server."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """What every room shares."""

    configuration: Configuration
    clock: Clock
    metrics: Metrics
    managed_store: ManagedStore
    store: Store
    lanes: Lanes
    audit: AuditTrail
    clients: Clients
    occupancy: Occupancy
    abandoned: AbandonedLogins


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that listens, with the ports that it really has; `succession` changes its configuration."""

    front_port: int
    back_port: int
    management_port: int
    metrics: Metrics
    health: Health
    succession: Succession


class CannotListen(OSError):
    """An address is in use or not ours.

    Args:
        channel: the section of the configuration: `front_channel`, `back_channel` or `management`.
        problem: what the system says, address included.
    """

    def __init__(self, channel: str, problem: OSError) -> None:
        super().__init__(problem.errno, problem.strerror)
        self.channel = channel


@asynccontextmanager
async def running(configuration: Configuration, *, clock: Clock = utc_now) -> AsyncIterator[RunningServer]:
    """A server for as long as the context lasts; on leaving it finishes what is under way, then lets go of everything.

    Raises:
        CannotListen: an address is in use.
        OSError: a file cannot be read.
        StoreAddressInvalid: the store's URL is wrong.
    """
    async with AsyncExitStack() as stack:
        house = await _furnish(configuration, clock, stack)
        yield await _open(house, stack)


async def _furnish(configuration: Configuration, clock: Clock, stack: AsyncExitStack) -> House:
    """The rooms that the others need: store, crypto pool, numbers, audit trail."""
    metrics = Metrics(await asyncio.to_thread(new_registry), clock=clock)
    audit = LineAuditTrail(configuration.audit_file or STDOUT, clock=clock, durable=True)
    stack.push_async_callback(asyncio.to_thread, audit.close)
    store = open_store(
        configuration.store.url,
        keys=[SealingKey(each.id, each.key) for each in configuration.store.sealing_keys],
        max_entries=2 * configuration.limits.store_entries,
        max_entries_per_kind=configuration.limits.store_entries,
    )
    stack.push_async_callback(store.close)
    limits = configuration.limits
    lanes = Lanes.of(workers=limits.crypto_workers, max_pending=limits.crypto_queue)
    stack.callback(lanes.close)
    clients = Clients()
    stack.push_async_callback(clients.close)
    occupancy = Occupancy(
        total=limits.logins,
        per_connection=limits.logins_per_connection,
        guaranteed=limits.logins_guaranteed,
        unproven=configuration.times.unproven_login,
    )
    metered = MeteredStore(store, metrics)
    abandoned = AbandonedLogins(metered, Journal(audit, metrics, timeout=AUDIT_TIMEOUT), clock)
    await stack.enter_async_context(abandoned.counting(every=COUNTING_EVERY))
    return House(configuration, clock, metrics, store, metered, lanes, audit, clients, occupancy, abandoned)


# --- listeners ---------------------------------------------------------------------------------------------------


async def _open(house: House, stack: AsyncExitStack) -> RunningServer:
    """Make the applications and listen: management first, so that readiness can be asked for from the beginning."""
    configuration, metrics = house.configuration, house.metrics
    front, back = await _applications(house)
    channels = await _channels(house, front, back)
    succession = Succession(configuration, partial(_successor, house, channels), metrics, house.clock)
    checks = {"store": house.managed_store.check, "crypto": house.lanes.check, "metadata": succession.check_parties}
    health = Health(checks)
    management = Listener(
        management_application(metrics.registry, health),
        host=configuration.management.host,
        port=configuration.management.port,
    )
    listeners = {"management": management, "back_channel": channels.back, "front_channel": channels.front}
    for channel, listener in listeners.items():
        try:
            await stack.enter_async_context(listener)
        except OSError as problem:
            raise CannotListen(channel, problem) from problem
    await stack.enter_async_context(keeping_fresh(succession, metrics, house.clock))
    stack.callback(health.stop)
    return RunningServer(channels.front.port, channels.back.port, management.port, metrics, health, succession)


@dataclass(frozen=True, slots=True)
class Channels:
    """The listeners for browsers and for servers."""

    front: Listener
    back: Listener


async def _channels(house: House, front: web.Application, back: web.Application) -> Channels:
    configuration = house.configuration
    return Channels(
        await _listener(house, configuration.front_channel, front, client_ca=False),
        await _listener(house, configuration.back_channel, back, client_ca=True),
    )


async def _successor(house: House, channels: Channels, configuration: Configuration) -> Callable[[], None]:
    """Make the applications of another configuration; calling what comes back lets them serve, both at once."""
    front, back = await _applications(replace(house, configuration=configuration))
    switches = (await channels.back.prepare(back), await channels.front.prepare(front))

    def switch() -> None:
        for each in switches:
            each()

    return switch


async def _listener(house: House, settings: ListenerSettings, app: web.Application, *, client_ca: bool) -> Listener:
    """TLS by ourselves, or by the proxy in front of us; on the back channel always with the client's certificate."""
    configuration = house.configuration
    tls = None
    if settings.tls is not None and settings.proxy is None:
        tls = await asyncio.to_thread(
            server_context,
            settings.tls.certificate_file,
            settings.tls.key_file,
            client_ca=configuration.trust_file if client_ca else None,
        )
    return Listener(
        app,
        host=settings.host,
        port=settings.port,
        tls=tls,
        bounds=ConnectionBounds(
            connections=configuration.limits.open_connections,
            per_address=configuration.limits.connections_per_address,
            exempt=settings.proxy.addresses if settings.proxy else (),
        ),
        access_logger=AccessLogger,
        on_bound=house.metrics.bound_reached,
    )


async def _applications(house: House) -> tuple[web.Application, web.Application]:
    """The front channel's and the back channel's, with everything behind them."""
    configuration = house.configuration
    surroundings = Surroundings(
        configuration,
        house.metrics,
        house.lanes.back,
        house.store,
        house.clock,
        clients=house.clients,
        books=Books(house.audit, house.metrics),
    )
    return await asyncio.to_thread(_wired, house, await connect(surroundings))


def _wired(house: House, services: Backends) -> tuple[web.Application, web.Application]:
    """Both applications; they share what waits behind artifacts."""
    configuration = house.configuration
    dienst = _dienst(configuration)
    pending = PendingAnswers(house.store)
    answers = SamlAnswers(dienst, pending, _sessions(house))
    broker = _broker(house, services)
    resolution = ArtifactResolution(
        dienst,
        find=_find(configuration),
        pending=pending,
        store=house.store,
        pool=house.lanes.back,
        rejections=Rejections("artifact", house.metrics),
        audit=house.audit,
        clock=house.clock,
    )
    bounds = RequestBounds(
        body_bytes=configuration.limits.request_bytes,
        body_seconds=configuration.limits.request_time.total_seconds(),
    )
    back = back_channel.back_channel_application(resolution, bounds, house.metrics)
    back.middlewares.append(_timed(house.metrics))
    proxy = configuration.back_channel.proxy
    if proxy is not None:
        back[TRUSTED_PROXY] = TrustedProxy(proxy.addresses, proxy.client_certificate_header)
    return _front_application(house, broker, dienst, answers, bounds), back


def _dienst(configuration: Configuration) -> Routeringsdienst:
    """We, as dienstverleners see us."""
    front, times = configuration.front_channel, configuration.times
    return Routeringsdienst(
        entity_id=configuration.own.entity_id,
        signing=configuration.own.signing[0],
        addresses=Addresses(
            sso=front.url(SSO_PATH),
            logout=front.url(LOGOUT_PATH),
            artifact=configuration.back_channel.url(back_channel.PATH),
            artifact_index=ARTIFACT_INDEX,
        ),
        times=Times(
            skew=times.clock_skew,
            request_age=times.request_age,
            artifact_life=times.artifact_life,
            assertion_validity=times.assertion_validity,
            conditions={level: getattr(times.conditions, level.name.lower()) for level in LoA},
        ),
    )


def _find(configuration: Configuration) -> FindConnection:
    return lambda name: configuration.connections.get(EntityID(name))


def _broker(house: House, services: Backends) -> Broker:
    configuration = house.configuration
    calls = [each.calls for each in configuration.authentication_services.values()]
    calls += [each.calls for each in configuration.mandate_services.values()]
    slowest = max(each.timeout.total_seconds() for each in calls)
    return Broker(
        store=house.store,
        catalogue=ConfiguredCatalogue.of(configuration),
        authentication=services.authentication,
        mandates=services.mandates,
        audit=house.audit,
        meter=house.metrics,
        clock=house.clock,
        login_ttl=configuration.times.login.total_seconds(),
        service_timeout=slowest + CRYPTO_MARGIN,
        occupancy=house.occupancy,
        abandoned=house.abandoned,
    )


def our_metadata(configuration: Configuration, audience: Audience, *, valid_until: datetime) -> bytes:
    """Our signed metadata: for dienstverleners (`dv`), or for authenticatiediensten and BVDs (`ad`).

    `dv-redirect` is the variant for connections with `metadata_redirect_sso`.
    """
    dienst, own = _dienst(configuration), configuration.own
    keys = published_keys(own.signing, own.tls.certificate, own.encryption)
    if audience != "ad":
        provider = for_dienstverleners(dienst, keys, valid_until=valid_until)
        return write_identity_provider(with_redirect(provider) if audience != "dv" else provider, dienst.signing)
    consumers = assertion_consumers(acs_urls(configuration))
    readers = recipients(configuration.connections.values())
    return write_routing_dienst(for_services(dienst, keys, consumers, readers, valid_until=valid_until), dienst.signing)


def _publication(house: House, audience: Audience) -> Publication:
    def make(valid_until: datetime) -> bytes:
        return our_metadata(house.configuration, audience, valid_until=valid_until)

    return _published(house, make)


def _published(house: House, make: Callable[[datetime], bytes]) -> Publication:
    validity = house.configuration.own.metadata_validity
    return Publication(make, validity=validity, pool=house.lanes.back, clock=house.clock)


def _front_application(
    house: House, broker: Broker, dienst: Routeringsdienst, answers: SamlAnswers, bounds: RequestBounds
) -> web.Application:
    """Pages and the steps of a login, with the addresses of the SAML frontend among them."""
    configuration, metrics = house.configuration, house.metrics
    pages = Pages(page_settings_of(configuration))
    flow = Flow(broker, {SAML: answers}, pages)
    https = configuration.front_channel.base_url.startswith("https:")
    app = front_application(flow, pages, bounds=bounds, meter=metrics, https=https)
    app.middlewares.append(_timed(metrics))
    sso = SingleSignOn(
        dienst,
        find=_find(configuration),
        broker=broker,
        sessions=_sessions(house),
        answers=answers,
        pages=SsoPages(flow.respond, pages.refuse, language_of),
        store=house.store,
        pool=house.lanes.front,
        rejections=Rejections("sso", metrics),
        clock=house.clock,
    )
    app.router.add_post(SSO_PATH, sso.handle)
    logout = _logout(house, dienst, pages)
    app.router.add_post(LOGOUT_PATH, logout.handle)
    app.router.add_get(f"{LOGOUT_PATH}/{{leg}}", logout.show)
    app.router.add_post(f"{LOGOUT_PATH}/{{leg}}/return", logout.give_up)
    app.router.add_get(METADATA_PATH, _metadata_for_dienstverleners(house))
    app.router.add_get(METADATA_FOR_SERVICES_PATH, serve(_publication(house, "ad")))
    for service, make in publications(configuration).items():
        app.router.add_get(f"{METADATA_PATH}/{service}", serve(_published(house, make)))
    return app


def _metadata_for_dienstverleners(house: House) -> Handler:
    """One document for all but those with whom a variant was agreed."""
    agreed = [each.entity_id for each in house.configuration.connections.values() if each.compat.metadata_redirect_sso]
    variant, rejections = _publication(house, "dv-redirect"), Rejections("metadata", house.metrics)
    return serve_variants(
        _publication(house, "dv"),
        dict.fromkeys(agreed, variant),
        lambda connection: rejections.note_compat(connection, ["metadata_redirect_sso"]),
    )


def _sessions(house: House) -> Sessions:
    """Single sign-on: whatever this process knows of it stands in the store."""
    services = tuple(house.configuration.authentication_services)
    return Sessions(house.store, services, longest=LONGEST.total_seconds(), clock=house.clock)


def _logout(house: House, dienst: Routeringsdienst, pages: Pages) -> SingleLogout:
    configuration, url = house.configuration, dienst.addresses.logout
    pool, clients = house.lanes.front, house.clients
    services = session_services(configuration, logout_url=url, pool=pool, clients=clients, clock=house.clock)
    logouts = Logouts(
        _sessions(house), services, store=house.store, audit=house.audit, meter=house.metrics, clock=house.clock
    )
    return SingleLogout(
        dienst,
        find=_find(configuration),
        services={each.entity_id for each in configuration.authentication_services.values()},
        logouts=logouts,
        pages=LogoutPages(
            LeavingPages(pages),
            pages.refuse,
            language_of,
            services={each.id: each.name for each in configuration.authentication_services.values()},
            connections={each.entity_id: each.name for each in configuration.connections.values()},
        ),
        store=house.store,
        pool=house.lanes.front,
        rejections=Rejections("logout", house.metrics),
        clock=house.clock,
    )


def _timed(metrics: Metrics) -> Middleware:
    """Our own time per step, for the steps that cost something."""

    @web.middleware
    async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
        step = STEPS.get(route_of(request))
        if step is None:
            return await handler(request)
        with metrics.step(step):
            return await handler(request)

    return timed
