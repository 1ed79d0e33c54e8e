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
_WITHIN_TAG: Final = re.compile(rb'<[^"<>]*(?:"[^"]*"[^"<>]*)*')
"""From the beginning of a tag to a place in it that is in no value."""


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
    """In one pass: what was searched for the beginning of a tag, or is known to be text, is not looked at again."""
    tag = text_after = -1
    searched, place = 0, xml.find(ending)
    while place >= 0:
        tag, searched = max(tag, xml.rfind(b"<", searched, place)), place
        if text_after != tag and xml[place - 1 : place] in _FIRST and xml[place - 2 : place - 1] in _BEFORE:
            within = _WITHIN_TAG.match(xml, tag, place)
            end = -1 if within is None else within.end()
            if end == place and not xml.endswith(_DECLARATION, tag, place - 1):
                begin = place + len(ending)
                yield xml[begin : xml.index(b'"', begin)]
            elif xml[end : end + 1] == b">":
                text_after = tag
        place = xml.find(ending, place + 1)


_FIRST: Final = (b"I", b"i")
_BEFORE: Final = (b" ", b":")
_DECLARATION: Final = b" xmlns:"
"""Of a prefix that is called so."""
