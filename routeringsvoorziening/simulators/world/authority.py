"""A test certificate authority: root, intermediate, and leaves as PKIoverheid writes them.

What matters to the koppelvlak is the OIN in the subject's serialNumber, an RSA key of 2048 bits and the key usages
(SIG-07, TLS-02). The root's private key is never kept: with the intermediate's key every leaf can be made again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from routeringsvoorziening.simulators.world.layout import Purpose
from routeringsvoorziening.simulators.world.profile import AuthorityProfile, PartyProfile, is_address

KEY_BITS: Final = 2048
BACKDATE: Final = timedelta(minutes=10)
"""Certificates begin in the past, so that a peer whose clock is slow accepts them at once."""

_USAGES: Final = {
    "digital_signature": False,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}
_LEAF_USAGES: Final[dict[Purpose, dict[str, bool]]] = {
    "signing": {"digital_signature": True},
    "encryption": {"key_encipherment": True, "data_encipherment": True},
    "tls": {"digital_signature": True, "key_encipherment": True},
}


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Authority:
    """What leaves are made with, and what they are trusted by."""

    root: x509.Certificate
    intermediate: KeyPair


def new_key(bits: int = KEY_BITS) -> rsa.RSAPrivateKey:
    """A fresh RSA key; about 0.1 s for 2048 bits."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def new_authority(profile: AuthorityProfile, at: datetime) -> Authority:
    """A new root and intermediate, valid from now for the profile's days."""
    root = _certify_root(profile, at)
    key = new_key()
    builder = _builder(_authority_name(profile, profile.intermediate), key, root, at, profile.days)
    builder = _as_authority(builder, path_length=0)
    return Authority(root.certificate, KeyPair(builder.sign(root.key, SHA256()), key))


def issue(
    authority: Authority,
    party: PartyProfile,
    purpose: Purpose,
    *,
    at: datetime,
    days: int,
    key: rsa.RSAPrivateKey | None = None,
) -> KeyPair:
    """A new leaf for one purpose of a party, of at most the intermediate's own life; with a fresh key unless given."""
    key = key or new_key()
    builder = _builder(subject_of(party, purpose), key, authority.intermediate, at, days)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(**_LEAF_USAGES[purpose]), critical=True)
    if purpose == "tls":
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        builder = builder.add_extension(alternative_names(party), critical=False)
    return KeyPair(builder.sign(authority.intermediate.key, SHA256()), key)


def subject_of(party: PartyProfile, purpose: Purpose) -> x509.Name:
    """The subject of a leaf: the OIN stands in serialNumber."""
    common_name = party.hosts[0] if purpose == "tls" else f"{party.name} {purpose}"[:64]
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, party.name),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, party.oin),
        ]
    )


def alternative_names(party: PartyProfile) -> x509.SubjectAlternativeName:
    """The hosts of a party: names and addresses."""
    return x509.SubjectAlternativeName(
        [x509.IPAddress(ip_address(host)) if is_address(host) else x509.DNSName(host) for host in party.hosts]
    )


def _certify_root(profile: AuthorityProfile, at: datetime) -> KeyPair:
    key = new_key()
    name = _authority_name(profile, profile.root)
    begin, end = _validity(at, profile.days)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begin, end)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return KeyPair(_as_authority(builder, path_length=1).sign(key, SHA256()), key)


def _authority_name(profile: AuthorityProfile, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, profile.organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _validity(at: datetime, days: int) -> tuple[datetime, datetime]:
    begin = at.replace(microsecond=0) - BACKDATE
    return begin, begin + timedelta(days=days)


def _builder(
    subject: x509.Name, key: rsa.RSAPrivateKey, issuer: KeyPair, at: datetime, days: int
) -> x509.CertificateBuilder:
    begin, end = _validity(at, days)
    name, above = issuer.certificate.subject, issuer.key.public_key()
    builder = x509.CertificateBuilder(
        name,
        subject,
        key.public_key(),
        x509.random_serial_number(),
        begin,
        min(end, issuer.certificate.not_valid_after_utc),
    )
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)


def _as_authority(builder: x509.CertificateBuilder, *, path_length: int) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    return builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)


def _usage(**granted: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**{**_USAGES, **granted})
