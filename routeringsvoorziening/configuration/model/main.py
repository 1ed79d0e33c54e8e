"""The main file."""

from typing import Annotated, Literal

from pydantic import Field

from routeringsvoorziening.configuration.model.bounds import Audit, Limits, Store, Times
from routeringsvoorziening.configuration.model.common import FilePath, Part
from routeringsvoorziening.configuration.model.decryption import DecryptionService
from routeringsvoorziening.configuration.model.federations import FederationName, FederationPart
from routeringsvoorziening.configuration.model.listeners import BackChannel, FrontChannel, Logging, Management
from routeringsvoorziening.configuration.model.mandates import MandateService
from routeringsvoorziening.configuration.model.methods import AuthenticationMethod, MethodId
from routeringsvoorziening.configuration.model.own import Own
from routeringsvoorziening.configuration.model.refresh import MetadataRefresh

Pattern = Annotated[str, Field(pattern=r"^[^/].*\.yaml$", description="Files below this one's directory: a/*.yaml")]


class MainFile(Part):
    """The main file of the Routeringsvoorziening's configuration."""

    variables: dict[str, str | int] = Field(default_factory=dict)
    """Names that stand for values: `${name}` anywhere in any file. `--set name=value` replaces them."""
    environment: Literal["demo", "test", "production"]
    """production refuses what is only fit for a test: http addresses, entity IDs from 9000 up."""
    own: Own
    trust: FilePath
    """PEM with every root (self-signed) and intermediate that certificates may chain to."""
    front_channel: FrontChannel
    back_channel: BackChannel
    management: Management = Management()
    logging: Logging = Logging()
    store: Store = Store()
    audit: Audit = Audit()
    times: Times = Times()
    limits: Limits = Limits()
    metadata_cache: FilePath | None = None
    """A directory for the last good copy of metadata that comes from URLs; needed as soon as there is one."""
    metadata_refresh: MetadataRefresh = MetadataRefresh()
    authentication_services: Annotated[dict[MethodId, AuthenticationMethod], Field(min_length=1, max_length=16)]
    """Login methods, by our own short name."""
    mandate_services: Annotated[dict[MethodId, MandateService], Field(max_length=16)] = Field(default_factory=dict)
    """BVDs, by our own short name: for whom may a person act? A dienst says which of them it allows."""
    federations: Annotated[dict[FederationName, FederationPart], Field(max_length=10_000)] = Field(default_factory=dict)
    """Single sign-on, by our own short name; a connection says in which one it takes part."""
    decryption: DecryptionService | None = None
    """What opening identities on behalf of dienstverleners takes. Absent: no identity can be opened here."""
    dienstverleners: Pattern = "dienstverleners/*.yaml"
    clusteraansluitingen: Pattern = "clusteraansluitingen/*.yaml"
    """Suppliers that each connect many dienstverleners; there need not be any."""
    dienstencatalogus: Pattern = "dienstencatalogus/*.yaml"
