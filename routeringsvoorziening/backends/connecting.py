"""Every configured service, connected: a client of its own, an address of its own for its answers, and its backend.

To add a login method: its folder beside this module, and one line in `BACKENDS`. A BVD needs neither: configure it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.backends.bvd.mandate import Representation
from routeringsvoorziening.backends.bvd.service import Bevoegdheidsverklaringsdienst
from routeringsvoorziening.backends.clients import Clients, ServiceSettings
from routeringsvoorziening.backends.digid.service import DigiD
from routeringsvoorziening.backends.saml_service.conversation import Conversation
from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.backends.saml_service.resolving import ArtifactResolver, CallMeter
from routeringsvoorziening.broker.ports import AuthenticationService, Clock, MandateService, Store
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, EntityID, MandateServiceId
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
    """

    configuration: Configuration
    meter: CallMeter
    pool: CryptoPool
    store: Store
    clock: Clock
    clients: Clients


async def connect(surroundings: Surroundings) -> Backends:
    """Every service of a configuration.

    Raises:
        OSError: our certificate for TLS cannot be read.
    """
    configuration = surroundings.configuration
    bvds = configuration.mandate_services
    entities = {each.id: each.entity_id for each in bvds.values()}
    conversations = {
        service.id: await _conversation(surroundings, service, index)
        for index, service in _indexed(configuration).items()
    }
    return Backends(
        {
            each.id: BACKENDS[each.kind](each, conversations[each.id], entities)
            for each in configuration.authentication_services.values()
        },
        {each.id: _bvd(each, conversations[each.id]) for each in bvds.values()},
    )


def acs_urls(configuration: Configuration) -> Mapping[int, str]:
    """Where answers come back, by the index in our metadata (MD-SP-07)."""
    return {index: _acs_url(configuration, each) for index, each in _indexed(configuration).items()}


def _indexed(configuration: Configuration) -> Mapping[int, ServiceSettings]:
    """Every service with its index, which a BVD that is left out does not change for the others."""
    found: dict[int, ServiceSettings] = dict(enumerate(configuration.authentication_services.values()))
    bvds = configuration.mandate_services.values()
    return found | {FIRST_MANDATE_INDEX + each.position: each for each in bvds}


def _acs_url(configuration: Configuration, service: ServiceSettings) -> str:
    return configuration.front_channel.url(f"/saml/acs/{service.id}")


async def _conversation(surroundings: Surroundings, service: ServiceSettings, acs_index: int) -> Conversation:
    configuration = surroundings.configuration
    client = await surroundings.clients.of(configuration, service)
    own = Requester(
        entity_id=configuration.own.entity_id,
        signing=configuration.own.signing[0],
        acs_url=_acs_url(configuration, service),
        acs_index=acs_index,
        skew=configuration.times.clock_skew,
        message_age=configuration.times.request_age,
    )
    clock = surroundings.clock
    resolver = ArtifactResolver(service.id, own, client=client, meter=surroundings.meter, clock=clock)
    return Conversation(
        service.metadata, own=own, resolver=resolver, pool=surroundings.pool, store=surroundings.store, clock=clock
    )


def _bvd(settings: MandateServiceSettings, conversation: Conversation) -> MandateService:
    representation = Representation(settings.representation_types, mandatory=settings.legal)
    return Bevoegdheidsverklaringsdienst(settings.id, conversation, representation)


def _digid(
    settings: AuthenticationServiceSettings, conversation: Conversation, bvds: Mapping[MandateServiceId, EntityID]
) -> AuthenticationService:
    return DigiD(settings.id, conversation, bvds)


Backend = Callable[
    [AuthenticationServiceSettings, Conversation, Mapping[MandateServiceId, EntityID]], AuthenticationService
]
BACKENDS: Final[Mapping[str, Backend]] = {
    "digid": _digid,
}
"""Which class speaks with which kind of login method."""
