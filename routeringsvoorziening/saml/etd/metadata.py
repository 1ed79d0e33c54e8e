"""Metadata of eTD: read of a makelaar, written and read of a dienstverlener (SAML metadata, DV-HM interface).

A dienstverlener's holds what eTD lists and nothing else: no validUntil, no NameIDFormat; the first RequestedAttribute
of every AttributeConsumingService is its ServiceID.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from saml2 import md

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.certificates import TrustBundle
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd.identifiers import EtdEntityId, EtdRole, parse_etd_entity_id
from routeringsvoorziening.saml.identifiers import ParsedEntityId, new_message_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.reading import flag, number, one
from routeringsvoorziening.saml.metadata.document import descriptors_of, open_document, read_expiry, verified_root
from routeringsvoorziening.saml.metadata.endpoints import check_bindings, check_one_default, read_endpoints
from routeringsvoorziening.saml.metadata.entities import read_service
from routeringsvoorziening.saml.metadata.findings import Finding, Inspection, Rules
from routeringsvoorziening.saml.metadata.keys import check_use, read_keys
from routeringsvoorziening.saml.metadata.model import Endpoint, IdentityProvider, MetadataKey
from routeringsvoorziening.saml.metadata.writing import endpoints_of, keys_of, signed_document
from routeringsvoorziening.saml.parsing import XML_WHITESPACE, Element

EIS: Final = "eTD"
"""In the place of a requirement of ST-SAML."""


@dataclass(frozen=True, slots=True)
class EtdService:
    """An AttributeConsumingService: how a dienstverlener asks for a service.

    Args:
        index: AttributeConsumingServiceIndex; also the index of the ServiceID.
        service_id: `urn:etoegang:DV:<OIN>:services:<index>`.
        names: by language.
        is_default: of several, one is.
        requested: names of further attributes.
    """

    index: int
    service_id: str
    names: Mapping[str, str]
    is_default: bool = False
    requested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EtdServiceProvider:
    """A dienstverlener of eTD."""

    entity_id: str
    keys: tuple[MetadataKey, ...] = field(repr=False)
    acs: tuple[Endpoint, ...]
    services: tuple[EtdService, ...]

    @property
    def signing_keys(self) -> tuple[MetadataKey, ...]:
        """What it signs with, and what its TLS client may be."""
        return tuple(key for key in self.keys if "signing" in key.uses)


def write_etd_dienstverlener(provider: EtdServiceProvider, signing: SigningKey) -> bytes:
    """The signed document."""
    entity = md.EntityDescriptor(
        entity_id=provider.entity_id,
        id=new_message_id(),
        spsso_descriptor=[
            md.SPSSODescriptor(
                authn_requests_signed="true",
                want_assertions_signed="true",
                protocol_support_enumeration=names.PROTOCOL,
                key_descriptor=keys_of(provider.keys),
                assertion_consumer_service=endpoints_of(md.AssertionConsumerService, provider.acs),
                attribute_consuming_service=list(map(_written, provider.services)),
            )
        ],
    )
    return signed_document(entity, signing)


def _written(service: EtdService) -> md.AttributeConsumingService:
    requested = (service.service_id, *service.requested)
    return md.AttributeConsumingService(
        index=str(service.index),
        is_default="true" if service.is_default else None,
        service_name=[md.ServiceName(text=name, lang=language) for language, name in service.names.items()],
        requested_attribute=[md.RequestedAttribute(name=each) for each in requested],
    )


def inspect_makelaar(
    data: bytes, *, trust: TrustBundle, at: datetime, allow_loopback: bool = False
) -> tuple[IdentityProvider | None, list[Finding]]:
    """A makelaar's metadata, with every mistake; None when it may not be used."""
    inspection = Inspection(Rules(trust, at, allow_loopback=allow_loopback))
    return inspection.inspect(partial(_makelaar, data)), inspection.found


def read_makelaar(data: bytes, *, trust: TrustBundle, at: datetime, allow_loopback: bool = False) -> IdentityProvider:
    """A makelaar's metadata.

    Raises:
        SamlError: the first mistake: `md.…`, `key.…`, `oin.mismatch`, `msg.schema`, or what `parse` raises.
    """
    return Inspection(Rules(trust, at, allow_loopback=allow_loopback)).read(partial(_makelaar, data))


def read_etd_dienstverlener(
    data: bytes, *, trust: TrustBundle, at: datetime, allow_loopback: bool = False
) -> EtdServiceProvider:
    """A dienstverlener's metadata.

    Raises:
        SamlError: the first mistake: `md.…`, `key.…`, `oin.mismatch`, `msg.schema`, or what `parse` raises.
    """
    return Inspection(Rules(trust, at, allow_loopback=allow_loopback)).read(partial(_dienstverlener, data))


def _makelaar(data: bytes, inspection: Inspection) -> IdentityProvider:
    """In the role that an authenticatiedienst has for us, so by the same rules but for the names."""
    who, entity = _opened(data, "HM", inspection)
    expiry = read_expiry(entity, *descriptors_of(entity), eis=EIS, inspection=inspection)
    return read_service(entity, ParsedEntityId("AD", who.oin, who.index, who.text), expiry, inspection)


def _dienstverlener(data: bytes, inspection: Inspection) -> EtdServiceProvider:
    who, entity = _opened(data, "DV", inspection)
    with inspection.needing(EIS):
        if entity.get("validUntil") is not None or entity.find(f".//{names.md('NameIDFormat')}") is not None:
            raise SamlError("md.structure", "validUntil or NameIDFormat in the metadata of a dienstverlener")
        descriptor = one(entity, names.md("SPSSODescriptor"), "md.role")
    keys = read_keys(descriptor, who.oin, inspection)
    check_use(keys, "signing", EIS, inspection)
    acs = read_endpoints(descriptor, "AssertionConsumerService", EIS, inspection)
    check_bindings(acs, names.BINDING_ARTIFACT, "AssertionConsumerService", EIS, inspection)
    check_one_default(acs, "AssertionConsumerService", EIS, inspection)
    with inspection.needing(EIS):
        services = tuple(map(_read_service, descriptor.findall(names.md("AttributeConsumingService"))))
        if len({each.index for each in services}) != len(services) or not services:
            raise SamlError("md.service", "no AttributeConsumingService, or two with the same index")
        if len(services) > 1 and sum(each.is_default for each in services) != 1:
            raise SamlError("md.service", "not exactly one AttributeConsumingService is the default")
    return EtdServiceProvider(who.text, keys, acs, services)


def _read_service(element: Element) -> EtdService:
    requested = [each.attrib["Name"].strip(XML_WHITESPACE) for each in element.findall(names.md("RequestedAttribute"))]
    index = number(element, "index") or 0
    if not requested or not requested[0].endswith(f":services:{index}"):
        raise SamlError("md.service", "the first RequestedAttribute is not the ServiceID")
    found = {each.attrib[_LANG]: each.text or "" for each in element.findall(names.md("ServiceName"))}
    return EtdService(index, requested[0], found, flag(element, "isDefault"), tuple(requested[1:]))


_LANG: Final = f"{{{names.XML}}}lang"


def _opened(data: bytes, role: EtdRole, inspection: Inspection) -> tuple[EtdEntityId, Element]:
    """Whose document it is, and what of it is signed."""
    root = open_document(data, "EntityDescriptor", inspection)
    with inspection.needing(EIS):
        who = parse_etd_entity_id(root.attrib["entityID"].strip(XML_WHITESPACE), role)
    return who, verified_root(root, root, who.oin, inspection)
