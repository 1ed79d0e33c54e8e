"""Multiplying points: `multiply_secret` for what nobody may learn, `Table` and `combine` for what anybody may.

Python's integers take time that depends on their values, and a list is read at an address that depends on its index:
nothing here is constant-time in the strict sense. What is done for secret scalars is what stands above that:

- the scalar is blinded with a fresh random multiple of the group's order, so that no two multiplications by the same
  key take the same steps (Coron, 1999);
- it is recoded into a fixed number of digits that are never zero (Joye and Tunstall, 2009), so that the sequence of
  doublings and additions is the same for every scalar;
- the accumulator starts with a random projective representation, so that its coordinates say nothing.

Coordinates are Jacobian: (X, Y, Z) stands for (X/Z², Y/Z³), and Z = 0 for infinity. Formulas: Explicit-Formulas
Database, short Weierstrass curves, jacobian and modified.
"""

import secrets
from collections.abc import Sequence
from itertools import repeat
from typing import Final

from routeringsvoorziening.bsnk.curve import A, N, P, Point
from routeringsvoorziening.bsnk.errors import BsnkError

Jacobian = tuple[int, int, int]
Affine = tuple[int, int]

_INFINITY: Final[Jacobian] = (1, 1, 0)
_BLINDING_BITS: Final = 64
_WINDOW: Final = 4
_DIGITS: Final = -(-(N.bit_length() + _BLINDING_BITS + 2) // _WINDOW)
"""Digits of a blinded scalar, whatever its value."""
_NAF: Final = 5
_COMB: Final = 5
_COLUMNS: Final = N.bit_length() // _COMB + 1


def double(point: Jacobian, times: int = 1) -> Jacobian:
    """A point multiplied by two, so many times over. Eight multiplications each ('modified jacobian': T = a·Z⁴)."""
    x, y, z = point
    zz = z * z % P
    t = A * (zz * zz % P) % P
    for _ in repeat(None, times):
        yy = 2 * y * y % P
        s = 2 * x * yy % P
        u = 2 * yy * yy % P
        m = (3 * x * x + t) % P
        z = 2 * y * z % P
        x = (m * m - 2 * s) % P
        y = (m * (s - x) - u) % P
        t = 2 * u * t % P
    return x, y, z


def add_affine(left: Jacobian, right: Affine) -> Jacobian:
    """A point plus a point in affine coordinates; right in every case, also when they are equal or opposite."""
    x1, y1, z1 = left
    x2, y2 = right
    if not z1:
        return x2, y2, 1
    zz = z1 * z1 % P
    h = (x2 * zz - x1) % P
    r = (y2 * (z1 * zz % P) - y1) % P
    if not h:
        return _INFINITY if r else double(left)
    hh = h * h % P
    hhh = h * hh % P
    v = x1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - y1 * hhh) % P, z1 * h % P


def normalised(points: Sequence[Jacobian]) -> list[Affine]:
    """All of them in affine coordinates, for the price of one inversion (Montgomery's trick). None may be infinity."""
    products = [1]
    for _, _, z in points:
        products.append(products[-1] * z % P)
    inverse = pow(products.pop(), -1, P)
    found: list[Affine] = []
    for (x, y, z), before in zip(reversed(points), reversed(products), strict=True):
        of_z = inverse * before % P
        inverse = inverse * z % P
        square = of_z * of_z % P
        found.append((x * square % P, y * (square * of_z % P) % P))
    found.reverse()
    return found


def finished(point: Jacobian) -> Point:
    """The same point in affine coordinates.

    Raises:
        BsnkError: `bsnk.point`: it is infinity, which no honest structure or key leads to.
    """
    if not point[2]:
        raise BsnkError("bsnk.point")
    return Point(*normalised([point])[0])


def odd_multiples(point: Point, count: int) -> list[Affine]:
    """1P, 3P, 5P and so on."""
    first = (point.x, point.y)
    twice = normalised([double((point.x, point.y, 1))])[0]
    multiples: list[Jacobian] = [(*first, 1)]
    for _ in range(count - 1):
        multiples.append(add_affine(multiples[-1], twice))
    return normalised(multiples)


def multiply_secret(*terms: tuple[int, Point]) -> Point:
    """The sum of scalar times point, for scalars that nobody may learn; see the module about how far that goes.

    Args:
        terms: scalars, taken modulo the order, and their points; the doublings are shared (Straus).

    Raises:
        BsnkError: `bsnk.point`: the sum is infinity.
    """
    digits = [_regular_digits(_blinded(scalar)) for scalar, _ in terms]
    tables = [_signed_table(point) for _, point in terms]
    total = _randomised(tables[0][digits[0][-1]])
    for column, table in zip(digits[1:], tables[1:], strict=True):
        total = add_affine(total, table[column[-1]])
    for position in range(_DIGITS - 2, -1, -1):
        total = double(total, _WINDOW)
        for column, table in zip(digits, tables, strict=True):
            total = add_affine(total, table[column[position]])
    return finished(total)


