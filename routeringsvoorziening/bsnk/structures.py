"""The four encrypted structures, plain and signed, in version 1 and 2 (BSNk, ASN.1 module PPNotation, implicit tags).

    EI   EncryptedIdentity          for the recipient of the structure to decrypt into an identity
    EP   EncryptedPseudonym         the same, into the recipient's own pseudonym
    DEI  DirectEncryptedIdentity    made at the recipient's own request, signed with the scheme's key U
    DEP  DirectEncryptedPseudonym   idem

Decoding checks the form and that every point is on the curve, and nothing else: see `opening` for the rest.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from routeringsvoorziening.bsnk import der
from routeringsvoorziening.bsnk.curve import Point
from routeringsvoorziening.bsnk.errors import BsnkError

MAX_BYTES: Final = 8192
"""No structure is larger; the known ones are about 500 bytes."""
AUDIT_BYTES: Final = 16
_OIN_LENGTH: Final = 20
_PAIRS: Final = 16
_WORD: Final = 256
_BASE: Final = "2.16.528.1.1003.10.1.2"
_DIVERSIFIER: Final = 0xA0
_AUTHORIZED_PARTY: Final = 0x81
_EXTRA_ELEMENTS: Final = 0xA2

Diversifier = tuple[tuple[str, str], ...]
"""Pairs of key and value, sorted by key, every key once; empty for none."""
Points = tuple[Point, Point, Point]
ExtraElement = str | int | bytes


class Kind(Enum):
    """Which of the four; the value is the OID of the plain structure."""

    EI = f"{_BASE}.1"
    EP = f"{_BASE}.2"
    DEP = f"{_BASE}.5"
    DEI = f"{_BASE}.9.2"

    @property
    def is_identity(self) -> bool:
        """An identity, or a pseudonym."""
        return self in (Kind.EI, Kind.DEI)

    @property
    def is_direct(self) -> bool:
        """Signed with the scheme's key U, of a version that the structure names."""
        return self in (Kind.DEI, Kind.DEP)


class Signature(Enum):
    """How a structure is signed; the value is the OID."""

    EC_SDSA = "0.4.0.127.0.7.1.1.4.4.3"
    EC_SCHNORR = "0.4.0.127.0.7.1.1.4.3.3"
    ECDSA = "1.2.840.10045.4.3.3"


@dataclass(frozen=True, slots=True)
class SignedForm:
    """One of the signed forms: of what, in which version, signed how."""

    kind: Kind
    version: int
    signature: Signature


FORMS: Final = {
    f"{_BASE}.3": SignedForm(Kind.EI, 1, Signature.EC_SCHNORR),
    f"{_BASE}.4": SignedForm(Kind.EP, 1, Signature.EC_SCHNORR),
    f"{_BASE}.6": SignedForm(Kind.DEP, 1, Signature.ECDSA),
    f"{_BASE}.6.2": SignedForm(Kind.DEP, 2, Signature.ECDSA),
    f"{_BASE}.7": SignedForm(Kind.EI, 1, Signature.EC_SDSA),
    f"{_BASE}.7.2": SignedForm(Kind.EI, 2, Signature.EC_SDSA),
    f"{_BASE}.8": SignedForm(Kind.EP, 1, Signature.EC_SDSA),
    f"{_BASE}.8.2": SignedForm(Kind.EP, 2, Signature.EC_SDSA),
    f"{_BASE}.10.2": SignedForm(Kind.DEI, 2, Signature.ECDSA),
}
"""Every signed form by its OID. EC-Schnorr is deprecated, and still seen."""

