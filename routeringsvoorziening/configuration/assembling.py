"""Models, keys and metadata to one `Configuration`, or to the findings that prevent it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    EntityID,
    MandateServiceId,
    ServiceUUID,
)
from routeringsvoorziening.configuration.clusters import AssembledCluster, assemble_cluster, window_of
from routeringsvoorziening.configuration.crossing_clusters import diensten_by_owner
from routeringsvoorziening.configuration.decryption import read_decryption
from routeringsvoorziening.configuration.encrypting import check_key_room
from routeringsvoorziening.configuration.federations import federated
from routeringsvoorziening.configuration.findings import Severity
from routeringsvoorziening.configuration.kept import KeptCopies
from routeringsvoorziening.configuration.keys import Circumstances, read_trust
from routeringsvoorziening.configuration.loading import Files, Located
from routeringsvoorziening.configuration.mandates import assemble_mandates
from routeringsvoorziening.configuration.metadata import MetadataReader
from routeringsvoorziening.configuration.model.common import LEVELS
from routeringsvoorziening.configuration.model.dienst import ConnectionPart, DienstverlenerFile
from routeringsvoorziening.configuration.model.methods import AuthenticationMethod
from routeringsvoorziening.configuration.parties import PartyReader
from routeringsvoorziening.configuration.result import (
    AuthenticationServiceSettings,
    Configuration,
    Connection,
    Dienst,
    Dienstverlener,
    MandateServiceSettings,
)
from routeringsvoorziening.configuration.urls import sources_of
from routeringsvoorziening.saml.certificates import TrustBundle
from routeringsvoorziening.saml.metadata.model import ServiceProvider

Part = Connection | AssembledCluster | AuthenticationServiceSettings | MandateServiceSettings
"""What the metadata of one party makes."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Documents that were fetched just now, by their URL, and under whom they must stand."""

    trust: TrustBundle
    documents: Mapping[str, bytes] = field(repr=False)


