"""What metadata says, as frozen values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.keys import VerificationKey

KeyUse = Literal["signing", "encryption"]
BOTH_USES: Final[frozenset[KeyUse]] = frozenset({"signing", "encryption"})
"""Of a KeyDescriptor without `use`."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a party listens.

    Args:
        location: absolute URL.
        binding: URN.
        index: of an indexed endpoint.
        is_default: as it stands there.
    """

    location: str
    binding: str
    index: int | None = None
    is_default: bool = False


@dataclass(frozen=True)
class MetadataKey(VerificationKey):
    """A key of a party and what it may be used for.

    Args:
        key_name: as the party publishes it, compared exactly.
        certificate: holds the public key.
        uses: of the KeyDescriptor. Keys for TLS are published as `signing` (MD-DV-02, MD-SP-04).
    """

    uses: frozenset[KeyUse] = BOTH_USES


@dataclass(frozen=True, slots=True)
class AttributeConsumingService:
    """A dienst that a dienstverlener can ask for by its index (AR-06).

    Args:
        index: 0 to 65535.
        is_default: it is meant when a request names none (AMB-03).
        names: language to name.
        service_uuid: None only where configuration maps the index itself.
    """

    index: int
    is_default: bool = False
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    service_uuid: str | None = None


@dataclass(frozen=True, slots=True)
class _Entity:
    """What every party has.

    Args:
        entity_id: EntityID.
        keys: in document order.
        valid_until: UTC; the earliest that holds for this entity.
        cache_duration: after which to look again.
    """

    entity_id: str
    keys: tuple[MetadataKey, ...]

    @property
    def oin(self) -> str:
        """The OIN in the entityID."""
        return parse_entity_id(self.entity_id).oin

    @property
    def is_test(self) -> bool:
        """Whether the index is one for test systems only, 9000 and up (MD-02); production refuses it."""
        return parse_entity_id(self.entity_id).is_test

    @property
    def signing_keys(self) -> tuple[VerificationKey, ...]:
        """The keys that messages may be signed with."""
        return tuple(each for each in self.keys if "signing" in each.uses)

    @property
    def encryption_keys(self) -> tuple[VerificationKey, ...]:
        """The keys to encrypt for."""
        return tuple(each for each in self.keys if "encryption" in each.uses)

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """The encryption keys as `encryption` wants them: one per key, so that either key opens (ATT-13)."""
        return tuple(Recipient(self.entity_id, key.key_name, key.certificate) for key in self.encryption_keys)

    @property
    def tls_fingerprints(self) -> frozenset[str]:
        """SHA-256 of the certificates that may be shown on the back channel, in lower-case hexadecimal."""
        return frozenset(each.fingerprint for each in self.signing_keys)


@dataclass(frozen=True, slots=True)
class ServiceProvider(_Entity):
    """A party that asks: a dienstverlener, or the RV towards the services.

    Args:
        acs: AssertionConsumerServices.
        attribute_services: AttributeConsumingServices, of a dienstverlener only.
        slo: SingleLogoutServices.
        valid_until: UTC; not used after it.
        cache_duration: after which to look again (MD-04).
    """

    acs: tuple[Endpoint, ...] = ()
    attribute_services: tuple[AttributeConsumingService, ...] = ()
    slo: tuple[Endpoint, ...] = ()
    valid_until: datetime | None = None
    cache_duration: timedelta | None = None

    def acs_by_index(self, index: int | None) -> Endpoint:
        """The AssertionConsumerService with that index; the default one for None (AR-04).

        Raises:
            SamlError: `md.endpoint`.
        """
        return _by_index(self.acs, index, "AssertionConsumerService")

    def attribute_service_by_index(self, index: int | None) -> AttributeConsumingService:
        """The AttributeConsumingService with that index; for None the one that says it is the default (AMB-03).

        Raises:
            SamlError: `md.service`.
        """
        for each in self.attribute_services:
            if each.is_default if index is None else each.index == index:
                return each
        raise SamlError("md.service", "no such AttributeConsumingService")


@dataclass(frozen=True, slots=True)
class IdentityProvider(_Entity):
    """A party that answers: an authenticatiedienst, a BVD, or the RV towards dienstverleners.

    Args:
        artifact_resolution: ArtifactResolutionServices (SOAP).
        single_sign_on: SingleSignOnServices (HTTP-POST).
        single_logout: SingleLogoutServices (HTTP-POST).
        valid_until: UTC; not used after it.
        cache_duration: after which to look again (MD-04).
    """

    artifact_resolution: tuple[Endpoint, ...] = ()
    single_sign_on: tuple[Endpoint, ...] = ()
    single_logout: tuple[Endpoint, ...] = ()
    valid_until: datetime | None = None
    cache_duration: timedelta | None = None

    def artifact_resolution_by_index(self, index: int) -> Endpoint:
        """Where an artifact with that EndpointIndex is resolved.

        Raises:
            SamlError: `md.endpoint`.
        """
        return _by_index(self.artifact_resolution, index, "ArtifactResolutionService")


@dataclass(frozen=True, slots=True)
class RoutingDienst:
    """The RV as AD and BVD know it: itself, and the keys of every dienstverlener that it serves (MD-SP-01).

    Args:
        service_provider: the RD entry.
        dienstverleners: entityID to the keys for which its identities are encrypted.
    """

    service_provider: ServiceProvider
    dienstverleners: Mapping[str, tuple[Recipient, ...]]

    @property
    def valid_until(self) -> datetime | None:
        """UTC."""
        return self.service_provider.valid_until


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """A dienstverlener as its supplier publishes it: nothing but whom to encrypt for (MD-LC-07, MD-LC-08).

    Args:
        entity_id: of the dienstverlener.
        recipients: one per encryption key.
        valid_until: UTC; the earliest that holds for this entry.
    """

    entity_id: str
    recipients: tuple[Recipient, ...]
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A supplier (LC) and the dienstverleners that it connects (MD-LC-01).

    Args:
        supplier: the LC entry: it signs, receives and resolves, and has no encryption key (MD-LC-04).
        members: by the entityID of the dienstverlener.
    """

    supplier: ServiceProvider
    members: Mapping[str, ClusterMember]


def _by_index(endpoints: Iterable[Endpoint], index: int | None, kind: str) -> Endpoint:
    """By index, or the default: what says so, else the first that does not deny it (SAML metadata 2.2.3)."""
    known = tuple(endpoints)
    for each in known:
        if each.is_default if index is None else each.index == index:
            return each
    if index is None and known:
        return known[0]
    raise SamlError("md.endpoint", f"no such {kind}")
