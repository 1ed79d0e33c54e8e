"""The checked configuration: frozen, complete, with keys and metadata already read. What the house is wired from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from cryptography import x509

from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    EntityID,
    Federation,
    IdentityKind,
    LoA,
    LocalizedText,
    MandateServiceId,
    ServiceUUID,
)
from routeringsvoorziening.configuration.decryption import Decryption
from routeringsvoorziening.configuration.findings import Finding, Place
from routeringsvoorziening.configuration.loading import Files
from routeringsvoorziening.configuration.model.bounds import Limits, Times
from routeringsvoorziening.configuration.model.common import Part
from routeringsvoorziening.configuration.model.dienst import Compat
from routeringsvoorziening.configuration.model.listeners import Proxy
from routeringsvoorziening.configuration.model.methods import AuthenticationMethod, Calls
from routeringsvoorziening.configuration.model.refresh import MetadataRefresh
from routeringsvoorziening.saml.certificates import TrustBundle
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.metadata.model import IdentityProvider, ServiceProvider

Environment = Literal["demo", "test", "production"]


@dataclass(frozen=True, slots=True)
class Window:
    """When something is in force.

    Args:
        active: False switches it off whatever the time.
        begins: inclusive; None for always.
        ends: exclusive; None for never.
    """

    active: bool = True
    begins: datetime | None = None
    ends: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """True when it is in force at a moment (aware)."""
        begun = self.begins is None or at >= self.begins
        return self.active and begun and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class TlsIdentity:
    """A certificate chain and its key, for a TLS server or client.

    Args:
        certificate: the leaf.
        certificate_file: PEM, leaf first, then what stands behind it.
        key_file: PEM, without a passphrase; belongs to the leaf.
    """

    certificate: x509.Certificate
    certificate_file: Path
    key_file: Path


@dataclass(frozen=True, slots=True)
class OwnParty:
    """The Routeringsdienst itself.

    Args:
        entity_id: ours.
        signing: the first signs; all are published.
        tls: the back channel's server certificate and our client certificate; published too (TLS-04).
        encryption: published for AD and BVD when configured (MD-SP-05).
        metadata_validity: how long our metadata may be used.
    """

    entity_id: EntityID
    signing: tuple[SigningKey, ...]
    tls: TlsIdentity
    encryption: x509.Certificate | None
    metadata_validity: timedelta


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """Where to listen, and under which public address; `tls` None means plain HTTP."""

    host: str
    port: int
    base_url: str
    tls: TlsIdentity | None = None
    proxy: Proxy | None = None

    def url(self, path: str) -> str:
        """The public address of a path that begins with a slash."""
        return self.base_url + path


@dataclass(frozen=True, slots=True)
class SealingSecret:
    """An AES-256 key of 32 bytes, and the id that names it in what it sealed."""

    id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where short-lived state is kept; `url` may hold a password. At least one sealing key; the first one seals."""

    url: str = field(repr=False)
    sealing_keys: tuple[SealingSecret, ...]


@dataclass(frozen=True, slots=True)
class AuthenticationServiceSettings:
    """One login method, with its verified metadata.

    Args:
        settings: the whole of what the file says, in the form of its kind.
        needs_dienst: it is open only for a dienst that says what this kind needs.
        for_organisations: people come with it for an organisation.
        mandates: the BVDs to which a login may go on; None for all.
    """

    id: AuthenticationServiceId
    kind: str
    name: LocalizedText
    entity_id: EntityID
    metadata: IdentityProvider
    max_loa: LoA
    calls: Calls
    settings: AuthenticationMethod
    needs_dienst: bool = False
    for_organisations: bool = False
    mandates: frozenset[MandateServiceId] | None = None

    def goes_on_to(self, mandate: MandateServiceId) -> bool:
        """Whether somebody may act for somebody else through a BVD after logging in with it."""
        return self.mandates is None or mandate in self.mandates

    def open_for(self, dienst: "Dienst") -> bool:
        """Whether the dienst allows it, and says all that it needs; the level is another matter."""
        allowed = dienst.methods is None or self.id in dienst.methods
        return allowed and (not self.needs_dienst or self.kind in dienst.said)


@dataclass(frozen=True, slots=True)
class MandateServiceSettings:
    """One BVD, with its verified metadata.

    Args:
        position: among the BVDs of the file, from 0; those that are left out keep theirs.
        prompt: when somebody chooses it, in their own words.
        representation_types: the URNs that it may declare.
        legal: it must declare at least one of them.
    """

    id: MandateServiceId
    position: int
    kind: str
    name: LocalizedText
    prompt: LocalizedText
    entity_id: EntityID
    metadata: IdentityProvider
    representation_types: frozenset[str]
    legal: bool
    calls: Calls

    def usable_at(self, at: datetime) -> bool:
        """True when its metadata has not expired (MD-AD-01): it is not offered after that."""
        expiry = self.metadata.valid_until
        return expiry is None or at < expiry


ALWAYS: Final = Window()
"""What no window was configured for."""


