"""Multiplication, against the schoolbook: every way gives what adding a point to itself gives."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.bsnk import arithmetic
from routeringsvoorziening.bsnk.arithmetic import Table, add, add_affine, combine, double, finished, multiply_secret
from routeringsvoorziening.bsnk.curve import GENERATOR, A, N, P, Point
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.signatures import BASE
from tests.bsnk.vectors import outcome

EDGES = [1, 2, 3, 15, 16, 17, 31, 32, 33, (N - 1) // 2, (N + 1) // 2, N - 17, N - 16, N - 2, N - 1]
scalars = st.one_of(st.integers(1, N - 1), st.sampled_from(EDGES), st.integers(1, 300))


def schoolbook_add(left: Point | None, right: Point | None) -> Point | None:
    """The sum by chord and tangent in affine coordinates; None is infinity."""
    if left is None or right is None:
        return left or right
    if left.x == right.x:
        if (left.y + right.y) % P == 0:
            return None
        slope = (3 * left.x * left.x + A) * pow(2 * left.y, -1, P)
    else:
        slope = (right.y - left.y) * pow(right.x - left.x, -1, P)
    x = (slope * slope - left.x - right.x) % P
    return Point.at(x, (slope * (left.x - x) - left.y) % P)


def schoolbook(scalar: int, point: Point) -> Point | None:
    """Double and add."""
    total, power = None, point
    while scalar:
        if scalar & 1:
            total = schoolbook_add(total, power)
        power, scalar = schoolbook_add(power, power), scalar >> 1
    return total


OTHER = schoolbook(123_456_789, GENERATOR)
OTHER_TABLE = Table(OTHER)


@given(scalars)
def test_every_way_of_multiplying_agrees(scalar: int) -> None:
    """Secret, table and public multiplication, with the schoolbook."""
    wanted = schoolbook(scalar, OTHER)
    assert multiply_secret((scalar, OTHER)) == wanted
    assert OTHER_TABLE.multiply(scalar) == wanted
    assert combine([], scalar, OTHER) == wanted


@pytest.mark.parametrize("scalar", EDGES)
def test_edges(scalar: int) -> None:
    """The scalars at which windows carry over."""
    assert multiply_secret((scalar, GENERATOR)) == BASE.multiply(scalar) == schoolbook(scalar, GENERATOR)


@given(scalars, scalars)
def test_sums_of_two_multiplications(first: int, second: int) -> None:
    """The shared doublings of a sum change nothing, not even when the points depend on each other."""
    for other in (OTHER, GENERATOR, GENERATOR.negated, schoolbook(2, GENERATOR)):
        wanted = schoolbook_add(schoolbook(first, GENERATOR), schoolbook(second, other))
        if wanted is None:
            assert outcome(multiply_secret, (first, GENERATOR), (second, other)) == "bsnk.point"
        else:
            assert multiply_secret((first, GENERATOR), (second, other)) == wanted
            assert combine([(first, BASE)], second, other) == wanted


@given(scalars, scalars, scalars)
def test_group_laws(a: int, b: int, c: int) -> None:
    """Associative, commutative, and distributive over the scalars."""
    p, q, r = (BASE.multiply(scalar) for scalar in (a, b, c))
    assert schoolbook_add(schoolbook_add(p, q), r) == schoolbook_add(p, schoolbook_add(q, r))
    if (a + b) % N:
        assert add(p, q) == add(q, p) == BASE.multiply(a + b)
    assert multiply_secret((a, q)) == multiply_secret((b, p))


@given(scalars)
def test_special_cases_of_addition(scalar: int) -> None:
    """A point plus itself, its opposite, and infinity."""
    point = BASE.multiply(scalar)
    affine, lifted = (point.x, point.y), (point.x, point.y, 1)
    assert finished(add_affine(lifted, affine)) == finished(double(lifted)) == schoolbook_add(point, point)
    assert finished(add_affine((1, 1, 0), affine)) == point
    assert outcome(add, point, point.negated) == "bsnk.point"
    assert not double((1, 1, 0), 5)[2]


@pytest.mark.parametrize("scalar", [0, N, -N, 5 * N])
def test_infinity_is_refused(scalar: int) -> None:
    """No scalar that is a multiple of the order gets through."""
    for multiply in (BASE.multiply, lambda scalar: multiply_secret((scalar, GENERATOR))):
        with pytest.raises(BsnkError) as refused:
            multiply(scalar)
        assert refused.value.code == "bsnk.point"


@given(st.integers(-N, 3 * N))
def test_scalars_are_taken_modulo_the_order(scalar: int) -> None:
    """Also negative ones."""
    if scalar % N:
        assert multiply_secret((scalar, GENERATOR)) == BASE.multiply(scalar % N)


@given(st.integers(0, N - 1))
def test_blinding_changes_the_number_and_not_its_meaning(scalar: int) -> None:
    """Odd, congruent, never the scalar itself for long, and within the digits that there are."""
    blinded = {arithmetic._blinded(scalar) for _ in range(8)}
    assert len(blinded) == 8
    for each in blinded:
        assert each & 1
        assert (each - scalar) % N == 0
        digits = arithmetic._regular_digits(each)
        assert len(digits) == arithmetic._DIGITS
        assert all(digit & 1 and -15 <= digit <= 15 for digit in digits)
        assert digits[-1] > 0
        assert sum(digit << 4 * place for place, digit in enumerate(digits)) == each


def test_the_sequence_of_operations_is_the_same_for_every_scalar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the scalar, a secret multiplication takes the same number of doublings and additions in the same order.

    Scalars within 30 of zero can end in adding a point to itself, which is a doubling; no key is that small.
    """
    steps: list[str] = []
    for name in ("double", "add_affine"):
        monkeypatch.setattr(arithmetic, name, recorded(steps, name, getattr(arithmetic, name)))
    seen = []
    for scalar in (31, 0xFFFF, N // 3, N - 0xFFFF, 1 << 319, (1 << 319) + 1):
        steps.clear()
        multiply_secret((scalar, GENERATOR))
        seen.append(tuple(steps))
    assert all(left == right for left, right in pairwise(seen))
    assert len(seen[0]) > 150


def test_the_accumulator_starts_with_a_random_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same multiplication twice doubles other coordinates from the first time on."""
    seen = []

    def spied(point, times=1):
        if times > 1:
            seen.append(point)
        return double(point, times)

    monkeypatch.setattr(arithmetic, "double", spied)
    monkeypatch.setattr(arithmetic, "_blinded", lambda scalar: scalar | 1)
    found = [multiply_secret((12345, OTHER)), multiply_secret((12345, OTHER))]
    first, second = seen[0], seen[len(seen) // 2]
    assert found[0] == found[1]
    assert finished(first) == finished(second)
    assert first != second


def recorded(steps: list[str], name: str, function):
    """The function, that writes its name first."""

    def call(*args):
        steps.append(name)
        return function(*args)

    return call


@given(st.lists(scalars, min_size=1, max_size=5))
def test_normalising_many_at_once(found: list[int]) -> None:
    """One inversion for all gives what one for each gives."""
    jacobian = []
    for scalar in found:
        point, z = BASE.multiply(scalar), scalar % P
        jacobian.append((point.x * z * z % P, point.y * z * z * z % P, z))
    wanted = [(BASE.multiply(scalar).x, BASE.multiply(scalar).y) for scalar in found]
    assert arithmetic.normalised(jacobian) == wanted
