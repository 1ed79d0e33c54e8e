"""XML for people: indented, coloured by CSS classes, and still plain XML when it is copied."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree
from markupsafe import Markup, escape

from routeringsvoorziening.saml.parsing import Element

LONG: Final = 80
"""Values longer than this many characters are shown shortened; copying still takes them whole."""

Marker = Callable[[Element], str | None]
"""Says which note belongs to an element: the text of a small label, or None."""


@dataclass(frozen=True, slots=True)
class PrettyXml:
    """How a tree is written.

    Args:
        indent: per level.
        marker: adds a label behind the start tag of elements that the reader must notice.
    """

    indent: str = "  "
    marker: Marker = field(default=lambda _: None)

    def render(self, root: Element) -> Markup:
        """The whole tree as HTML for inside `<pre>`."""
        return Markup("\n").join(self._lines(root, 0, {}))

    def _lines(self, element: Element, depth: int, known: Mapping[str | None, str]) -> Iterator[Markup]:
        pad = self.indent * depth
        children = [child for child in element if isinstance(child.tag, str)]
        text = (element.text or "").strip()
        start = self._start(element, known)
        label = self._label(element)
        if children:
            yield Markup("{}{}{}{}").format(pad, start, _mark("&gt;"), label)
            for child in children:
                yield from self._lines(child, depth + 1, element.nsmap)
            yield Markup("{}{}").format(pad, _end(element))
        elif text:
            body = Markup("{}{}{}").format(_mark("&gt;"), _value(text, "t"), _end(element))
            yield Markup("{}{}{}{}").format(pad, start, body, label)
        else:
            yield Markup("{}{}{}{}").format(pad, start, _mark("/&gt;"), label)

    def _start(self, element: Element, known: Mapping[str | None, str]) -> Markup:
        parts = [Markup("{}{}").format(_mark("&lt;"), _name(_qualified(element, element.tag)))]
        parts += [
            _attribute("xmlns" if prefix is None else f"xmlns:{prefix}", uri, "n")
            for prefix, uri in element.nsmap.items()
            if known.get(prefix) != uri
        ]
        parts += [_attribute(_qualified(element, name), str(value), "v") for name, value in element.attrib.items()]
        return Markup().join(parts)

    def _label(self, element: Element) -> Markup:
        label = self.marker(element)
        return Markup('<span class="x-label" aria-hidden="true">{}</span>').format(label) if label else Markup()


def _qualified(element: Element, name: object) -> str:
    qname = etree.QName(str(name))
    if qname.namespace is None:
        return qname.localname
    prefixes = [prefix for prefix, uri in element.nsmap.items() if uri == qname.namespace]
    return f"{prefixes[0]}:{qname.localname}" if prefixes and prefixes[0] else qname.localname


def _mark(entity: str) -> Markup:
    return Markup('<span class="x-m">') + Markup(entity) + Markup("</span>")  # noqa: S704 - constants of this module


def _name(name: str) -> Markup:
    prefix, _, local = name.rpartition(":")
    shown = Markup('<span class="x-p">{}:</span>').format(prefix) if prefix else Markup()
    return Markup('{}<span class="x-e">{}</span>').format(shown, local)


def _end(element: Element) -> Markup:
    return Markup("{}{}{}").format(_mark("&lt;/"), _name(_qualified(element, element.tag)), _mark("&gt;"))


def _attribute(name: str, value: str, kind: str) -> Markup:
    quoted = Markup('"{}"').format(_value(value, kind))
    return Markup(' <span class="x-a x-a-{}">{}<span class="x-m">=</span>{}</span>').format(kind, name, quoted)


def _value(value: str, kind: str) -> Markup:
    compact = "".join(value.split()) if len(value) > LONG and " " not in value.strip() else value
    classes = f"x-{kind} x-long" if len(compact) > LONG else f"x-{kind}"
    return Markup('<span class="{}">{}</span>').format(classes, escape(compact))
