"""What is told of canonical XML without parsing it is what a parser says."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from routeringsvoorziening.saml.parsing import canonical, is_id, read_tree
from routeringsvoorziening.saml.written import check_ids_unique, ids_of
from tests.support.wire import refused

ALPHABET = st.sampled_from([*"aId ='\t>:.", '"', " ID=", ' Id="', ' xml:id="', "<", "&", 'ID="x"', 'd="'])
PREFIXES = {"p": "urn:p", "q": "urn:q", "id": "urn:id"}
texts = st.lists(ALPHABET, max_size=12).map("".join)
names = st.sampled_from(["a", "ID", "Id", "id", "iD", "hid", "IDs", "{urn:p}ID", "{urn:p}a", "{urn:id}d"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 2) -> etree._Element:
    """Attributes and text that are as confusing as can be."""
    made = etree.Element(draw(st.sampled_from(["a", "ID", "{urn:q}x", "{urn:id}d"])), nsmap=PREFIXES)
    for name, value in draw(st.dictionaries(names, texts, max_size=4)).items():
        made.set(name, value)
    made.text = draw(texts)
    for child in draw(st.lists(elements(depth - 1), max_size=2)) if depth else ():
        made.append(child)
        child.tail = draw(texts)
    return made


def by_parsing(xml: bytes) -> list[str]:
    return [str(value) for each in read_tree(xml).iter() for name, value in each.attrib.items() if is_id(str(name))]


@pytest.mark.attack("S40")
@given(elements())
def test_the_ids_are_those_that_a_parser_finds(element: etree._Element) -> None:
    """All of them and no others, whatever stands in values and text."""
    xml = canonical(element)
    found = [read_tree(b'<x a="' + each + b'"></x>').get("a") for each in ids_of(xml)]
    assert sorted(map(str, found)) == sorted(by_parsing(xml))


@pytest.mark.attack("S40")
@pytest.mark.parametrize(
    ("first", "second"), [("ID", "ID"), ("ID", "Id"), ("xml:id", "ID"), ("id", "Id"), ("p:ID", "ID"), ("iD", "iD")]
)
def test_an_id_occurs_once(first: str, second: str) -> None:
    """Whatever it is called."""
    document = '<x xmlns:p="urn:p" {}="_a"><y {}="{}"></y></x>'
    check_ids_unique(document.format(first, second, "_b").encode())
    refused("id.duplicate", lambda: check_ids_unique(document.format(first, second, "_a").encode()))


@pytest.mark.attack("S40")
@pytest.mark.parametrize("before", [' ID="', ' ID="_b" ', '" ID="', " ID='", '> ID="', "a"])
def test_text_hides_no_id(before: str) -> None:
    """The same ID right after text that looks like the beginning of one."""
    xml = f'<x ID="_a">{before.replace(">", "&gt;")}<y ID="_a"></y></x>'.encode()
    refused("id.duplicate", lambda: check_ids_unique(xml))


def test_text_is_no_id() -> None:
    """Nor is a value."""
    assert ids_of(b'<x a=" ID=" b=" id="> ID="_a" ID="_a"<y></y> Id="_a"</x>') == []


@pytest.mark.attack("S48")
@pytest.mark.parametrize(
    "xml",
    [
        b"<x>" + b' ID="' * 26_000 + b"</x>",
        b"<x>" + b'<y></y> ID="' * 10_000 + b"</x>",
        b'<x a="' + b">" * 60_000 + b'">' + b'"' * 60_000 + b"</x>",
        b'<x a="' + b"t" * 100_000 + b'"' + b"".join(b' b%d=" ID="' % i for i in range(63)) + b"></x>",
        b"<x>" + (b"<y" + b"".join(b' a%d=" id="' % i for i in range(64)) + b"></y>") * 180 + b"</x>",
    ],
)
def test_takes_no_time(xml: bytes) -> None:
    """In proportion to the size, whatever is written."""
    started = time.thread_time()
    assert ids_of(xml) == []
    assert time.thread_time() - started < 1
