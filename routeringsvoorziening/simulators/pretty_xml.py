"""XML for people: indented, coloured by CSS classes, and still plain XML when it is copied."""

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree
from markupsafe import Markup, escape

from routeringsvoorziening.saml.parsing import Element

INDENT: Final = "  "
LONG_VALUE: Final = 80
"""Values longer than this many characters are shown shortened; copying still takes them whole."""
LONG_TAG: Final = 76
"""A start tag longer than this gets its attributes on lines of their own."""

Namespaces = Mapping[str | None, str]


def pretty(root: Element) -> Markup:
    """The whole tree as HTML for inside `<pre>`."""
    return Markup("\n").join(_lines(root, 0, {}))


def _lines(element: Element, depth: int, known: Namespaces) -> Iterator[Markup]:
    pad = INDENT * depth
    children = [child for child in element if isinstance(child.tag, str)]
    text = (element.text or "").strip()
    start = _start(element, pad, known)
    if children:
        yield Markup("{}{}{}").format(pad, start, _mark("&gt;"))
        for child in children:
            yield from _lines(child, depth + 1, element.nsmap)
        yield Markup("{}{}").format(pad, _end(element))
    elif text:
        yield Markup("{}{}{}{}{}").format(pad, start, _mark("&gt;"), _value(text, "t"), _end(element))
    else:
        yield Markup("{}{}{}").format(pad, start, _mark("/&gt;"))


def _start(element: Element, pad: str, known: Namespaces) -> Markup:
    """A start tag without its end; only namespaces that are new here."""
    name = _qualified(element, element.tag)
    attributes = [
        (f"xmlns:{prefix}" if prefix else "xmlns", uri, "n")
        for prefix, uri in element.nsmap.items()
        if known.get(prefix) != uri
    ] + [(_qualified(element, key), str(value), "v") for key, value in element.attrib.items()]
    length = len(pad) + len(name) + sum(len(key) + len(value) + 4 for key, value, _ in attributes)
    between = f"\n{pad}{INDENT * 2}" if length > LONG_TAG and len(attributes) > 1 else " "
    shown = [Markup("{}{}").format(between, _attribute(*each)) for each in attributes]
    return Markup("{}{}{}").format(_mark("&lt;"), _name(name), Markup().join(shown))


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
    return Markup('<span class="{}">{}</span>').format(classes, escape(compact))
