"""XML for people: indented, coloured by CSS classes, and still plain XML when it is copied."""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.sax import saxutils

from lxml import etree
from markupsafe import Markup

from routeringsvoorziening.saml.parsing import Element

INDENT: Final = "  "
LONG_VALUE: Final = 80
"""Values longer than this many characters are shown shortened; copying still takes them whole."""
LONG_TAG: Final = 76
"""A start tag longer than this gets its attributes on lines of their own."""

MOST_HANGING: Final = 12
"""The stylesheet knows a hanging indent for this many levels."""

Namespaces = Mapping[str | None, str]
Line = tuple[int, Markup]
"""Level, and what stands there."""


def pretty(root: Element) -> Markup:
    """The whole tree as HTML for inside `<pre>`: a block per line, that hangs when it must be broken."""
    return Markup().join(_block(*line) for line in _lines(root, 0, {}))


def _block(level: int, shown: Markup) -> Markup:
    hanging = min(level, MOST_HANGING)
    return Markup('<span class="x-line x-i{}">{}{}\n</span>').format(hanging, INDENT * level, shown)


def _lines(element: Element, level: int, known: Namespaces) -> Iterator[Line]:
    children = [child for child in element if isinstance(child.tag, str)]
    text = (element.text or "").strip()
    *above, last = _start(element, level, known)
    yield from above
    if children:
        yield last[0], last[1] + _mark("&gt;")
        for child in children:
            yield from _lines(child, level + 1, element.nsmap)
        yield level, _end(element)
    elif text:
        yield last[0], last[1] + _mark("&gt;") + _value(text, "t") + _end(element)
    else:
        yield last[0], last[1] + _mark("/&gt;")


def _start(element: Element, level: int, known: Namespaces) -> list[Line]:
    """A start tag without its end, over as many lines as it needs; only namespaces that are new here."""
    name = _qualified(element, element.tag)
    attributes = [
        (f"xmlns:{prefix}" if prefix else "xmlns", uri, "n")
        for prefix, uri in element.nsmap.items()
        if known.get(prefix) != uri
    ] + [(_qualified(element, key), str(value), "v") for key, value in element.attrib.items()]
    tag = _mark("&lt;") + _name(name)
    length = len(INDENT) * level + len(name) + sum(len(key) + len(value) + 4 for key, value, _ in attributes)
    if length <= LONG_TAG:
        return [(level, Markup(" ").join([tag, *(_attribute(*each) for each in attributes)]))]
    return [(level, tag), *((level + 2, _attribute(*each)) for each in attributes)]


def _end(element: Element) -> Markup:
    return Markup("{}{}{}").format(_mark("&lt;/"), _name(_qualified(element, element.tag)), _mark("&gt;"))


def _qualified(element: Element, name: object) -> str:
    """The name with the prefix that it has here."""
    qname = etree.QName(str(name))
    prefixes = [prefix for prefix, uri in element.nsmap.items() if prefix and uri == qname.namespace]
    return f"{prefixes[0]}:{qname.localname}" if prefixes else qname.localname


def _mark(entity: str) -> Markup:
    return Markup('<span class="x-m">') + Markup(entity) + Markup("</span>")  # noqa: S704 - constants of this module


def _name(name: str) -> Markup:
    prefix, _, local = name.rpartition(":")
    shown = Markup('<span class="x-p">{}:</span>').format(prefix) if prefix else Markup()
    return Markup('{}<span class="x-e">{}</span>').format(shown, local)


def _attribute(name: str, value: str, kind: str) -> Markup:
    quoted = Markup('"{}"').format(_value(value, kind))
    return Markup('<span class="x-a x-a-{}">{}<span class="x-m">=</span>{}</span>').format(kind, name, quoted)


def _value(value: str, kind: str) -> Markup:
    """A value; base64 over several lines is joined, and what is long is marked as such."""
    compact = "".join(value.split()) if len(value) > LONG_VALUE and " " not in value else value
    classes = f"x-{kind} x-long" if len(compact) > LONG_VALUE else f"x-{kind}"
    in_xml = saxutils.escape(compact, {'"': "&quot;"})
    return Markup('<span class="{}">{}</span>').format(classes, in_xml)
