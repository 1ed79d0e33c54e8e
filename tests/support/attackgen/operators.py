"""What a variant is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from tests.support.attackgen.genuine import Kind, tree

Family = Literal["wrap", "sig", "ref", "c14n", "text", "ns", "id", "dtd", "enc", "sem"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One hostile message.

    Args:
        id: stable; names the operator and its parameters.
        family: of the operator.
        cites: the attack class, and where it comes from.
        kind: of the message.
        data: the bytes that are sent.
        codes: the codes with which it may be refused, and no other.
    """

    id: str
    family: Family
    cites: tuple[str, ...]
    kind: Kind
    data: bytes = field(repr=False)
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Op:
    """A pure function from an untouched tree to a hostile one, or to bytes.

    Args:
        needs: whose key the attacker must hold: nobody's, their own, or the sender's (a party turned bad).
    """

    id: str
    family: Family
    cites: tuple[str, ...]
    kinds: tuple[Kind, ...]
    codes: frozenset[str]
    apply: Callable[[Kind, etree._Element], etree._Element | bytes]
    needs: Literal["none", "attacker", "genuine"] = "none"

    def variants(self) -> Iterable[Variant]:
        """One per kind that it applies to."""
        for kind in self.kinds:
            found = self.apply(kind, tree(kind))
            yield Variant(f"{kind.name}:{self.id}", self.family, self.cites, kind, serialise(found), self.codes)


def serialise(found: etree._Element | bytes) -> bytes:
    """As lxml writes it, without any change of layout."""
    return found if isinstance(found, bytes) else etree.tostring(found)
