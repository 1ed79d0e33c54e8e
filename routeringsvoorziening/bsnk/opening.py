"""From a structure to an identity or a pseudonym: decode, verify, check whose it is, decrypt. In this order.

The third point is compared with the recipient's own key before anything is decrypted: a signature of an EI or EP holds
for any third point that the signer chose (see `signatures`).
"""

from dataclasses import dataclass, field
from typing import Final

from routeringsvoorziening.bsnk.arithmetic import add, multiply_secret
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.keys import SCHEME_VERSION, KeyType, RecipientKey, RecipientKeys, SchemeKeys
from routeringsvoorziening.bsnk.pseudonyms import Pseudonym
from routeringsvoorziening.bsnk.signatures import verify_direct, verify_with_third_point
from routeringsvoorziening.bsnk.structures import Encrypted, Signed, decode
from routeringsvoorziening.bsnk.wrapping import unwrap

BSN_TYPE: Final = "B"
_BSN_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class BsnIdentity:
    """A decrypted identity.

    Args:
        value: a BSN of nine digits that passes the eleven test; personal data.
        type: `B`, for a BSN: nothing else is let through.
    """

    value: str = field(repr=False)
    type: str


def open_identity(structure: bytes, keys: RecipientKeys, scheme: SchemeKeys, *, recipient: str) -> BsnIdentity:
    """The BSN in a signed EI or DEI.

    Args:
        structure: DER.
        keys: of the recipient.
        scheme: public keys to verify with.
        recipient: OIN for whom it must be.

    Raises:
        BsnkError: `bsnk.form`, `bsnk.scheme`, `bsnk.signature`, `bsnk.recipient`, `bsnk.key-set`, `bsnk.key-missing`,
            `bsnk.point`, `bsnk.decrypt`, `bsnk.identity`.
    """
    return _identity(_verified(structure, keys, scheme, identity=True), keys, recipient)


def open_unsigned_identity(structure: bytes, keys: RecipientKeys, *, recipient: str) -> BsnIdentity:
    """The BSN in an EI or DEI that nobody signed: for tools and tests. Anybody can make one for any BSN.

    Raises:
        BsnkError: as `open_identity`.
    """
    return _identity(_unsigned(structure, identity=True), keys, recipient)


def open_pseudonym(
    structure: bytes, keys: RecipientKeys, scheme: SchemeKeys, *, recipient: str, closing_key_version: int | None = None
) -> Pseudonym:
    """The recipient's own pseudonym of whom a signed EP or DEP is about.

    Args:
        structure: DER.
        keys: of the recipient.
        scheme: public keys to verify with.
        recipient: OIN for whom it must be.
        closing_key_version: which closing key to use, so that pseudonyms stay the same when the other keys are
            renewed; without it, that of the structure's own key set.

    Raises:
        BsnkError: as `open_identity`, without `bsnk.decrypt` and `bsnk.identity`.
    """
    body = _verified(structure, keys, scheme, identity=False)
    return _pseudonym(body, keys, recipient, closing_key_version)


def open_unsigned_pseudonym(
    structure: bytes, keys: RecipientKeys, *, recipient: str, closing_key_version: int | None = None
) -> Pseudonym:
    """The pseudonym in an EP or DEP that nobody signed: for tools and tests.

    Raises:
        BsnkError: as `open_pseudonym`.
    """
    return _pseudonym(_unsigned(structure, identity=False), keys, recipient, closing_key_version)


def verify(signed: Signed, scheme: SchemeKeys, keys: RecipientKeys | None = None) -> None:
    """Verifies the signature of a decoded structure; keys only make it faster.

    Raises:
        BsnkError: `bsnk.scheme`, `bsnk.signature`.
    """
    body = signed.body
    if signed.signing_key_version is not None:
        verify_direct(signed, scheme.for_direct(body, signed.signing_key_version))
    else:
        own = keys.find(_decryption_key(body), body) if keys else None
        verify_with_third_point(signed, scheme.for_third_point(body), own.public if own else None)
    if body.scheme_version != SCHEME_VERSION:
        raise BsnkError("bsnk.scheme")


def _decryption_key(body: Encrypted) -> KeyType:
    return KeyType.IDENTITY_DECRYPTION if body.kind.is_identity else KeyType.PSEUDONYM_DECRYPTION


def _verified(structure: bytes, keys: RecipientKeys, scheme: SchemeKeys, *, identity: bool) -> Encrypted:
    found = decode(structure)
    body = found.body if isinstance(found, Signed) else found
    if body.kind.is_identity is not identity:
        raise BsnkError("bsnk.form")
    if not isinstance(found, Signed):
        raise BsnkError("bsnk.signature")
    verify(found, scheme, keys)
    return body


def _unsigned(structure: bytes, *, identity: bool) -> Encrypted:
    found = decode(structure)
    if isinstance(found, Signed) or found.kind.is_identity is not identity:
        raise BsnkError("bsnk.form")
    if found.scheme_version != SCHEME_VERSION:
        raise BsnkError("bsnk.scheme")
    return found


def _own_key(body: Encrypted, keys: RecipientKeys, recipient: str) -> RecipientKey:
    """The decryption key, after all that must hold before it is used."""
    if body.recipient != recipient:
        raise BsnkError("bsnk.recipient")
    keys.check_key_set(body)
    key = keys.get(_decryption_key(body), body)
    if key.public.point != body.points[2]:
        raise BsnkError("bsnk.point")
    return key


def _identity(body: Encrypted, keys: RecipientKeys, recipient: str) -> BsnIdentity:
    key = _own_key(body, keys, recipient)
    blinding, blinded, _ = body.points
    found = unwrap(add(blinded, multiply_secret((-key.scalar, blinding))))
    if found.type != BSN_TYPE:
        raise BsnkError("bsnk.identity")
    value = found.value.rjust(_BSN_DIGITS, "0")
    check_bsn(value)
    return BsnIdentity(value, found.type)


def check_bsn(text: str) -> None:
    """Checks nine digits and the eleven test.

    Raises:
        BsnkError: `bsnk.identity`.
    """
    if len(text) != _BSN_DIGITS or not (text.isascii() and text.isdigit()) or not int(text):
        raise BsnkError("bsnk.identity")
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    if sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11:
        raise BsnkError("bsnk.identity")


def _pseudonym(body: Encrypted, keys: RecipientKeys, recipient: str, closing: int | None) -> Pseudonym:
    """Closing · (B - decryption · A), with both first multiplied by the DRKi if it is direct; in one multiplication."""
    key = _own_key(body, keys, recipient)
    closing_key = keys.get(KeyType.PSEUDONYM_CLOSING, body, version=closing)
    factor = closing_key.scalar
    if body.kind.is_direct:
        factor *= keys.get(KeyType.DIRECT_RECEIVING, body).scalar
    blinding, blinded, _ = body.points
    return Pseudonym(
        multiply_secret((factor, blinded), (-factor * key.scalar, blinding)),
        recipient,
        body.scheme_key_set_version,
        closing_key.key_set_version,
        body.type or BSN_TYPE,
        body.diversifier,
    )
