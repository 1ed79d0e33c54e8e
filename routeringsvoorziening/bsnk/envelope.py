"""Key files as they are delivered: CMS EnvelopedData (RFC 5652) for an RSA key, AES-256-CBC and RSA-OAEP with SHA-256.

`cryptography` opens envelopes, but only those with the RSA padding of PKCS #1 v1.5; so the envelope is read here, and
what is cryptography in it is left to that library. DER only: `openssl cms -decrypt` makes a PEM of a file in BER.
"""

import os
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from routeringsvoorziening.bsnk import der
from routeringsvoorziening.bsnk.errors import BsnkError

MAX_BYTES: Final = 16_384
_RECIPIENTS: Final = 8
_KEY_BYTES: Final = 32
_BLOCK_BITS: Final = 128
_CONTEXT_0: Final = 0xA0
_CONTEXT_1: Final = 0xA1
_CONTENT: Final = 0x80

_SHA256: Final = der.write(der.SEQUENCE, der.write_oid("2.16.840.1.101.3.4.2.1"))
_SHA256_NULL: Final = der.write(der.SEQUENCE, der.write_oid("2.16.840.1.101.3.4.2.1"), der.write(der.NULL))
_ENVELOPED: Final = der.oid_bytes("1.2.840.113549.1.7.3")
_DATA: Final = der.oid_bytes("1.2.840.113549.1.7.1")
_AES_256_CBC: Final = der.oid_bytes("2.16.840.1.101.3.4.1.42")


def _oaep(sha256: bytes) -> bytes:
    """AlgorithmIdentifier of RSAES-OAEP with SHA-256 twice, in one of the two spellings of SHA-256."""
    mask = der.write(der.SEQUENCE, der.write_oid("1.2.840.113549.1.1.8"), sha256)
    parameters = der.write(der.SEQUENCE, der.write(_CONTEXT_0, sha256), der.write(_CONTEXT_1, mask))
    return der.write(der.SEQUENCE, der.write_oid("1.2.840.113549.1.1.7"), parameters)


_OAEP: Final = (_oaep(_SHA256), _oaep(_SHA256_NULL))
_PADDING: Final = OAEP(mgf=MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


def open_envelope(data: bytes, private_key: RSAPrivateKey) -> bytes:
    """What is in an envelope for the holder of this key.

    Raises:
        BsnkError: `bsnk.key-file`: of another form, with other algorithms, or for somebody else.
    """
    try:
        encrypted_keys, iv, ciphertext = _read(data)
    except BsnkError:
        raise BsnkError("bsnk.key-file") from None
    for encrypted in encrypted_keys:
        try:
            return _decrypted(private_key.decrypt(encrypted, _PADDING), iv, ciphertext)
        except ValueError:
            continue
    raise BsnkError("bsnk.key-file")


def _read(data: bytes) -> tuple[list[bytes], bytes, bytes]:
    outside = der.read(data, limit=MAX_BYTES)
    _expect(outside.content(der.OBJECT_IDENTIFIER) == _ENVELOPED)
    explicit = outside.inside(_CONTEXT_0)
    outside.finish()
    enveloped = explicit.inside()
    explicit.finish()
    enveloped.small()
    keys = _recipients(enveloped.inside(der.SET))
    content = enveloped.inside()
    enveloped.finish()
    _expect(content.content(der.OBJECT_IDENTIFIER) == _DATA)
    algorithm = content.inside()
    _expect(algorithm.content(der.OBJECT_IDENTIFIER) == _AES_256_CBC)
    iv = algorithm.content(der.OCTET_STRING)
    algorithm.finish()
    ciphertext = content.content(_CONTENT)
    content.finish()
    return keys, iv, ciphertext


def _recipients(recipients: der.Reader) -> list[bytes]:
    """The encrypted key of every recipient that is addressed with RSA-OAEP; which is ours, only trying can tell."""
    keys: list[bytes] = []
    for _ in range(_RECIPIENTS):
        if (tag := recipients.next_tag) is None:
            break
        if tag != der.SEQUENCE:
            recipients.whole(tag)
            continue
        each = recipients.inside()
        each.small()
        each.whole(each.next_tag or 0)
        algorithm = each.whole()
        encrypted = each.content(der.OCTET_STRING)
        each.finish()
        if algorithm in _OAEP:
            keys.append(encrypted)
    recipients.finish()
    return keys


def _expect(fits: bool) -> None:
    if not fits:
        raise BsnkError("bsnk.form")


def _decrypted(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    if len(key) != _KEY_BYTES:
        raise ValueError("not a key of AES-256")
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    padded = cipher.update(ciphertext) + cipher.finalize()
    unpadder = padding.PKCS7(_BLOCK_BITS).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def make_envelope(data: bytes, certificate: x509.Certificate) -> bytes:
    """An envelope for the holder of this certificate, as the BSNk sends one; for simulators and tests.

    Raises:
        TypeError: the certificate has no RSA key.
    """
    public_key = certificate.public_key()
    if not isinstance(public_key, RSAPublicKey):
        raise TypeError("the certificate has no RSA key")
    key, iv = os.urandom(_KEY_BYTES), os.urandom(16)
    padder = padding.PKCS7(_BLOCK_BITS).padder()
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    ciphertext = cipher.update(padder.update(data) + padder.finalize()) + cipher.finalize()
    holder = der.write(der.SEQUENCE, certificate.issuer.public_bytes(), der.write_integer(certificate.serial_number))
    recipient = der.write(
        der.SEQUENCE,
        der.write_integer(0),
        holder,
        _OAEP[0],
        der.write(der.OCTET_STRING, public_key.encrypt(key, _PADDING)),
    )
    algorithm = der.write(der.SEQUENCE, der.write(der.OBJECT_IDENTIFIER, _AES_256_CBC), der.write(der.OCTET_STRING, iv))
    content = der.write(
        der.SEQUENCE, der.write(der.OBJECT_IDENTIFIER, _DATA), algorithm, der.write(_CONTENT, ciphertext)
    )
    enveloped = der.write(der.SEQUENCE, der.write_integer(0), der.write(der.SET, recipient), content)
    return der.write(der.SEQUENCE, der.write(der.OBJECT_IDENTIFIER, _ENVELOPED), der.write(_CONTEXT_0, enveloped))
