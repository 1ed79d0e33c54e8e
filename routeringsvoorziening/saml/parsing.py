"""From bytes to a tree. The only parser: whatever reads XML in this project reads a tree from here.

The order is fixed, and every step narrows what the next one can meet:

    size > base64 > size > UTF-8, XML 1.0 > no markup but elements > lxml, hardened > limits > IDs

The step "no markup but elements" works on the bytes. It may, because they are known to be UTF-8: `<!` and `<?` can
then be nothing but a DOCTYPE, a CDATA section, a comment or a processing instruction. So libxml2 never gets to see a
DOCTYPE, and no entity exists but the five of XML itself.
"""

import base64
import binascii
import re
import threading
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final

from lxml import etree

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import valid_message_id
from routeringsvoorziening.saml.limits import MESSAGE, Limits

Element = etree._Element  # noqa: SLF001 - lxml gives its element class no public name

XML_WHITESPACE: Final = " \t\r\n"

_BOM: Final = b"\xef\xbb\xbf"
_DECLARATION: Final = re.compile(
    rb"<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:\"1\.0\"|'1\.0')"
    rb"(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:\"(?i:utf-8)\"|'(?i:utf-8)'))?"
    rb"(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:\"(?:yes|no)\"|'(?:yes|no)'))?"
    rb"[ \t\r\n]*\?>"
)
_FOLDING: Final = XML_WHITESPACE.encode()


