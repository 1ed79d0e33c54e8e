"""The keys of a recipient, and the public keys of the scheme: rings that find the one that a structure needs."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Final

from routeringsvoorziening.bsnk.arithmetic import Table, multiply_secret
from routeringsvoorziening.bsnk.curve import GENERATOR, N, Point
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.structures import Diversifier, Encrypted

SCHEME_VERSION: Final = 1
_VERSION_DIGITS: Final = 9


class KeyType(Enum):
    """What a private key of a recipient is for; the value is the Type of its key file, compared without case."""

    IDENTITY_DECRYPTION = "EI Decryption"
    PSEUDONYM_DECRYPTION = "EP Decryption"
    PSEUDONYM_CLOSING = "EP Closing"
    DIRECT_RECEIVING = "DRKi"


class SchemeKeyType(Enum):
    """Which public key of the scheme; the value is the Type of its key file."""

    IDENTITY = "IPp"
    PSEUDONYM = "PPp"
    DIRECT = "U"


@dataclass(frozen=True)
class RecipientKey:
    """A private key of a recipient.

    Args:
        type: what for.
        recipient: OIN.
        scheme_key_set_version: to which key set of the scheme it belongs.
        key_set_version: of the recipient; YYYYMMDD. For a closing key: the closing key version.
        scalar: the private key, 1 to the order of the curve.
        diversifier: of a DRKi; empty for none.
    """

    type: KeyType
    recipient: str
    scheme_key_set_version: int
    key_set_version: int
    scalar: int = field(repr=False)
    diversifier: Diversifier = ()

    def __post_init__(self) -> None:
        if not 0 < self.scalar < N:
            raise BsnkError("bsnk.key-file")

    @cached_property
    def public(self) -> Table:
        """Its public key: of a decryption key, the third point of what was made for it."""
        return Table(multiply_secret((self.scalar, GENERATOR)))


class MigrationRole(Enum):
    """Which half of a migration; the value is the Type of its key file."""

    SOURCE = "EP Migration Source"
    TARGET = "EP Migration Target"


@dataclass(frozen=True, slots=True)
class Migration:
    """From whom to whom pseudonyms move; both halves of it are made together, and only fit each other.

    Args:
        source, target: OINs.
        source_version, target_version: their closing key versions.
        scheme_key_set_version: of the pseudonyms.
        identifier: MigrationID.
        diversifier: of the pseudonyms; empty for none.
    """

    source: str
    source_version: int
    target: str
    target_version: int
    scheme_key_set_version: int
    identifier: str
    diversifier: Diversifier = ()


@dataclass(frozen=True, slots=True)
class MigrationKey:
    """The half of a migration that one of the two recipients holds.

    Args:
        role: whose.
        migration: which.
        scalar: the private key, 1 to the order of the curve.
    """

    role: MigrationRole
    migration: Migration
    scalar: int = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.scalar < N:
            raise BsnkError("bsnk.key-file")


_Place = tuple[KeyType, str, int, int, Diversifier]


class RecipientKeys:
    """The private keys of one or more recipients.

    Args:
        keys: every key at most once; a second, different one for the same purpose is refused.

    Raises:
        BsnkError: `bsnk.key-file`: two different keys for one purpose.
    """

    def __init__(self, keys: Iterable[RecipientKey]) -> None:
        self._keys: dict[_Place, RecipientKey] = {}
        self._sets: set[tuple[str, int, int]] = set()
        for key in keys:
            self._sets.add((key.recipient, key.scheme_key_set_version, key.key_set_version))
            place = (key.type, key.recipient, key.scheme_key_set_version, key.key_set_version, key.diversifier)
            if self._keys.setdefault(place, key) != key:
                raise BsnkError("bsnk.key-file")

    def __iter__(self) -> Iterator[RecipientKey]:
        return iter(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, type_: KeyType, body: Encrypted, *, version: int | None = None) -> RecipientKey | None:
        """The key of this type that a structure needs, or None; version is another than the structure's own."""
        diversifier = body.diversifier if type_ is KeyType.DIRECT_RECEIVING else ()
        version = body.recipient_key_set_version if version is None else version
        return self._keys.get((type_, body.recipient, body.scheme_key_set_version, version, diversifier))

    def get(self, type_: KeyType, body: Encrypted, *, version: int | None = None) -> RecipientKey:
        """The key of this type that a structure needs.

        Raises:
            BsnkError: `bsnk.key-missing`.
        """
        if (key := self.find(type_, body, version=version)) is None:
            raise BsnkError("bsnk.key-missing")
        return key

    def check_key_set(self, body: Encrypted) -> None:
        """Checks that some key of the structure's key set is held.

        Raises:
            BsnkError: `bsnk.key-set`.
        """
        if (body.recipient, body.scheme_key_set_version, body.recipient_key_set_version) not in self._sets:
            raise BsnkError("bsnk.key-set")


