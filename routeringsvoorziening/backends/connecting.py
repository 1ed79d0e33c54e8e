"""Every configured service, connected: a client of its own, an address of its own for its answers, and its backend.

Which login methods there are stands in `registry`. A BVD needs neither a class nor a line: configure it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from routeringsvoorziening.backends.bvd.mandate import Representation
from routeringsvoorziening.backends.bvd.service import Bevoegdheidsverklaringsdienst
from routeringsvoorziening.backends.clients import Clients
from routeringsvoorziening.backends.decryption import Books, DecryptionService
from routeringsvoorziening.backends.method import Line, Publish, ServiceSettings
from routeringsvoorziening.backends.registry import METHODS
from routeringsvoorziening.backends.saml_service.resolving import CallMeter
from routeringsvoorziening.broker.ports import AuthenticationService, Clock, MandateService, Store
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, MandateServiceId
from routeringsvoorziening.configuration.result import (
    AuthenticationServiceSettings,
    Configuration,
    MandateServiceSettings,
)
from routeringsvoorziening.saml.offload import CryptoPool

FIRST_MANDATE_INDEX: Final = 100
"""Of the AssertionConsumerServices for BVDs in our metadata; those for login methods count from 0."""


@dataclass(frozen=True, slots=True)
class Backends:
    """Every service that is connected, as the core calls it."""

    authentication: Mapping[AuthenticationServiceId, AuthenticationService]
    mandates: Mapping[MandateServiceId, MandateService]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What connecting needs of the house.

    Args:
        configuration: says which services there are.
        meter: counts the calls to them.
        pool: where XML and signatures are worked on.
        store: remembers what was received.
        clock: now, UTC.
        clients: for their back channels.
        books: where it is written down that an identity was opened.
    """

    configuration: Configuration
    meter: CallMeter
    pool: CryptoPool
    store: Store
    clock: Clock
    clients: Clients
    books: Books


async def connect(surroundings: Surroundings) -> Backends:
    """Every service of a configuration.

    Raises:
        OSError: our certificate for TLS cannot be read.
    """
    configuration = surroundings.configuration
    lines = {
        service.id: await _line(surroundings, service, index) for index, service in _indexed(configuration).items()
    }
    methods, bvds = configuration.authentication_services, configuration.mandate_services
    return Backends(
        {name: METHODS[each.kind].connect(each, lines[name]) for name, each in methods.items()},
        {name: _bvd(each, lines[name]) for name, each in bvds.items()},
    )


def acs_urls(configuration: Configuration) -> Mapping[int, str]:
    """Where answers come back, by the index in our metadata (MD-SP-07); not of those with metadata of their own."""
    indexed = _indexed(configuration).items()
    return {index: _acs_url(configuration, each) for index, each in indexed if _publisher(each) is None}


def publications(configuration: Configuration) -> Mapping[AuthenticationServiceId, Callable[[datetime], bytes]]:
    """Our metadata for one service alone, given until when it holds; for those that get such metadata."""
    services = configuration.authentication_services.values()
    made = ((each, _publisher(each)) for each in services)
    return {
        each.id: partial(publish, configuration, each, _acs_url(configuration, each))
        for each, publish in made
        if publish is not None
    }


def _publisher(service: ServiceSettings) -> Publish | None:
    return METHODS[service.kind].publish if isinstance(service, AuthenticationServiceSettings) else None


def _indexed(configuration: Configuration) -> Mapping[int, ServiceSettings]:
    """Every service with its index, which a BVD that is left out does not change for the others."""
    found: dict[int, ServiceSettings] = dict(enumerate(configuration.authentication_services.values()))
    bvds = configuration.mandate_services.values()
    return found | {FIRST_MANDATE_INDEX + each.position: each for each in bvds}


def _acs_url(configuration: Configuration, service: ServiceSettings) -> str:
    return configuration.front_channel.url(f"/saml/acs/{service.id}")


async def _line(surroundings: Surroundings, service: ServiceSettings, acs_index: int) -> Line:
    configuration = surroundings.configuration
    return Line(
        configuration,
        _acs_url(configuration, service),
        acs_index,
        client=await surroundings.clients.of(configuration, service),
        meter=surroundings.meter,
        pool=surroundings.pool,
        store=surroundings.store,
        clock=surroundings.clock,
        bvds={each.id: each.entity_id for each in configuration.mandate_services.values()},
        decryption=DecryptionService.of(configuration, surroundings.books),
    )


def _bvd(settings: MandateServiceSettings, line: Line) -> MandateService:
    representation = Representation(settings.representation_types, mandatory=settings.legal)
    return Bevoegdheidsverklaringsdienst(settings.id, line.conversation(settings), representation)
