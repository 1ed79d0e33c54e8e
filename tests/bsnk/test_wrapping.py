"""Identifiers in points."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.bsnk.curve import GENERATOR, Point
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.wrapping import Identifier, unwrap, wrap
from tests.bsnk.people import BSN
from tests.bsnk.vectors import outcome

PREFIX = hashlib.sha384(b"").digest()[:10]
MESSAGE = b"\x01B\x09" + BSN.encode()


def point_of(block: bytes, first: int = 0) -> Point:
    """A point that holds this block of 29 bytes, under a seed that makes it one."""
    for number in range(1000):
        seed = number.to_bytes(10, "big")
        masked = bytes(a ^ b for a, b in zip(block, hashlib.sha384(seed + bytes(4)).digest(), strict=False))
        masked_seed = bytes(a ^ b for a, b in zip(seed, hashlib.sha384(masked + bytes(4)).digest(), strict=False))
        try:
            return Point.lifted(int.from_bytes(bytes([first]) + masked_seed + masked, "big"), odd=True)
        except BsnkError:
            continue
    raise AssertionError


@given(st.text(alphabet="0123456789abcXYZ", min_size=1, max_size=15), st.sampled_from("BE"))
def test_any_identifier_comes_back(value: str, type_: str) -> None:
    """1 to 15 letters and digits, with their type."""
    assert unwrap(wrap(Identifier(value, type_))) == Identifier(value, type_)


def test_every_wrapping_is_another_point() -> None:
    """The seed is random."""
    assert len({wrap(Identifier(BSN, "B")) for _ in range(20)}) == 20


@pytest.mark.parametrize("value", ["", "1" * 16, "a b", "é"])
def test_what_does_not_fit_is_not_wrapped(value: str) -> None:
    """Longer, empty, or of other characters."""
    with pytest.raises(ValueError, match="1 to 15"):
        wrap(Identifier(value, "B"))


@pytest.mark.parametrize(
    "block",
    [
        PREFIX[:-1] + b"\x00\x01" + MESSAGE.ljust(18, b"\x00"),
        PREFIX + b"\x00" + MESSAGE.ljust(18, b"\x00"),
        PREFIX + b"\x01" + b"\x02" + MESSAGE[1:].ljust(17, b"\x00"),
        PREFIX + b"\x01" + MESSAGE.ljust(18, b"\x01"),
        PREFIX + b"\x01" + (b"\x01B\x00" + BSN.encode()).ljust(18, b"\x00"),
        PREFIX + b"\x01" + (b"\x01B\x0a" + BSN.encode()).ljust(18, b"\x00"),
        PREFIX + b"\x01" + (b"\x01B\x10" + b"1" * 15),
        PREFIX + b"\x01" + (b"\x01\x00\x09" + BSN.encode()).ljust(18, b"\x00"),
        PREFIX + b"\x01" + (b"\x01B\x02\xc3\xab").ljust(18, b"\x00"),
    ],
)
def test_other_blocks_are_refused(block: bytes) -> None:
    """Another label, separator, version, padding, length, type or character; all with one code."""
    assert outcome(unwrap, point_of(PREFIX + b"\x01" + MESSAGE.ljust(18, b"\x00"))) == "ok"
    assert outcome(unwrap, point_of(block)) == "bsnk.decrypt"


def test_the_first_byte_is_zero() -> None:
    """The same block behind another first byte."""
    assert outcome(unwrap, point_of(PREFIX + b"\x01" + MESSAGE.ljust(18, b"\x00"), first=1)) == "bsnk.decrypt"


def test_a_point_that_holds_nothing() -> None:
    """Any other point."""
    assert outcome(unwrap, GENERATOR) == "bsnk.decrypt"


def test_the_identifier_does_not_show() -> None:
    """Personal data."""
    assert BSN not in repr(Identifier(BSN, "B"))
