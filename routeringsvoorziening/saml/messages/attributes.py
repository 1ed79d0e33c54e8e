"""AttributeStatement of an Assertion: the identities, still encrypted, and the dienst (ATT-01 to ATT-07)."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from saml2 import saml

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import (
    ASSERTION_PREFIXES,
    Verbatim,
    attribute_value,
    attribute_value_holding,
    element_of,
)
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.parsing import XML_WHITESPACE, Element, canonical, parse, text

ENCRYPTED_ATTRIBUTES: Final = ""
"""Among other attributes, in the place of a name: whole `saml:EncryptedAttribute` elements, which have none."""
_TYPE: Final = f"{{{names.XSI}}}type"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How an AttributeStatement names what every Assertion has; the fields are those of `Attributes`.

    Args:
        acting_subject: who acts.
        legal_subject: who is represented.
        service_uuid: the dienst.
        representation_type: by what title; None when there is no such attribute.
        encrypted_attributes: whether a whole attribute may be encrypted; we can only hand such a one on (AMB-24).
    """

    acting_subject: str
    legal_subject: str
    service_uuid: str
    representation_type: str | None
    encrypted_attributes: bool = False

    @property
    def known(self) -> frozenset[str]:
        """Every name in it."""
        known = (self.acting_subject, self.legal_subject, self.service_uuid, self.representation_type)
        return frozenset(name for name in known if name is not None)


ST_SAML: Final = Vocabulary(
    names.ACTING_SUBJECT_ID, names.LEGAL_SUBJECT_ID, names.SERVICE_UUID, names.REPRESENTATION_TYPE
)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the AttributeStatement holds; the fields are those of `Assertion`."""

    service_uuid: str
    acting_subject: tuple[bytes, ...] = field(repr=False)
    legal_subject: tuple[bytes, ...] = field(repr=False)
    representation_types: tuple[str, ...]
    others: Mapping[str, tuple[bytes, ...]] = field(repr=False)


def build_attributes(attributes: Attributes, vocabulary: Vocabulary = ST_SAML) -> saml.AttributeStatement:
    """The pysaml2 element: identities first, ServiceUUID after them, as connected receivers know it."""
    statement = [
        _identities(vocabulary.acting_subject, attributes.acting_subject),
        _identities(vocabulary.legal_subject, attributes.legal_subject),
        _texts(vocabulary.representation_type or "", attributes.representation_types),
        _texts(vocabulary.service_uuid, (attributes.service_uuid,)),
        *(
            saml.Attribute(name=name, extension_elements=list(map(Verbatim, values)))
            for name, values in attributes.others.items()
            if name != ENCRYPTED_ATTRIBUTES
        ),
    ]
    return saml.AttributeStatement(
        attribute=[each for each in statement if each is not None],
        extension_elements=list(map(Verbatim, attributes.others.get(ENCRYPTED_ATTRIBUTES, ()))),
    )


def _identities(name: str, encrypted: tuple[bytes, ...]) -> saml.Attribute | None:
    values = [attribute_value_holding(each) for each in encrypted]
    return saml.Attribute(name=name, attribute_value=values) if values else None


def _texts(name: str, texts: Iterable[str]) -> saml.Attribute | None:
    values = [attribute_value(each) for each in texts]
    return saml.Attribute(name=name, attribute_value=values) if values else None


def read_attributes(statement: Element, vocabulary: Vocabulary = ST_SAML) -> Attributes:
    """What an AttributeStatement says that a verified signature covers.

    Raises:
        SamlError: `attribute.structure`, `attribute.service`, `node.forbidden`, `enc.structure`.
    """
    values = _values_by_name(statement, vocabulary)
    if vocabulary.acting_subject not in values:
        raise SamlError("attribute.structure", "no ActingSubjectID")
    return Attributes(
        service_uuid=_service_uuid(values.get(vocabulary.service_uuid, [])),
        acting_subject=_encrypted_ids(values[vocabulary.acting_subject]),
        legal_subject=_encrypted_ids(values.get(vocabulary.legal_subject, [])),
        representation_types=tuple(
            reading.filled(each, "attribute.structure") for each in values.get(vocabulary.representation_type or "", [])
        )
        if vocabulary.representation_type
        else (),
        others={name: tuple(map(_whole, found)) for name, found in values.items() if name not in vocabulary.known},
    )


def value_holding(encrypted: bytes) -> bytes:
    """An AttributeValue with one EncryptedID in it, as `other_attributes` have them."""
    return canonical(element_of(attribute_value_holding(encrypted), ASSERTION_PREFIXES))


def value_in_clear(text: str) -> bytes:
    """An AttributeValue with text in it, as `other_attributes` have them."""
    return canonical(element_of(attribute_value(text), ASSERTION_PREFIXES))


def values_in_clear(values: Iterable[bytes]) -> tuple[str | None, ...]:
    """The text of AttributeValues, trimmed; None for each that holds elements, such as an EncryptedID.

    Raises:
        SamlError: what `parse` raises.
    """
    elements = map(parse, values)
    return tuple(None if len(each) else text(each) for each in elements)


def _whole(value: Element) -> bytes:
    """The whole element, but for an xsi:type of XML Schema itself, such as `xs:string`.

    Its prefix stands in text, where exclusive canonical XML does not see it: in a message of our own nothing would bind
    it any more, and the message would not be valid. It says no more than the text does.
    """
    _check_fetches_nothing(value)
    prefix, _, local = value.get(_TYPE, "").strip(XML_WHITESPACE).rpartition(":")
    if local and value.nsmap.get(prefix or None) == names.XS:
        value = copy.copy(value)
        del value.attrib[_TYPE]
    return canonical(value)


def _check_fetches_nothing(value: Element) -> None:
    """Whoever decrypts what we hand on need not open a file or an address for it (S58)."""
    for node in value.iter(f"{{{names.XENC}}}*", f"{{{names.DS}}}*"):
        if node.tag == names.xenc("CipherReference") or not node.get("URI", "#").startswith("#"):
            raise SamlError("enc.structure", "an attribute that refers to something outside it")


def _values_by_name(statement: Element, vocabulary: Vocabulary) -> dict[str, list[Element]]:
    """The AttributeValues; no name occurs twice, and none of ours is without a value.

    None is encrypted whole (ATT-03), unless the vocabulary allows it.
    """
    values: dict[str, list[Element]] = {}
    for attribute in statement:
        if vocabulary.encrypted_attributes and attribute.tag == names.saml("EncryptedAttribute"):
            values.setdefault(ENCRYPTED_ATTRIBUTES, []).append(attribute)
            continue
        if attribute.tag != names.saml("Attribute"):
            raise SamlError("attribute.structure", "something else than an Attribute")
        name = attribute.attrib["Name"].strip(XML_WHITESPACE)
        if not name or name in values:
            raise SamlError("attribute.structure", "two Attributes of the same Name")
        values[name] = attribute.findall(names.saml("AttributeValue"))
        if name in vocabulary.known and not values[name]:
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
