"""What can be told of XML in exclusive canonical form without parsing it.

In that form `<` always begins a tag, an attribute is ` name="value"`, and a value has neither `<` nor `"` in it. Text
has no `<` either, but may hold `"` and all that looks like an attribute; so what looks like one counts only within a
tag.
"""

import re
from collections.abc import Iterator
from typing import Final

from routeringsvoorziening.saml.errors import SamlError

KEEPS_PREFIXES: Final = b"InclusiveNamespaces"
"""Where it does not stand, no signature keeps prefixes that nothing visibly uses."""
_ENDINGS: Final = (b'D="', b'd="')
_OUTSIDE_VALUES: Final = re.compile(rb'[^"<>]*(?:"[^"]*"[^"<>]*)*')
"""From one place in a tag to another, neither in a value."""


def ids_of(xml: bytes) -> list[bytes]:
    """The values of the attributes that identify their elements: local name `id`, in any case and namespace (S40).

    Args:
        xml: in exclusive canonical XML.
    """
    return [each for ending in _ENDINGS for each in _values_before(ending, xml)]


def check_ids_unique(xml: bytes) -> None:
    """No ID occurs twice.

    Args:
        xml: in exclusive canonical XML.

    Raises:
        SamlError: `id.duplicate`.
    """
    found = ids_of(xml)
    if len(set(found)) != len(found):
        raise SamlError("id.duplicate", "in a message of our own")


def _values_before(ending: bytes, xml: bytes) -> Iterator[bytes]:
    """In one pass: no part of a tag, and no text, is looked at twice."""
    tag = outside = (
        text_after
    ) = -1  # where a tag began; how far in it nothing is a value; the tag after which text began
    searched, place = 0, xml.find(ending)
    while place >= 0:
        began, searched = xml.rfind(b"<", searched, place), place
        if began > tag:
            tag = began
            outside = began + 1
        if text_after != tag and xml[place - 1 : place] in _FIRST and xml[place - 2 : place - 1] in _BEFORE:
            within = _OUTSIDE_VALUES.match(xml, outside, place)
            outside = outside if within is None else within.end()
            if outside == place and not xml.endswith(_DECLARATION, tag, place - 1):
                begin = place + len(ending)
                yield xml[begin : xml.index(b'"', begin)]
            elif xml[outside : outside + 1] == b">":
                text_after = tag
        place = xml.find(ending, place + 1)


_FIRST: Final = (b"I", b"i")
_BEFORE: Final = (b" ", b":")
_DECLARATION: Final = b" xmlns:"
"""Of a prefix that is called so."""
