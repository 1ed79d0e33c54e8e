"""The steps that every reader of a message shares. They take elements that a verified signature covers only."""

from datetime import datetime

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import valid_message_id
from routeringsvoorziening.saml.instants import parse_instant
from routeringsvoorziening.saml.parsing import XML_WHITESPACE, Element, has_text, text
from routeringsvoorziening.saml.schema import Schema, validate


def check_message(element: Element, name: str, schema: Schema | None = "protocol") -> None:
    """It is the message that is expected here, of SAML 2.0, and valid against its schema (GEN-02, GEN-06).

    Args:
        element: covered by a verified signature.
        name: of the message, with its namespace.
        schema: None only for an element of a message that was found valid as a whole.

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `time.missing`, `msg.schema`.
    """
    if element.tag != name:
        raise SamlError("msg.type", f"not a {_local(name)}")
    if element.get("Version") != "2.0":
        raise SamlError("msg.version", "Version is not 2.0")
    valid_message_id(element.get("ID", ""))
    if element.get("IssueInstant") is None:
        raise SamlError("time.missing", "no IssueInstant")
    instant(element, "IssueInstant")
    if schema is not None:
        validate(element, schema)


def instant(element: Element, attribute: str) -> datetime:
    """An instant in a required attribute (GEN-03).

    Raises:
        SamlError: `time.missing`, `time.format`.
    """
    value = element.get(attribute)
    if value is None:
        raise SamlError("time.missing", f"{_local(element)} has no {attribute}")
    return parse_instant(value)


def issuer(element: Element) -> str:
    """The one Issuer of a message, trimmed (GEN-04, AMB-22).

    Raises:
        SamlError: `msg.structure`, `msg.value`.
    """
    child = one(element, names.saml("Issuer"))
    if child.get("Format", names.NAMEID_ENTITY) != names.NAMEID_ENTITY:
        raise SamlError("msg.value", "the Format of Issuer is not entity")
    return filled(child)


def claimed_issuer(element: Element) -> str:
    """The Issuer of a message that is NOT verified: only to choose the keys to verify it with.

    Raises:
        SamlError: `msg.structure`, `msg.value`, `node.forbidden`.
    """
    return issuer(element)


def in_response_to(element: Element) -> str:
    """The ID of the message that this one answers.

    Raises:
        SamlError: `irt.missing`.
    """
    value = element.get("InResponseTo", "").strip(XML_WHITESPACE)
    if not value:
        raise SamlError("irt.missing", f"{_local(element)} has no InResponseTo")
    return value


def destination(element: Element) -> str:
    """The URL to which the message was addressed: there, and filled (AR-02, SLO-02).

    Raises:
        SamlError: `destination`.
    """
    value = optional(element, "Destination")
    if not value:
        raise SamlError("destination", "no Destination")
    return value


def one(parent: Element, name: str, code: str = "msg.structure") -> Element:
    """The one direct child of that name.

    Raises:
        SamlError: `code`, when there is none or more than one.
    """
    child = at_most_one(parent, name, code)
    if child is None:
        raise SamlError(code, f"{_local(parent)} has no {_local(name)}")
    return child


def at_most_one(parent: Element, name: str, code: str = "msg.structure") -> Element | None:
    """The direct child of that name, if there is one.

    Raises:
        SamlError: `code`, when there is more than one.
    """
    children = list(parent.iterchildren(name))
    if len(children) > 1:
        raise SamlError(code, f"{_local(parent)} has more than one {_local(name)}")
    return children[0] if children else None


def filled(element: Element, code: str = "msg.value") -> str:
    """The text of an element, whole and trimmed.

    Raises:
        SamlError: `code`, when it is empty; `node.forbidden`, when there are elements in it.
    """
    value = text(element)
    if not value:
        raise SamlError(code, f"{_local(element)} is empty")
    return value


def only_elements(parent: Element, code: str) -> list[Element]:
    """The children of an element that holds elements only.

    Raises:
        SamlError: `code`, when there is text between them.
    """
    children = list(parent)
    if has_text(parent, children):
        raise SamlError(code, f"{_local(parent)} holds text")
    return children


def optional(element: Element, attribute: str) -> str | None:
    """An attribute, trimmed; None when it is absent."""
    value = element.get(attribute)
    return None if value is None else value.strip(XML_WHITESPACE)


def flag(element: Element, attribute: str) -> bool:
    """An xs:boolean that the schema has seen; absent is false."""
    return optional(element, attribute) in {"true", "1"}


def number(element: Element, attribute: str) -> int | None:
    """An xs:unsignedShort that the schema has seen; None when it is absent."""
    value = optional(element, attribute)
    return None if value is None else int(value)


def _local(name: Element | str) -> str:
    return etree.QName(name).localname