@dataclass(frozen=True, slots=True)
class SchemeKey:
    """A public key of the scheme.

    Args:
        type: which.
        key_set_version: scheme key set version (SKSV).
        version: scheme key version (SKV) within it.
        public: the point.
    """

    type: SchemeKeyType
    key_set_version: int
    version: int
    public: Table = field(repr=False, compare=False)


class SchemeKeys:
    """The public keys of the scheme: what signatures are verified with.

    Raises:
        BsnkError: `bsnk.key-file`: two different keys for one purpose.
    """

    def __init__(self, keys: Iterable[SchemeKey]) -> None:
        self._keys: dict[tuple[SchemeKeyType, int, int], SchemeKey] = {}
        for key in keys:
            place = (key.type, key.key_set_version, key.version)
            if self._keys.setdefault(place, key).public.point != key.public.point:
                raise BsnkError("bsnk.key-file")

    def __iter__(self) -> Iterator[SchemeKey]:
        return iter(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)

    def for_third_point(self, body: Encrypted) -> Table:
        """IP_P for an EI, PP_P for an EP: the highest version of the structure's scheme key set.

        Raises:
            BsnkError: `bsnk.scheme`.
        """
        type_ = SchemeKeyType.IDENTITY if body.kind.is_identity else SchemeKeyType.PSEUDONYM
        found = [key for key in self if key.type is type_ and key.key_set_version == body.scheme_key_set_version]
        if not found:
            raise BsnkError("bsnk.scheme")
        return max(found, key=lambda key: key.version).public

    def for_direct(self, body: Encrypted, signing_key_version: int) -> Table:
        """U of the version that a DEI or DEP names.

        Raises:
            BsnkError: `bsnk.scheme`.
        """
        found = self._keys.get((SchemeKeyType.DIRECT, body.scheme_key_set_version, signing_key_version))
        if found is None:
            raise BsnkError("bsnk.scheme")
        return found.public


_URN: Final = "urn:nl-gdi-eid:1.0:pp-key"
_URN_PARTS: Final = 8
_URN_NAMES: Final = {SchemeKeyType.IDENTITY: "IP_P", SchemeKeyType.PSEUDONYM: "PP_P", SchemeKeyType.DIRECT: "U"}
_TYPES_BY_NAME: Final = {name: type_ for type_, name in _URN_NAMES.items()}


def scheme_keys_of(points: Mapping[str, str]) -> SchemeKeys:
    """The scheme's keys: base64 points by URN, `urn:nl-gdi-eid:1.0:pp-key:<environment>:<SKSV>:<IP_P|PP_P|U>:<SKV>`.

    Raises:
        BsnkError: `bsnk.key-file`: a name of another form, or not a point.
    """
    return SchemeKeys(_scheme_key(urn, text) for urn, text in points.items())


def _scheme_key(urn: str, text: str) -> SchemeKey:
    parts = urn.split(":")
    if len(parts) != _URN_PARTS or ":".join(parts[:4]) != _URN or parts[6] not in _TYPES_BY_NAME:
        raise BsnkError("bsnk.key-file")
    return SchemeKey(_TYPES_BY_NAME[parts[6]], version_of(parts[5]), version_of(parts[7]), Table(point_of(text)))


def version_of(text: str) -> int:
    """A version from its decimal digits.

    Raises:
        BsnkError: `bsnk.key-file`.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= _VERSION_DIGITS):
        raise BsnkError("bsnk.key-file")
    return int(text)


def point_of(text: str) -> Point:
    """The point of a public key, from base64; compressed or not.

    Raises:
        BsnkError: `bsnk.key-file`.
    """
    try:
        return Point.decode(base64.b64decode(text, validate=True))
    except (BsnkError, ValueError):
        raise BsnkError("bsnk.key-file") from None


def urns_of(keys: SchemeKeys, environment: str) -> dict[str, str]:
    """The other way round."""
    return {_urn(key, environment): base64.b64encode(key.public.point.uncompressed).decode("ascii") for key in keys}


def _urn(key: SchemeKey, environment: str) -> str:
    return f"{_URN}:{environment}:{key.key_set_version}:{_URN_NAMES[key.type]}:{key.version}"
