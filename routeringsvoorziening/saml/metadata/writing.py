"""Our metadata, and that of the simulators: signed, in schema order (MD-DV, MD-LC, MD-RD, MD-SP, MD-AD; AMB-23).

The document's own signature has a KeyName and an X509Certificate, for receivers that take the certificate from there.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from lxml import etree
from saml2 import SamlBase, md, xmldsig

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import METADATA_PREFIXES, attribute_value, element_of
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.instants import format_instant
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.metadata.model import (
    BOTH_USES,
    AttributeConsumingService,
    Cluster,
    Endpoint,
    IdentityProvider,
    MetadataKey,
    RoutingDienst,
    ServiceProvider,
)
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.signing import sign


def write_service_provider(provider: ServiceProvider, signing: SigningKey) -> bytes:
    """Metadata of a dienstverlener, or of the RV alone: one EntityDescriptor (MD-DV-01).

    `provider.valid_until` or `provider.cache_duration` should be set (MD-03).
    """
    return signed_document(_service_provider(provider, {"id": new_message_id(), **_expiry(provider)}), signing)


def write_identity_provider(provider: IdentityProvider, signing: SigningKey) -> bytes:
    """Metadata of an AD or BVD, or of the RV towards dienstverleners: one EntityDescriptor (MD-AD-01, MD-RD-01)."""
    entity = md.EntityDescriptor(
        entity_id=provider.entity_id,
        id=new_message_id(),
        **_expiry(provider),
        idpsso_descriptor=[
            md.IDPSSODescriptor(
                want_authn_requests_signed="true",
                protocol_support_enumeration=names.PROTOCOL,
                key_descriptor=keys_of(provider.keys),
                artifact_resolution_service=endpoints_of(md.ArtifactResolutionService, provider.artifact_resolution),
                single_logout_service=endpoints_of(md.SingleLogoutService, provider.single_logout),
                single_sign_on_service=endpoints_of(md.SingleSignOnService, provider.single_sign_on),
            )
        ],
    )
    return signed_document(entity, signing)


def write_routing_dienst(routing: RoutingDienst, signing: SigningKey) -> bytes:
    """Metadata of the RV towards AD and BVD: one file with an entry of its own and one per dienstverlener (MD-SP).

    Raises:
        ValueError: without `valid_until`, which is mandatory here (MD-SP-02).
    """
    if routing.valid_until is None:
        raise ValueError("metadata for AD and BVD needs validUntil (MD-SP-02)")
    return _with_entries(routing.service_provider, routing.dienstverleners.items(), signing)


def write_cluster(cluster: Cluster, signing: SigningKey) -> bytes:
    """Metadata of a supplier: one file with its own entry and one per dienstverlener (MD-LC-01 to MD-LC-08).

    `cluster.supplier.valid_until` or its `cache_duration` should be set (MD-03); entries have none (MD-LC-02).
    """
    members = ((each.entity_id, each.recipients) for each in cluster.members.values())
    return _with_entries(cluster.supplier, members, signing)


def _with_entries(
    publisher: ServiceProvider, entries: Iterable[tuple[str, Iterable[Recipient]]], signing: SigningKey
) -> bytes:
    """An EntitiesDescriptor: the publisher first, then an entry per dienstverlener."""
    document = md.EntitiesDescriptor(
        id=new_message_id(),
        **_expiry(publisher),
        entity_descriptor=[_service_provider(publisher, {"id": new_message_id()})],
    )
    element = element_of(document, METADATA_PREFIXES)
    acs = publisher.acs_by_index(None)
    for entity_id, keys in entries:
        _append_dienstverlener(element, entity_id, keys, acs)
    return _sealed(element, signing)


def signed_document(document: SamlBase, signing: SigningKey) -> bytes:
    """A whole document, signed by its publisher."""
    return _sealed(element_of(document, METADATA_PREFIXES), signing)


def _sealed(element: Element, signing: SigningKey) -> bytes:
    sign(element, signing, include_certificate=True)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(
        element, encoding="UTF-8", xml_declaration=False
    )


def _service_provider(provider: ServiceProvider, attributes: Mapping[str, Any]) -> md.EntityDescriptor:
    return md.EntityDescriptor(
        entity_id=provider.entity_id,
        **attributes,
        spsso_descriptor=[
            md.SPSSODescriptor(
                authn_requests_signed="true",
                want_assertions_signed="true",
                protocol_support_enumeration=names.PROTOCOL,
                key_descriptor=keys_of(provider.keys),
                single_logout_service=endpoints_of(md.SingleLogoutService, provider.slo),
                assertion_consumer_service=endpoints_of(md.AssertionConsumerService, provider.acs),
                attribute_consuming_service=[_attribute_service(each) for each in provider.attribute_services],
            )
        ],
    )


def _append_dienstverlener(parent: Element, entity_id: str, keys: Iterable[Recipient], acs: Endpoint) -> None:
    """An entry with the encryption keys, and a copy of the publisher's ACS (MD-SP-09, MD-LC-08).

    Made in lxml at once: there may be ten thousand of them, and they are all alike.
    """
    entity = etree.SubElement(parent, names.md("EntityDescriptor"), entityID=entity_id, ID=new_message_id())
    descriptor = etree.SubElement(entity, names.md("SPSSODescriptor"), protocolSupportEnumeration=names.PROTOCOL)
    for each in keys:
        key = etree.SubElement(descriptor, names.md("KeyDescriptor"), use="encryption")
        key_info = etree.SubElement(key, names.ds("KeyInfo"))
        etree.SubElement(key_info, names.ds("KeyName")).text = each.key_name
        data = etree.SubElement(key_info, names.ds("X509Data"))
        der = each.certificate.public_bytes(serialization.Encoding.DER)
        etree.SubElement(data, names.ds("X509Certificate")).text = b64encode(der).decode("ascii")
    copied = etree.SubElement(
        descriptor, names.md("AssertionConsumerService"), Binding=acs.binding, Location=acs.location
    )
    copied.set("index", str(acs.index or 0))
    if acs.is_default:
        copied.set("isDefault", "true")


def _expiry(provider: ServiceProvider | IdentityProvider) -> dict[str, str | None]:
    return {
        "valid_until": _instant(provider.valid_until),
        "cache_duration": _duration(provider.cache_duration),
    }


def _instant(value: datetime | None) -> str | None:
    return None if value is None else format_instant(value)


def _duration(value: timedelta | None) -> str | None:
    return None if value is None else f"PT{int(value.total_seconds())}S"


def keys_of(keys: Iterable[MetadataKey]) -> list[md.KeyDescriptor]:
    """A KeyDescriptor for each."""
    return [
        md.KeyDescriptor(
            use=_use(each),
            key_info=xmldsig.KeyInfo(
                key_name=[xmldsig.KeyName(text=each.key_name)],
                x509_data=[
                    xmldsig.X509Data(
                        x509_certificate=[xmldsig.X509Certificate(text=b64encode(each.certificate_der).decode("ascii"))]
                    )
                ],
            ),
        )
        for each in keys
    ]


def _use(key: MetadataKey) -> str | None:
    return None if key.uses == BOTH_USES else min(key.uses)


def endpoints_of(kind: type[SamlBase], endpoints: Iterable[Endpoint]) -> list[SamlBase]:
    """An element of that kind for each."""
    return [kind(location=each.location, binding=each.binding, **_indexed(each)) for each in endpoints]


def _indexed(endpoint: Endpoint) -> dict[str, str]:
    indexed = {} if endpoint.index is None else {"index": str(endpoint.index)}
    return indexed | {"is_default": "true"} if endpoint.is_default else indexed


def _attribute_service(service: AttributeConsumingService) -> md.AttributeConsumingService:
    requested = [] if service.service_uuid is None else [attribute_value(service.service_uuid)]
    return md.AttributeConsumingService(
        index=str(service.index),
        is_default="true" if service.is_default else None,
        service_name=[md.ServiceName(text=name, lang=language) for language, name in service.names.items()],
        requested_attribute=[md.RequestedAttribute(name=names.SERVICE_UUID, attribute_value=requested)],
    )
