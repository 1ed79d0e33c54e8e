"""The service catalogue of eTD as XML, release 1.13: signed, its children in the order that the schema fixes."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.etd.catalogue import (
    CatalogueEntry,
    RequestedAttribute,
    ServiceCatalogue,
    ServiceDefinition,
    ServiceInstance,
)
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.instants import format_instant
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.metadata.model import MetadataKey
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.signing import sign

NAMESPACE: Final = "urn:etoegang:1.13:service-catalog"
_LANG: Final = f"{{{names.XML}}}lang"
_NSMAP: Final = {"esc": NAMESPACE, "md": names.MD, "saml": names.SAML, "ds": names.DS}


def esc(name: str) -> str:
    """A name of the catalogue's namespace."""
    return f"{{{NAMESPACE}}}{name}"


def write_catalogue(catalogue: ServiceCatalogue, signing: SigningKey) -> bytes:
    """The signed document, UTF-8."""
    root = etree.Element(esc("ServiceCatalogue"), nsmap=_NSMAP)
    root.set(esc("IssueInstant"), format_instant(catalogue.issued))
    root.set(esc("Version"), catalogue.version)
    root.set("ID", new_message_id())
    for entry in catalogue.entries:
        _entry(_public(root, "ServiceProvider"), entry)
    sign(root, signing, include_certificate=True)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _entry(parent: Element, entry: CatalogueEntry) -> None:
    _text(parent, "ServiceProviderID", entry.oin)
    _localized(parent, "OrganizationDisplayName", entry.names)
    for definition in entry.definitions:
        _definition(_public(parent, "ServiceDefinition"), definition)
    for instance in entry.instances:
        _instance(_public(parent, "ServiceInstance"), instance)


def _definition(parent: Element, definition: ServiceDefinition) -> None:
    _text(parent, "ServiceUUID", definition.uuid)
    _localized(parent, "ServiceName", definition.names)
    _localized(parent, "ServiceDescription", definition.descriptions)
    etree.SubElement(parent, names.saml("AuthnContextClassRef")).text = definition.class_ref
    _text(parent, "HerkenningsmakelaarId", definition.makelaar)
    for position, types in enumerate(definition.entity_concerned, start=1):
        for each in sorted(types):
            _text(parent, "EntityConcernedTypesAllowed", each).set("setNumber", str(position))
    for each in definition.acting_subject:
        _text(parent, "ActingSubjectTypesAllowed", each)
    for each in sorted(definition.restrictions):
        _text(parent, "ServiceRestrictionsAllowed", each)
    for attribute in definition.requested:
        _requested(parent, attribute)


def _requested(parent: Element, attribute: RequestedAttribute) -> None:
    element = etree.SubElement(parent, esc("RequestedAttribute"), Name=attribute.name)
    element.set("isRequired", str(attribute.required).lower())
    _localized(element, "PurposeStatement", attribute.purposes)


def _instance(parent: Element, instance: ServiceInstance) -> None:
    _text(parent, "ServiceID", instance.service_id)
    _text(parent, "ServiceUUID", instance.uuid)
    if instance.instance_of is not None:
        _text(parent, "InstanceOfService", instance.instance_of)
    _localized(parent, "ServiceURL", instance.urls)
    _text(parent, "HerkenningsmakelaarId", instance.makelaar)
    for key in instance.keys:
        _certificate(parent, key)
    if instance.classifiers:
        classifiers = etree.SubElement(parent, esc("Classifiers"))
        for each in instance.classifiers:
            _text(classifiers, "Classifier", each)
    if instance.bsnk_structure_version is not None:
        _text(parent, "BsnkStructureVersion", instance.bsnk_structure_version)
    if instance.bsnk_key_set_version is not None:
        _text(parent, "BsnkRecipientKeySetVersion", instance.bsnk_key_set_version)


def _certificate(parent: Element, key: MetadataKey) -> None:
    holder = etree.SubElement(parent, esc("ServiceCertificate"))
    descriptor = etree.SubElement(holder, names.md("KeyDescriptor"), use="encryption")
    info = etree.SubElement(descriptor, names.ds("KeyInfo"))
    etree.SubElement(info, names.ds("KeyName")).text = key.key_name
    data = etree.SubElement(info, names.ds("X509Data"))
    etree.SubElement(data, names.ds("X509Certificate")).text = b64encode(key.certificate_der).decode("ascii")


def _public(parent: Element, name: str) -> Element:
    element = etree.SubElement(parent, esc(name))
    element.set(esc("IsPublic"), "true")
    return element


def _localized(parent: Element, name: str, texts: Mapping[str, str]) -> None:
    for language, text in texts.items():
        _text(parent, name, text).set(_LANG, language)


def _text(parent: Element, name: str, text: str) -> Element:
    element = etree.SubElement(parent, esc(name))
    element.text = text
    return element
