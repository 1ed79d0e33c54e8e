"""What a login method is to the house: its kind in the files, how it is connected, and what it publishes of us."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from routeringsvoorziening.backends.decryption import DecryptionService
from routeringsvoorziening.backends.saml_service.conversation import Conversation
from routeringsvoorziening.backends.saml_service.dialect import ST_DIALECT, Dialect
from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.backends.saml_service.resolving import ArtifactResolver, CallMeter
from routeringsvoorziening.broker.ports import AuthenticationService, Clock, Store
from routeringsvoorziening.broker.vocabulary import EntityID, MandateServiceId
from routeringsvoorziening.configuration.kinds import MethodKind
from routeringsvoorziening.configuration.result import (
    AuthenticationServiceSettings,
    Configuration,
    MandateServiceSettings,
)
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.transport.client import BoundedClient

ServiceSettings = AuthenticationServiceSettings | MandateServiceSettings


@dataclass(frozen=True, slots=True)
class Line:
    """What one service is connected with: an address for its answers, a client of its own, and the house's rooms.

    Args:
        configuration: says who we are.
        acs_url: where its answers come back.
        acs_index: of that address, among all of ours.
        client: for its back channel.
        meter: counts the calls to it.
        pool: where XML and signatures are worked on.
        store: remembers what was received.
        clock: now, UTC.
        bvds: where a login may go on, by our own short name.
        decryption: opens identities for dienstverleners that asked for that; None when none did.
    """

    configuration: Configuration
    acs_url: str
    acs_index: int
    client: BoundedClient
    meter: CallMeter
    pool: CryptoPool
    store: Store
    clock: Clock
    bvds: Mapping[MandateServiceId, EntityID]
    decryption: DecryptionService | None = None

    def requester(self, entity_id: str) -> Requester:
        """We, under the name by which the service knows us."""
        configuration = self.configuration
        return Requester(
            entity_id=entity_id,
            signing=configuration.own.signing[0],
            acs_url=self.acs_url,
            acs_index=self.acs_index,
            skew=configuration.times.clock_skew,
            message_age=configuration.times.request_age,
        )

    def conversation(
        self, service: ServiceSettings, own: Requester | None = None, dialect: Dialect = ST_DIALECT
    ) -> Conversation:
        """The SAML that goes to and fro with a service; as the Routeringsdienst, unless it knows us otherwise."""
        own = own or self.requester(self.configuration.own.entity_id)
        resolver = ArtifactResolver(service.id, own, client=self.client, meter=self.meter, clock=self.clock)
        return Conversation(
            service.metadata,
            own=own,
            resolver=resolver,
            pool=self.pool,
            store=self.store,
            clock=self.clock,
            dialect=dialect,
            decryption=self.decryption,
        )


Connect = Callable[[AuthenticationServiceSettings, Line], AuthenticationService]
Publish = Callable[[Configuration, AuthenticationServiceSettings, str, datetime], bytes]
"""Our metadata for one service alone, given the address for its answers and until when it holds."""


@dataclass(frozen=True, slots=True)
class Method:
    """One kind of login method: what its folder offers, and the registry lists.

    Args:
        kind: what may stand in the files.
        connect: makes the backend of one configured method.
        publish: makes our metadata for it, when it is not ours for every authenticatiedienst.
    """

    kind: MethodKind
    connect: Connect
    publish: Publish | None = None
