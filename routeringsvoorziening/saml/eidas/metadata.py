"""Metadata of a node, as eIDAS nodes publish it at the address that is their entity ID."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree
from saml2 import md, saml, xmldsig
from saml2.extension import mdattr

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import METADATA_PREFIXES, Verbatim, attribute_value, element_of, verbatim
from routeringsvoorziening.saml.eidas.vocabulary import ATTRIBUTES, EXTENSIONS, LEVELS
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.instants import format_instant
from routeringsvoorziening.saml.keys import SigningKey, VerificationKey
from routeringsvoorziening.saml.signing import sign

_PREFIXES: Final = {**METADATA_PREFIXES, "eidas": EXTENSIONS, "mdattr": mdattr.NAMESPACE}
_ENTITY_ATTRIBUTES: Final = {
    "http://eidas.europa.eu/entity-attributes/protocol-version": "1.2",
    "http://eidas.europa.eu/entity-attributes/application-identifier": "Routeringsvoorziening:simulator",
}
_ASSURANCE: Final = "urn:oasis:names:tc:SAML:attribute:assurance-certification"


@dataclass(frozen=True, slots=True)
class Node:
    """What a node says of itself.

    Args:
        entity_id: the address of the document.
        country: ISO 3166-1 alpha-2.
        signing: what it signs messages with, and this document.
        valid_until: UTC.
    """

    entity_id: str
    country: str
    signing: SigningKey
    valid_until: datetime


def write_identifying_node(node: Node, request_url: str, highest_level: int) -> bytes:
    """Of a node that says who somebody is: where it is asked, and up to which level it declares (20, 25 or 30)."""
    descriptor = md.IDPSSODescriptor(
        want_authn_requests_signed="true",
        protocol_support_enumeration=names.PROTOCOL,
        extensions=_country(node),
        key_descriptor=[_key("signing", node.signing.verification_key)],
        single_sign_on_service=[md.SingleSignOnService(binding=names.BINDING_POST, location=request_url)],
        attribute=[
            saml.Attribute(name=kind.name, friendly_name=kind.friendly_name, name_format=names.ATTRIBUTE_URI)
            for kind in ATTRIBUTES.values()
        ],
    )
    assurance = _attribute(_ASSURANCE, LEVELS[highest_level])
    return _signed(md.EntityDescriptor(idpsso_descriptor=[descriptor]), node, [assurance])


def write_asking_node(node: Node, acs_url: str, encryption: VerificationKey) -> bytes:
    """Of a node that asks who somebody is: where answers come in, and for which key they are encrypted."""
    service = md.AssertionConsumerService(binding=names.BINDING_POST, location=acs_url, index="0", is_default="true")
    descriptor = md.SPSSODescriptor(
        authn_requests_signed="true",
        want_assertions_signed="false",
        protocol_support_enumeration=names.PROTOCOL,
        extensions=_country(node),
        key_descriptor=[_key("signing", node.signing.verification_key), _key("encryption", encryption)],
        assertion_consumer_service=[service],
    )
    return _signed(md.EntityDescriptor(spsso_descriptor=[descriptor]), node, [])


def _signed(descriptor: md.EntityDescriptor, node: Node, attributes: Iterable[saml.Attribute]) -> bytes:
    described = [_attribute(name, value) for name, value in _ENTITY_ATTRIBUTES.items()]
    descriptor.id = new_message_id()
    descriptor.entity_id = node.entity_id
    descriptor.valid_until = format_instant(node.valid_until)
    descriptor.extensions = md.Extensions(
        extension_elements=[mdattr.EntityAttributes(attribute=[*described, *attributes])]
    )
    element = element_of(descriptor, _PREFIXES)
    sign(element, node.signing, include_certificate=True)
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True)


def _country(node: Node) -> md.Extensions:
    element = etree.Element(f"{{{EXTENSIONS}}}NodeCountry", nsmap={"eidas": EXTENSIONS})
    element.text = node.country
    finished: Verbatim = verbatim(element)
    return md.Extensions(extension_elements=[finished])


def _key(use: str, key: VerificationKey) -> md.KeyDescriptor:
    certificate = base64.b64encode(key.certificate_der).decode("ascii")
    data = xmldsig.X509Data(x509_certificate=xmldsig.X509Certificate(text=certificate))
    info = xmldsig.KeyInfo(key_name=[xmldsig.KeyName(text=key.key_name)], x509_data=[data])
    return md.KeyDescriptor(use=use, key_info=info)


def _attribute(name: str, value: str) -> saml.Attribute:
    return saml.Attribute(name=name, name_format=names.ATTRIBUTE_URI, attribute_value=[attribute_value(value)])
