"""Decrypted structures (ASN.1 Pseudonym and MigrationIntermediaryPseudonym): to keep, and to hand over."""

import base64
from typing import Final

from routeringsvoorziening.bsnk import der
from routeringsvoorziening.bsnk.curve import Point
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.keys import SCHEME_VERSION, Migration
from routeringsvoorziening.bsnk.pseudonyms import Intermediary, Pseudonym
from routeringsvoorziening.bsnk.structures import (
    MAX_BYTES,
    read_diversifier,
    read_oin,
    read_type,
    write_diversifier,
)

_PSEUDONYM: Final = "2.16.528.1.1003.10.1.3.2"
_INTERMEDIARY: Final = "2.16.528.1.1003.10.1.3.3"
_WORD: Final = 256


def write_pseudonym(pseudonym: Pseudonym) -> bytes:
    """A Pseudonym as DER."""
    return der.write(
        der.SEQUENCE,
        der.write_oid(_PSEUDONYM),
        der.write_integer(SCHEME_VERSION),
        der.write_integer(pseudonym.scheme_key_set_version),
        der.write_text(pseudonym.recipient),
        der.write_integer(pseudonym.closing_key_version),
        der.write_integer(ord(pseudonym.type)),
        der.write_text(pseudonym.value),
        write_diversifier(pseudonym.diversifier),
    )


def read_pseudonym(data: bytes) -> Pseudonym:
    """A Pseudonym from DER.

    Raises:
        BsnkError: `bsnk.form`, `bsnk.scheme`, `bsnk.point`.
    """
    inside = _inside(data, _PSEUDONYM)
    scheme_key_set_version, recipient, closing_key_version = inside.small(), read_oin(inside), inside.small()
    type_, point, diversifier = read_type(inside), _point(inside), read_diversifier(inside)
    inside.finish()
    return Pseudonym(point, recipient, scheme_key_set_version, closing_key_version, type_, diversifier)


def write_intermediary(intermediary: Intermediary) -> bytes:
    """A MigrationIntermediaryPseudonym as DER."""
    migration = intermediary.migration
    return der.write(
        der.SEQUENCE,
        der.write_oid(_INTERMEDIARY),
        der.write_integer(SCHEME_VERSION),
        der.write_integer(migration.scheme_key_set_version),
        der.write_text(migration.source),
        der.write_integer(migration.source_version),
        der.write_text(migration.target),
        der.write_integer(migration.target_version),
        der.write_text(migration.identifier),
        der.write_integer(ord(intermediary.type)),
        der.write_text(base64.b64encode(intermediary.point.uncompressed).decode("ascii")),
        write_diversifier(migration.diversifier),
    )


def read_intermediary(data: bytes) -> Intermediary:
    """A MigrationIntermediaryPseudonym from DER.

    Raises:
        BsnkError: `bsnk.form`, `bsnk.scheme`, `bsnk.point`.
    """
    inside = _inside(data, _INTERMEDIARY)
    scheme_key_set_version = inside.small()
    source, source_version = read_oin(inside), inside.small()
    target, target_version = read_oin(inside), inside.small()
    identifier = inside.text(limit=_WORD)
    type_, point, diversifier = read_type(inside), _point(inside), read_diversifier(inside)
    inside.finish()
    migration = Migration(
        source, source_version, target, target_version, scheme_key_set_version, identifier, diversifier
    )
    return Intermediary(point, migration, type_)


def _inside(data: bytes, oid: str) -> der.Reader:
    inside = der.read(data, limit=MAX_BYTES)
    if inside.content(der.OBJECT_IDENTIFIER) != der.oid_bytes(oid):
        raise BsnkError("bsnk.form")
    if inside.small() != SCHEME_VERSION:
        raise BsnkError("bsnk.scheme")
    return inside


def _point(inside: der.Reader) -> Point:
    try:
        return Point.decode(base64.b64decode(inside.text(limit=_WORD), validate=True))
    except ValueError:
        raise BsnkError("bsnk.form") from None
