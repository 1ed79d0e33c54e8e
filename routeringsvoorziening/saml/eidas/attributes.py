"""AttributeStatement of a person: typed values, each perhaps a second time in its original script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree
from saml2 import saml

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import verbatim
from routeringsvoorziening.saml.eidas.vocabulary import (
    ATTRIBUTES,
    LEGAL,
    NATURAL,
    PREFIXES,
    XSI_TYPE,
    AttributeKind,
    minimum_data_set,
)
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.parsing import Element


@dataclass(frozen=True, slots=True)
class Value:
    """The value of one attribute.

    Args:
        latin: in Latin script.
        original: in the script of the country, when that is another.
    """

    latin: str = field(repr=False)
    original: str | None = field(default=None, repr=False)


Values = Mapping[AttributeKind, Value]


def build_values(values: Values) -> saml.AttributeStatement:
    """The pysaml2 element."""
    attributes = [
        saml.Attribute(
            name=kind.name,
            friendly_name=kind.friendly_name,
            name_format=names.ATTRIBUTE_URI,
            extension_elements=[verbatim(each) for each in _elements(kind, value)],
        )
        for kind, value in values.items()
    ]
    return saml.AttributeStatement(attribute=attributes)


def _elements(kind: AttributeKind, value: Value) -> Sequence[Element]:
    latin = _element(kind, value.latin)
    if value.original is None:
        return (latin,)
    original = _element(kind, value.original)
    original.set(kind.latin_script, "false")
    return latin, original


def _element(kind: AttributeKind, content: str) -> Element:
    prefix = {NATURAL: "eidas-natural", LEGAL: "eidas-legal"}[kind.namespace]
    spaces = {"saml": names.SAML, prefix: kind.namespace, "xsi": PREFIXES["xsi"]}
    element = etree.Element(names.saml("AttributeValue"), nsmap=spaces)
    element.set(XSI_TYPE, f"{prefix}:{kind.type_name}")
    element.text = content
    return element


def read_values(statement: Element) -> Values:
    """What an AttributeStatement says, with the whole minimum data set of a natural or of a legal person in it.

    Attributes that we do not know are left alone.

    Raises:
        SamlError: `attribute.structure`, `node.forbidden`.
    """
    values: dict[AttributeKind, Value] = {}
    for attribute in statement:
        if attribute.tag != names.saml("Attribute"):
            raise SamlError("attribute.structure", "something else than an Attribute")
        kind = ATTRIBUTES.get(attribute.attrib["Name"])
        if kind in values:
            raise SamlError("attribute.structure", "two Attributes of the same Name")
        if kind is not None:
            values[kind] = _value(attribute, kind)
    _check_complete(values)
    return values


def _check_complete(values: Values) -> None:
    """The minimum data set of one of the two, whole; and nothing half."""
    spaces = {kind.namespace for kind in values}
    missing = [kind for space in spaces for kind in minimum_data_set(space) if kind not in values]
    if not spaces or missing:
        raise SamlError("attribute.structure", "the minimum data set is not complete")


def _value(attribute: Element, kind: AttributeKind) -> Value:
    """One value in Latin script, and at most one in another."""
    found: dict[bool, str] = {}
    for element in attribute:
        if element.tag != names.saml("AttributeValue") or element.get("nil"):
            raise SamlError("attribute.structure", "something else than an AttributeValue")
        _check_type(element, kind)
        latin = element.get(kind.latin_script, "true") in {"true", "1"}
        if latin in found or not (latin or kind.transliterated):
            raise SamlError("attribute.structure", f"too many values of {kind.local}")
        found[latin] = reading.filled(element, "attribute.structure")
    if True not in found:
        raise SamlError("attribute.structure", f"no {kind.local} in Latin script")
    return Value(found[True], found.get(False))


def _check_type(element: Element, kind: AttributeKind) -> None:
    """The xsi:type is that of this attribute, by its namespace: a prefix means nothing."""
    prefix, _, local = element.get(XSI_TYPE, "").strip().rpartition(":")
    if (element.nsmap.get(prefix or None), local) != (kind.namespace, kind.type_name):
        raise SamlError("attribute.structure", f"another type than that of {kind.local}")


def text_of(values: Values, kind: AttributeKind) -> str | None:
    """A value in Latin script; None when it is not there."""
    value = values.get(kind)
    return None if value is None else value.latin
