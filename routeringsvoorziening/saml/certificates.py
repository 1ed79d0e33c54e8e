"""The rules for certificates: PKIoverheid chain, validity, strength, usage, OIN (SIG-07, SIG-08, MD-05, TLS-02).

A check for configuration and metadata, and for the peer of a TLS connection; not for every message, where `verify`
looks at the validity of the key that was checked here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from itertools import pairwise
from typing import Final, Literal, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import rsa_key_of

Usage = Literal["signing", "encryption", "tls-client", "tls-server"]
"""What a certificate is to be used for."""

ExtensionT = TypeVar("ExtensionT", bound=x509.ExtensionType)

OIN_DIGITS: Final = 20
MAXIMUM_CHAIN: Final = 4
"""Intermediates between a leaf and a root, at most."""


@dataclass(frozen=True, slots=True)
class TrustBundle:
    """Whom we trust to issue certificates.

    Args:
        roots: self-signed.
        intermediates: what parties may leave out; trusted only through a root.
        crls: revocation lists. Each counts when its issuer signed it; also past its next update, see `stale_crls`.
        oin_field: the attribute of the subject that holds the OIN (AMB-14).
    """

    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()
    crls: tuple[x509.CertificateRevocationList, ...] = ()
    oin_field: x509.ObjectIdentifier = field(default=NameOID.SERIAL_NUMBER)


def load_trust_bundle(pem: bytes) -> TrustBundle:
    """A bundle from PEM: certificates in any order, and CRLs among them. What names itself as issuer is a root.

    Raises:
        SamlError: `key.chain` when it is unreadable or has no root.
    """
    try:
        certificates = x509.load_pem_x509_certificates(pem)
        crls = tuple(x509.load_pem_x509_crl(block) for block in _crl_blocks(pem))
    except ValueError:
        raise SamlError("key.chain", "unreadable trust bundle") from None
    roots = tuple(certificate for certificate in certificates if certificate.subject == certificate.issuer)
    if not roots:
        raise SamlError("key.chain", "no root in the trust bundle")
    return TrustBundle(roots, tuple(found for found in certificates if found not in roots), crls)


def oin_of(certificate: x509.Certificate, oin_field: x509.ObjectIdentifier = NameOID.SERIAL_NUMBER) -> str | None:
    """The OIN: the one serialNumber of the subject, when that is 20 digits; otherwise None."""
    values = [str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(oin_field)]
    if len(values) != 1:
        return None
    (value,) = values
    return value if len(value) == OIN_DIGITS and value.isascii() and value.isdigit() else None


def check_certificate(
    certificate: x509.Certificate, *, trust: TrustBundle, at: datetime, oin: str | None, usage: Usage
) -> None:
    """Refuse a certificate that may not be used.

    Args:
        certificate: the leaf.
        trust: who may have issued it.
        at: aware; the whole chain must be valid then.
        oin: that must be in it; None when any will do.
        usage: what for.

    Raises:
        SamlError: `key.weak`, `key.expired`, `key.usage`, `key.chain` (detail `revoked` when it is), `oin.mismatch`.
    """
    for check in _checks(certificate, trust=trust, at=at, oin=oin, usage=usage):
        check()


def every_problem(
    certificate: x509.Certificate, *, trust: TrustBundle, at: datetime, oin: str | None, usage: Usage
) -> list[SamlError]:
    """What `check_certificate` would raise, all of it; empty when the certificate is good."""
    problems = []
    for check in _checks(certificate, trust=trust, at=at, oin=oin, usage=usage):
        try:
            check()
        except SamlError as problem:
            problems.append(problem)
    return problems


def stale_crls(trust: TrustBundle, at: datetime) -> tuple[x509.CertificateRevocationList, ...]:
    """The revocation lists that should have been renewed by now. They still count; an operator should know."""
    return tuple(crl for crl in trust.crls if crl.next_update_utc is None or crl.next_update_utc < at)


def _checks(
    certificate: x509.Certificate, *, trust: TrustBundle, at: datetime, oin: str | None, usage: Usage
) -> Iterable[Callable[[], object]]:
    return (
        partial(rsa_key_of, certificate),
        partial(check_validity, certificate, at),
        partial(check_usage, certificate, usage),
        partial(check_chain, certificate, trust, at),
        partial(check_oin, certificate, trust, oin),
    )


def check_validity(certificate: x509.Certificate, at: datetime) -> None:
    """Raises `key.expired` before the first and after the last moment of the certificate."""
    if at < certificate.not_valid_before_utc:
        raise SamlError("key.expired", "not yet valid")
    if at > certificate.not_valid_after_utc:
        raise SamlError("key.expired", "no longer valid")


def check_oin(certificate: x509.Certificate, trust: TrustBundle, oin: str | None) -> None:
    """Raises `oin.mismatch` when `oin` is given and is not the certificate's."""
    if oin is not None and oin_of(certificate, trust.oin_field) != oin:
        raise SamlError("oin.mismatch")


