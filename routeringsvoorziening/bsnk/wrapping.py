"""An identifier in the x-coordinate of a point: OAEP with SHA-384, small enough for 39 bytes.

x: 00, masked seed (10 bytes), masked block (29 bytes). The block: 10 bytes of SHA-384 of nothing, 01, message (18
bytes). The message: version 01, type (one letter), length, the identifier in ASCII, zeros.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final

from routeringsvoorziening.bsnk.curve import BYTES, Point
from routeringsvoorziening.bsnk.errors import BsnkError

MAX_IDENTIFIER: Final = 15
_SEED: Final = 10
_BLOCK: Final = 29
_MESSAGE: Final = 18
_PREFIX: Final = hashlib.sha384(b"").digest()[:_SEED] + b"\x01"


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a point held.

    Args:
        value: ASCII, 1 to 15 characters; personal data.
        type: one letter; `B` for a BSN.
    """

    value: str = field(repr=False)
    type: str


def unwrap(point: Point) -> Identifier:
    """The identifier in a point.

    Raises:
        BsnkError: `bsnk.decrypt`, whatever it was that did not fit.
    """
    data = point.x.to_bytes(BYTES, "big")
    masked_seed, masked_block = data[1 : 1 + _SEED], data[1 + _SEED :]
    block = _masked(masked_block, _masked(masked_seed, masked_block))
    message = block[len(_PREFIX) :]
    length = message[2]
    text, rest = message[3 : 3 + length], message[3 + length :]
    good = (not data[0]) & secrets.compare_digest(block[: len(_PREFIX)], _PREFIX) & (message[0] == 1)
    good &= 1 <= length <= MAX_IDENTIFIER and text.isalnum() and message[1:2].isalpha() and not any(rest)
    if not good or not text.isascii():
        raise BsnkError("bsnk.decrypt")
    return Identifier(text.decode("ascii"), chr(message[1]))


def wrap(identifier: Identifier) -> Point:
    """A point that holds the identifier; another one each time.

    Raises:
        ValueError: longer than 15 characters, or not of letters and digits.
    """
    text = identifier.value
    if not (1 <= len(text) <= MAX_IDENTIFIER and text.isascii() and text.isalnum()):
        raise ValueError("an identifier has 1 to 15 letters and digits")
    message = bytes([1, ord(identifier.type), len(text)]) + text.encode("ascii")
    block = _PREFIX + message.ljust(_MESSAGE, b"\x00")
    while True:
        seed = secrets.token_bytes(_SEED)
        masked_block = _masked(block, seed)
        masked_seed = _masked(seed, masked_block)
        try:
            return Point.lifted(int.from_bytes(masked_seed + masked_block, "big"), odd=bool(secrets.randbits(1)))
        except BsnkError:
            continue


def _masked(data: bytes, seed: bytes) -> bytes:
    """Data, exclusive-or the first bytes of MGF1(seed): one block is enough."""
    mask = hashlib.sha384(seed + bytes(4)).digest()
    return bytes(left ^ right for left, right in zip(data, mask, strict=False))
