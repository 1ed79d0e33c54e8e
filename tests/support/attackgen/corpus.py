"""Everything that attackgen makes."""

from collections.abc import Iterator

from tests.support.attackgen import bytes_level, identifiers, meaning, prefixes, references, signatures, texts, wrapping
from tests.support.attackgen.genuine import KINDS
from tests.support.attackgen.operators import Op, Variant

FAMILIES = (signatures, references, texts, identifiers, bytes_level, meaning, prefixes)


def operators() -> Iterator[Op]:
    """Every operator but those of wrapping."""
    for family in FAMILIES:
        yield from family.operators()


def operated() -> Iterator[Variant]:
    """Every variant that an operator makes."""
    for operator in operators():
        yield from operator.variants()


def wrapped() -> Iterator[Variant]:
    """The classical wrappings, by name, and then the whole product."""
    for kind in KINDS.values():
        yield from wrapping.named(kind)
    for kind in KINDS.values():
        yield from wrapping.product_of(kind)