def _blinded(scalar: int) -> int:
    """The scalar plus a random multiple of the order: a different, odd number each time, with the same effect."""
    blinded = scalar % N + (secrets.randbits(_BLINDING_BITS) << 1) * N
    return blinded + N * (~blinded & 1)


def _regular_digits(scalar: int) -> list[int]:
    """An odd scalar in base 16 with digits from -15, -13 … 15, lowest first: always as many, and never a zero."""
    digits = []
    for _ in range(_DIGITS - 1):
        digit = (scalar & ((2 << _WINDOW) - 1)) - (1 << _WINDOW)
        digits.append(digit)
        scalar = (scalar - digit) >> _WINDOW
    digits.append(scalar)
    return digits


def _signed_table(point: Point) -> list[Affine]:
    """Place d holds d times the point, for every odd d; a negative d counts from the end. Even places hold nothing."""
    table: list[Affine] = [(0, 0)] * (2 << _WINDOW)
    for index, (x, y) in enumerate(odd_multiples(point, 1 << (_WINDOW - 1))):
        table[2 * index + 1] = (x, y)
        table[-2 * index - 1] = (x, P - y)
    return table


def _randomised(point: Affine) -> Jacobian:
    """One of the many ways to write a point."""
    z = secrets.randbelow(P - 1) + 1
    square = z * z % P
    return point[0] * square % P, point[1] * (square * z % P) % P, z


class Table:
    """Multiples of a point that stays the same, made at first use: multiplying needs no doublings any more.

    About 200 kB and 15 ms for a point. For the scheme's public keys, the base point, and the simulator's minting.
    """

    __slots__ = ("_columns", "point")

    def __init__(self, point: Point) -> None:
        self.point = point
        self._columns: list[list[Affine]] = []

    def multiply(self, scalar: int) -> Point:
        """The point times the scalar, taken modulo the order.

        Raises:
            BsnkError: `bsnk.point`: the product is infinity.
        """
        return finished(self.add_to(_INFINITY, scalar))

    def add_to(self, total: Jacobian, scalar: int) -> Jacobian:
        """The total plus scalar times the point."""
        rest = scalar % N
        for column in self._made():
            digit = rest & ((1 << _COMB) - 1)
            rest >>= _COMB
            if digit > 1 << (_COMB - 1):
                x, y = column[(1 << _COMB) - digit - 1]
                total = add_affine(total, (x, P - y))
                rest += 1
            elif digit:
                total = add_affine(total, column[digit - 1])
        return total

    def _made(self) -> list[list[Affine]]:
        if not self._columns:
            size = 1 << (_COMB - 1)
            multiples: list[Jacobian] = []
            first = (self.point.x, self.point.y)
            for _ in range(_COLUMNS):
                multiples.append((*first, 1))
                for _ in range(size - 1):
                    multiples.append(add_affine(multiples[-1], first))
                first = normalised([double(multiples[-1])])[0]
            flat = normalised(multiples)
            self._columns = [flat[start : start + size] for start in range(0, len(flat), size)]
        return self._columns


def combine(fixed: Sequence[tuple[int, Table]], scalar: int, point: Point) -> Point:
    """The sum of scalars times fixed points, plus scalar times a point. For public values only.

    Raises:
        BsnkError: `bsnk.point`: the sum is infinity.
    """
    total = _multiply_public(scalar, point)
    for each, table in fixed:
        total = table.add_to(total, each)
    return finished(total)


def _multiply_public(scalar: int, point: Point) -> Jacobian:
    table = odd_multiples(point, 1 << (_NAF - 2))
    total, waiting = _INFINITY, 0
    for digit in reversed(_sparse_digits(scalar % N)):
        waiting += 1
        if digit:
            x, y = table[abs(digit) >> 1]
            total = add_affine(double(total, waiting), (x, y if digit > 0 else P - y))
            waiting = 0
    return double(total, waiting)


def _sparse_digits(scalar: int) -> list[int]:
    """Width-5 non-adjacent form, lowest first: one digit in six is not zero."""
    digits = []
    while scalar:
        digit = 0
        if scalar & 1:
            digit = scalar & ((1 << _NAF) - 1)
            if digit >> (_NAF - 1):
                digit -= 1 << _NAF
            scalar -= digit
        digits.append(digit)
        scalar >>= 1
    return digits


def add(left: Point, right: Point) -> Point:
    """The sum of two points.

    Raises:
        BsnkError: `bsnk.point`: they are opposite.
    """
    return finished(add_affine((left.x, left.y, 1), (right.x, right.y)))
