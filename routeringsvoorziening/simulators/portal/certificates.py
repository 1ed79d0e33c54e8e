"""A certificate file as metadata publishes it, and the private key that belongs to it."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from routeringsvoorziening.saml.encryption import DecryptionKey
from routeringsvoorziening.saml.keys import key_name_of
from routeringsvoorziening.saml.metadata.model import KeyUse, MetadataKey


def load_certificate(path: Path) -> x509.Certificate:
    """The first certificate of a PEM file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def metadata_key(path: Path, use: KeyUse) -> MetadataKey:
    """A KeyDescriptor of a certificate file."""
    certificate = load_certificate(path)
    return MetadataKey(key_name_of(certificate), certificate, frozenset({use}))


def load_decryption_key(path: Path, key_name: str) -> DecryptionKey:
    """What opens identities, from PEM.

    Raises:
        OSError: the file cannot be read.
        TypeError: it is not RSA.
    """
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path}: not an RSA key")
    return DecryptionKey(key_name, key)
