"""XML for people: nothing of it can act as HTML, and what is copied is the same XML."""

import html
import re

import pytest
from lxml import etree

from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.simulators.pretty_xml import pretty

SAMPLES = [
    "<a/>",
    "<a>text</a>",
    '<a b="1" c="2"><d/></a>',
    '<p:a xmlns:p="urn:p" p:b="1"><p:c xmlns="urn:q" xmlns:r="urn:r"><r:d r:e="x"/><f/></p:c></p:a>',
    '<a b="&lt;script&gt; &quot;&amp;">&lt;script&gt;</a>',
    f'<a long="{"x" * 200}" other="{"y" * 90}"><b>{"z" * 400}</b></a>',
    "<a>line\n one\n</a>",
]


def text_of(shown: str) -> str:
    """What a person copies."""
    return html.unescape(re.sub(r"<[^>]+>", "", shown))


def layout_free(xml: str) -> bytes:
    """Canonical form without layout."""
    root = parse(xml.encode())
    for node in root.iter():
        node.text = (node.text or "").strip() or None
        node.tail = None
    return canonical(root)


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_copied_is_the_same_xml(sample: str) -> None:
    """Apart from layout."""
    assert layout_free(text_of(str(pretty(parse(sample.encode()))))) == layout_free(sample)


@pytest.mark.parametrize("sample", SAMPLES)
def test_only_spans_come_out(sample: str) -> None:
    """No other element, and no attribute but class."""
    shown = etree.fromstring(f"<pre>{pretty(parse(sample.encode()))}</pre>")
    for node in shown.iter():
        assert node.tag in {"pre", "span"}
        assert set(node.attrib) <= {"class"}


def test_long_values_are_marked() -> None:
    """So that the page can show them short."""
    assert "x-long" in pretty(parse(f"<a>{'x' * 200}</a>".encode()))
    assert "x-long" not in pretty(parse(b"<a>short</a>"))
