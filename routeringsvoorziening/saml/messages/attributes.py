"""AttributeStatement of an Assertion: the identities, still encrypted, and the dienst (ATT-01 to ATT-07)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from saml2 import saml

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import Verbatim, attribute_value, attribute_value_holding
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.parsing import XML_WHITESPACE, Element, canonical

_OURS: Final = frozenset(
    {names.ACTING_SUBJECT_ID, names.LEGAL_SUBJECT_ID, names.REPRESENTATION_TYPE, names.SERVICE_UUID}
)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the AttributeStatement holds; the fields are those of `Assertion`."""

    service_uuid: str
    acting_subject: tuple[bytes, ...] = field(repr=False)
    legal_subject: tuple[bytes, ...] = field(repr=False)
    representation_types: tuple[str, ...]
    others: Mapping[str, tuple[bytes, ...]] = field(repr=False)


def build_attributes(attributes: Attributes) -> saml.AttributeStatement:
    """The pysaml2 element: identities first, ServiceUUID after them, as connected receivers know it."""
    statement = [
        _identities(names.ACTING_SUBJECT_ID, attributes.acting_subject),
        _identities(names.LEGAL_SUBJECT_ID, attributes.legal_subject),
        _texts(names.REPRESENTATION_TYPE, attributes.representation_types),
        _texts(names.SERVICE_UUID, (attributes.service_uuid,)),
        *(
            saml.Attribute(name=name, extension_elements=list(map(Verbatim, values)))
            for name, values in attributes.others.items()
        ),
    ]
    return saml.AttributeStatement(attribute=[each for each in statement if each is not None])


def _identities(name: str, encrypted: tuple[bytes, ...]) -> saml.Attribute | None:
    values = [attribute_value_holding(each) for each in encrypted]
    return saml.Attribute(name=name, attribute_value=values) if values else None


def _texts(name: str, texts: Iterable[str]) -> saml.Attribute | None:
    values = [attribute_value(each) for each in texts]
    return saml.Attribute(name=name, attribute_value=values) if values else None


def read_attributes(statement: Element) -> Attributes:
    """What an AttributeStatement says that a verified signature covers.

    Raises:
        SamlError: `attribute.structure`, `attribute.service`, `node.forbidden`.
    """
    values = _values_by_name(statement)
    if names.ACTING_SUBJECT_ID not in values:
        raise SamlError("attribute.structure", "no ActingSubjectID")
    return Attributes(
        service_uuid=_service_uuid(values.get(names.SERVICE_UUID, [])),
        acting_subject=_encrypted_ids(values[names.ACTING_SUBJECT_ID]),
        legal_subject=_encrypted_ids(values.get(names.LEGAL_SUBJECT_ID, [])),
        representation_types=tuple(
            reading.filled(each, "attribute.structure") for each in values.get(names.REPRESENTATION_TYPE, [])
        ),
        others={name: tuple(map(canonical, found)) for name, found in values.items() if name not in _OURS},
    )


def _values_by_name(statement: Element) -> dict[str, list[Element]]:
    """The AttributeValues; no name occurs twice, none of ours is without a value, none is encrypted whole (ATT-03)."""
    values: dict[str, list[Element]] = {}
    for attribute in statement:
        if attribute.tag != names.saml("Attribute"):
            raise SamlError("attribute.structure", "something else than an Attribute")
        name = attribute.attrib["Name"].strip(XML_WHITESPACE)
        if name in values:
            raise SamlError("attribute.structure", "two Attributes of the same Name")
        values[name] = attribute.findall(names.saml("AttributeValue"))
        if name in _OURS and not values[name]:
            raise SamlError("attribute.structure", f"{name} has no value")
    return values


def _service_uuid(values: list[Element]) -> str:
    """One ServiceUUID, in clear (ATT-05)."""
    if len(values) != 1:
        raise SamlError("attribute.service", "not exactly one ServiceUUID")
    return reading.filled(values[0], "attribute.service")


def _encrypted_ids(values: list[Element]) -> tuple[bytes, ...]:
    """Every value holds one EncryptedID and nothing else (ATT-03)."""
    encrypted = []
    for value in values:
        children = reading.only_elements(value, "attribute.structure")
        if [child.tag for child in children] != [names.saml("EncryptedID")]:
            raise SamlError("attribute.structure", "a value is not exactly one EncryptedID")
        encrypted.append(canonical(children[0]))
    return tuple(encrypted)
