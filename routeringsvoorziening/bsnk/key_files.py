"""Key files: what a recipient gets from the BSNk, and the public keys of the scheme. Read and written.

A private key is an RFC 5915 structure in PEM, with headers that say what it is for; usually delivered in an envelope.
A public key of the scheme is a SubjectPublicKeyInfo with headers, or a line of base64 under a URN (`keys`).
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from routeringsvoorziening.bsnk import der
from routeringsvoorziening.bsnk.arithmetic import Table, multiply_secret
from routeringsvoorziening.bsnk.curve import BYTES, GENERATOR, N, Point
from routeringsvoorziening.bsnk.envelope import open_envelope
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.keys import (
    SCHEME_VERSION,
    KeyType,
    Migration,
    MigrationKey,
    MigrationRole,
    RecipientKey,
    RecipientKeys,
    SchemeKey,
    SchemeKeys,
    SchemeKeyType,
    scheme_keys_of,
    version_of,
)
from routeringsvoorziening.bsnk.pem import MAX_BYTES, Pem, read_pem, write_pem
from routeringsvoorziening.bsnk.structures import Diversifier

AnyKey = RecipientKey | MigrationKey | SchemeKey

_PRIVATE: Final = "EC PRIVATE KEY"
_PUBLIC: Final = ("EC PUBLIC KEY", "PUBLIC KEY")
_ENVELOPES: Final = ("PKCS7", "CMS")
_CURVE: Final = der.write_oid("1.3.36.3.3.2.8.1.1.9")
_EC_KEY: Final = der.write_oid("1.2.840.10045.2.1")
_PARAMETERS: Final = 0xA0
_PUBLIC_KEY: Final = 0xA1
_OIN_LENGTH: Final = 20
_KEY_TYPES: Final = {type_.value.casefold(): type_ for type_ in KeyType}
_ROLES: Final = {role.value.casefold(): role for role in MigrationRole}
_SCHEME_TYPES: Final = {type_.value.casefold(): type_ for type_ in SchemeKeyType}


def read_key_file(data: bytes, *, unwrap_with: RSAPrivateKey | None = None) -> AnyKey:
    """The key in a file: PEM, or an envelope (DER or PEM) that holds such a PEM.

    Args:
        data: the file.
        unwrap_with: the private key for which envelopes were made.

    Raises:
        BsnkError: `bsnk.key-file`.
    """
    if not data.lstrip().startswith(b"-----BEGIN "):
        return _key(read_pem(_unwrapped(data, unwrap_with)))
    pem = read_pem(data)
    if pem.label in _ENVELOPES:
        pem = read_pem(_unwrapped(pem.content, unwrap_with))
    return _key(pem)


def _unwrapped(data: bytes, private_key: RSAPrivateKey | None) -> bytes:
    if private_key is None:
        raise BsnkError("bsnk.key-file")
    return open_envelope(data, private_key)


def read_key_files(
    files: Iterable[Path], *, unwrap_with: RSAPrivateKey | None = None
) -> tuple[RecipientKeys, SchemeKeys, list[MigrationKey]]:
    """Every key in the files, sorted by what it is.

    Raises:
        BsnkError: `bsnk.key-file`.
        OSError: a file cannot be read.
    """
    keys = [read_key_file(_content(file), unwrap_with=unwrap_with) for file in files]
    return (
        RecipientKeys(key for key in keys if isinstance(key, RecipientKey)),
        SchemeKeys(key for key in keys if isinstance(key, SchemeKey)),
        [key for key in keys if isinstance(key, MigrationKey)],
    )


def read_scheme_keys(file: Path) -> SchemeKeys:
    """The scheme's public keys: a JSON object of URNs and base64 points, or the PEM of one key.

    Raises:
        BsnkError: `bsnk.key-file`.
        OSError: the file cannot be read.
    """
    data = _content(file)
    if data.lstrip().startswith(b"{"):
        try:
            return scheme_keys_of({str(urn): str(point) for urn, point in json.loads(data).items()})
        except (ValueError, RecursionError):
            raise BsnkError("bsnk.key-file") from None
    key = read_key_file(data)
    if not isinstance(key, SchemeKey):
        raise BsnkError("bsnk.key-file")
    return SchemeKeys([key])


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _key(pem: Pem) -> AnyKey:
    headers = pem.headers
    type_ = headers.get("Type", "").casefold()
    if version_of(headers.get("SchemeVersion", "")) != SCHEME_VERSION:
        raise BsnkError("bsnk.key-file")
    if pem.label in _PUBLIC and type_ in _SCHEME_TYPES:
        return _scheme_key(_SCHEME_TYPES[type_], headers, pem.content)
    if pem.label == _PRIVATE and type_ in _KEY_TYPES:
        return RecipientKey(
            _KEY_TYPES[type_],
            _oin(headers, "Recipient"),
            _scheme_key_set_version(headers),
            _version(headers, "RecipientKeySetVersion"),
            _private(pem.content),
            diversifier_of(headers.get("Diversifier")),
        )
    if pem.label == _PRIVATE and type_ in _ROLES:
        return MigrationKey(_ROLES[type_], _migration(headers), _private(pem.content))
    raise BsnkError("bsnk.key-file")


def _migration(headers: Mapping[str, str]) -> Migration:
    if not headers.get("MigrationID"):
        raise BsnkError("bsnk.key-file")
    return Migration(
        _oin(headers, "SourceMigrant"),
        _version(headers, "SourceMigrantKeySetVersion"),
        _oin(headers, "TargetMigrant"),
        _version(headers, "TargetMigrantKeySetVersion"),
        _scheme_key_set_version(headers),
        headers["MigrationID"],
        diversifier_of(headers.get("Diversifier")),
    )


def _scheme_key(type_: SchemeKeyType, headers: Mapping[str, str], content: bytes) -> SchemeKey:
    version = _version(headers, "KeyVersion" if "KeyVersion" in headers else "SchemeKeyVersion")
    return SchemeKey(type_, _version(headers, "SchemeKeySetVersion"), version, Table(_public(content)))


def _scheme_key_set_version(headers: Mapping[str, str]) -> int:
    """Older files name it SchemeKeyVersion, and have no other."""
    return _version(headers, "SchemeKeySetVersion" if "SchemeKeySetVersion" in headers else "SchemeKeyVersion")


def _version(headers: Mapping[str, str], name: str) -> int:
    return version_of(headers.get(name, ""))


def _oin(headers: Mapping[str, str], name: str) -> str:
    text = headers.get(name, "")
    if len(text) != _OIN_LENGTH or not text.isdigit():
        raise BsnkError("bsnk.key-file")
    return text


def diversifier_of(text: str | None) -> Diversifier:
    """`Key=Value,Key=Value`, as a header has it; sorted here, as structures have them. Nothing for none.

    Raises:
        BsnkError: `bsnk.key-file`.
    """
    if text is None:
        return ()
    pairs = [tuple(pair.split("=")) for pair in text.split(",")]
    if any(len(pair) != 2 or not all(pair) for pair in pairs) or len({pair[0] for pair in pairs}) < len(pairs):  # noqa: PLR2004
        raise BsnkError("bsnk.key-file")
    return tuple(sorted((pair[0], pair[1]) for pair in pairs))


def diversifier_text(diversifier: Diversifier) -> str:
    """As a header has it."""
    return ",".join(f"{key}={value}" for key, value in diversifier)


def _private(data: bytes) -> int:
    """The scalar of an RFC 5915 ECPrivateKey; its public key, when it is there, must be that of the scalar."""
    try:
        inside = der.read(data, limit=MAX_BYTES)
        version, scalar = inside.small(), inside.content(der.OCTET_STRING)
        curve = inside.content(_PARAMETERS)
        public = _bits(inside.inside(_PUBLIC_KEY)) if inside.next_tag == _PUBLIC_KEY else None
        inside.finish()
    except BsnkError:
        raise BsnkError("bsnk.key-file") from None
    if version != 1 or len(scalar) != BYTES or curve != _CURVE:
        raise BsnkError("bsnk.key-file")
    number = int.from_bytes(scalar, "big")
    if not 0 < number < N or (public is not None and multiply_secret((number, GENERATOR)) != public):
        raise BsnkError("bsnk.key-file")
    return number


def _public(data: bytes) -> Point:
    try:
        inside = der.read(data, limit=MAX_BYTES)
        algorithm = inside.content(der.SEQUENCE)
        point = _bits(inside)
    except BsnkError:
        raise BsnkError("bsnk.key-file") from None
    if algorithm != _EC_KEY + _CURVE:
        raise BsnkError("bsnk.key-file")
    return point


def _bits(inside: der.Reader) -> Point:
    """The point in a BIT STRING of whole bytes, which must be the last."""
    content = inside.content(der.BIT_STRING)
    inside.finish()
    if content[:1] != b"\x00":
        raise BsnkError("bsnk.form")
    return Point.decode(content[1:])


def write_key_file(key: AnyKey) -> bytes:
    """The key as PEM with headers."""
    if isinstance(key, SchemeKey):
        return write_pem(Pem(_PUBLIC[0], _scheme_headers(key), _written_public(key.public.point)))
    headers = _migration_headers(key) if isinstance(key, MigrationKey) else _recipient_headers(key)
    return write_pem(Pem(_PRIVATE, headers, _written_private(key.scalar)))


def _scheme_headers(key: SchemeKey) -> dict[str, str]:
    return {
        "SchemeVersion": str(SCHEME_VERSION),
        "SchemeKeySetVersion": str(key.key_set_version),
        "KeyVersion": str(key.version),
        "Type": key.type.value,
    }


def _recipient_headers(key: RecipientKey) -> dict[str, str]:
    return {
        "SchemeVersion": str(SCHEME_VERSION),
        "SchemeKeySetVersion": str(key.scheme_key_set_version),
        "Type": key.type.value,
        "Recipient": key.recipient,
        "RecipientKeySetVersion": str(key.key_set_version),
    } | _diversifier_header(key.diversifier)


def _migration_headers(key: MigrationKey) -> dict[str, str]:
    migration = key.migration
    return {
        "SchemeVersion": str(SCHEME_VERSION),
        "SchemeKeySetVersion": str(migration.scheme_key_set_version),
        "Type": key.role.value,
        "SourceMigrant": migration.source,
        "SourceMigrantKeySetVersion": str(migration.source_version),
        "TargetMigrant": migration.target,
        "TargetMigrantKeySetVersion": str(migration.target_version),
        "MigrationID": migration.identifier,
    } | _diversifier_header(migration.diversifier)


def _diversifier_header(diversifier: Diversifier) -> dict[str, str]:
    return {"Diversifier": diversifier_text(diversifier)} if diversifier else {}


def _written_private(scalar: int) -> bytes:
    bits = der.write(der.BIT_STRING, b"\x00", multiply_secret((scalar, GENERATOR)).uncompressed)
    return der.write(
        der.SEQUENCE,
        der.write_integer(1),
        der.write(der.OCTET_STRING, scalar.to_bytes(BYTES, "big")),
        der.write(_PARAMETERS, _CURVE),
        der.write(_PUBLIC_KEY, bits),
    )


def _written_public(point: Point) -> bytes:
    algorithm = der.write(der.SEQUENCE, _EC_KEY, _CURVE)
    return der.write(der.SEQUENCE, algorithm, der.write(der.BIT_STRING, b"\x00", point.uncompressed))