_KINDS_BY_OID: Final = {der.oid_bytes(kind.value): kind for kind in Kind}
_FORMS_BY_OID: Final = {der.oid_bytes(oid): form for oid, form in FORMS.items()}
OIDS_OF_FORMS: Final = {form: oid for oid, form in FORMS.items()}
"""The other way round."""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """A plain structure.

    Args:
        kind: which of the four.
        scheme_version: of the scheme; 1.
        scheme_key_set_version: names the scheme's public keys.
        creator: OIN of who made it.
        recipient: OIN of who can decrypt it.
        recipient_key_set_version: names the recipient's keys; a date, YYYYMMDD.
        points: A, B and C: the blinding, the blinded, and the recipient's public key.
        type: of the identifier within, one letter, `B` for a BSN; None for an EI or DEI, which do not say.
        diversifier: of a pseudonym; empty for none.
        authorized_party: OIN of who may hand it over; only DEI and DEP have it.
    """

    kind: Kind
    scheme_version: int
    scheme_key_set_version: int
    creator: str
    recipient: str
    recipient_key_set_version: int
    points: Points = field(repr=False)
    type: str | None = None
    diversifier: Diversifier = ()
    authorized_party: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed structure.

    Args:
        form: version and signature scheme.
        body: what was signed, without the fields below.
        signed_part: the bytes that the signature covers: the whole inner SEQUENCE.
        r, s: the signature, not verified.
        audit_element: 16 bytes that only the scheme's auditor can read.
        signing_key_version: of the scheme's key U; None for EI and EP.
        issuance_date: YYYYMM01; None in version 1.
        extra_elements: free pairs of version 2.
    """

    form: SignedForm
    body: Encrypted
    signed_part: bytes = field(repr=False)
    r: int = field(repr=False)
    s: int = field(repr=False)
    audit_element: bytes = field(repr=False)
    signing_key_version: int | None = None
    issuance_date: str | None = None
    extra_elements: tuple[tuple[str, ExtraElement], ...] = field(default=(), repr=False)


def decode(data: bytes) -> Encrypted | Signed:
    """A structure from its DER, whichever it is.

    Raises:
        BsnkError: `bsnk.form`, `bsnk.point`.
    """
    inside = der.read(data, limit=MAX_BYTES)
    oid = inside.content(der.OBJECT_IDENTIFIER)
    if kind := _KINDS_BY_OID.get(oid):
        return _encrypted(inside, kind)
    if form := _FORMS_BY_OID.get(oid):
        return _signed(inside, form)
    raise BsnkError("bsnk.form")


def _signed(inside: der.Reader, form: SignedForm) -> Signed:
    signed_part = inside.whole()
    payload = der.read(signed_part, limit=MAX_BYTES)
    body = _body(payload.inside(), form.kind)
    audit_element = payload.content(der.OCTET_STRING)
    if len(audit_element) != AUDIT_BYTES:
        raise BsnkError("bsnk.form")
    signing_key_version = payload.small() if form.kind.is_direct else None
    second = form.version > 1
    issuance_date = _date(payload) if second else None
    extra = _extra_elements(payload) if second and payload.next_tag == _EXTRA_ELEMENTS else ()
    payload.finish()
    r, s = _signature(inside.inside(), form)
    inside.finish()
    return Signed(form, body, signed_part, r, s, audit_element, signing_key_version, issuance_date, extra)


def _body(inside: der.Reader, kind: Kind) -> Encrypted:
    if _KINDS_BY_OID.get(inside.content(der.OBJECT_IDENTIFIER)) is not kind:
        raise BsnkError("bsnk.form")
    return _encrypted(inside, kind)


def _encrypted(inside: der.Reader, kind: Kind) -> Encrypted:
    scheme_version, scheme_key_set_version = inside.small(), inside.small()
    creator, recipient = read_oin(inside), read_oin(inside)
    recipient_key_set_version = inside.small()
    type_ = None if kind.is_identity else read_type(inside)
    points = _points(inside.inside())
    diversifier = () if kind.is_identity else read_diversifier(inside)
    party = None
    if kind is Kind.DEI or (kind is Kind.DEP and inside.next_tag == _AUTHORIZED_PARTY):
        party = read_oin(inside, _AUTHORIZED_PARTY)
    inside.finish()
    return Encrypted(
        kind,
        scheme_version,
        scheme_key_set_version,
        creator,
        recipient,
        recipient_key_set_version,
        points,
        type_,
        diversifier,
        party,
    )


def read_oin(inside: der.Reader, tag: int = der.IA5_STRING) -> str:
    """An OIN: twenty digits."""
    text = inside.text(tag, limit=_OIN_LENGTH)
    if len(text) != _OIN_LENGTH or not text.isdigit():
        raise BsnkError("bsnk.form")
    return text


def read_type(inside: der.Reader) -> str:
    """The type of an identifier: an INTEGER that is the code of a capital."""
    letter = inside.small()
    if not 0x41 <= letter <= 0x5A:  # noqa: PLR2004 - A to Z
        raise BsnkError("bsnk.form")
    return chr(letter)


def _points(inside: der.Reader) -> Points:
    a, b, c = (Point.decode(inside.content(der.OCTET_STRING)) for _ in range(3))
    inside.finish()
    return a, b, c


def read_diversifier(outside: der.Reader) -> Diversifier:
    """The diversifier that may come next, with its keys in order and every key once."""
    if outside.next_tag != _DIVERSIFIER:
        return ()
    inside = outside.inside(_DIVERSIFIER)
    pairs: list[tuple[str, str]] = []
    while inside.next_tag is not None and len(pairs) < _PAIRS:
        pair = inside.inside()
        pairs.append((pair.text(limit=_WORD), pair.text(limit=_WORD)))
        pair.finish()
    inside.finish()
    if not pairs or [key for key, _ in pairs] != sorted({key for key, _ in pairs}):
        raise BsnkError("bsnk.form")
    return tuple(pairs)


def _date(inside: der.Reader) -> str:
    text = inside.text(limit=8)
    if len(text) != 8 or not text.isdigit():  # noqa: PLR2004
        raise BsnkError("bsnk.form")
    return text


def _extra_elements(inside: der.Reader) -> tuple[tuple[str, ExtraElement], ...]:
    elements = inside.inside(_EXTRA_ELEMENTS)
    found: list[tuple[str, ExtraElement]] = []
    while elements.next_tag is not None and len(found) < _PAIRS:
        pair = elements.inside()
        found.append((pair.text(limit=_WORD), _extra_value(pair)))
        pair.finish()
    elements.finish()
    return tuple(found)


def _extra_value(pair: der.Reader) -> ExtraElement:
    match pair.next_tag:
        case der.INTEGER:
            return pair.integer()
        case der.OCTET_STRING:
            return pair.content(der.OCTET_STRING)
    try:
        return pair.content(der.UTF8_STRING).decode("utf-8")
    except UnicodeDecodeError:
        raise BsnkError("bsnk.form") from None


def _signature(inside: der.Reader, form: SignedForm) -> tuple[int, int]:
    if inside.content(der.OBJECT_IDENTIFIER) != der.oid_bytes(form.signature.value):
        raise BsnkError("bsnk.form")
    values = inside.inside()
    r, s = values.integer(), values.integer()
    values.finish()
    inside.finish()
    return r, s


def encode(body: Encrypted) -> bytes:
    """A plain structure as DER."""
    parts = [
        der.write_oid(body.kind.value),
        der.write_integer(body.scheme_version),
        der.write_integer(body.scheme_key_set_version),
        der.write_text(body.creator),
        der.write_text(body.recipient),
        der.write_integer(body.recipient_key_set_version),
    ]
    if body.type is not None:
        parts.append(der.write_integer(ord(body.type)))
    points = [der.write(der.OCTET_STRING, point.uncompressed) for point in body.points]
    parts.append(der.write(der.SEQUENCE, *points))
    if body.diversifier:
        pairs = [der.write(der.SEQUENCE, der.write_text(key), der.write_text(value)) for key, value in body.diversifier]
        parts.append(der.write(_DIVERSIFIER, *pairs))
    if body.authorized_party is not None:
        parts.append(der.write_text(body.authorized_party, _AUTHORIZED_PARTY))
    return der.write(der.SEQUENCE, *parts)


def write_diversifier(diversifier: Diversifier) -> bytes:
    """What `read_diversifier` reads; nothing for none."""
    pairs = [der.write(der.SEQUENCE, der.write_text(key), der.write_text(value)) for key, value in diversifier]
    return der.write(_DIVERSIFIER, *pairs) if pairs else b""


def encode_signed_part(
    body: Encrypted,
    audit_element: bytes,
    *,
    signing_key_version: int | None = None,
    issuance_date: str | None = None,
    extra_elements: tuple[tuple[str, ExtraElement], ...] = (),
) -> bytes:
    """The bytes that a signature covers."""
    parts = [encode(body), der.write(der.OCTET_STRING, audit_element)]
    if signing_key_version is not None:
        parts.append(der.write_integer(signing_key_version))
    if issuance_date is not None:
        parts.append(der.write_text(issuance_date))
    if extra_elements:
        pairs = [der.write(der.SEQUENCE, der.write_text(key), _written(value)) for key, value in extra_elements]
        parts.append(der.write(_EXTRA_ELEMENTS, *pairs))
    return der.write(der.SEQUENCE, *parts)


def _written(value: ExtraElement) -> bytes:
    match value:
        case int():
            return der.write_integer(value)
        case bytes():
            return der.write(der.OCTET_STRING, value)
        case str():
            return der.write(der.UTF8_STRING, value.encode())


def encode_signed(form: SignedForm, signed_part: bytes, r: int, s: int) -> bytes:
    """A signed structure as DER."""
    values = der.write(der.SEQUENCE, der.write_integer(r), der.write_integer(s))
    signature = der.write(der.SEQUENCE, der.write_oid(form.signature.value), values)
    return der.write(der.SEQUENCE, der.write_oid(OIDS_OF_FORMS[form]), signed_part, signature)
