"""Dienstverleners with their connections, suppliers with theirs, and the dienstencatalogus."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from routeringsvoorziening.broker.vocabulary import IdentityKind
from routeringsvoorziening.configuration.model.common import EntityIdText, LoAName, Names, Part, Website, Windowed
from routeringsvoorziening.configuration.model.decryption import OnBehalf
from routeringsvoorziening.configuration.model.federations import FederationName
from routeringsvoorziening.configuration.model.methods import MetadataRef, MethodId

ServiceUuidText = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]


class Compat(Part):
    """Agreed deviations of one connection, for software that cannot do what the koppelvlak asks. All off by default."""

    relay_state_max: Annotated[int, Field(ge=80, le=1024)] = 80
    """Bytes of RelayState that are accepted and returned (the koppelvlak says 80)."""
    artifact_destination: Literal["exact", "any-own"] = "exact"
    """any-own: an ArtifactResolve may also name our SSO address as its Destination."""
    acs_url: Literal["refuse", "must-match-metadata"] = "refuse"
    """must-match-metadata: AssertionConsumerServiceURL instead of the index, when the metadata lists it."""
    tolerate_requested_authn_context: bool = False
    """Ignore a RequestedAuthnContext also where the schema does not allow it; the dienstencatalogus decides."""
    default_service: bool = False
    """A request that names no dienst means the default AttributeConsumingService of the metadata."""
    metadata_without_expiry: bool = False
    """Its metadata may lack both validUntil and cacheDuration."""
    service_index: Annotated[dict[Annotated[int, Field(ge=0, le=65535)], ServiceUuidText], Field(max_length=1000)] = (
        Field(default_factory=dict)
    )
    """Index to ServiceUUID, for AttributeConsumingServices that name none: {1: 7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1003}"""
    metadata_redirect_sso: bool = False
    """Our metadata at /saml/metadata?connection=<its entity ID> also lists HTTP-Redirect, which is not accepted."""


class RolePart(Windowed):
    """What an organisation may be in the koppelvlak: dienstaanbieder, or leverancier clusteraansluiting."""


class ConnectionPart(Windowed):
    """The technical connection of an organisation."""

    metadata: MetadataRef
    """Signed metadata, with a certificate of the organisation's own OIN."""
    compat: Compat = Compat()
    federation: FederationName | None = None
    """Single sign-on with the other connections of this federation. Absent: people log in for this one alone."""


class DienstverlenerFile(Windowed):
    """One file of `dienstverleners/`: an organisation that offers diensten."""

    entity_id: EntityIdText
    """Role DV."""
    name: Names
    """As people know it; shown on our pages."""
    website: Website | None = None
    """Where a login can be started again, for people whose login is over. Absent: the site of its own connection."""
    role: RolePart = RolePart()
    """That it offers diensten; the same through every connection."""
    connection: ConnectionPart | None = None
    """How it connects directly. Absent: through suppliers only, or not at all."""
    decryption: OnBehalf | None = None
    """That we open, on its behalf, what BSNk made for it. Absent: nobody but the dienstverlener reads an identity."""


class DienstPart(Windowed):
    """One dienst."""

    uuid: ServiceUuidText
    """The ServiceUUID; compared as exact text."""
    dienstverlener: EntityIdText | None = None
    """Whose it is, where the file does not say it for all."""
    name: Names
    """Shown on our pages."""
    minimum_loa: LoAName
    """Nobody gets in with less."""
    methods: Annotated[tuple[MethodId, ...], Field(min_length=1)] | None = None
    """Login methods that may be used. Absent: all that reach the minimum."""
    mandates: tuple[MethodId, ...] = ()
    """BVDs through which somebody may act for somebody else. Absent: people come for themselves only."""
    identity: IdentityKind = "legacy-BSN"
    """As what people are declared: legacy-BSN (the BSN itself), BSN or Pseudonym (a BSNk structure, that the
    dienstverlener opens with BSNk keys of its own). The authenticatiedienst makes it, by its own catalogue."""


class CatalogueFile(Part):
    """One file of `dienstencatalogus/`: the diensten of one dienstverlener, or of several."""

    dienstverlener: EntityIdText | None = None
    """Whose diensten these are. Absent: every dienst says it itself."""
    diensten: Annotated[tuple[DienstPart, ...], Field(min_length=1, max_length=10_000)]

    @model_validator(mode="after")
    def _has_owners(self) -> Self:
        if self.dienstverlener is None and any(each.dienstverlener is None for each in self.diensten):
            raise ValueError("dienstverlener is missing, here or at a dienst")
        return self

    @property
    def owned(self) -> Iterator[tuple[str, DienstPart]]:
        """Every dienst, in order, with the entity ID of whose it is."""
        return ((each.dienstverlener or self.dienstverlener or "", each) for each in self.diensten)
