"""What `rv bsnk` reads and shows: structures as DER or base64, pseudonyms in every form in which they are kept."""

import base64
import re
from typing import Final

from routeringsvoorziening.bsnk.curve import Point
from routeringsvoorziening.bsnk.decrypted import (
    read_intermediary,
    read_pseudonym,
    write_intermediary,
    write_pseudonym,
)
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.pseudonyms import Intermediary, Pseudonym
from routeringsvoorziening.bsnk.structures import Diversifier

MAX_BYTES: Final = 16_384
_SEQUENCE: Final = b"\x30"
_WITH_VERSION: Final = re.compile(r"(?:(\d{1,9})\|)?([A-Za-z0-9+/]+={0,2})")


def structure_in(data: bytes) -> bytes:
    """The DER in a file: as it is, or in base64 with any white space.

    Raises:
        BsnkError: `bsnk.form`.
    """
    if len(data) > MAX_BYTES:
        raise BsnkError("bsnk.form")
    if data.startswith(_SEQUENCE):  # in base64 a structure begins with M
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except ValueError:
        raise BsnkError("bsnk.form") from None


def pseudonym_in(
    data: bytes, recipient: str, scheme_key_set_version: int, version: int, diversifier: Diversifier
) -> Pseudonym:
    """A stored pseudonym: a Pseudonym structure, the base64 of a point, or that with its closing key version before it.

    A structure says itself what the other arguments say; a bare point takes it from them.

    Raises:
        BsnkError: `bsnk.form`, `bsnk.point`, `bsnk.scheme`; `bsnk.key-set`: another version stands before it.
    """
    try:
        found = _WITH_VERSION.fullmatch(data.decode("ascii").strip())
    except UnicodeDecodeError:
        found = None
    if found is None or len(found[2]) > len(base64.b64encode(bytes(81))):
        return read_pseudonym(structure_in(data))
    if found[1] is not None and int(found[1]) != version:
        raise BsnkError("bsnk.key-set")
    try:
        point = Point.decode(base64.b64decode(found[2], validate=True))
    except ValueError:
        raise BsnkError("bsnk.form") from None
    return Pseudonym(point, recipient, scheme_key_set_version, version, diversifier=diversifier)


def intermediary_in(data: bytes) -> Intermediary:
    """An intermediary pseudonym, as DER or base64.

    Raises:
        BsnkError: `bsnk.form`, `bsnk.point`, `bsnk.scheme`.
    """
    return read_intermediary(structure_in(data))


def encoded(value: Pseudonym | Intermediary) -> str:
    """The structure in base64, on one line."""
    written = write_pseudonym(value) if isinstance(value, Pseudonym) else write_intermediary(value)
    return base64.b64encode(written).decode("ascii")