def check_usage(certificate: x509.Certificate, usage: Usage) -> None:
    """Raises `key.usage` for a CA, a certificate without key usage, or one whose usages do not allow this one.

    PKIoverheid issues server certificates, and parties sign with them: for signing and encryption any extended key
    usage of a communicating party will do, but not, for instance, OCSP signing or time stamping alone.
    """
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise SamlError("key.usage", "a CA certificate")
    key_usage = _extension(certificate, x509.KeyUsage)
    if key_usage is None or not any(getattr(key_usage, name) for name in _KEY_USAGES[usage]):
        raise SamlError("key.usage", f"key usage does not allow {usage}")
    extended = _extension(certificate, x509.ExtendedKeyUsage)
    if extended is not None and _EXTENDED_KEY_USAGES[usage].isdisjoint(extended):
        raise SamlError("key.usage", f"extended key usage does not allow {usage}")


_KEY_USAGES: Final[dict[Usage, tuple[str, ...]]] = {
    "signing": ("digital_signature", "content_commitment"),
    "encryption": ("key_encipherment", "data_encipherment"),
    "tls-client": ("digital_signature",),
    "tls-server": ("digital_signature",),
}
_ANY: Final = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
_PARTY: Final = frozenset(
    {
        _ANY,
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # document signing, RFC 9336
        x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # document signing, Microsoft
    }
)
_EXTENDED_KEY_USAGES: Final[dict[Usage, frozenset[x509.ObjectIdentifier]]] = {
    "signing": _PARTY,
    "encryption": _PARTY,
    "tls-client": frozenset({_ANY, ExtendedKeyUsageOID.CLIENT_AUTH}),
    "tls-server": frozenset({_ANY, ExtendedKeyUsageOID.SERVER_AUTH}),
}


def check_chain(certificate: x509.Certificate, trust: TrustBundle, at: datetime) -> None:
    """Raises `key.chain` unless a chain of valid CA certificates leads to a root and nothing in it is revoked.

    `cryptography` builds and judges the path: signatures, names, validity of every link, basic constraints, path
    length, name constraints, keyCertSign, no SHA-1. The leaf's own extensions are `check_usage`'s business.
    """
    try:
        chain = _verifier(trust.roots, at).verify(certificate, list(trust.intermediates)).chain
    except (verification.VerificationError, ValueError, UnsupportedAlgorithm):
        raise SamlError("key.chain", "no valid chain to a root") from None
    for link, issuer in pairwise(chain):
        _check_revocation(link, issuer, trust.crls)


@lru_cache(maxsize=4)
def _verifier(roots: tuple[x509.Certificate, ...], at: datetime) -> verification.ClientVerifier:
    """Kept, because metadata may hold thousands of certificates that are judged at one moment."""
    return (
        verification.PolicyBuilder()
        .store(verification.Store(list(roots)))
        .time(at)
        .max_chain_depth(MAXIMUM_CHAIN)
        .extension_policies(ca_policy=_CA_POLICY, ee_policy=verification.ExtensionPolicy.permit_all())
        .build_client_verifier()
    )


def _check_key_cert_sign(_: verification.Policy, __: x509.Certificate, key_usage: x509.KeyUsage) -> None:
    if not key_usage.key_cert_sign:
        raise ValueError("a CA without keyCertSign")


def _check_ca(_: verification.Policy, __: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise ValueError("an issuer that is no CA")


_CA_POLICY: Final = (
    verification.ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, verification.Criticality.CRITICAL, _check_ca)
    .require_present(x509.KeyUsage, verification.Criticality.AGNOSTIC, _check_key_cert_sign)
)


def _check_revocation(
    link: x509.Certificate, issuer: x509.Certificate, crls: Iterable[x509.CertificateRevocationList]
) -> None:
    key = issuer.public_key()
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
        raise SamlError("key.chain", "an issuer that is neither RSA nor ECDSA")
    for crl in crls:
        if crl.issuer != link.issuer or not crl.is_signature_valid(key):
            continue
        if crl.get_revoked_certificate_by_serial_number(link.serial_number) is not None:
            raise SamlError("key.chain", "revoked")


def _extension(certificate: x509.Certificate, kind: type[ExtensionT]) -> ExtensionT | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except ValueError:
        raise SamlError("key.usage", "unreadable extensions") from None


def _crl_blocks(pem: bytes) -> Iterator[bytes]:
    begin, end = b"-----BEGIN X509 CRL-----", b"-----END X509 CRL-----"
    for piece in pem.split(begin)[1:]:
        yield begin + piece.partition(end)[0] + end
