"""Certificates made on the spot: an authority and leaves under it. Keys are elliptic: those of RSA are slow to make."""

import datetime as dt
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = dt.timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Issued:
    """A certificate and its key, also as PEM files."""

    certificate: x509.Certificate
    key: Key
    certificate_file: Path
    key_file: Path


class Authority:
    """A root that issues; its certificate is in `bundle`."""

    def __init__(self, directory: Path, name: str = "Test CA") -> None:
        self.directory = directory
        self.name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_named(name), _named(name), self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.certificate = builder.sign(self._key, hashes.SHA256())
        self.bundle = directory / f"{name}.pem"
        self.bundle.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(
        self,
        common_name: str,
        *,
        hosts: tuple[str, ...] = ("localhost", "127.0.0.1"),
        key: Key | None = None,
        valid: tuple[dt.datetime, dt.datetime] | None = None,
    ) -> Issued:
        """A leaf for both sides of TLS."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_named(common_name), _named(self.name), key, valid)
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(name) for name in hosts]), critical=False)
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
        certificate = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False).sign(
            self._key, hashes.SHA256()
        )
        return self._write(common_name, certificate, key)

    def _write(self, common_name: str, certificate: x509.Certificate, key: Key) -> Issued:
        certificate_file = self.directory / f"{self.name}-{common_name}.crt"
        key_file = self.directory / f"{self.name}-{common_name}.key"
        certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return Issued(certificate, key, certificate_file, key_file)


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _host(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, valid: tuple[dt.datetime, dt.datetime] | None = None
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    start, end = valid or (now - DAY, now + DAY)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
