"""The test PKI: PKIoverheid's shape, made once, kept while it is good."""

import shutil
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from routeringsvoorziening.simulators.world.files import read_pair
from routeringsvoorziening.simulators.world.pki import prepare_pki
from routeringsvoorziening.simulators.world.profile import Profile

OIN = "00000009999999999001"


def leaf(directory: Path, purpose: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((directory / "stad" / f"{purpose}.pem").read_bytes())


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    """A copy of the made world that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "world"))


@pytest.mark.eis("SIG-07", "TLS-02")
@pytest.mark.parametrize("purpose", ["signing", "encryption", "tls"])
def test_a_leaf_has_the_oin_and_a_strong_key(made: Path, purpose: str) -> None:
    """Every leaf has the party's OIN in the subject's serialNumber and an RSA key of 2048 bits."""
    certificate = leaf(made, purpose)
    assert [each.value for each in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)] == [OIN]
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048


def test_the_chain_is_root_intermediate_leaf(made: Path) -> None:
    """The trust bundle holds a self-signed root and the intermediate that issued the leaves."""
    root, intermediate = x509.load_pem_x509_certificates((made / "pki" / "trust.pem").read_bytes())
    root.verify_directly_issued_by(root)
    intermediate.verify_directly_issued_by(root)
    leaf(made, "signing").verify_directly_issued_by(intermediate)


@pytest.mark.parametrize(
    ("purpose", "signs", "enciphers"), [("signing", True, False), ("encryption", False, True), ("tls", True, True)]
)
def test_key_usage_fits_the_purpose(made: Path, purpose: str, signs: bool, enciphers: bool) -> None:
    """A signing certificate cannot encipher and an encryption certificate cannot sign."""
    usage = leaf(made, purpose).extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.key_encipherment) == (signs, enciphers)


def test_a_tls_certificate_serves_both_ends(made: Path) -> None:
    """It is a server's and a client's, for the party's hosts, with the intermediate behind it."""
    certificate = leaf(made, "tls")
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH} == set(usage)
    assert names.get_values_for_type(x509.DNSName) == ["stad.localhost"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert len(x509.load_pem_x509_certificates((made / "stad" / "tls.pem").read_bytes())) == 2


def test_private_keys_are_for_their_owner_only(made: Path) -> None:
    """Every key file has mode 0600, and nothing half-written stays behind."""
    keys = sorted(made.rglob("*.key"))
    assert len(keys) == 4
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert not list(made.rglob(".*"))


def test_a_second_run_keeps_everything(world: Path, small_profile: Profile, at: datetime) -> None:
    """What is good stays, byte for byte."""
    before = {path: path.read_bytes() for path in world.rglob("*.*")}
    again = prepare_pki(world, small_profile, at=at)
    assert [each.renewed for each in again] == [False, False, False]
    assert {path: path.read_bytes() for path in world.rglob("*.*")} == before


@pytest.mark.parametrize(("days", "renewed"), [(69, False), (71, True)])
def test_what_nearly_ends_is_renewed(
    world: Path, small_profile: Profile, at: datetime, days: int, renewed: bool
) -> None:
    """Below thirty days to live, and not before, a leaf is made again; the authority stays."""
    trust = (world / "pki" / "trust.pem").read_bytes()
    again = prepare_pki(world, small_profile, at=at + timedelta(days=days))
    assert {each.renewed for each in again} == {renewed}
    assert (world / "pki" / "trust.pem").read_bytes() == trust


def test_an_ending_authority_renews_everything(world: Path, small_profile: Profile, at: datetime) -> None:
    """When the intermediate nearly ends, the whole chain is made again."""
    trust = (world / "pki" / "trust.pem").read_bytes()
    again = prepare_pki(world, small_profile, at=at + timedelta(days=3640))
    assert all(each.renewed for each in again)
    assert (world / "pki" / "trust.pem").read_bytes() != trust


def test_force_renews_everything(world: Path, small_profile: Profile, at: datetime) -> None:
    """With force, good certificates are replaced too."""
    assert all(each.renewed for each in prepare_pki(world, small_profile, at=at, force=True))


def test_a_key_that_is_not_the_certificates_is_repaired(world: Path, small_profile: Profile, at: datetime) -> None:
    """A pair that does not belong together is made again, and only that one."""
    stad = world / "stad"
    shutil.copy(stad / "encryption.key", stad / "signing.key")
    assert read_pair(stad / "signing.pem", stad / "signing.key") is None
    again = prepare_pki(world, small_profile, at=at)
    assert [each.purpose for each in again if each.renewed] == ["signing"]
    assert read_pair(stad / "signing.pem", stad / "signing.key") is not None


@pytest.mark.parametrize("change", [{"oin": "00000009999999999002"}, {"name": "Elders"}])
def test_a_changed_party_gets_new_certificates(
    world: Path, small_profile: Profile, at: datetime, change: dict[str, str]
) -> None:
    """Another OIN or name in the profile replaces all three."""
    changed = small_profile.parties[0].model_copy(update=change)
    again = prepare_pki(world, small_profile.model_copy(update={"parties": (changed,)}), at=at)
    assert all(each.renewed for each in again)


def test_changed_hosts_only_change_tls(world: Path, small_profile: Profile, at: datetime) -> None:
    """Other hosts in the profile replace the TLS certificate alone."""
    changed = small_profile.parties[0].model_copy(update={"hosts": ("stad.localhost", "elders.localhost")})
    again = prepare_pki(world, small_profile.model_copy(update={"parties": (changed,)}), at=at)
    assert [each.purpose for each in again if each.renewed] == ["tls"]


def test_a_damaged_authority_is_made_again(world: Path, small_profile: Profile, at: datetime) -> None:
    """A trust bundle that does not hold the chain is not left standing."""
    (world / "pki" / "trust.pem").write_bytes((world / "pki" / "root.pem").read_bytes())
    assert all(each.renewed for each in prepare_pki(world, small_profile, at=at))
