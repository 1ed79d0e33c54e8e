"""Certificates, private keys, sealing keys and the trust bundle: read from where the files point, and checked.

A secret is named, never written down in YAML: a path, or `env:NAME`. Nothing of it shows in a finding.
"""

import base64
import binascii
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from routeringsvoorziening.configuration.findings import Findings, Place, Severity
from routeringsvoorziening.saml.certificates import TrustBundle, Usage, every_problem, load_trust_bundle
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import SigningKey, load_signing_key

FILE_BYTES: Final = 1_048_576
"""The largest certificate, key or trust bundle file."""
SEALING_BYTES: Final = 32
SOON: Final = timedelta(days=30)
"""A certificate that ends within this time is worth a warning."""
_ENV: Final = "env:"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What every check needs besides the thing itself."""

    at: datetime
    environ: Mapping[str, str]
    findings: Findings


def read_file(
    path: Path, place: Place, findings: Findings, limit: int = FILE_BYTES, severity: Severity = Severity.ERROR
) -> bytes | None:
    """A whole file. Codes: `file.unreadable`, `file.size`."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        text = f"{place.dotted}: {path} cannot be read: {error.strerror}"
        findings.add(severity, "file.unreadable", place, text, "Check path and rights.")
        return None
    if len(data) > limit:
        findings.add(severity, "file.size", place, f"{place.dotted}: {path} is larger than {limit} bytes")
        return None
    return data


def read_secret(reference: str, directory: Path, place: Place, circumstances: Circumstances) -> bytes | None:
    """What a secret's reference points at. Codes: `secret.missing`, `secret.open` (a warning), those of `read_file`."""
    findings = circumstances.findings
    if reference.startswith(_ENV):
        name = reference.removeprefix(_ENV)
        value = circumstances.environ.get(name)
        if not value:
            findings.error("secret.missing", place, f"the environment variable {name} is not set", f"Set {name}.")
        return value.encode() if value else None
    path = directory / reference
    data = read_file(path, place, findings)
    if data is not None and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        findings.warning("secret.open", place, f"{path} can be read by others", f"chmod 600 {path}")
    return data


def read_trust(path: Path, place: Place, circumstances: Circumstances) -> TrustBundle | None:
    """The trust bundle. Code: `trust.form`."""
    data = read_file(path, place, circumstances.findings)
    if data is None:
        return None
    try:
        return load_trust_bundle(data)
    except SamlError as problem:
        text = f"{path}: {problem.detail}"
        circumstances.findings.error("trust.form", place, text, "One PEM file: roots (self-signed) and intermediates.")
        return None


def read_certificate(path: Path, place: Place, circumstances: Circumstances) -> tuple[x509.Certificate, bytes] | None:
    """The first certificate of a PEM file, with the whole file. Code: `certificate.form`."""
    data = read_file(path, place, circumstances.findings)
    if data is None:
        return None
    try:
        return x509.load_pem_x509_certificate(data), data
    except ValueError:
        circumstances.findings.error("certificate.form", place, f"{path} holds no certificate in PEM")
        return None


def check_certificate_for(
    certificate: x509.Certificate,
    place: Place,
    circumstances: Circumstances,
    *,
    trust: TrustBundle,
    oin: str,
    usages: tuple[Usage, ...],
) -> None:
    """Every rule of PKIoverheid, and whether it ends soon (SIG-07, SIG-08, TLS-02, MD-05).

    Codes: those of the wire format (`key.expired`, `key.chain`, `key.weak`, `key.usage`, `oin.mismatch`), and
    `certificate.ends-soon`.
    """
    findings, seen = circumstances.findings, set[str]()
    for usage in usages:
        for problem in every_problem(certificate, trust=trust, at=circumstances.at, oin=oin, usage=usage):
            if str(problem) not in seen:
                seen.add(str(problem))
                findings.error(problem.code, place, f"{place.dotted}: {_plain(problem)}", _MENDS.get(problem.code, ""))
    warn_of_end(certificate, place, circumstances)


def warn_of_end(certificate: x509.Certificate, place: Place, circumstances: Circumstances) -> None:
    """Code `certificate.ends-soon`: a certificate that is valid now, and not for long."""
    ends = certificate.not_valid_after_utc
    if circumstances.at <= ends < circumstances.at + SOON:
        days = (ends - circumstances.at).days
        text = f"{place.dotted}: the certificate ends in {days} days, on {ends:%Y-%m-%d}"
        circumstances.findings.warning("certificate.ends-soon", place, text, "Order its successor now.")


def signing_key(
    certificate_pem: bytes, key_pem: bytes, place: Place, circumstances: Circumstances
) -> SigningKey | None:
    """A certificate and its key, to sign with. Code: `key.weak`."""
    try:
        return load_signing_key(key_pem, certificate_pem)
    except SamlError as problem:
        text = f"{place.dotted}: {_plain(problem)}"
        circumstances.findings.error(problem.code, place, text, _MENDS.get(problem.code, ""))
        return None


def belongs_together(key_pem: bytes, certificate: x509.Certificate, place: Place, circumstances: Circumstances) -> bool:
    """Whether this is the certificate's key; if not, a finding at the key's `place`.

    Codes: `key.form`, `key.mismatch`.
    """
    try:
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        text = f"{place.dotted} holds no private key in PEM without a passphrase"
        circumstances.findings.error("key.form", place, text, "Convert it: openssl pkcs8 -topk8 -nocrypt")
        return False
    if key.public_key() != certificate.public_key():
        text = f"{place.dotted}: the private key does not belong to the certificate"
        circumstances.findings.error("key.mismatch", place, text, "Point both at the same pair.")
        return False
    return True


def sealing_bytes(raw: bytes) -> bytes | None:
    """32 bytes: as they are, or from base64; None for anything else."""
    if len(raw) == SEALING_BYTES:
        return raw
    try:
        decoded = base64.b64decode(raw.strip(), validate=True)
    except binascii.Error:
        return None
    return decoded if len(decoded) == SEALING_BYTES else None


def _plain(problem: SamlError) -> str:
    return f"{_TEXTS.get(problem.code, problem.code)}" + (f" ({problem.detail})" if problem.detail else "")


_TEXTS: Final = {
    "key.expired": "the certificate is not valid now",
    "key.chain": "the certificate does not chain to the trust bundle",
    "key.weak": "the key is not RSA of at least 2048 bits",
    "key.usage": "the certificate's key usage does not allow this",
    "oin.mismatch": "the OIN in the certificate is not the one in the entity ID",
}
_MENDS: Final = {
    "key.expired": "Put a valid certificate in its place.",
    "key.chain": "Add root and intermediates to the file under `trust:`, or use a certificate that chains to them.",
    "key.weak": "Use an RSA key of 2048 bits or more.",
    "key.usage": "Use a certificate that was made for this purpose.",
    "oin.mismatch": "Use a certificate of the same organisation as the entity ID.",
}