def decode_base64(text: str, limits: Limits = MESSAGE) -> bytes:
    """The bytes behind base64. XML whitespace is skipped, as MIME encoders fold lines; all else is strict.

    Raises:
        SamlError: `msg.size` (before anything is decoded), `msg.encoding`.
    """
    if len(text) > limits.message_bytes * 3 // 2:
        raise SamlError("msg.size", "base64 text too long")
    try:
        packed = text.encode("ascii").translate(None, _FOLDING)
        data = base64.b64decode(packed, validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise SamlError("msg.encoding", "not base64") from None
    if not packed:
        raise SamlError("msg.encoding", "empty")
    check_size(data, limits)
    return data


def parse(data: bytes, limits: Limits = MESSAGE) -> Element:
    """The root element of a document that is harmless to walk through and in which every ID is unique.

    A UTF-8 byte order mark is tolerated. With `limits.comments`, comments may stand between elements, and only there.

    Raises:
        SamlError: `msg.size`, `xml.encoding`, `xml.doctype`, `node.forbidden`, `xml.malformed`, `xml.limit`,
            `id.form`, `id.duplicate`.
    """
    check_size(data, limits)
    body = _without_declaration(_utf8(data))
    _check_markup(body, comments=limits.comments)
    root = read_tree(body)
    _check_nodes(root, limits)
    _check_depth(root, limits)
    _check_namespaces(root, limits)
    return root


def read_tree(data: bytes) -> Element:
    """The bare step of the hardened parser, for bytes that `canonical` made. All else goes through `parse`.

    It gets no encoding: without a declaration libxml2 takes UTF-8 as it is, where naming it costs a conversion.

    Raises:
        SamlError: `xml.malformed`, `xml.doctype`.
    """
    try:
        root = etree.fromstring(data, _OF_THREAD.parser)
    except etree.XMLSyntaxError as error:
        raise SamlError("xml.malformed", f"line {error.lineno}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise SamlError("xml.doctype")
    return root


class _OfThread(threading.local):
    """The hardened parser, and questions to libxml2. Making a parser costs as much as reading a small message.

    One of all threads would have a lock, and whoever reads megabytes would keep everybody waiting who reads a message.
    """

    def __init__(self) -> None:
        self.xpath = lru_cache(16)(etree.XPath)
        self.parser = etree.XMLParser(
            attribute_defaults=False,
            dtd_validation=False,
            huge_tree=False,
            load_dtd=False,
            no_network=True,
            ns_clean=False,
            recover=False,
            remove_blank_text=False,
            remove_comments=False,
            remove_pis=False,
            resolve_entities=False,
        )


_OF_THREAD: Final = _OfThread()


def canonical(element: Element, prefixes: Collection[str] = ()) -> bytes:
    """Exclusive canonical XML 1.0 without comments of an element, UTF-8.

    Args:
        element: the apex; what surrounds it plays no part, apart from the prefixes.
        prefixes: InclusiveNamespaces: prefixes whose declarations are kept though nothing visibly uses them.

    Raises:
        SamlError: `xml.malformed` when it has no canonical form (a relative namespace URI).
    """
    try:
        return etree.tostring(
            element,
            method="c14n",
            exclusive=True,
            with_comments=False,
            inclusive_ns_prefixes=sorted(prefixes) or None,
        )
    except etree.C14NError:
        raise SamlError("xml.malformed", "no canonical form") from None


def text(element: Element) -> str:
    """The whole text of an element that holds nothing but text, without surrounding XML whitespace (AMB-22).

    Raises:
        SamlError: `node.forbidden` when it has children of any kind.
    """
    if len(element):
        raise SamlError("node.forbidden", "a text value has children")
    return (element.text or "").strip(XML_WHITESPACE)  # all of it: there are no children to be split by


def has_text(parent: Element, children: Sequence[Element]) -> bool:
    """Whether anything but XML whitespace stands before or after the children of an element."""
    before = parent.text
    if before and before.strip(XML_WHITESPACE):
        return True
    for child in children:
        after = child.tail
        if after and after.strip(XML_WHITESPACE):
            return True
    return False


def check_size(data: bytes, limits: Limits) -> None:
    """Refuse a document of too many bytes.

    Raises:
        SamlError: `msg.size`.
    """
    if len(data) > limits.message_bytes:
        raise SamlError("msg.size", f"more than {limits.message_bytes} bytes")


def _check_depth(root: Element, limits: Limits) -> None:
    if _OF_THREAD.xpath("boolean(" + "/*" * (limits.depth + 1) + ")")(root):
        raise SamlError("xml.limit", "depth")


def _check_namespaces(root: Element, limits: Limits) -> None:
    """Not too many in total nor on one path from the root, no long ones, and each the same in canonical form.

    libxml2 writes the name of a namespace there as it is, without escaping, though XML asks for that: `urn:a&#58;b`
    would be read again as `urn:a:b`, and what another implementation signed would fit a document that differs from it.
    """
    declared = in_scope = 0
    for _, pair in etree.iterwalk(root, events=("start-ns", "end-ns")):
        if pair is None:
            in_scope -= 1
            continue
        declared, in_scope = declared + 1, in_scope + 1
        if declared > limits.namespaces or in_scope > limits.namespaces_in_scope:
            raise SamlError("xml.limit", "namespaces")
        if len(pair[1]) > limits.namespace_length:
            raise SamlError("xml.limit", "namespace length")
        if _NOT_IN_NAMESPACES.search(pair[1]):
            raise SamlError("xml.limit", "characters of a namespace")


_NOT_IN_NAMESPACES: Final = re.compile(r"[\x00-\x20<>&\"']")
"""What would have to be escaped, in one kind of quotes or the other, or is no character of a URI."""


def _utf8(data: bytes) -> bytes:
    """The document without byte order mark, known to be UTF-8 whatever it declares."""
    body = data.removeprefix(_BOM)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise SamlError("xml.encoding", "not UTF-8") from None
    if b"\0" in body:
        raise SamlError("xml.encoding", "NUL byte: UTF-16 or UTF-32")
    return body


def _without_declaration(body: bytes) -> bytes:
    """The document after its XML declaration, which may say nothing but XML 1.0 and UTF-8."""
    if not body.startswith(b"<?xml"):
        return body
    match = _DECLARATION.match(body)
    if match is None:
        raise SamlError("xml.encoding", "the declaration must say XML 1.0 and UTF-8")
    return body[match.end() :]


def _check_markup(body: bytes, *, comments: bool) -> None:
    """Refuse a DOCTYPE, CDATA sections, processing instructions and (for a message) comments."""
    if b"!" not in body and b"?" not in body:
        return  # the usual case, and much faster to see
    if b"<!DOCTYPE" in body:
        raise SamlError("xml.doctype")
    bare = _without_comments(body) if comments else body
    if b"<?" in bare:
        raise SamlError("node.forbidden", "processing instruction")
    if b"<!" in bare:
        raise SamlError("node.forbidden", "comment" if b"<!--" in bare else "CDATA section")


def _without_comments(body: bytes) -> bytes:
    """The bytes outside comments. In one pass: an opener that never closes ends it, and libxml2 will refuse it.

    When CDATA or a processing instruction comes before a comment, its opener stays in the result; so nothing can be
    hidden by making this function see a comment where the parser sees none.
    """
    parts, position = [], 0
    while (start := body.find(b"<!--", position)) >= 0:
        end = body.find(b"-->", start + 4)
        if end < 0:
            break
        parts.append(body[position:start])
        position = end + 3
    parts.append(body[position:])
    return b" ".join(parts)


def _check_nodes(root: Element, limits: Limits) -> None:
    """Not too many; each an element or a harmless comment, with few attributes; IDs well-formed and unique."""
    too_many = _OF_THREAD.xpath(f"boolean(//@*[{limits.attributes + 1}])")
    if too_many(root):  # asked before `items()`, which is quadratic in their number
        raise SamlError("xml.limit", "attributes")
    seen: set[str] = set()
    commented: set[Element] = set()
    for count, node in enumerate(root.iter(), start=1):
        if count > limits.nodes:
            raise SamlError("xml.limit", "nodes")
        if type(node) is not Element:
            _check_comment(node, limits, commented)
            continue
        for name, value in node.items():
            if name[-2:] in _ID_ENDINGS and is_id(str(name)):
                _check_id(str(value), seen)


_ID_ENDINGS: Final = frozenset({"ID", "Id", "iD", "id"})


def is_id(name: str) -> bool:
    """True when an attribute identifies its element: local name `id`, in any case and any namespace (attack S40)."""
    return name.rpartition("}")[2].lower() == "id"


def _check_id(value: str, seen: set[str]) -> None:
    valid_message_id(value)
    if value in seen:
        raise SamlError("id.duplicate")
    seen.add(value)


def _check_comment(node: Element, limits: Limits, commented: set[Element]) -> None:
    """A comment, where they are tolerated, may not stand in or beside text: it would split a value."""
    if not (limits.comments and isinstance(node, etree._Comment)):  # noqa: SLF001 - it has no public name
        raise SamlError("node.forbidden", "not an element")
    parent = node.getparent()
    if parent is None or parent in commented:
        return
    commented.add(parent)
    if any(piece and piece.strip(XML_WHITESPACE) for piece in (parent.text, *(child.tail for child in parent))):
        raise SamlError("node.forbidden", "comment inside a value")
