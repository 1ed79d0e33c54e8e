"""Metadata of the node of a country, as eIDAS nodes publish it: for people and tools to look at.

The nodes of the demo world know each other's keys from its files, as real ones know them from a list that the member
states keep; so nobody reads this document here.
"""

from datetime import datetime, timedelta
from typing import Final

from lxml import etree
from saml2 import md, saml
from saml2.extension import mdattr

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import METADATA_PREFIXES, attribute_value, element_of, verbatim
from routeringsvoorziening.saml.eidas.vocabulary import ATTRIBUTES, EXTENSIONS, LEVELS
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.instants import format_instant
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.simulators.buitenland.settings import ForeignSettings
from routeringsvoorziening.simulators.world.europe import Country

VALIDITY: Final = timedelta(days=1)
_PREFIXES: Final = {**METADATA_PREFIXES, "eidas": EXTENSIONS, "mdattr": mdattr.NAMESPACE}
_ENTITY_ATTRIBUTES: Final = {
    "http://eidas.europa.eu/entity-attributes/protocol-version": "1.2",
    "http://eidas.europa.eu/entity-attributes/application-identifier": "Routeringsvoorziening:simulator",
}


def metadata_of(settings: ForeignSettings, country: Country, at: datetime) -> bytes:
    """The signed document, valid for a day."""
    node_country = etree.Element(f"{{{EXTENSIONS}}}NodeCountry", nsmap={"eidas": EXTENSIONS})
    node_country.text = country.code
    described = mdattr.EntityAttributes(
        attribute=[_attribute(name, value) for name, value in _ENTITY_ATTRIBUTES.items()]
        + [_attribute("urn:oasis:names:tc:SAML:attribute:assurance-certification", LEVELS[country.highest])]
    )
    descriptor = md.IDPSSODescriptor(
        want_authn_requests_signed="true",
        protocol_support_enumeration=names.PROTOCOL,
        extensions=md.Extensions(extension_elements=[verbatim(node_country)]),
        single_sign_on_service=[
            md.SingleSignOnService(binding=names.BINDING_POST, location=settings.request_url(country.code))
        ],
        attribute=[
            saml.Attribute(name=kind.name, friendly_name=kind.friendly_name, name_format=names.ATTRIBUTE_URI)
            for kind in ATTRIBUTES.values()
        ],
    )
    element = element_of(
        md.EntityDescriptor(
            id=new_message_id(),
            entity_id=settings.entity_id(country.code),
            valid_until=format_instant(at + VALIDITY),
            extensions=md.Extensions(extension_elements=[described]),
            idpsso_descriptor=[descriptor],
        ),
        _PREFIXES,
    )
    sign(element, settings.signing, include_certificate=True)
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True)


def _attribute(name: str, value: str) -> saml.Attribute:
    return saml.Attribute(name=name, name_format=names.ATTRIBUTE_URI, attribute_value=[attribute_value(value)])
