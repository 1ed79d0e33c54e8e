"""Keys and certificates on disk: whole or not at all, private keys for their owner only."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from routeringsvoorziening.simulators.world.authority import KeyPair

PRIVATE: Final = 0o600
PUBLIC: Final = 0o644


def write_atomically(path: Path, data: bytes, mode: int = PUBLIC) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part. Makes the directory when needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def certificates_pem(certificates: Sequence[x509.Certificate]) -> bytes:
    """Certificates in PEM, one after the other."""
    return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)


def key_pem(key: rsa.RSAPrivateKey) -> bytes:
    """A private key in PKCS #8 PEM, without a passphrase."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_pair(certificate_path: Path, key_path: Path) -> KeyPair | None:
    """A certificate and its key, or None when either is missing, unreadable, or not the other's."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
    except (OSError, ValueError):
        return None
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != certificate.public_key():
        return None
    return KeyPair(certificate, key)


def write_pair(
    certificate_path: Path, key_path: Path, chain: Sequence[x509.Certificate], key: rsa.RSAPrivateKey
) -> None:
    """Write a key and the certificate with what stands behind it."""
    write_atomically(key_path, key_pem(key), PRIVATE)
    write_atomically(certificate_path, certificates_pem(chain))
