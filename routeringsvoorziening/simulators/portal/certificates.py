"""A certificate file as metadata publishes it."""

from pathlib import Path

from cryptography import x509

from routeringsvoorziening.saml.keys import key_name_of
from routeringsvoorziening.saml.metadata.model import KeyUse, MetadataKey


def load_certificate(path: Path) -> x509.Certificate:
    """The first certificate of a PEM file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def metadata_key(path: Path, use: KeyUse) -> MetadataKey:
    """A KeyDescriptor of a certificate file."""
    certificate = load_certificate(path)
    return MetadataKey(key_name_of(certificate), certificate, frozenset({use}))
