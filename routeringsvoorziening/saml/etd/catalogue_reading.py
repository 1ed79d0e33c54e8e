"""From the bytes of a service catalogue to values: the one parser, a signature by a key that is given, fixed order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd.catalogue import (
    CatalogueEntry,
    RequestedAttribute,
    ServiceCatalogue,
    ServiceDefinition,
    ServiceInstance,
)
from routeringsvoorziening.saml.etd.catalogue_writing import esc
from routeringsvoorziening.saml.instants import parse_instant
from routeringsvoorziening.saml.keys import VerificationKey
from routeringsvoorziening.saml.limits import METADATA
from routeringsvoorziening.saml.messages.reading import filled, flag
from routeringsvoorziening.saml.metadata.keys import read_key
from routeringsvoorziening.saml.metadata.model import KeyUse, MetadataKey
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.verifying import check_only_signatures_at, verify

CODE: Final = "catalogue.structure"
LIMITS: Final = replace(METADATA, comments=True)
MOST_SERVICES: Final = 20_000
_OIN: Final = re.compile(r"[0-9]{20}")
_LANG: Final = f"{{{names.XML}}}lang"
_ENCRYPTION: Final = frozenset[KeyUse]({"encryption"})
_CLASS_REF: Final = names.saml("AuthnContextClassRef")

_ENTRY: Final = tuple(
    map(esc, ("ServiceProviderID", "OrganizationDisplayName", "ServiceDefinition", "ServiceInstance"))
)
_DEFINITION: Final = (
    *map(esc, ("ServiceUUID", "ServiceName", "ServiceDescription", "ServiceDescriptionURL")),
    _CLASS_REF,
    *map(
        esc,
        (
            "HerkenningsmakelaarId",
            "EntityConcernedTypesAllowed",
            "ActingSubjectTypesAllowed",
            "ServiceRestrictionsAllowed",
            "RequestedAttribute",
        ),
    ),
)
_INSTANCE: Final = tuple(
    map(
        esc,
        (
            "ServiceID",
            "ServiceUUID",
            "InstanceOfService",
            "IntermediatedService",
            "ServiceURL",
            "PrivacyPolicyURL",
            "HerkenningsmakelaarId",
            "AdditionalHerkenningsmakelaarId",
            "SSOSupport",
            "EntityConcernedTypesAllowed",
            "ServiceCertificate",
            "ServiceIntermediation",
            "Classifiers",
            "BsnkStructureVersion",
            "BsnkRecipientKeySetVersion",
            "PortalForService",
        ),
    )
)


def read_catalogue(data: bytes, keys: Sequence[VerificationKey], *, at: datetime) -> ServiceCatalogue:
    """A catalogue that one of the keys signed.

    Args:
        data: XML, UTF-8, at most 16 MiB.
        keys: of who publishes it; the document only selects among them.
        at: now; the certificate must be valid.

    Raises:
        SamlError: what `parse` and `verify` raise; `catalogue.structure`; `md.keys` for a certificate.
    """
    root = parse(data, LIMITS)
    if root.tag != esc("ServiceCatalogue"):
        raise SamlError(CODE, "the root is not ServiceCatalogue")
    check_only_signatures_at(root, ["."])
    signed = verify(root, keys, at=at).element
    found = _children(signed, (esc("ServiceProvider"),))
    entries = tuple(map(_entry, found[esc("ServiceProvider")]))
    services = [each.service_id for entry in entries for each in entry.instances]
    if len(set(services)) != len(services) or not 1 <= len(services) <= MOST_SERVICES:
        raise SamlError(CODE, "no ServiceInstance, too many, or two with the same ServiceID")
    return ServiceCatalogue(parse_instant(_attribute(signed, "IssueInstant")), _attribute(signed, "Version"), entries)


def _entry(element: Element) -> CatalogueEntry:
    found = _children(element, _ENTRY)
    return CatalogueEntry(
        oin=_oin(_one(found, "ServiceProviderID")),
        names=_localized(found[esc("OrganizationDisplayName")], 64),
        definitions=tuple(map(_definition, found[esc("ServiceDefinition")])),
        instances=tuple(map(_instance, found[esc("ServiceInstance")])),
    )


def _definition(element: Element) -> ServiceDefinition:
    found = _children(element, _DEFINITION)
    if len(found[_CLASS_REF]) != 1:
        raise SamlError(CODE, "not exactly one AuthnContextClassRef")
    return ServiceDefinition(
        uuid=_one(found, "ServiceUUID"),
        names=_localized(found[esc("ServiceName")], 64),
        descriptions=_localized(found[esc("ServiceDescription")], 1024),
        class_ref=filled(found[_CLASS_REF][0], CODE),
        makelaar=_oin(_one(found, "HerkenningsmakelaarId")),
        entity_concerned=_sets(found[esc("EntityConcernedTypesAllowed")]),
        acting_subject=tuple(filled(each, CODE) for each in found[esc("ActingSubjectTypesAllowed")]),
        restrictions=frozenset(filled(each, CODE) for each in found[esc("ServiceRestrictionsAllowed")]),
        requested=tuple(map(_requested, found[esc("RequestedAttribute")])),
    )


def _sets(elements: Sequence[Element]) -> tuple[frozenset[str], ...]:
    """The same number: together; another number: instead. Without a number each stands alone."""
    if not elements:
        raise SamlError(CODE, "no EntityConcernedTypesAllowed")
    sets: dict[str, set[str]] = {}
    for position, each in enumerate(elements):
        sets.setdefault(each.get("setNumber", f"alone {position}"), set()).add(filled(each, CODE))
    return tuple(map(frozenset, sets.values()))


def _requested(element: Element) -> RequestedAttribute:
    purposes = element.findall(esc("PurposeStatement"))
    return RequestedAttribute(element.get("Name", ""), _localized(purposes, 1024), flag(element, "isRequired"))


def _instance(element: Element) -> ServiceInstance:
    found = _children(element, _INSTANCE)
    classifiers = [each for holder in found[esc("Classifiers")] for each in holder]
    return ServiceInstance(
        service_id=_one(found, "ServiceID"),
        uuid=_one(found, "ServiceUUID"),
        instance_of=_at_most_one(found, "InstanceOfService"),
        makelaar=_oin(_one(found, "HerkenningsmakelaarId")),
        keys=tuple(map(_key, found[esc("ServiceCertificate")])),
        urls=_localized(found[esc("ServiceURL")], 512, needed=False),
        classifiers=tuple(filled(each, CODE) for each in classifiers),
        bsnk_structure_version=_at_most_one(found, "BsnkStructureVersion"),
        bsnk_key_set_version=_at_most_one(found, "BsnkRecipientKeySetVersion"),
    )


def _key(holder: Element) -> MetadataKey:
    if [child.tag for child in holder] != [names.md("KeyDescriptor")]:
        raise SamlError(CODE, "a ServiceCertificate is not one KeyDescriptor")
    key = read_key(holder[0])
    return MetadataKey(key.key_name, key.certificate, _ENCRYPTION)


def _children(element: Element, order: Sequence[str]) -> dict[str, list[Element]]:
    """The children by name; they must stand in that order, and nothing else among them."""
    found: dict[str, list[Element]] = {name: [] for name in order}
    position = 0
    for child in element.iterchildren(etree.Element):
        if child.tag not in found or order.index(child.tag) < position:
            name = etree.QName(element).localname
            raise SamlError(CODE, f"a child of {name} that is not known, or out of order")
        position = order.index(child.tag)
        found[child.tag].append(child)
    return found


def _one(found: Mapping[str, list[Element]], name: str) -> str:
    if len(found[esc(name)]) != 1:
        raise SamlError(CODE, f"not exactly one {name}")
    return filled(found[esc(name)][0], CODE)


def _at_most_one(found: Mapping[str, list[Element]], name: str) -> str | None:
    return _one(found, name) if found[esc(name)] else None


def _oin(text: str) -> str:
    if _OIN.fullmatch(text) is None:
        raise SamlError(CODE, "not an OIN")
    return text


def _localized(elements: Sequence[Element], longest: int, *, needed: bool = True) -> dict[str, str]:
    texts = {each.get(_LANG, ""): filled(each, CODE) for each in elements}
    if len(texts) != len(elements) or (needed and not texts) or any(len(text) > longest for text in texts.values()):
        raise SamlError(CODE, "a text that is missing, too long, or there twice in one language")
    return texts


def _attribute(element: Element, name: str) -> str:
    value = element.get(esc(name))
    if not value:
        raise SamlError(CODE, f"no {name}")
    return value
