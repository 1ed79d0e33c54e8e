"""The service catalogue of eTD as values: which services there are, at which level, for whom, and with whose keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from routeringsvoorziening.saml.certificates import oin_of
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.metadata.model import MetadataKey


@dataclass(frozen=True, slots=True)
class RequestedAttribute:
    """An attribute that may be given, and what it is for, by language."""

    name: str
    purposes: Mapping[str, str]
    required: bool = False


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """A service, however often it is offered.

    Args:
        uuid: ServiceUUID; the same over instances.
        names: by language, at most 64 characters.
        descriptions: by language, at most 1,024 characters.
        class_ref: the lowest level, as AuthnContextClassRef.
        makelaar: OIN.
        entity_concerned: types of identifier of who is represented; each set is one combination that suffices.
        acting_subject: types of identifier of who acts; empty for the usual ones.
        restrictions: names of restrictions that a mandate may have.
        requested: the closed list of attributes.
    """

    uuid: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    class_ref: str
    makelaar: str
    entity_concerned: tuple[frozenset[str], ...]
    acting_subject: tuple[str, ...] = ()
    restrictions: frozenset[str] = frozenset()
    requested: tuple[RequestedAttribute, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceInstance:
    """A service as one dienstverlener offers it.

    Args:
        service_id: `urn:etoegang:DV:<OIN>:services:<index>`.
        uuid: of this instance.
        instance_of: ServiceUUID of the definition; None when that has the same UUID.
        makelaar: OIN.
        keys: for whom identifiers are encrypted.
        urls: of the service, by language.
        classifiers: such as `eIDAS-inbound`.
        bsnk_structure_version: of polymorphic identities, when it gets any.
        bsnk_key_set_version: of the keys that open them.
    """

    service_id: str
    uuid: str
    makelaar: str
    instance_of: str | None = None
    keys: tuple[MetadataKey, ...] = field(default=(), repr=False)
    urls: Mapping[str, str] = field(default_factory=dict)
    classifiers: tuple[str, ...] = ()
    bsnk_structure_version: str | None = None
    bsnk_key_set_version: str | None = None

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """The dienstverlener, whom a certificate names by its OIN alone; so the index of its eTD name is the first."""
        return tuple(
            Recipient(f"urn:etoegang:DV:{oin_of(key.certificate)}:entities:1", key.key_name, key.certificate)
            for key in self.keys
        )


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """Everything of one organisation: its OIN, its names by language, and its services."""

    oin: str
    names: Mapping[str, str]
    definitions: tuple[ServiceDefinition, ...]
    instances: tuple[ServiceInstance, ...]


@dataclass(frozen=True, slots=True)
class KnownService:
    """One instance, with what it is an instance of and whose it is."""

    entry: CatalogueEntry
    definition: ServiceDefinition
    instance: ServiceInstance


@dataclass(frozen=True, slots=True)
class ServiceCatalogue:
    """A whole catalogue; `issued` is UTC."""

    issued: datetime
    version: str
    entries: tuple[CatalogueEntry, ...]

    def service(self, service_id: str) -> KnownService | None:
        """What there is under a ServiceID."""
        return next((each for each in self.services() if each.instance.service_id == service_id), None)

    def services(self) -> Iterator[KnownService]:
        """Every instance whose definition is there."""
        for entry in self.entries:
            definitions = {each.uuid: each for each in entry.definitions}
            for instance in entry.instances:
                definition = definitions.get(instance.instance_of or instance.uuid)
                if definition is not None:
                    yield KnownService(entry, definition, instance)
