"""Dienstverleners with their connections, and the dienstencatalogus."""

from typing import Annotated, Literal

from pydantic import Field

from routeringsvoorziening.configuration.model.common import EntityIdText, LoAName, Names, Part, Windowed
from routeringsvoorziening.configuration.model.methods import MetadataRef, MethodId


class Compat(Part):
    """Agreed deviations of one connection, for software that cannot do what the koppelvlak asks. All off by default."""

    relay_state_max: Annotated[int, Field(ge=80, le=1024)] = 80
    """Bytes of RelayState that are accepted and returned (the koppelvlak says 80)."""
    artifact_destination: Literal["exact", "any-own"] = "exact"
    """any-own: an ArtifactResolve may also name our SSO address as its Destination."""
    acs_url: Literal["refuse", "must-match-metadata"] = "refuse"
    """must-match-metadata: AssertionConsumerServiceURL instead of the index, when the metadata lists it."""
    tolerate_requested_authn_context: bool = False
    """Ignore a RequestedAuthnContext that stands where the schema allows it; the dienstencatalogus decides."""
    default_service: bool = False
    """A request that names no dienst means the default AttributeConsumingService of the metadata."""


class ConnectionPart(Windowed):
    """A dienstverlener's own, direct connection."""

    metadata: MetadataRef
    """Signed metadata, with a certificate of the dienstverlener's own OIN."""
    compat: Compat = Compat()


class DienstverlenerFile(Windowed):
    """One file of `dienstverleners/`: an organisation that offers diensten."""

    entity_id: EntityIdText
    """Role DV."""
    name: Names
    """As people know it; shown on our pages."""
    connection: ConnectionPart | None = None
    """How it connects. Absent: known, but without a connection of its own."""


class DienstPart(Windowed):
    """One dienst."""

    uuid: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]
    """The ServiceUUID; compared as exact text."""
    name: Names
    """Shown on our pages."""
    minimum_loa: LoAName
    """Nobody gets in with less."""
    methods: Annotated[tuple[MethodId, ...], Field(min_length=1)] | None = None
    """Login methods that may be used. Absent: all that reach the minimum."""


class CatalogueFile(Part):
    """One file of `dienstencatalogus/`: the diensten of one dienstverlener."""

    dienstverlener: EntityIdText
    diensten: Annotated[tuple[DienstPart, ...], Field(min_length=1, max_length=10_000)]
