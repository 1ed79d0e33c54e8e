"""The three signature schemes over SHA-384: EC-SDSA, its deprecated predecessor EC-Schnorr (BSI TR-03111), and ECDSA.

An EI or EP is signed with the scheme's key IP_P or PP_P as *base point*, and its own third point C as public key. That
proves that the signer knew the factor between the two, and nothing else: who can choose C can sign. What makes it worth
something is that C is the recipient's own key (`opening` checks that).
"""

import hashlib
import secrets
from typing import Final

from routeringsvoorziening.bsnk.arithmetic import Table, combine, finished
from routeringsvoorziening.bsnk.curve import BYTES, GENERATOR, N, Point
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.structures import Signature, Signed

BASE: Final = Table(GENERATOR)
_INFINITY: Final = (1, 1, 0)


def verify_with_third_point(signed: Signed, base: Table, own: Table | None = None) -> None:
    """Verifies an EC-SDSA or EC-Schnorr signature.

    Args:
        signed: an EI or EP.
        base: the scheme's IP_P or PP_P.
        own: a table of the recipient's public key: when that is the third point, this is three times as fast.

    Raises:
        BsnkError: `bsnk.signature`.
    """
    third = signed.body.points[2]
    if not (0 < signed.r < 1 << 8 * BYTES and 0 < signed.s < N):
        raise BsnkError("bsnk.signature")
    factor = -signed.r if signed.form.signature is Signature.EC_SDSA else signed.r
    found = _sum(signed.s, base, factor, own if own is not None and own.point == third else third)
    if challenge(signed.form.signature, found, signed.signed_part) != signed.r:
        raise BsnkError("bsnk.signature")


def verify_direct(signed: Signed, key: Table) -> None:
    """Verifies an ECDSA signature of the scheme's key U (DEI and DEP).

    Raises:
        BsnkError: `bsnk.signature`.
    """
    if not (0 < signed.r < N and 0 < signed.s < N):
        raise BsnkError("bsnk.signature")
    inverse = pow(signed.s, -1, N)
    found = _sum(_digest(signed.signed_part) * inverse, BASE, signed.r * inverse, key)
    if found.x % N != signed.r:
        raise BsnkError("bsnk.signature")


def _sum(first: int, table: Table, second: int, other: Table | Point) -> Point:
    try:
        if isinstance(other, Table):
            return finished(other.add_to(table.add_to(_INFINITY, first), second))
        return combine([(first, table)], second, other)
    except BsnkError:
        raise BsnkError("bsnk.signature") from None


def challenge(scheme: Signature, point: Point, message: bytes) -> int:
    """The r of a Schnorr signature: the first 320 bits of the hash of the point and the message."""
    x, y = (coordinate.to_bytes(BYTES, "big") for coordinate in (point.x, point.y))
    hashed = x + y + message if scheme is Signature.EC_SDSA else message + x
    return _digest(hashed)


def _digest(message: bytes) -> int:
    """The first 320 bits of SHA-384."""
    return int.from_bytes(hashlib.sha384(message).digest()[:BYTES], "big")


def sign_with_third_point(scheme: Signature, message: bytes, base: Table, factor: int) -> tuple[int, int]:
    """The r and s of an EC-SDSA or EC-Schnorr signature; factor is that of the third point to the base."""
    while True:
        nonce = secrets.randbelow(N - 1) + 1
        r = challenge(scheme, base.multiply(nonce), message)
        s = (nonce + r * factor if scheme is Signature.EC_SDSA else nonce - r * factor) % N
        if r and s:
            return r, s


def sign_direct(message: bytes, private: int) -> tuple[int, int]:
    """The r and s of an ECDSA signature."""
    while True:
        nonce = secrets.randbelow(N - 1) + 1
        r = BASE.multiply(nonce).x % N
        s = pow(nonce, -1, N) * (_digest(message) + r * private) % N
        if r and s:
            return r, s