class Assembler:
    """Puts one configuration together."""

    def __init__(self, files: Files, circumstances: Circumstances, *, fetched: Fetched | None = None) -> None:
        self._files, self._circumstances = files, circumstances
        self._main = files.main
        self._trust_file = self._main.resolve(self._main.model.trust)
        self._fetched = fetched
        self._trust = fetched.trust if fetched else self._read_trust()
        self._diensten_by_owner = diensten_by_owner(files)

    def assemble(self) -> Configuration | None:
        """The configuration; None when there are errors, which stand in the findings.

        Everything is read before anything is decided, so that every mistake is found.
        """
        model, reader = self._main.model, PartyReader(self._main, self._trust, self._circumstances)
        own = reader.own()
        front_channel, back_channel = reader.front_channel(), reader.back_channel(own.tls if own else None)
        store, audit_file = reader.store(), reader.audit_file()
        methods, connections = self._methods(), self._connections()
        mandates = self._mandates()
        clusters = self._clusters()
        decryption = read_decryption(self._files, own, self._circumstances)
        connections += [each.connection for each in clusters]
        check_key_room(connections, self._main.place("clusteraansluitingen"), self._circumstances.findings)
        connections = federated(connections, self._files, self._circumstances.findings)
        found = self._circumstances.findings.sorted()
        if own is None or store is None or self._trust is None or any(x.severity is Severity.ERROR for x in found):
            return None
        return Configuration(
            environment=model.environment,
            own=own,
            trust=self._trust,
            trust_file=self._trust_file,
            front_channel=front_channel,
            back_channel=back_channel,
            management=reader.management(),
            log_level=model.logging.level,
            store=store,
            audit_file=audit_file,
            times=model.times,
            limits=model.limits,
            authentication_services=MappingProxyType({each.id: each for each in methods}),
            mandate_services=MappingProxyType({each.id: each for each in mandates}),
            dienstverleners=MappingProxyType({each.entity_id: each for each in self._dienstverleners()}),
            connections=MappingProxyType({each.entity_id: each for each in connections}),
            diensten=MappingProxyType({each.uuid: each for each in self._diensten()}),
            left_out=self._meant_to_connect() - {each.entity_id for each in connections},
            files=self._files.paths,
            warnings=found,
            sources=sources_of(self._files),
            metadata_cache=self._cache(),
            metadata_refresh=model.metadata_refresh,
            left_out_mandates=frozenset(map(MandateServiceId, model.mandate_services)) - {each.id for each in mandates},
            left_out_members=frozenset(pair for each in clusters for pair in each.left_out),
            decryption=decryption,
        )

    def parts(self) -> list[Part]:
        """What the metadata of every party makes, and nothing else."""
        clusters, findings = self._clusters(), self._circumstances.findings
        of_clusters = federated([each.connection for each in clusters], self._files, findings)
        changed = [replace(each, connection=new) for each, new in zip(clusters, of_clusters, strict=True)]
        direct = federated(self._connections(), self._files, findings)
        return [*self._methods(), *self._mandates(), *direct, *changed]

    def _cache(self) -> Path | None:
        name = self._main.model.metadata_cache
        return None if name is None else self._main.resolve(name)

    def _read_trust(self) -> TrustBundle | None:
        return read_trust(self._trust_file, self._main.place("trust"), self._circumstances)

    def _methods(self) -> list[AuthenticationServiceSettings]:
        found = (self._method(name, each) for name, each in self._main.model.authentication_services.items())
        return [each for each in found if each is not None]

    def _method(self, name: str, method: AuthenticationMethod) -> AuthenticationServiceSettings | None:
        place = self._main.place("authentication_services", name, "metadata")
        reader = self._metadata_reader()
        if reader is None:
            return None
        directory = self._main.document.file.parent
        kind = self._files.kinds.of(method)
        metadata = reader.authentication_service(
            method.metadata, directory, place, method.entity_id, inspect=kind.inspect_metadata
        )
        metadata = metadata or reader.awaited_service(method.metadata, method.entity_id)
        if metadata is None:
            return None
        return AuthenticationServiceSettings(
            id=AuthenticationServiceId(name),
            kind=method.kind,
            name=method.name.text,
            entity_id=EntityID(method.entity_id),
            metadata=metadata,
            max_loa=LEVELS[method.max_loa],
            calls=method.calls,
            settings=method,
            needs_dienst=kind.dienst is not None,
            for_organisations=kind.for_organisations,
            mandates=None if method.mandates is None else frozenset(map(MandateServiceId, method.mandates)),
        )

    def _mandates(self) -> list[MandateServiceSettings]:
        reader = self._metadata_reader()
        return [] if reader is None else list(assemble_mandates(self._main, reader))

    def _connections(self) -> list[Connection]:
        found = (self._connection(file) for file in self._files.dienstverleners)
        return [each for each in found if each is not None]

    def _connection(self, file: Located[DienstverlenerFile]) -> Connection | None:
        part, reader = file.model.connection, self._metadata_reader()
        if part is None or reader is None:
            return None
        place = file.place("connection", "metadata")
        directory, entity_id = file.document.file.parent, file.model.entity_id
        metadata = reader.dienstverlener(part.metadata, directory, place, entity_id, part.compat)
        if metadata is None or not self._services_are_known(metadata, file):
            return None
        return self._connected(file.model, part, metadata)

    def _connected(self, model: DienstverlenerFile, part: ConnectionPart, metadata: ServiceProvider) -> Connection:
        return Connection(EntityID(model.entity_id), model.name.text, metadata, window_of(part), part.compat)

    def _clusters(self) -> list[AssembledCluster]:
        reader = self._metadata_reader()
        if reader is None:
            return []
        found = (assemble_cluster(file, reader, self._circumstances.findings) for file in self._files.clusters)
        return [each for each in found if each is not None]

    def _meant_to_connect(self) -> frozenset[EntityID]:
        models = (file.model for file in self._files.dienstverleners)
        direct = {EntityID(model.entity_id) for model in models if model.connection is not None}
        return frozenset(direct | {EntityID(file.model.entity_id) for file in self._files.clusters})

    def _metadata_reader(self) -> MetadataReader | None:
        if self._trust is None:
            return None
        directory = self._cache()
        return MetadataReader(
            self._trust,
            self._main.model.environment,
            self._circumstances,
            kept=None if directory is None else KeptCopies(directory),
            fetched=self._fetched.documents if self._fetched else None,
        )

    def _services_are_known(self, metadata: ServiceProvider, file: Located[DienstverlenerFile]) -> bool:
        """Every ServiceUUID of the metadata is in the catalogue, and this dienstverlener's (MD-DV-07).

        Code: `metadata.service`.
        """
        if self._files.broken:
            return True
        own = self._diensten_by_owner.get(file.model.entity_id, set())
        by_index = file.model.connection.compat.service_index if file.model.connection else {}
        named = ((each, each.service_uuid or by_index.get(each.index)) for each in metadata.attribute_services)
        unknown = [replace(each, service_uuid=uuid) for each, uuid in named if uuid not in own]
        for each in unknown:
            text = f"AttributeConsumingService {each.index} names a dienst that is not this dienstverlener's"
            text += f" in the dienstencatalogus: {each.service_uuid}"
            place = file.place("connection", "metadata")
            mend = "Add the dienst to the dienstencatalogus, or ask for other metadata."
            self._circumstances.findings.unusable("metadata.service", place, text, mend)
        return not unknown

    def _dienstverleners(self) -> Iterable[Dienstverlener]:
        for file in self._files.dienstverleners:
            model = file.model
            yield Dienstverlener(
                entity_id=EntityID(model.entity_id),
                name=model.name.text,
                window=window_of(model),
                role=window_of(model.role),
                website=model.website,
            )
        for cluster in self._files.clusters:
            for member in cluster.model.dienstverleners:
                if member.name is not None:
                    yield Dienstverlener(EntityID(member.entity_id), member.name.text)

    def _diensten(self) -> Iterable[Dienst]:
        for file in self._files.catalogue:
            for owner, part in file.model.owned:
                methods = part.methods and frozenset(AuthenticationServiceId(name) for name in part.methods)
                yield Dienst(
                    uuid=ServiceUUID(part.uuid),
                    dienstverlener=EntityID(owner),
                    name=part.name.text,
                    minimum_loa=LEVELS[part.minimum_loa],
                    methods=methods or None,
                    window=window_of(part),
                    mandates=frozenset(map(MandateServiceId, part.mandates)),
                    identity=part.identity,
                    said=self._files.kinds.said_for(part),
                )
