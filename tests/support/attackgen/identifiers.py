"""Forms of an ID, duplicates and look-alikes: S40."""

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from tests.support.attackgen.genuine import Kind, unsigned
from tests.support.attackgen.operators import Op
from tests.support.attackgen.signatures import ALL
from tests.support.attackgen.texts import resigned
from tests.support.attackgen.wrapping import XML_ID

_DUPLICATE: Final = frozenset({"id.duplicate"})
_FORM: Final = frozenset({"id.form"})


def _renamed(value: str) -> Callable[[Kind, etree._Element], etree._Element]:
    def apply(kind: Kind, _: etree._Element) -> etree._Element:
        root = unsigned(kind)
        kind.locate(root).set("ID", value)
        return resigned(kind, root)

    return apply


def _second(name: str, *, genuine: bool = True) -> Callable[[Kind, etree._Element], etree._Element]:
    """A second attribute that some reader takes for the ID, on the first child."""

    def apply(kind: Kind, _: etree._Element) -> etree._Element:
        root = unsigned(kind)
        element = kind.locate(root)
        element[0].set(name, element.get("ID") if genuine else "")
        return resigned(kind, root)

    return apply


def operators() -> Iterator[Op]:
    """Every operator of this family."""
    for label, value in {
        "empty": "",
        "digit": "1abc",
        "colon": "a:b",
        "space": "_a b",
        "long": "_" + "a" * 256,
        "slash": "_a/b",
        "quote": "_a'b",
    }.items():
        yield Op(f"id-{label}", "id", ("S40",), ALL, _FORM | {"sig.reference"}, _renamed(value), "genuine")
    for name in ("ID", "Id", "id", "iD", XML_ID, "{urn:example:foreign}ID", "{urn:example:foreign}id"):
        label = name.replace(XML_ID, "xml:id").replace("{urn:example:foreign}", "x:")
        yield Op(f"duplicate-{label}", "id", ("S40",), ALL, _DUPLICATE, _second(name), "genuine")
        yield Op(
            f"blank-{label}", "id", ("S40",), ALL, _FORM | {"xml.malformed"}, _second(name, genuine=False), "genuine"
        )
