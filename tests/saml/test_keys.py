"""Keys: loaded once, strong, and never shown."""

import hashlib
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from routeringsvoorziening.saml.keys import SigningKey, VerificationKey, key_name_of, load_signing_key, rsa_key_of
from tests.support.pki import NOT_AFTER, NOT_BEFORE, ec_key, leaf, pki, rsa_key
from tests.support.signed import OIN, refused, signing_key


def test_a_key_is_named_by_its_certificate() -> None:
    """SHA-256 of the DER certificate, 64 hexadecimal digits, lower case."""
    pair = leaf(OIN)
    assert key_name_of(pair.certificate) == hashlib.sha256(pair.certificate_der).hexdigest()
    assert VerificationKey("name", pair.certificate).fingerprint == key_name_of(pair.certificate)


def test_loads_a_signing_key_from_pem() -> None:
    """Under its own name unless another is given."""
    pair = leaf(OIN)
    key = load_signing_key(pair.key_pem, pair.certificate_pem)
    assert key.key_name == pair.key_name
    assert load_signing_key(pair.key_pem, pair.certificate_pem, "mine").verification_key.key_name == "mine"
    assert key.verification_key.certificate_der == pair.certificate_der


@pytest.mark.parametrize(("key", "certificate"), [(b"", None), (None, b""), (b"nonsense", None), (None, b"nonsense")])
def test_refuses_unreadable_pem(key: bytes | None, certificate: bytes | None) -> None:
    """Without repeating a byte of it."""
    pair = leaf(OIN)
    with refused("key.usage") as info:
        load_signing_key(
            pair.key_pem if key is None else key, pair.certificate_pem if certificate is None else certificate
        )
    assert info.value.detail == "unreadable PEM"


def test_refuses_an_encrypted_private_key() -> None:
    """There is nobody to ask for a password."""
    pair = leaf(OIN)
    pem = pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    with refused("key.usage"):
        load_signing_key(pem, pair.certificate_pem)


def test_refuses_a_key_that_does_not_belong_to_the_certificate() -> None:
    """A mix-up at configuration time, found at configuration time."""
    with refused("key.usage"):
        load_signing_key(leaf(OIN, label="other").key_pem, leaf(OIN).certificate_pem)


@pytest.mark.eis("SIG-07")
@pytest.mark.attack("S26")
@pytest.mark.parametrize(("bits", "exponent"), [(1024, 65537), (2047, 65537), (2048, 3)])
def test_refuses_weak_rsa(bits: int, exponent: int) -> None:
    """Below 2048 bits, or with a small exponent; also as a signing key of our own."""
    pair = pki().issue(OIN, key=rsa_key("weak", bits, exponent))
    with refused("key.weak"):
        rsa_key_of(pair.certificate)
    with refused("key.weak"):
        _ = VerificationKey("weak", pair.certificate).xmlsec_key
    with refused("key.weak"):
        SigningKey("weak", pair.certificate, pair.key)


@pytest.mark.eis("SIG-01", "SIG-07")
@pytest.mark.attack("S26")
def test_refuses_elliptic_curves() -> None:
    """The koppelvlak signs with RSA only."""
    pair = pki().issue(OIN, key=ec_key("curve"))  # type: ignore[arg-type]
    with refused("key.weak"):
        rsa_key_of(pair.certificate)
    with refused("key.weak"):
        load_signing_key(pair.key_pem, pair.certificate_pem)


@pytest.mark.eis("SIG-07")
def test_accepts_rsa_of_2048_bits() -> None:
    """The positive twin."""
    assert rsa_key_of(leaf(OIN).certificate).key_size == 2048
    assert VerificationKey("good", leaf(OIN).certificate).xmlsec_key is not None


def test_a_key_is_loaded_once() -> None:
    """The next message finds it ready."""
    key = VerificationKey("once", leaf(OIN).certificate)
    assert key.xmlsec_key is key.xmlsec_key


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a" * 257, "\u00e9", "a\x00"])
def test_refuses_a_key_name_that_cannot_be_compared_as_text(name: str) -> None:
    """Printable ASCII without spaces around, 1 to 256 characters."""
    assert VerificationKey("a b" + "c" * 253, leaf(OIN).certificate).key_name.endswith("c")
    with refused("keyinfo.form"):
        VerificationKey(name, leaf(OIN).certificate)


def test_knows_when_its_certificate_is_valid() -> None:
    """First and last moment included."""
    key = VerificationKey("times", leaf(OIN).certificate)
    moments = (NOT_BEFORE - timedelta(seconds=1), NOT_BEFORE, NOT_AFTER, NOT_AFTER + timedelta(seconds=1))
    assert [key.is_valid_at(moment) for moment in moments] == [False, True, True, False]


def test_keys_compare_by_value_and_keep_their_secrets() -> None:
    """Equal keys are one in a set; a repr has a name and nothing more."""
    assert {signing_key(), signing_key()} == {signing_key()}
    key = signing_key()
    assert repr(key) == f"SigningKey(key_name='{key.key_name}')"
    assert repr(key.verification_key) == f"VerificationKey(key_name='{key.key_name}')"