@dataclass(frozen=True, slots=True)
class Dienstverlener:
    """An organisation that offers diensten.

    Args:
        window: of the organisation.
        role: of its role as dienstaanbieder.
        website: where a login can be started again; None when nobody said so.
    """

    entity_id: EntityID
    name: LocalizedText
    window: Window = ALWAYS
    role: Window = ALWAYS
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """That a dienstverlener may be asked for through a connection.

    Args:
        recipients: whom to encrypt for, as this connection's metadata says it.
        window: of the relation.
        diensten: which ones, each with a window of its own; None for all of the dienstverlener's.
        valid_until: of what the metadata says about it; UTC.
    """

    recipients: tuple[Recipient, ...] = ()
    window: Window = ALWAYS
    diensten: Mapping[ServiceUUID, Window] | None = None
    valid_until: datetime | None = None

    def usable_at(self, at: datetime) -> bool:
        """True when it is in force and its metadata has not expired."""
        return self.window.covers(at) and (self.valid_until is None or at < self.valid_until)

    def window_of(self, dienst: ServiceUUID) -> Window | None:
        """When a dienst may be asked for; None when it may not at all."""
        return ALWAYS if self.diensten is None else self.diensten.get(dienst)


@dataclass(frozen=True, slots=True)
class Connection:
    """Who may send us requests, with its verified metadata: a dienstverlener itself, or a supplier for several.

    Args:
        metadata: of a dienstverlener, or the supplier's own entry.
        window: of the connection.
        organisation: of the supplier; a dienstverlener's own stands in `Dienstverlener`.
        role: of the supplier's role as leverancier clusteraansluiting.
        members: the dienstverleners of a supplier; None for a dienstverlener that asks for itself.
        federation: in which it takes part in single sign-on; None when it does not.
    """

    entity_id: EntityID
    name: LocalizedText
    metadata: ServiceProvider
    window: Window = ALWAYS
    compat: Compat = field(default_factory=Compat)
    organisation: Window = ALWAYS
    role: Window = ALWAYS
    members: Mapping[EntityID, Relation] | None = None
    federation: Federation | None = None

    @property
    def is_cluster(self) -> bool:
        """Whether a supplier asks, on behalf of others."""
        return self.members is not None

    @property
    def relations(self) -> Mapping[EntityID, Relation]:
        """Everybody for whom it may ask."""
        own = {self.entity_id: Relation(self.metadata.recipients)}
        return own if self.members is None else self.members

    def relation_with(self, dienstverlener: EntityID) -> Relation | None:
        """What holds for a dienstverlener; None when it is not of this connection."""
        if self.members is not None:
            return self.members.get(dienstverlener)
        return _ITSELF if dienstverlener == self.entity_id else None

    def usable_at(self, at: datetime) -> bool:
        """True when it is in force and its metadata has not expired (MD-03)."""
        expiry = self.metadata.valid_until
        return self.window.covers(at) and (expiry is None or at < expiry)


_ITSELF: Final = Relation()


@dataclass(frozen=True, slots=True)
class Dienst:
    """One dienst of the catalogue.

    Args:
        methods: the login methods that may be used; None for all that reach the minimum.
        mandates: the BVDs through which somebody may act for somebody else.
        identity: as what people are declared.
        said: what it says for a kind of login method, by the kind's name.
    """

    uuid: ServiceUUID
    dienstverlener: EntityID
    name: LocalizedText
    minimum_loa: LoA
    methods: frozenset[AuthenticationServiceId] | None
    window: Window = Window()
    mandates: frozenset[MandateServiceId] = frozenset()
    identity: IdentityKind = "legacy-BSN"
    said: Mapping[str, Part] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetadataSource:
    """Where the metadata of one party is fetched from.

    Args:
        url: absolute.
        party: whose it must be.
        place: where the configuration says so.
        files: what the configuration says about this party, and nothing of others.
    """

    url: str
    party: EntityID
    place: Place
    files: Files = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the house is wired from.

    Args:
        environment: `production` is strict about addresses and entity IDs.
        files: what was read, for those who watch for changes.
        left_out: connections that cannot be used now.
        left_out_mandates: BVDs that cannot be used now.
        left_out_members: supplier and dienstverlener, of those that a supplier cannot be asked for now.
        warnings: what somebody should look at; why a connection was left out is among them.
        trust_file: the PEM bundle behind `trust`, for TLS.
        audit_file: None for standard output.
        sources: the parties whose metadata comes from URLs.
        metadata_cache: where the last good copies are; None when nothing comes from URLs.
        metadata_refresh: how often, and from where it may come.
        decryption: what identities are opened with on behalf of dienstverleners; None when that is done for nobody.
    """

    environment: Environment
    own: OwnParty
    trust: TrustBundle
    trust_file: Path
    front_channel: ListenerSettings
    back_channel: ListenerSettings
    management: ListenerSettings
    log_level: str
    store: StoreSettings
    audit_file: Path | None
    times: Times
    limits: Limits
    authentication_services: Mapping[AuthenticationServiceId, AuthenticationServiceSettings]
    mandate_services: Mapping[MandateServiceId, MandateServiceSettings]
    dienstverleners: Mapping[EntityID, Dienstverlener]
    connections: Mapping[EntityID, Connection]
    diensten: Mapping[ServiceUUID, Dienst]
    left_out: frozenset[EntityID]
    files: tuple[Path, ...]
    warnings: tuple[Finding, ...]
    left_out_members: frozenset[tuple[EntityID, EntityID]] = frozenset()
    left_out_mandates: frozenset[MandateServiceId] = frozenset()
    sources: tuple[MetadataSource, ...] = ()
    metadata_cache: Path | None = None
    metadata_refresh: MetadataRefresh = field(default_factory=MetadataRefresh)
    decryption: Decryption | None = None
