"""EncryptedID: a NameID that only its recipients can read. `cryptography` does the bytes, never xmlsec (S55 to S60).

libxml2 prints the plaintext of a damaged ciphertext to stderr when xmlsec decrypts it; so the bytes are decrypted
here, every failure is the same `enc.failed`, and nothing of the plaintext is in an error, a repr or a log.
Decrypt only what a verified signature covers: AES-CBC alone protects nothing against change.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from saml2 import saml, xmldsig, xmlenc

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import ASSERTION_PREFIXES, ENCRYPTED_PREFIXES, element_of
from routeringsvoorziening.saml.encryption_form import Digest, EncryptedForm, WrappedKey, check_form
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.parsing import Element, canonical, parse
from routeringsvoorziening.saml.subject_identifiers import check_identifier, is_polymorphic

_BLOCK: Final = 16
_KEY_BYTES: Final = 32
_HASHES: Final[dict[Digest, type[hashes.HashAlgorithm]]] = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}


@dataclass(frozen=True, slots=True)
class Recipient:
    """One key of one party that may read an identity. A party with two keys is two of these (ATT-13)."""

    entity_id: str
    key_name: str
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class DecryptionKey:
    """A private key, under the KeyName that our metadata gives its certificate."""

    key_name: str
    private_key: RSAPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class NameId:
    """An identity in clear.

    Args:
        value: such as a BSN; never shown.
        name_qualifier: kind of identifier, one of `names.ID_…` (ATT-12).
    """

    value: str = field(repr=False)
    name_qualifier: str


def encrypt_id(name_id: NameId, recipients: Sequence[Recipient]) -> Element:
    """An EncryptedID for all the recipients, with a content key and initialisation vector of its own (S61).

    Raises:
        SamlError: `subject.identifier`: the value is not of the kind that `name_qualifier` says.
        ValueError: no recipient; or several parties for a polymorphic value, that only one of them can open (ATT-19).
    """
    check_identifier(name_id.value, name_id.name_qualifier)
    if is_polymorphic(name_id.name_qualifier) and len({each.entity_id for each in recipients}) > 1:
        raise ValueError("a polymorphic value is for one party: use encrypt_for_each")
    plain = saml.NameID(format=names.NAMEID_PERSISTENT, name_qualifier=name_id.name_qualifier, text=name_id.value)
    return encrypt_bytes(canonical(element_of(plain, ASSERTION_PREFIXES)), recipients)


def encrypt_for_each(name_ids: Mapping[str, NameId], recipients: Sequence[Recipient]) -> tuple[Element, ...]:
    """One EncryptedID per party, each with a value of its own, as polymorphic values need (ATT-19, AMB-09).

    Each goes into an AttributeValue of its own, because an EncryptedID holds one EncryptedData. A party with two keys
    has two EncryptedKeys in its EncryptedID (ATT-13).

    Args:
        name_ids: entityID to what that party must get.
        recipients: every key of every party.

    Raises:
        SamlError: what `encrypt_id` raises.
        ValueError: a party without a key.
    """
    return tuple(
        encrypt_id(name_id, [each for each in recipients if each.entity_id == entity_id])
        for entity_id, name_id in name_ids.items()
    )


def encrypt_bytes(plaintext: bytes, recipients: Sequence[Recipient]) -> Element:
    """An EncryptedID around any bytes; `encrypt_id` is what a real party uses.

    Raises:
        ValueError: no recipient.
    """
    if not recipients:
        raise ValueError("an EncryptedID needs a recipient")
    content_key = secrets.token_bytes(_KEY_BYTES)
    data_id, key_ids = new_message_id(), [new_message_id() for _ in recipients]
    content_key_name = new_message_id() if len(recipients) > 1 else None
    pointer = (
        xmldsig.KeyInfo(retrieval_method=[_retrieval(key_ids[0])])
        if content_key_name is None
        else xmldsig.KeyInfo(key_name=[xmldsig.KeyName(text=content_key_name)])
    )
    data = xmlenc.EncryptedData(
        id=data_id,
        type=names.TYPE_ELEMENT,
        encryption_method=xmlenc.EncryptionMethod(algorithm=names.AES256_CBC),
        key_info=pointer,
        cipher_data=_cipher_data(_encrypt_content(plaintext, content_key)),
    )
    keys = [
        _encrypted_key(recipient, key_id, content_key, data_id, content_key_name)
        for recipient, key_id in zip(recipients, key_ids, strict=True)
    ]
    return element_of(saml.EncryptedID(encrypted_data=data, encrypted_key=keys), ENCRYPTED_PREFIXES)


def _retrieval(key_id: str) -> xmldsig.RetrievalMethod:
    return xmldsig.RetrievalMethod(type=names.TYPE_ENCRYPTED_KEY, uri=f"#{key_id}")


def _encrypted_key(
    recipient: Recipient, key_id: str, content_key: bytes, data_id: str, content_key_name: str | None
) -> xmlenc.EncryptedKey:
    """The content key for one recipient; CarriedKeyName when there are several (ATT-11, ATT-14, ATT-15)."""
    public_key = recipient.certificate.public_key()
    if not isinstance(public_key, RSAPublicKey):
        raise SamlError("key.weak", "an encryption key that is not RSA")
    return xmlenc.EncryptedKey(
        id=key_id,
        recipient=recipient.entity_id,
        encryption_method=xmlenc.EncryptionMethod(
            algorithm=names.RSA_OAEP_MGF1P, extension_elements=[xmldsig.DigestMethod(algorithm=names.SHA1)]
        ),
        key_info=xmldsig.KeyInfo(key_name=[xmldsig.KeyName(text=recipient.key_name)]),
        cipher_data=_cipher_data(public_key.encrypt(content_key, _oaep("sha1"))),
        reference_list=xmlenc.ReferenceList(data_reference=[xmlenc.DataReference(uri=f"#{data_id}")]),
        carried_key_name=None if content_key_name is None else xmlenc.CarriedKeyName(text=content_key_name),
    )


def _encrypt_content(plaintext: bytes, key: bytes) -> bytes:
    """AES-256-CBC with a fresh initialisation vector in front and random padding (XML Encryption 5.2)."""
    length = _BLOCK - len(plaintext) % _BLOCK
    padded = plaintext + secrets.token_bytes(length - 1) + bytes([length])
    vector = secrets.token_bytes(_BLOCK)
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(vector)).encryptor()
    return vector + encryptor.update(padded) + encryptor.finalize()


def decrypt_id(encrypted_id: Element, *, entity_id: str, keys: Sequence[DecryptionKey]) -> NameId:
    """The NameID in an EncryptedID that a verified signature covers (ATT-12, ATT-16, ATT-20).

    Args:
        encrypted_id: the element; its form is checked before any key is used.
        entity_id: ours; EncryptedKeys of other recipients are not looked at.
        keys: ours, all that our metadata publishes.

    Raises:
        SamlError: `enc.structure`, `enc.recipient`, `alg.forbidden`, `msg.encoding` for the form; `enc.failed` for
            everything that goes wrong inside; `subject.identifier` for a NameID that is not what it must be.
    """
    return _read_name_id(decrypt_element(encrypted_id, entity_id=entity_id, keys=keys))


def decrypt_element(encrypted_id: Element, *, entity_id: str, keys: Sequence[DecryptionKey]) -> Element:
    """Whatever element is in an EncryptedID, parsed; `decrypt_id` is for identities.

    Raises:
        SamlError: as `decrypt_id`, for the form and for everything that goes wrong inside.
    """
    form = check_form(encrypted_id)
    wrapped, key = _choose(form, entity_id, keys)
    return _decrypt(form.ciphertext, _unwrap(wrapped, key))


def _choose(form: EncryptedForm, entity_id: str, keys: Sequence[DecryptionKey]) -> tuple[WrappedKey, DecryptionKey]:
    """The first EncryptedKey for us by Recipient, then KeyName (AMB-09)."""
    by_name = {key.key_name: key for key in keys}
    for wrapped in form.keys:
        if wrapped.recipient == entity_id and wrapped.key_name in by_name:
            return wrapped, by_name[wrapped.key_name]
    raise SamlError("enc.recipient", "no EncryptedKey for us")


def _unwrap(wrapped: WrappedKey, key: DecryptionKey) -> bytes:
    """The content key. When that fails a random one, so that failing here takes the same way as failing later (S55)."""
    instead = secrets.token_bytes(_KEY_BYTES)
    try:
        content_key = key.private_key.decrypt(wrapped.ciphertext, _oaep(wrapped.digest))
    except ValueError:
        return instead
    return content_key if len(content_key) == _KEY_BYTES else instead


def _decrypt(ciphertext: bytes, key: bytes) -> Element:
    """The element in the ciphertext. Errors of what lies below are dropped: they may quote the plaintext (S60)."""
    element = None
    if len(ciphertext) >= 2 * _BLOCK and len(ciphertext) % _BLOCK == 0:
        decryptor = Cipher(algorithms.AES256(key), modes.CBC(ciphertext[:_BLOCK])).decryptor()
        padded = decryptor.update(ciphertext[_BLOCK:]) + decryptor.finalize()
        element = _parse_quietly(padded)
    if element is None:
        raise SamlError("enc.failed")
    return element


def _parse_quietly(padded: bytes) -> Element | None:
    length = padded[-1]
    if not 0 < length <= _BLOCK:
        return None
    try:
        return parse(padded[:-length])
    except SamlError:
        return None


def _read_name_id(element: Element) -> NameId:
    """One persistent NameID with a known qualifier and nothing more (ATT-12, ATT-20)."""
    if element.tag != names.saml("NameID") or len(element):
        raise SamlError("subject.identifier", "not a NameID with text")
    if set(element.attrib) != {"Format", "NameQualifier"} or element.get("Format") != names.NAMEID_PERSISTENT:
        raise SamlError("subject.identifier", "not a persistent NameID with a NameQualifier alone")
    name_id = NameId(element.text or "", element.attrib["NameQualifier"])
    check_identifier(name_id.value, name_id.name_qualifier)
    return name_id


def _oaep(digest: Digest) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(hashes.SHA1()), _HASHES[digest](), label=None)  # noqa: S303 (prescribed, ENC-02)


def _cipher_data(raw: bytes) -> xmlenc.CipherData:
    return xmlenc.CipherData(cipher_value=xmlenc.CipherValue(text=base64.b64encode(raw).decode("ascii")))
