"""EncryptedAssertion: an assertion that one node alone can read. AES-256-GCM; the key in RSA-OAEP.

    saml:EncryptedAssertion
      xenc:EncryptedData [Type Element]
        EncryptionMethod xmlenc11 aes256-gcm
        ds:KeyInfo / xenc:EncryptedKey: EncryptionMethod rsa-oaep-mgf1p, ds:KeyInfo / KeyName, CipherData
        CipherData

`cryptography` does the bytes. GCM proves that the plaintext is what was encrypted; who encrypted it, only the
signature around it does, so verify that first. Every failure inside is the same `enc.failed`.
"""

import base64
import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from saml2 import saml, xmldsig, xmlenc

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import ENCRYPTED_PREFIXES, element_of
from routeringsvoorziening.saml.encryption import DecryptionKey, Recipient
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import rsa_key_of
from routeringsvoorziening.saml.parsing import Element, decode_base64, parse, text

AES256_GCM: Final = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_PARTS: Final = [names.xenc("EncryptionMethod"), names.ds("KeyInfo"), names.xenc("CipherData")]


def encrypt_assertion(assertion: Element, recipient: Recipient) -> Element:
    """The assertion for one node, with every namespace that is in scope there."""
    plaintext = etree.tostring(assertion, encoding="UTF-8", xml_declaration=False)
    key, nonce = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)
    wrapped = xmlenc.EncryptedKey(
        encryption_method=xmlenc.EncryptionMethod(
            algorithm=names.RSA_OAEP_MGF1P, extension_elements=[xmldsig.DigestMethod(algorithm=names.SHA256)]
        ),
        key_info=xmldsig.KeyInfo(key_name=[xmldsig.KeyName(text=recipient.key_name)]),
        cipher_data=_cipher_data(rsa_key_of(recipient.certificate).encrypt(key, _oaep())),
    )
    data = xmlenc.EncryptedData(
        type=names.TYPE_ELEMENT,
        encryption_method=xmlenc.EncryptionMethod(algorithm=AES256_GCM),
        key_info=xmldsig.KeyInfo(extension_elements=[wrapped]),
        cipher_data=_cipher_data(nonce + AESGCM(key).encrypt(nonce, plaintext, None)),
    )
    return element_of(saml.EncryptedAssertion(encrypted_data=data), ENCRYPTED_PREFIXES)


def decrypt_assertion(encrypted: Element, keys: Sequence[DecryptionKey]) -> Element:
    """The element in an EncryptedAssertion that a verified signature covers; parsed, and nothing more is known of it.

    Raises:
        SamlError: `enc.structure`, `alg.forbidden`, `msg.encoding`, `enc.recipient` for the form; `enc.failed` for
            everything that goes wrong inside.
    """
    data = _only(encrypted, names.xenc("EncryptedData"))
    method, key_info, cipher = _parts(data)
    _check_method(method, AES256_GCM)
    wrapped = _only(key_info, names.xenc("EncryptedKey"))
    key_method, name_info, key_cipher = _parts(wrapped)
    _check_method(key_method, names.RSA_OAEP_MGF1P, names.SHA256)
    by_name = {key.key_name: key for key in keys}
    name = text(_only(name_info, names.ds("KeyName")))
    if name not in by_name:
        raise SamlError("enc.recipient", "not for a key of ours")
    return _opened(_value(cipher), _value(key_cipher), by_name[name])


def _opened(ciphertext: bytes, wrapped: bytes, key: DecryptionKey) -> Element:
    """What lies below may quote the plaintext in its errors, so they are dropped (S60)."""
    try:
        content_key = key.private_key.decrypt(wrapped, _oaep())
    except ValueError:
        content_key = secrets.token_bytes(_KEY_BYTES)  # failing here takes the same way as failing later (S55)
    element = None
    if len(content_key) == _KEY_BYTES and len(ciphertext) > _NONCE_BYTES + _TAG_BYTES:
        element = _parsed(ciphertext, content_key)
    if element is None:
        raise SamlError("enc.failed")
    return element


def _parsed(ciphertext: bytes, key: bytes) -> Element | None:
    try:
        return parse(AESGCM(key).decrypt(ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:], None))
    except (InvalidTag, SamlError):
        return None


def _parts(element: Element) -> list[Element]:
    children = _children(element)
    if [child.tag for child in children] != _PARTS:
        raise SamlError("enc.structure", "not a method, a key and a value")
    return children


def _check_method(method: Element, algorithm: str, digest: str | None = None) -> None:
    """One algorithm each: what eIDAS asks for, and nothing besides."""
    if method.get("Algorithm") != algorithm:
        raise SamlError("alg.forbidden", "of an EncryptedAssertion")
    parameters = [(child.tag, child.get("Algorithm")) for child in _children(method)]
    if parameters != ([] if digest is None else [(names.ds("DigestMethod"), digest)]):
        raise SamlError("alg.forbidden", "parameters of an EncryptedAssertion")


def _only(parent: Element, name: str) -> Element:
    children = _children(parent)
    if [child.tag for child in children] != [name]:
        raise SamlError("enc.structure", f"not exactly one {etree.QName(name).localname}")
    return children[0]


def _children(parent: Element) -> list[Element]:
    children = list(parent)
    if any(each is not None and each.strip() for each in (parent.text, *(child.tail for child in children))):
        raise SamlError("enc.structure", "text between the elements")
    return children


def _value(cipher_data: Element) -> bytes:
    """The bytes; a CipherReference is never followed (S58)."""
    return decode_base64(text(_only(cipher_data, names.xenc("CipherValue"))))


def _cipher_data(raw: bytes) -> xmlenc.CipherData:
    return xmlenc.CipherData(cipher_value=xmlenc.CipherValue(text=base64.b64encode(raw).decode("ascii")))


def _oaep() -> padding.OAEP:
    return padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA256(), label=None)  # noqa: S303 (rsa-oaep-mgf1p says so)
