"""Pseudonyms as a recipient keeps them, and how they move: to another closing key, or to another recipient.

A pseudonym is a point. Keep with it what `Pseudonym` holds: without the closing key version it cannot be moved later.
"""

import base64
from dataclasses import dataclass, field, replace

from routeringsvoorziening.bsnk.arithmetic import multiply_secret
from routeringsvoorziening.bsnk.curve import N, Point
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.keys import KeyType, Migration, MigrationKey, MigrationRole, RecipientKey
from routeringsvoorziening.bsnk.structures import Diversifier


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """One person at one recipient.

    Args:
        point: the pseudonym itself; personal data.
        recipient: OIN.
        scheme_key_set_version: under which it was made.
        closing_key_version: with which closing key.
        type: of the identifier behind it; `B` for a BSN.
        diversifier: for which part of the recipient; empty for none.
    """

    point: Point = field(repr=False)
    recipient: str
    scheme_key_set_version: int
    closing_key_version: int
    type: str = "B"
    diversifier: Diversifier = ()

    @property
    def value(self) -> str:
        """Base64 of the uncompressed point, 108 characters: the standard form."""
        return base64.b64encode(self.point.uncompressed).decode("ascii")

    @property
    def short(self) -> str:
        """Closing key version, a bar, base64 of the compressed point: a form that fits a database column."""
        return f"{self.closing_key_version}|{base64.b64encode(self.point.compressed).decode('ascii')}"


def change_closing_key(pseudonym: Pseudonym, old: RecipientKey, new: RecipientKey) -> Pseudonym:
    """The same person's pseudonym under another closing key of the same recipient.

    Raises:
        BsnkError: `bsnk.key-missing`: not closing keys; `bsnk.recipient`, `bsnk.scheme` or `bsnk.key-set`: the keys are
            not those of this pseudonym.
    """
    if {old.type, new.type} != {KeyType.PSEUDONYM_CLOSING}:
        raise BsnkError("bsnk.key-missing")
    if not pseudonym.recipient == old.recipient == new.recipient:
        raise BsnkError("bsnk.recipient")
    if not pseudonym.scheme_key_set_version == old.scheme_key_set_version == new.scheme_key_set_version:
        raise BsnkError("bsnk.scheme")
    if pseudonym.closing_key_version != old.key_set_version:
        raise BsnkError("bsnk.key-set")
    factor = new.scalar * pow(old.scalar, -1, N)
    return replace(pseudonym, point=multiply_secret((factor, pseudonym.point)), closing_key_version=new.key_set_version)


@dataclass(frozen=True, slots=True)
class Intermediary:
    """A pseudonym on its way from one recipient to another: neither of them knows it.

    Args:
        point: personal data.
        migration: from whom to whom.
        type: of the identifier behind it.
    """

    point: Point = field(repr=False)
    migration: Migration
    type: str


def hand_over(pseudonym: Pseudonym, key: MigrationKey) -> Intermediary:
    """What the source of a migration gives to its target.

    Raises:
        BsnkError: `bsnk.key-missing`: not the key of a source; `bsnk.recipient`, `bsnk.scheme` or `bsnk.key-set`: the
            key is not for this pseudonym.
    """
    migration = key.migration
    if key.role is not MigrationRole.SOURCE:
        raise BsnkError("bsnk.key-missing")
    if pseudonym.recipient != migration.source:
        raise BsnkError("bsnk.recipient")
    if pseudonym.scheme_key_set_version != migration.scheme_key_set_version:
        raise BsnkError("bsnk.scheme")
    if (pseudonym.closing_key_version, pseudonym.diversifier) != (migration.source_version, migration.diversifier):
        raise BsnkError("bsnk.key-set")
    return Intermediary(multiply_secret((key.scalar, pseudonym.point)), migration, pseudonym.type)


def take_over(intermediary: Intermediary, key: MigrationKey) -> Pseudonym:
    """The target's own pseudonym of the person that the source's was about.

    Raises:
        BsnkError: `bsnk.key-missing`: not the key of a target; `bsnk.recipient`: of another target; `bsnk.key-set`: not
            the other half of the key that made it.
    """
    migration = key.migration
    if key.role is not MigrationRole.TARGET:
        raise BsnkError("bsnk.key-missing")
    if intermediary.migration.target != migration.target:
        raise BsnkError("bsnk.recipient")
    if intermediary.migration != migration:
        raise BsnkError("bsnk.key-set")
    return Pseudonym(
        multiply_secret((key.scalar, intermediary.point)),
        migration.target,
        migration.scheme_key_set_version,
        migration.target_version,
        intermediary.type,
        migration.diversifier,
    )
