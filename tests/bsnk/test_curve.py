"""Points: one encoding, and nothing that is not on the curve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.bsnk.curve import GENERATOR, A, B, N, P, Point, right_side
from routeringsvoorziening.bsnk.signatures import BASE
from tests.bsnk.vectors import outcome

scalars = st.integers(1, N - 1)


def test_domain_parameters() -> None:
    """Two primes of 320 bits, a curve without singular points, and a base point on it; `test_openssl` has more."""
    for prime in (P, N):
        assert pow(2, prime - 1, prime) == 1
        assert prime.bit_length() == 320
    assert P % 4 == 3
    assert (4 * A**3 + 27 * B**2) % P
    assert right_side(GENERATOR.x) == GENERATOR.y**2 % P


@given(scalars)
def test_every_point_comes_back(scalar: int) -> None:
    """From both encodings."""
    point = BASE.multiply(scalar)
    assert Point.decode(point.uncompressed) == point == Point.decode(point.compressed)
    assert (len(point.uncompressed), len(point.compressed)) == (81, 41)


@given(scalars, st.integers(1, 80), st.integers(1, 255))
def test_a_changed_point_is_not_on_the_curve(scalar: int, place: int, change: int) -> None:
    """Change one byte of a coordinate, and it is refused."""
    data = bytearray(BASE.multiply(scalar).uncompressed)
    data[place] ^= change
    assert outcome(Point.decode, bytes(data)) == "bsnk.point"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x00" * 81,
        b"\x04" + bytes(80),
        GENERATOR.uncompressed[:-1],
        GENERATOR.uncompressed + b"\x00",
        b"\x06" + GENERATOR.uncompressed[1:],
        b"\x02" + GENERATOR.uncompressed[1:],
        b"\x04" + GENERATOR.compressed[1:],
        GENERATOR.compressed + b"\x00",
    ],
)
def test_other_forms_are_refused(data: bytes) -> None:
    """Infinity, hybrid and wrong lengths."""
    assert outcome(Point.decode, data) == "bsnk.point"


def test_coordinates_stay_below_the_prime() -> None:
    """A coordinate has one spelling: x + p is refused where it would fit."""
    x = next(x for x in range(1, 50) if pow(right_side(x), (P - 1) // 2, P) == 1)
    low = Point.lifted(x, odd=False)
    assert outcome(Point.at, low.x + P, low.y) == "bsnk.point"
    assert outcome(Point.decode, b"\x02" + (x + P).to_bytes(40, "big")) == "bsnk.point"
    assert Point.decode(b"\x02" + x.to_bytes(40, "big")) == low


def test_x_without_a_point() -> None:
    """Half of the x-coordinates have no point."""
    x = next(x for x in range(1, 50) if pow(right_side(x), (P - 1) // 2, P) == P - 1)
    assert outcome(Point.decode, b"\x02" + x.to_bytes(40, "big")) == "bsnk.point"


@given(scalars)
def test_negated(scalar: int) -> None:
    """The opposite of a point is that of the opposite scalar."""
    assert BASE.multiply(scalar).negated == BASE.multiply(-scalar)


def test_coordinates_do_not_show() -> None:
    """A pseudonym is a point."""
    assert str(GENERATOR.x) not in repr(GENERATOR)
    assert repr(GENERATOR) == "Point()"
