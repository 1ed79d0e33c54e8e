"""How large, deep and wide a document may be. Measured before anything costly looks at it."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one XML document.

    Canonicalisation is quadratic in the attributes of an element, repeats a namespace declaration wherever it is used,
    and looks every prefix of a PrefixList up among all declarations in scope, at every element. Hence the bounds on
    those: with them, what comes out is never more than some thirty times what went in, and takes milliseconds.

    Args:
        message_bytes: of the XML, after base64.
        nodes: elements and comments, in total.
        depth: of the deepest element; the root has depth 1. libxml2 itself stops at 256.
        attributes: of one element.
        namespaces: namespace declarations, in total. An answer about a mandate has some 70.
        namespaces_in_scope: of those, on one element and its ancestors together. Such an answer has 7.
        namespace_length: characters of one namespace URI.
        comments: True when comments between elements are tolerated (never inside a text value).
    """

    message_bytes: int = 131_072
    nodes: int = 2_000
    depth: int = 40
    attributes: int = 64
    namespaces: int = 256
    namespaces_in_scope: int = 16
    namespace_length: int = 200
    comments: bool = False


MESSAGE: Final = Limits()
"""A SAML message, in its SOAP envelope or not. No comments at all: they split values (attack S36)."""

METADATA: Final = Limits(
    message_bytes=16 * 1024 * 1024,
    nodes=400_000,
    depth=60,
    attributes=64,
    namespaces=50_000,
    namespaces_in_scope=24,
    comments=True,
)
"""Metadata of one party, which may publish thousands of dienstverleners. Peers ship comments between elements."""

ROUTING_METADATA: Final = replace(METADATA, message_bytes=64 * 1024 * 1024)
"""Metadata of an RD for its services: some two kilobytes for every dienstverlener in the country."""
