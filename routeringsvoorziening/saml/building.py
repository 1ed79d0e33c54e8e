"""From pysaml2's element classes to an lxml tree, and the one way to put finished XML inside another message.

Moving an element into another lxml tree rewrites its prefixes and with them its canonical form: a signature inside,
that of an authenticatiedienst in Advice above all, would no longer verify. So finished XML is spliced in as bytes,
where a marker element stands, and the whole is parsed again: what was there stays there byte for byte.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree
from saml2 import SamlBase
from saml2.saml import AttributeValue

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element, read_tree

MESSAGE_PREFIXES: Final = {"samlp": names.SAMLP, "saml": names.SAML}
ASSERTION_PREFIXES: Final = {"saml": names.SAML}
ENCRYPTED_PREFIXES: Final = {"saml": names.SAML, "xenc": names.XENC, "ds": names.DS}
METADATA_PREFIXES: Final = {"md": names.MD, "saml": names.SAML, "ds": names.DS}

_MARKER: Final = "verbatim"
_IDS: Final = etree.XPath("//@ID | //@Id | //@xml:id", namespaces={"xml": names.XML})
_MARKER_BYTES: Final = re.compile(rb'<verbatim n="([0-9]+)"/>')


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Finished XML as a child: one well-formed element in UTF-8, without a declaration, that declares its own prefixes.

    Stands in `extension_elements` of a pysaml2 element. It must come from something that we verified or built.
    """

    xml: bytes


def verbatim(element: Element) -> Verbatim:
    """An lxml element as a child, with every namespace declaration that is in scope there."""
    return Verbatim(etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False))


def element_of(node: SamlBase, prefixes: Mapping[str, str] = MESSAGE_PREFIXES) -> Element:
    """The lxml tree of a pysaml2 element; values are escaped by the serializer, never pasted (S45).

    Raises:
        SamlError: `id.duplicate`: an ID of what was spliced in occurs twice; `xml.malformed`: it is not XML.
    """
    root, finished = _tree(node, prefixes)
    if not finished:
        return root
    whole = read_tree(_spliced(root, finished))
    _check_ids(whole)
    return whole


def verbatim_of(node: SamlBase, prefixes: Mapping[str, str] = MESSAGE_PREFIXES) -> Verbatim:
    """The same for within another message, that need not be a tree of its own: its IDs are checked in the whole."""
    return Verbatim(_spliced(*_tree(node, prefixes)))


def _tree(node: SamlBase, prefixes: Mapping[str, str]) -> tuple[Element, list[Verbatim]]:
    """The tree with markers in it, and what must come in their places."""
    finished: list[Verbatim] = []
    root = etree.Element(_tag_of(node), nsmap=dict(prefixes))
    _fill(root, node, finished)
    return root, finished


def _spliced(root: Element, finished: list[Verbatim]) -> bytes:
    outer = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return _MARKER_BYTES.sub(lambda match: finished[int(match[1])].xml, outer)


def _check_ids(root: Element) -> None:
    """Receivers validate with the schemas: an ID occurs once in the whole message."""
    found = _IDS(root)
    if len(set(found)) != len(found):
        raise SamlError("id.duplicate", "in a message of our own")


def attribute_value(text: str) -> AttributeValue:
    """An AttributeValue of plain text, without the xsi:type that pysaml2 adds."""
    value = AttributeValue(text=text)
    value.extension_attributes = {}
    return value


def attribute_value_holding(*xml: bytes) -> AttributeValue:
    """An AttributeValue with finished elements below it."""
    return AttributeValue(extension_elements=[Verbatim(each) for each in xml])


def _tag_of(node: SamlBase) -> str:
    return f"{{{node.c_namespace}}}{node.c_tag}"


def _fill(element: Element, node: SamlBase, finished: list[Verbatim]) -> None:
    for xml_name, (member, _type, _required) in node.c_attributes.items():
        value = getattr(node, member)
        if value is not None:
            element.set(xml_name, value)
    for xml_name, value in node.extension_attributes.items():
        element.set(xml_name, value)
    if node.text:
        element.text = node.text
    for child in (*node.children_with_values(), *node.extension_elements):
        _append(element, child, finished)


def _append(parent: Element, child: Any, finished: list[Verbatim]) -> None:
    if isinstance(child, Verbatim):
        etree.SubElement(parent, _MARKER, n=str(len(finished)))
        finished.append(child)
    else:
        _fill(etree.SubElement(parent, _tag_of(child)), child, finished)
