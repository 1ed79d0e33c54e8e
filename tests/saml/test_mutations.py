"""Random changes of signed messages: each is refused, or what comes out is what was signed."""

import random
from copy import deepcopy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element, canonical, parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.verifying import verify
from tests.support.signed import AT, DS, request, signed_request, signing_key

KEY = signing_key().verification_key
GENUINE = signed_request()
GENUINE_VALUE = canonical(request())
FOREIGN = signed_request("other")


def outcome(data: bytes) -> bytes | None:
    """What comes out of bytes: nothing, or the canonical form of a verified element. All else fails the test."""
    try:
        root = parse(data)
        candidates = list(root.iter(names.samlp("AuthnRequest")))
    except SamlError:
        return None
    found = {value for value in map(_verified, candidates) if value is not None}
    assert len(found) <= 1
    return next(iter(found), None)


def _verified(element: Element) -> bytes | None:
    try:
        return canonical(verify(element, [KEY], at=AT).element)
    except SamlError:
        return None


def test_the_genuine_message_comes_out() -> None:
    """The positive twin; and the same message of another key does not."""
    assert outcome(GENUINE) == GENUINE_VALUE
    assert outcome(FOREIGN) is None


@pytest.mark.eis("SIG-04")
@pytest.mark.attack("S43", "S36", "S37", "S38", "S42")
@given(
    position=st.integers(0, len(GENUINE)),
    removed=st.integers(0, 40),
    added=st.binary(max_size=8) | st.text(alphabet="<>!-?[]&;#/= '\"\u0000\u00e9x1", max_size=12).map(str.encode),
)
def test_changed_bytes(position: int, removed: int, added: bytes) -> None:
    """Cut something out anywhere, put something in."""
    changed = GENUINE[:position] + added + GENUINE[position + removed :]
    assert outcome(changed) in (None, GENUINE_VALUE)


@pytest.mark.attack("S27")
@given(st.integers(0, len(GENUINE) * 8 - 1))
def test_flipped_bits(bit: int) -> None:
    """One of all bits."""
    changed = bytearray(GENUINE)
    changed[bit // 8] ^= 1 << bit % 8
    assert outcome(bytes(changed)) in (None, GENUINE_VALUE)


_ALGORITHMS = [
    "",
    names.RSA_SHA512,
    names.SHA1,
    names.EXC_C14N + "WithComments",
    "http://www.w3.org/TR/1999/REC-xslt-19991116",
]
_VALUES = ["", "_request", "#_request", "#_evil", "_evil", "/dev/zero", "2", "AA==", KEY.key_name, *_ALGORITHMS]
_NAMES = [
    "ID",
    "Id",
    "id",
    "{http://www.w3.org/XML/1998/namespace}id",
    "{urn:x}ID",
    "URI",
    "Algorithm",
    "AssertionConsumerServiceIndex",
]
_TAGS = [
    names.samlp("AuthnRequest"),
    names.samlp("Extensions"),
    names.saml("Issuer"),
    *(
        DS + local
        for local in ("Object", "Signature", "SignedInfo", "Reference", "Transform", "KeyValue", "X509Data", "Manifest")
    ),
]

OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "move",
                "copy",
                "remove",
                "wrap",
                "unwrap",
                "retag",
                "attribute",
                "unattribute",
                "text",
                "tail",
                "foreign",
                "comment",
                "swap",
            ]
        ),
        st.integers(0, 60),
        st.integers(0, 60),
        st.integers(0, 60),
    ),
    min_size=1,
    max_size=6,
)


def apply(root: Element, operation: str, first: int, second: int, third: int) -> Element:  # noqa: C901, PLR0912
    """One operation on a tree; the numbers choose nodes and values, modulo what there is."""
    nodes = list(root.iter())
    one, other = nodes[first % len(nodes)], nodes[second % len(nodes)]
    parent = one.getparent()
    if operation in {"move", "copy"} and one not in (other, *other.iterancestors()) and isinstance(other.tag, str):
        other.insert(third % (len(other) + 1), deepcopy(one) if operation == "copy" else one)
    elif operation == "remove" and parent is not None:
        parent.remove(one)
    elif operation == "wrap":
        wrapper = etree.Element(_TAGS[third % len(_TAGS)])
        if parent is None:
            wrapper.append(root)
            return wrapper
        parent.replace(one, wrapper)
        wrapper.append(one)
    elif operation == "unwrap" and parent is not None:
        for child in list(one):
            one.addprevious(child)
        parent.remove(one)
    elif not isinstance(one.tag, str):
        pass
    elif operation == "retag":
        one.tag = _TAGS[third % len(_TAGS)]
    elif operation == "attribute":
        one.set(_NAMES[second % len(_NAMES)], _VALUES[third % len(_VALUES)])
    elif operation == "unattribute" and one.attrib:
        del one.attrib[sorted(one.attrib)[third % len(one.attrib)]]
    elif operation == "text":
        one.text = _VALUES[third % len(_VALUES)]
    elif operation == "tail" and parent is not None:
        one.tail = _VALUES[third % len(_VALUES)]
    elif operation == "foreign":
        one.insert(third % (len(one) + 1), etree.fromstring(FOREIGN))
    elif operation == "comment":
        one.insert(third % (len(one) + 1), etree.Comment("x"))
    elif operation == "swap" and parent is not None:
        parent.insert(third % len(parent), one)
    return root


@pytest.mark.eis("SIG-04")
@pytest.mark.attack(
    "S01", "S02", "S05", "S06", "S07", "S08", "S09", "S11", "S13", "S14", "S21", "S29", "S30", "S32", "S39", "S40"
)
@settings(max_examples=400)
@given(OPERATIONS)
@example([("wrap", 0, 0, 0), ("attribute", 0, 0, 4)])
def test_changed_trees(operations: list[tuple[str, int, int, int]]) -> None:
    """Move, copy, wrap, rename, rewrite: up to six steps from the genuine message."""
    root = etree.fromstring(GENUINE)
    for operation in operations:
        root = apply(root, *operation)
    assert outcome(etree.tostring(root)) in (None, GENUINE_VALUE)


@pytest.mark.attack("S01", "S07")
def test_some_changed_trees_do_verify() -> None:
    """The positive twin: the search is not idle, for the genuine element is often still to be found."""
    numbers = random.Random(1)
    verdicts = []
    for _ in range(300):
        operation = numbers.choice(["move", "wrap", "foreign", "copy", "attribute"])
        root = apply(etree.fromstring(GENUINE), operation, *(numbers.randrange(60) for _ in range(3)))
        verdicts.append(outcome(etree.tostring(root)))
    assert verdicts.count(GENUINE_VALUE) > 10
    assert verdicts.count(None) > 50
    assert set(verdicts) == {None, GENUINE_VALUE}


_TEXT = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"),
    max_size=20,
)


@pytest.mark.eis("SIG-03")
@pytest.mark.attack("S35", "S44", "S45")
@given(value=_TEXT, attribute=_TEXT, layout=st.text(alphabet=" \t\n", max_size=3))
def test_what_is_signed_comes_back(value: str, attribute: str, layout: str) -> None:
    """Any text, in elements and attributes, survives signing, sending, verifying and reading."""
    root = request(layout=layout)
    root[0].text = value
    root[1].set("AllowCreate", attribute)
    sign(root, signing_key())
    element = verify(parse(etree.tostring(root)), [KEY], at=AT).element
    assert ("".join(element[0].itertext()), element[1].get("AllowCreate")) == (value, attribute)
