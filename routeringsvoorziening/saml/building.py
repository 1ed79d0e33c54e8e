"""From pysaml2's element classes to an lxml tree, and the one way to put finished XML inside another message.

Moving an element into another lxml tree rewrites its prefixes and with them its canonical form: a signature inside,
that of an authenticatiedienst in Advice above all, would no longer verify. So finished XML is spliced in as bytes,
where a marker element stands, and the whole is parsed again: what was there stays there byte for byte.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree
from saml2 import SamlBase
from saml2.saml import AttributeValue

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element, canonical, is_id, read_tree
from routeringsvoorziening.saml.signature_profile import prefixes_within
from routeringsvoorziening.saml.written import check_ids_unique

MESSAGE_PREFIXES: Final = {"samlp": names.SAMLP, "saml": names.SAML}
ASSERTION_PREFIXES: Final = {"saml": names.SAML}
ENCRYPTED_PREFIXES: Final = {"saml": names.SAML, "xenc": names.XENC, "ds": names.DS}
METADATA_PREFIXES: Final = {"md": names.MD, "saml": names.SAML, "ds": names.DS}

_MARKER: Final = "verbatim"
_MARKER_BYTES: Final = re.compile(rb'<verbatim n="([0-9]+)"/>')
_MARKER_WRITTEN: Final = re.compile(rb'<verbatim n="([0-9]+)"></verbatim>')


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


def canonical_of(node: SamlBase, prefixes: Mapping[str, str] = MESSAGE_PREFIXES) -> bytes:
    """The same, written: in exclusive canonical XML, UTF-8. Finished XML in it must be in that form already.

    Of that form are also declarations that nothing visibly uses, but that a signature in finished XML keeps.

    Raises:
        SamlError: `id.duplicate`: an ID occurs twice in the whole; `xml.malformed`; `alg.c14n`: too many prefixes to
            keep.
    """
    root, finished = _tree(node, prefixes)
    if any(_leans_on(marker, finished) for marker in root.iter(_MARKER)):
        whole = element_of(node, prefixes)
        return canonical(whole, prefixes_within(whole))
    written = _MARKER_WRITTEN.sub(lambda match: finished[int(match[1])].xml, canonical(root))
    check_ids_unique(written)
    return written


def surroundings_of(node: SamlBase, prefixes: Mapping[str, str] = MESSAGE_PREFIXES) -> list[dict[str, str]]:
    """For each piece of finished XML in a message, in document order, the prefixes that its ancestors use."""
    root, _ = _tree(node, prefixes)
    return [
        {str(around.prefix): str(around.nsmap[around.prefix]) for around in marker.iterancestors()}
        for marker in root.iter(_MARKER)
    ]


def _leans_on(marker: Element, finished: list[Verbatim]) -> bool:
    """Whether finished XML declares what its surroundings declare too: in the whole it must not do so again."""
    xml = finished[int(marker.attrib["n"])].xml
    return any(f" xmlns:{around.prefix}=".encode() in xml for around in marker.iterancestors())


def _tree(node: SamlBase, prefixes: Mapping[str, str]) -> tuple[Element, list[Verbatim]]:
    """The tree with markers in it, and what must come in their places."""
    finished: list[Verbatim] = []
    kind = _kind_of(node)
    root = etree.Element(kind.tag, nsmap=dict(prefixes))
    _fill(root, node, kind, finished)
    return root, finished


def _spliced(root: Element, finished: list[Verbatim]) -> bytes:
    outer = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return _MARKER_BYTES.sub(lambda match: finished[int(match[1])].xml, outer)


def _check_ids(root: Element) -> None:
    """Receivers validate with the schemas: an ID occurs once in the whole message."""
    found = [value for element in root.iter() for name, value in element.attrib.items() if is_id(str(name))]
    if len(set(found)) != len(found):
        raise SamlError("id.duplicate", "in a message of our own")


def attribute_value(text: str) -> AttributeValue:
    """An AttributeValue of plain text, without the xsi:type that pysaml2 adds."""
    value = AttributeValue()
    value.extension_attributes = {}
    object.__setattr__(value, "text", text)  # past pysaml2's search for a fitting type
    return value


def attribute_value_holding(*xml: bytes) -> AttributeValue:
    """An AttributeValue with finished elements below it."""
    return AttributeValue(extension_elements=[Verbatim(each) for each in xml])


@dataclass(frozen=True, slots=True)
class _Kind:
    """What pysaml2 says of one class of elements: which attributes and children it has, in the order of the schema.

    Args:
        tag: with its namespace.
        attributes: name in XML, and of the member that holds it.
        children: the members that hold them.
    """

    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[str, ...]


def _kind_of(node: SamlBase) -> _Kind:
    """Looked up once for each class: pysaml2 itself does it again for every element."""
    element_class = type(node)
    if element_class not in _KINDS:
        children = element_class.c_child_order or [member for member, _ in element_class.c_children.values()]
        attributes = tuple((name, member) for name, (member, *_) in element_class.c_attributes.items())
        tag = f"{{{element_class.c_namespace}}}{element_class.c_tag}"
        _KINDS[element_class] = _Kind(tag, attributes, tuple(children))
    return _KINDS[element_class]


_KINDS: Final[dict[type, _Kind]] = {}


def _fill(element: Element, node: SamlBase, kind: _Kind, finished: list[Verbatim]) -> None:
    held = node.__dict__
    for name, member in kind.attributes:
        value = held.get(member)
        if value is not None:
            element.set(name, value)
    for name, value in node.extension_attributes.items():
        element.set(name, value)
    if node.text:
        element.text = node.text
    for member in kind.children:
        child = held.get(member)
        if isinstance(child, list):
            for each in child:
                _append(element, each, finished)
        elif child is not None:
            _append(element, child, finished)
    for each in node.extension_elements:
        _append(element, each, finished)


def _append(parent: Element, child: SamlBase | Verbatim, finished: list[Verbatim]) -> None:
    if isinstance(child, Verbatim):
        etree.SubElement(parent, _MARKER, n=str(len(finished)))
        finished.append(child)
    else:
        kind = _kind_of(child)
        _fill(etree.SubElement(parent, kind.tag), child, kind, finished)
