"""What we verify with and what we sign with. Loaded once and kept: a message never costs a key its parsing again."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final

import xmlsec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from routeringsvoorziening.saml.errors import SamlError

MINIMUM_BITS: Final = 2048
MAXIMUM_BITS: Final = 8192
"""Beyond this a single verification costs more than a whole login should."""
MINIMUM_EXPONENT: Final = 65537

_KEY_NAME: Final = re.compile(r"[!-~](?:[ -~]{0,254}[!-~])?")


@lru_cache(1024)
def key_name_of(certificate: x509.Certificate) -> str:
    """Our way to name a key: SHA-256 of the DER certificate, 64 hexadecimal digits, lower case."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def rsa_key_of(certificate: x509.Certificate) -> RSAPublicKey:
    """The public key of a certificate: RSA of 2048 to 8192 bits, exponent at least 65537 (SIG-07, TLS-02).

    Raises:
        SamlError: `key.weak`.
    """
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise SamlError("key.weak", "unsupported public key") from None
    if not isinstance(key, RSAPublicKey):
        raise SamlError("key.weak", "not an RSA key")
    if not MINIMUM_BITS <= key.key_size <= MAXIMUM_BITS:
        raise SamlError("key.weak", f"RSA key of {key.key_size} bits")
    if key.public_numbers().e < MINIMUM_EXPONENT:
        raise SamlError("key.weak", "RSA exponent below 65537")
    return key


@dataclass(frozen=True)
class VerificationKey:
    """A key of another party, from verified metadata or configuration; never from a message (SIG-11).

    Args:
        key_name: as the party publishes it, compared exactly.
        certificate: holds the public key.
    """

    key_name: str
    certificate: x509.Certificate = field(repr=False)

    def __post_init__(self) -> None:
        if _KEY_NAME.fullmatch(self.key_name) is None:
            raise SamlError("keyinfo.form", "a KeyName is 1 to 256 printable ASCII characters without spaces around")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the DER certificate, lower-case hexadecimal."""
        return key_name_of(self.certificate)

    @cached_property
    def certificate_der(self) -> bytes:
        """The certificate, DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @cached_property
    def validity(self) -> tuple[datetime, datetime]:
        """First and last moment of the certificate, UTC."""
        return self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc

    @cached_property
    def public_key(self) -> RSAPublicKey:
        """What its signatures are verified with.

        Raises:
            SamlError: `key.weak`.
        """
        return rsa_key_of(self.certificate)

    @cached_property
    def xmlsec_key(self) -> Any:
        """The public key for xmlsec (`xmlsec.Key`).

        Raises:
            SamlError: `key.weak`.
        """
        pem = rsa_key_of(self.certificate).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)

    def is_valid_at(self, at: datetime) -> bool:
        """Within the certificate's validity. A question, not a check: `verify` and `check_certificate` raise."""
        first, last = self.validity
        return first <= at <= last


@dataclass(frozen=True)
class SigningKey:
    """One of our own keys, with the certificate that others know it by. The private key never shows in a repr.

    Args:
        key_name: goes into KeyInfo; must stand in our metadata.
        certificate: belongs to the private key.
        private_key: RSA.
    """

    key_name: str
    certificate: x509.Certificate = field(repr=False)
    private_key: RSAPrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        if rsa_key_of(self.certificate) != self.private_key.public_key():
            raise SamlError("key.usage", "the private key does not belong to the certificate")

    @cached_property
    def verification_key(self) -> VerificationKey:
        """What others verify our signatures with."""
        return VerificationKey(self.key_name, self.certificate)


def load_signing_key(key_pem: bytes, certificate_pem: bytes, key_name: str | None = None) -> SigningKey:
    """A signing key from PEM: an unencrypted private key, and its certificate (the first, when there are more).

    Args:
        key_pem: PKCS 8 or PKCS 1.
        certificate_pem: X.509.
        key_name: default `key_name_of` the certificate.

    Raises:
        SamlError: `key.usage` (unreadable, or not a pair), `key.weak`, `keyinfo.form`.
    """
    try:
        private_key = serialization.load_pem_private_key(key_pem, password=None)
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SamlError("key.usage", "unreadable PEM") from None
    if not isinstance(private_key, RSAPrivateKey):
        raise SamlError("key.weak", "not an RSA key")
    return SigningKey(key_name or key_name_of(certificate), certificate, private_key)
