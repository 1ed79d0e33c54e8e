"""The curve brainpoolP320r1 (RFC 5639, 3.5; OID 1.3.36.3.3.2.8.1.1.9), its points and their encodings.

Every point that comes from outside goes through `Point.decode`, which accepts nothing but a point of the curve. The
curve has a prime number of points, so every one of them generates the whole group: no subgroup to be lured into.
"""

from dataclasses import dataclass, field
from typing import Final

from routeringsvoorziening.bsnk.errors import BsnkError

P: Final = 0xD35E472036BC4FB7E13C785ED201E065F98FCFA6F6F40DEF4F92B9EC7893EC28FCD412B1F1B32E27
"""The prime of the field; 3 modulo 4."""
A: Final = 0x3EE30B568FBAB0F883CCEBD46D3F3BB8A2A73513F5EB79DA66190EB085FFA9F492F375A97D860EB4
B: Final = 0x520883949DFDBC42D3AD198640688A6FE13F41349554B49ACC31DCCD884539816F5EB4AC8FB1F1A6
N: Final = 0xD35E472036BC4FB7E13C785ED201E065F98FCFA5B68F12A32D482EC7EE8658E98691555B44C59311
"""The number of points, a prime: scalars are taken modulo this."""

BYTES: Final = 40
"""Length of a coordinate, and of a scalar."""
_UNCOMPRESSED: Final = 4


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the curve in affine coordinates; the point at infinity has none and is no value of this type.

    A pseudonym is a point too, so the coordinates are never shown.
    """

    x: int = field(repr=False)
    y: int = field(repr=False)

    @property
    def uncompressed(self) -> bytes:
        """04 || x || y, 81 bytes (ANSI X9.62)."""
        return bytes([_UNCOMPRESSED]) + self.x.to_bytes(BYTES, "big") + self.y.to_bytes(BYTES, "big")

    @property
    def compressed(self) -> bytes:
        """02 or 03 || x, 41 bytes (ANSI X9.62)."""
        return bytes([2 + (self.y & 1)]) + self.x.to_bytes(BYTES, "big")

    @property
    def negated(self) -> "Point":
        """The point that gives infinity when added to this one."""
        return Point(self.x, P - self.y)

    @classmethod
    def decode(cls, data: bytes) -> "Point":
        """A point from its uncompressed or compressed form, checked.

        Raises:
            BsnkError: `bsnk.point`; also for the point at infinity and for a coordinate that is not below the prime.
        """
        match len(data), data[:1]:
            case 81, b"\x04":
                return cls.at(int.from_bytes(data[1:41], "big"), int.from_bytes(data[41:], "big"))
            case 41, b"\x02" | b"\x03":
                return cls.lifted(int.from_bytes(data[1:], "big"), odd=data[0] == 3)  # noqa: PLR2004
        raise BsnkError("bsnk.point")

    @classmethod
    def at(cls, x: int, y: int) -> "Point":
        """The point with these coordinates.

        Raises:
            BsnkError: `bsnk.point`: not below the prime, or not on the curve.
        """
        if not (0 <= x < P and 0 <= y < P) or (y * y - right_side(x)) % P:
            raise BsnkError("bsnk.point")
        return cls(x, y)

    @classmethod
    def lifted(cls, x: int, *, odd: bool) -> "Point":
        """The point with this x and a y of this parity.

        Raises:
            BsnkError: `bsnk.point`: no point of the curve has this x.
        """
        if not 0 <= x < P:
            raise BsnkError("bsnk.point")
        y = pow(right_side(x), (P + 1) // 4, P)
        return cls.at(x, y if y & 1 == odd else P - y)


def right_side(x: int) -> int:
    """The y squared that belongs to x."""
    return (x * x * x + A * x + B) % P


GENERATOR: Final = Point.at(
    0x43BD7E9AFB53D8B85289BCC48EE5BFE6F20137D10A087EB6E7871E2A10A599C710AF8D0D39E20611,
    0x14FDD05545EC1CC8AB4093247F77275E0743FFED117182EAA9C77877AAAC6AC7D35245D1692E8EE1,
)
"""The base point G of RFC 5639."""
