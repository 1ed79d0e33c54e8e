"""Metadata that was fetched while the server runs: judged as at the start, and put in the place of what was there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from routeringsvoorziening.broker.vocabulary import EntityID
from routeringsvoorziening.configuration.assembling import Assembler, Fetched, Part
from routeringsvoorziening.configuration.clusters import AssembledCluster
from routeringsvoorziening.configuration.findings import Finding, Findings, Severity
from routeringsvoorziening.configuration.keys import Circumstances
from routeringsvoorziening.configuration.result import (
    AuthenticationServiceSettings,
    Configuration,
    Connection,
    MandateServiceSettings,
    MetadataSource,
)
from routeringsvoorziening.saml.metadata.model import IdentityProvider, ServiceProvider

ROLLBACK: Final = "metadata.rollback"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of a document; `part` is None when it may not be used, and the findings say why."""

    part: Part | None
    findings: tuple[Finding, ...]

    @property
    def code(self) -> str:
        """Of the worst finding."""
        return self.findings[0].code if self.findings else ""

    @property
    def is_rollback(self) -> bool:
        """Whether it is good, and older than what is in use."""
        return any(each.code == ROLLBACK for each in self.findings)

    @property
    def metadata(self) -> ServiceProvider | IdentityProvider:
        """Of the part.

        Raises:
            ValueError: there is none.
        """
        if self.part is None:
            raise ValueError("nothing may be used")
        return metadata_of(self.part)


def metadata_of(part: Part) -> ServiceProvider | IdentityProvider:
    """The party's own metadata."""
    return part.connection.metadata if isinstance(part, AssembledCluster) else part.metadata


def judge(configuration: Configuration, source: MetadataSource, data: bytes, at: datetime) -> Judgement:
    """A fetched document, by every rule that holds at the start, and not older than what is in use (S81, S85).

    Reading takes RSA and XML: call it off the event loop.
    """
    findings = Findings()
    fetched = Fetched(configuration.trust, {source.url: data})
    made = Assembler(source.files, Circumstances(at, {}, findings), fetched=fetched).parts()
    part = made[0] if made and all(each.severity is Severity.WARNING for each in findings) else None
    if part is not None and _is_older(metadata_of(part), _in_use(configuration, source.party), at):
        part = None
        text = "this metadata ends before the metadata that is in use: an older copy"
        findings.unusable(ROLLBACK, source.place, text, "Ask its publisher; what is in use stays until it ends.")
    return Judgement(part, findings.sorted())


def adopt(configuration: Configuration, parts: Iterable[Part]) -> Configuration:
    """The configuration with these parts in it, each in the place of what its party had."""
    for part in parts:
        configuration = _with(configuration, part)
    return configuration


def _is_older(
    fresh: ServiceProvider | IdentityProvider, current: ServiceProvider | IdentityProvider | None, at: datetime
) -> bool:
    """Metadata has no serial; that a document ends sooner than the one in use is what can be seen of its age.

    One without an end, where that was agreed, could be of any age: it waits until the one in use has ended.
    """
    if current is None or current.valid_until is None or current.valid_until <= at:
        return False
    return fresh.valid_until is None or fresh.valid_until < current.valid_until


def _in_use(configuration: Configuration, party: EntityID) -> ServiceProvider | IdentityProvider | None:
    connection = configuration.connections.get(party)
    if connection is not None:
        return connection.metadata
    methods, mandates = configuration.authentication_services.values(), configuration.mandate_services.values()
    services = [(each.entity_id, each.metadata) for each in methods]
    services += [(each.entity_id, each.metadata) for each in mandates]
    return dict(services).get(party)


def _with(configuration: Configuration, part: Part) -> Configuration:
    if isinstance(part, AuthenticationServiceSettings):
        methods = {**configuration.authentication_services, part.id: part}
        return replace(configuration, authentication_services=MappingProxyType(methods))
    if isinstance(part, MandateServiceSettings):
        mandates = {**configuration.mandate_services, part.id: part}
        left_out = configuration.left_out_mandates - {part.id}
        return replace(configuration, mandate_services=MappingProxyType(mandates), left_out_mandates=left_out)
    if isinstance(part, AssembledCluster):
        entity_id = part.connection.entity_id
        others = frozenset(pair for pair in configuration.left_out_members if pair[0] != entity_id)
        configuration = replace(configuration, left_out_members=others | part.left_out)
        return _connected(configuration, part.connection)
    return _connected(configuration, part)


def _connected(configuration: Configuration, connection: Connection) -> Configuration:
    connections = {**configuration.connections, connection.entity_id: connection}
    left_out = configuration.left_out - {connection.entity_id}
    return replace(configuration, connections=MappingProxyType(connections), left_out=left_out)
