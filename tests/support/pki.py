"""A PKI for tests, in memory: root, intermediate, and leaves with an OIN. Keys are made once per process."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOT_BEFORE: Final = datetime(2020, 1, 1, tzinfo=UTC)
NOT_AFTER: Final = datetime(2049, 1, 1, tzinfo=UTC)
USAGES: Final = {
    "signing": {"digital_signature"},
    "encryption": {"key_encipherment", "data_encipherment"},
    "tls": {"digital_signature", "key_encipherment"},
    "authority": {"key_cert_sign", "crl_sign"},
}
ALL_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def certificate_der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        """The private key in PKCS #8 PEM."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def key_name(self) -> str:
        """SHA-256 of the certificate in hex: the KeyName by default."""
        return self.certificate.fingerprint(SHA256()).hex()


@cache
def rsa_key(label: str, bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """The key of that label; the same one for as long as the process lives."""
    return rsa.generate_private_key(exponent, bits)


@cache
def ec_key(label: str) -> ec.EllipticCurvePrivateKey:
    """An elliptic curve key, for what must be refused."""
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str, oin: str | None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    return x509.Name(parts + ([x509.NameAttribute(NameOID.SERIAL_NUMBER, oin)] if oin else []))


def _usage(*granted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in granted for name in ALL_USAGES})


def _authority(label: str, issuer: Pair | None, length: int) -> Pair:
    key = rsa_key(f"authority {label}")
    name = _name(label, None)
    above = issuer.certificate.subject if issuer else name
    builder = x509.CertificateBuilder(above, name, key.public_key(), x509.random_serial_number(), NOT_BEFORE, NOT_AFTER)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=length), critical=True)
    builder = builder.add_extension(_usage(*USAGES["authority"]), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    signer = issuer.key if issuer else key
    aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = builder.add_extension(aki, critical=False)
    return Pair(builder.sign(signer, SHA256()), key)


@dataclass(frozen=True, slots=True)
class TestPki:
    """A root and an intermediate that issue leaves."""

    __test__ = False
    root: Pair
    intermediate: Pair

    @property
    def trust_pem(self) -> bytes:
        """Root and intermediate: what a trust bundle holds."""
        return self.root.certificate_pem + self.intermediate.certificate_pem

    def issue(
        self,
        oin: str | None,
        purpose: str = "signing",
        *,
        label: str = "",
        key: rsa.RSAPrivateKey | None = None,
        not_before: datetime = NOT_BEFORE,
        not_after: datetime = NOT_AFTER,
        hosts: tuple[str, ...] = ("localhost",),
        usages: set[str] | None = None,
        issuer: Pair | None = None,
    ) -> Pair:
        """A leaf; its key is that of the label, so that two calls with one label share a key."""
        key = key or rsa_key(f"{oin} {purpose} {label}")
        signer = issuer or self.intermediate
        builder = x509.CertificateBuilder(
            signer.certificate.subject,
            _name(f"test {purpose} {label}".strip(), oin),
            key.public_key(),
            x509.random_serial_number(),
            not_before,
            not_after,
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(*(usages or USAGES[purpose])), critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
        builder = builder.add_extension(aki, critical=False)
        if purpose == "tls":
            extended = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return Pair(builder.sign(signer.key, SHA256()), key)


@cache
def pki(label: str = "trusted") -> TestPki:
    """The PKI of that label; `trusted` is the one that tests put in a trust bundle."""
    root = _authority(f"{label} root", None, 1)
    return TestPki(root, _authority(f"{label} intermediate", root, 0))


def leaf(oin: str, purpose: str = "signing", label: str = "") -> Pair:
    """An ordinary leaf of the trusted PKI, made once."""
    return _leaf(oin, purpose, label)


@cache
def _leaf(oin: str, purpose: str, label: str) -> Pair:
    return pki().issue(oin, purpose, label=label)
