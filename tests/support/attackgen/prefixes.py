"""Work for the canonicaliser: lists of prefixes that are looked up at every element (S33, S48)."""

from collections.abc import Callable, Iterator
from itertools import islice, product
from string import ascii_lowercase
from typing import Final

from lxml import etree

from tests.support.attackgen.genuine import Kind, recipe, unsigned
from tests.support.attackgen.handmade import DS, EXC, sign
from tests.support.attackgen.operators import Op
from tests.support.attackgen.signatures import MESSAGES

_C14N: Final = frozenset({"alg.c14n"})
_LIST: Final = f"{{{EXC}}}InclusiveNamespaces"
Apply = Callable[[Kind, etree._Element], etree._Element]


def _lists(count: int) -> list[str]:
    """That many lists of 16 prefixes, all different."""
    names = ("".join(letters) for letters in product(ascii_lowercase, repeat=3))
    return [" ".join(islice(names, 16)) for _ in range(count)]


def _burden(lists: list[str], declarations: int, depth: int = 25, leaves: int = 1000) -> etree._Element:
    """Lists, elements that use none of what they name, and declarations to look it up among.

    What they name exists as names of attributes too: lxml looks up no prefix that the document has no such name for.
    """
    nsmap = {"ec": EXC} | {f"q{number}": f"urn:q{number}" for number in range(declarations)}
    root = inner = etree.Element("a", nsmap=nsmap)
    for each in lists:
        etree.SubElement(root, _LIST, PrefixList=each)
        etree.SubElement(root, "names", dict.fromkeys(each.split(), ""))
    for _ in range(depth):
        inner = etree.SubElement(inner, "a")
    for _ in range(leaves):
        etree.SubElement(inner, "b")
    return root


def _added(lists: list[str], declarations: int, *, strip: bool) -> Apply:
    """The burden, in a message with the signature that it had, or with none."""

    def apply(kind: Kind, root: etree._Element) -> etree._Element:
        element = kind.locate(root)
        if strip:
            element.remove(element.find(f"{{{DS}}}Signature"))
        element.append(_burden(lists, declarations))
        kind.reseal(root)
        return root

    return apply


def _listed(declarations: int) -> Apply:
    """The burden, under a signature in good form with a KeyName that we know, that lists what is declared."""

    def write(signature: etree._Element) -> None:
        for place in (
            signature.find(f".//{{{DS}}}CanonicalizationMethod"),
            signature.findall(f".//{{{DS}}}Transform")[1],
        ):
            etree.SubElement(place, _LIST, PrefixList=" ".join(f"q{number}" for number in range(declarations)[-16:]))

    def apply(kind: Kind, _: etree._Element) -> etree._Element:
        root = unsigned(kind)
        element = kind.locate(root)
        element.append(_burden([], declarations))
        sign(element, recipe(kind.sender).with_(canonical=b""), write)
        kind.reseal(root)
        return root

    return apply


def operators() -> Iterator[Op]:
    """Every operator of this family."""
    missing, limit = frozenset({"sig.missing"}), frozenset({"xml.limit"})
    many, few = _lists(400), _lists(3)
    cites = ("S33", "S48")
    yield Op("prefix-lists-unsigned", "c14n", cites, MESSAGES, missing | _C14N, _added(many, 8, strip=True))
    yield Op("prefix-lists-anywhere", "c14n", cites, MESSAGES, _C14N, _added(many, 8, strip=False))
    yield Op("prefix-list-anywhere", "c14n", cites, MESSAGES, _C14N, _added(few[:1], 8, strip=False))
    yield Op("prefix-lists-namespaces", "c14n", cites, MESSAGES, limit, _added(many, 100, strip=False))
    yield Op("prefix-list-full", "c14n", cites, MESSAGES, frozenset({"sig.invalid", "msg.schema"}), _listed(10))
    yield Op("prefix-list-declared", "c14n", cites, MESSAGES, limit, _listed(30))
