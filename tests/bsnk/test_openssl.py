"""An independent witness: OpenSSL knows the curve, its key files and ECDSA, and envelopes."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from routeringsvoorziening.bsnk import der
from routeringsvoorziening.bsnk.arithmetic import Table
from routeringsvoorziening.bsnk.curve import Point
from routeringsvoorziening.bsnk.envelope import make_envelope, open_envelope
from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.bsnk.key_files import write_key_file
from routeringsvoorziening.bsnk.keys import KeyType, RecipientKey, RecipientKeys
from routeringsvoorziening.bsnk.signatures import sign_direct, verify_direct
from routeringsvoorziening.bsnk.structures import decode, encode_signed
from tests.bsnk.people import BSN, KEY_SET, OIN
from tests.bsnk.vectors import outcome

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here to be the witness")


def openssl(*words: object, given: bytes | None = None) -> bytes:
    """What openssl says."""
    ran = subprocess.run(["openssl", *map(str, words)], input=given, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout


def key_of(keys: RecipientKeys) -> RecipientKey:
    return next(key for key in keys if key.type is KeyType.IDENTITY_DECRYPTION)


def without_headers(data: bytes) -> bytes:
    """OpenSSL reads a PEM without our headers."""
    return b"\n".join(line for line in data.splitlines() if b": " not in line and line) + b"\n"


def test_key_file_and_public_key(keys: RecipientKeys) -> None:
    """OpenSSL reads a private key file of ours, and computes the same public key from its scalar."""
    key = key_of(keys)
    spki = openssl("ec", "-pubout", "-outform", "DER", given=without_headers(write_key_file(key)))
    assert b"\x2b\x24\x03\x03\x02\x08\x01\x01\x09" in spki
    assert Point.decode(spki[-81:]) == key.public.point


def test_ecdsa_of_ours(keys: RecipientKeys, tmp_path: Path) -> None:
    """OpenSSL verifies an ECDSA signature of ours."""
    key = key_of(keys)
    public, signature, message = tmp_path / "public", tmp_path / "signature", tmp_path / "message"
    public.write_bytes(openssl("ec", "-pubout", given=without_headers(write_key_file(key))))
    message.write_bytes(b"message")
    r, s = sign_direct(b"message", key.scalar)
    signature.write_bytes(der.write(der.SEQUENCE, der.write_integer(r), der.write_integer(s)))
    assert b"OK" in openssl("dgst", "-sha384", "-verify", public, "-signature", signature, message)


def test_ecdsa_of_openssl(scheme: Scheme, keys: RecipientKeys, tmp_path: Path) -> None:
    """We verify a signature that OpenSSL made over a DEI, and not with another key."""
    found = decode(scheme.direct_encrypted_identity(BSN, OIN, KEY_SET))
    key = key_of(keys)
    private, message = tmp_path / "private", tmp_path / "message"
    private.write_bytes(without_headers(write_key_file(key)))
    message.write_bytes(found.signed_part)
    values = der.read(openssl("dgst", "-sha384", "-sign", private, message), limit=200)
    signed = decode(encode_signed(found.form, found.signed_part, values.integer(), values.integer()))
    assert outcome(verify_direct, signed, Table(key.public.point)) == "ok"
    assert outcome(verify_direct, found, Table(key.public.point)) == "bsnk.signature"


@pytest.fixture(scope="module")
def holder() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """An RSA key and its certificate."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Holder")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5, now, now + timedelta(days=1))
    return key, builder.sign(key, hashes.SHA256())


OAEP = ("-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256")


def test_envelope_of_ours(holder, tmp_path: Path) -> None:
    """OpenSSL opens an envelope of ours."""
    key, certificate = holder
    private, envelope = tmp_path / "private", tmp_path / "envelope"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    envelope.write_bytes(make_envelope(b"content", certificate))
    words = ("cms", "-decrypt", "-inform", "DER", "-in", envelope, "-inkey", private)
    assert openssl(*words) == b"content"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("-aes-256-cbc", *OAEP), "ok"),
        (("-aes-128-cbc", *OAEP), "bsnk.key-file"),
        (("-aes-256-cbc",), "bsnk.key-file"),
        (("-aes-256-cbc", "-stream", *OAEP), "bsnk.key-file"),
    ],
)
def test_envelope_of_openssl(holder, tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    """We open one with AES-256-CBC and RSA-OAEP with SHA-256 in DER, and no other."""
    key, certificate = holder
    file = tmp_path / "certificate"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    cipher, *rest = words
    made = openssl(
        "cms", "-encrypt", "-binary", "-outform", "DER", cipher, "-recip", file, *rest, given=b"content\n" * 40
    )
    assert outcome(open_envelope, made, key) == code
    if code == "ok":
        assert open_envelope(made, key) == b"content\n" * 40
