"""SOAP envelopes around ArtifactResolve and ArtifactResponse: 1.1 out, 1.1 and 1.2 in (RES-01, ARR-01)."""

from typing import Final

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element

CONTENT_TYPE: Final = "text/xml"
"""The only content type that every known receiver takes, for requests and answers."""

_HEAD: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="' + names.SOAP11.encode() + b'"><soap:Body>'
)
_TAIL: Final = b"</soap:Body></soap:Envelope>"
_VERSIONS: Final = (names.SOAP11, names.SOAP12)


def wrap(element: Element) -> bytes:
    """A message in a SOAP 1.1 envelope, as UTF-8 bytes that begin with a declaration in double quotes.

    The message is not moved to another tree, so that its signatures stay valid; see `building`.
    """
    return wrap_written(etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False))


def wrap_written(message: bytes) -> bytes:
    """The same for a message that is written already, in UTF-8 and without a declaration."""
    return _HEAD + message + _TAIL


def unwrap(root: Element) -> Element:
    """The one message in the one Body of an envelope. A Header may be there, empty (S16).

    Raises:
        SamlError: `soap.structure`.
    """
    namespace = etree.QName(root).namespace
    if namespace not in _VERSIONS or root.tag != f"{{{namespace}}}Envelope":
        raise SamlError("soap.structure", "not a SOAP 1.1 or 1.2 Envelope")
    children = _children(root)
    if children and children[0].tag == f"{{{namespace}}}Header":
        if _children(children[0]):
            raise SamlError("soap.structure", "a Header with content")
        children = children[1:]
    if [child.tag for child in children] != [f"{{{namespace}}}Body"]:
        raise SamlError("soap.structure", "not exactly one Body")
    inside = _children(children[0])
    if len(inside) != 1:
        raise SamlError("soap.structure", "not exactly one message in the Body")
    return inside[0]


def _children(element: Element) -> list[Element]:
    """The child elements; text between them may only be layout."""
    children = list(element)
    for text in (element.text, *(child.tail for child in children)):
        if text is not None and text.strip(" \t\r\n"):
            raise SamlError("soap.structure", "text between the elements")
    return children
