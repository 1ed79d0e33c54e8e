"""Keys and certificates of our own: whose, whether they fit, and until when."""

import base64
import os
import shutil
from datetime import timedelta

import pytest

from routeringsvoorziening.configuration.findings import Severity
from routeringsvoorziening.configuration.keys import sealing_bytes
from routeringsvoorziening.simulators.world.layout import DIGID, PORTAL, RV
from tests.support.pki import pki, rsa_key

SIGNING = "own.signing[0]"


def put(room, purpose: str, pair) -> None:
    """Another certificate and key in the place of ours."""
    files = room.world.files(RV)
    files.certificate(purpose).write_bytes(pair.certificate_pem)
    files.key(purpose).write_bytes(pair.key_pem)


def trust(room, *pems: bytes) -> None:
    """More in the trust bundle."""
    with room.world.trust_bundle.open("ab") as bundle:
        bundle.writelines(pems)


def errors(room) -> set[tuple[str, str]]:
    return {(each.code, each.place.dotted) for each in room.inspect().findings if each.severity is Severity.ERROR}


@pytest.mark.eis("SIG-07")
def test_a_certificate_of_another_oin_is_refused(room) -> None:
    """The OIN in the certificate is the one in the entity ID."""
    own, other = room.world.files(RV), room.world.files(PORTAL)
    shutil.copy(other.certificate("signing"), own.certificate("signing"))
    shutil.copy(other.key("signing"), own.key("signing"))
    assert errors(room) == {("oin.mismatch", SIGNING)}


@pytest.mark.eis("SIG-08")
def test_a_certificate_under_another_root_is_refused(room) -> None:
    """Only the trust bundle's roots count; with that root in it, the certificate is good."""
    put(room, "signing", pki("other").issue(RV.oin))
    assert errors(room) == {("key.chain", SIGNING)}
    trust(room, pki("other").trust_pem)
    assert errors(room) == set()


@pytest.mark.eis("SIG-08")
@pytest.mark.parametrize(("days", "codes"), [(364, set()), (366, {"key.expired", "key.chain"})])
def test_an_expired_certificate_is_refused(room, days, codes) -> None:
    """At the moment of checking, not of making."""
    room.at += timedelta(days=days)
    found = {code for code, path in errors(room) if path == SIGNING}
    assert found == codes


@pytest.mark.parametrize(("left", "warned"), [(31, False), (29, True)])
def test_a_certificate_that_ends_soon_is_a_warning(room, left, warned) -> None:
    """Less than thirty days to go."""
    room.at += timedelta(days=365 - left)
    found = [each for each in room.inspect().findings if each.code == "certificate.ends-soon"]
    assert any(each.place.dotted == SIGNING for each in found) == warned
    assert {each.severity for each in found} <= {Severity.WARNING}


@pytest.mark.eis("SIG-07", "TLS-02")
def test_a_weak_key_is_refused(room) -> None:
    """RSA of 1024 bits, for messages and for TLS."""
    trust(room, pki().trust_pem)
    weak = rsa_key("weak", 1024)
    put(room, "signing", pki().issue(RV.oin, key=weak))
    put(room, "tls", pki().issue(RV.oin, "tls", key=weak))
    assert {("key.weak", SIGNING), ("key.weak", "own.tls")} <= errors(room)


@pytest.mark.eis("SIG-07")
def test_a_certificate_that_may_not_sign_is_refused(room) -> None:
    """An encryption certificate in the place of the signing one."""
    files = room.world.files(RV)
    shutil.copy(files.certificate("encryption"), files.certificate("signing"))
    shutil.copy(files.key("encryption"), files.key("signing"))
    assert errors(room) == {("key.usage", SIGNING)}


def test_a_key_of_another_certificate_is_refused(room) -> None:
    """Key and certificate are a pair."""
    files = room.world.files(RV)
    shutil.copy(files.key("tls"), files.key("signing"))
    assert errors(room) == {("key.mismatch", f"{SIGNING}.key")}


@pytest.mark.parametrize(
    ("name", "content", "code", "path"),
    [
        ("rv/signing.key", b"no key", "key.form", f"{SIGNING}.key"),
        ("rv/signing.pem", b"no certificate", "certificate.form", f"{SIGNING}.certificate"),
        ("rv/tls.key", b"", "key.form", "own.tls.key"),
        ("rv/encryption.pem", b"", "certificate.form", "own.encryption"),
        ("pki/trust.pem", b"no bundle", "trust.form", "trust"),
        ("rv/signing.key", None, "file.unreadable", f"{SIGNING}.key"),
        ("rv/tls.pem", None, "file.unreadable", "own.tls.certificate"),
        ("pki/trust.pem", None, "file.unreadable", "trust"),
        ("rv/signing.pem", b"#" * 1_048_577, "file.size", f"{SIGNING}.certificate"),
    ],
)
def test_a_file_that_is_not_what_it_should_be(room, name, content, code, path) -> None:
    """Missing, empty, too large or something else."""
    file = room.world.directory / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
        file.chmod(0o600)
    assert errors(room) == {(code, path)}


def test_a_key_that_others_can_read_is_a_warning(room) -> None:
    """Mode 0600, or a word about it."""
    room.world.files(RV).key("signing").chmod(0o640)
    finding = room.only()
    assert (finding.code, finding.severity, finding.place.dotted) == ("secret.open", Severity.WARNING, f"{SIGNING}.key")


def test_a_key_may_come_from_the_environment(room) -> None:
    """`env:NAME` instead of a path."""
    pem = room.world.files(RV).key("signing").read_text()
    line = room.replace("key: ${world}/rv/signing.key", "key: env:RV_SIGNING_KEY")
    assert room.inspect(environ={"RV_SIGNING_KEY": pem}).findings == ()
    finding = room.only()
    assert (finding.code, finding.place.line, finding.place.dotted) == ("secret.missing", line, f"{SIGNING}.key")


def test_two_signing_keys_for_a_rollover(room) -> None:
    """The first one signs; both are there."""
    trust(room, pki().trust_pem)
    fresh = pki().issue(RV.oin)
    directory = room.world.directory / "rv"
    (directory / "next.pem").write_bytes(fresh.certificate_pem)
    (directory / "next.key").write_bytes(fresh.key_pem)
    (directory / "next.key").chmod(0o600)
    room.replace("  tls:  ", "    - {certificate: '${world}/rv/next.pem', key: '${world}/rv/next.key'}\n  tls:  ")
    signing = room.inspect().configuration.own.signing
    assert [key.certificate == fresh.certificate for key in signing] == [False, True]


@pytest.mark.parametrize(
    ("raw", "good"),
    [
        (bytes(32), True),
        (base64.b64encode(bytes(range(32))), True),
        (base64.b64encode(bytes(range(32))) + b"\n", True),
        (bytes(31), False),
        (bytes(33), False),
        (base64.b64encode(bytes(16)), False),
        (b"not base64!", False),
        (b"", False),
    ],
)
def test_a_sealing_key_is_32_bytes(raw, good) -> None:
    """As they are, or in base64; nothing else."""
    assert (sealing_bytes(raw) is not None) == good


def test_sealing_keys_are_read_in_order(room) -> None:
    """The first one seals."""
    room.replace("  url: memory://", "  sealing_keys: [{id: b, key: env:B}, {id: a, key: env:A}]")
    keys = {name: base64.b64encode(os.urandom(32)).decode() for name in "AB"}
    configuration = room.inspect(environ=keys).configuration
    assert [(each.id, base64.b64encode(each.key).decode()) for each in configuration.store.sealing_keys] == [
        ("b", keys["B"]),
        ("a", keys["A"]),
    ]


@pytest.mark.parametrize(
    ("store", "environ", "code", "path"),
    [
        ("sealing_keys: [{id: a, key: env:A}]", {"A": "c2hvcnQ="}, "sealing.size", "store.sealing_keys[0]"),
        ("sealing_keys: [{id: a, key: env:A}]", {}, "secret.missing", "store.sealing_keys[0]"),
        (
            "sealing_keys: [{id: a, key: env:A}, {id: a, key: env:A}]",
            {"A": "A" * 32},
            "sealing.duplicate",
            "store.sealing_keys[1]",
        ),
        ("url: redis://localhost", {}, "sealing.missing", "store"),
        ("url: http://localhost", {}, "store.url", "store.url"),
        ("url: redis://:geheim@localhost", {}, "store.password", "store.url"),
        ("url: env:STORE", {}, "secret.missing", "store.url"),
    ],
)
def test_a_mistake_in_the_store(room, store, environ, code, path) -> None:
    """Sealing keys of the wrong size, twice the same id, none where state leaves the process, odd addresses."""
    room.replace("  url: memory://", f"  {store}")
    finding = room.only(environ=environ)
    assert (finding.code, finding.place.dotted, finding.severity) == (code, path, Severity.ERROR)
    assert "geheim" not in finding.text + finding.mend


def test_a_store_outside_the_process(room) -> None:
    """The twin: an address from the environment, and a sealing key."""
    room.replace("  url: memory://", "  url: env:STORE\n  sealing_keys: [{id: a, key: env:A}]")
    environ = {"STORE": "rediss://:geheim@redis.example.nl/0", "A": "A" * 32}
    assert room.inspect(environ=environ).configuration.store.url == environ["STORE"]


@pytest.mark.parametrize(("name", "codes"), [("audit.jsonl", []), ("nowhere/audit.jsonl", ["audit.unwritable"])])
def test_the_audit_trail_can_be_written(room, name, codes) -> None:
    """Its directory exists."""
    room.add(f"audit:\n  file: {name}\n")
    assert [each.code for each in room.inspect().findings] == codes


def test_the_audit_trail_is_a_file(room) -> None:
    """A directory is not."""
    line = room.add("audit:\n  file: .\n") + 1
    finding = room.only()
    assert (finding.code, finding.place.line) == ("audit.unwritable", line)


def test_a_front_channel_certificate_needs_no_oin(room) -> None:
    """Browsers know other authorities; a pair that is valid will do."""
    files = room.world.files(DIGID)
    pair = f"  tls: {{certificate: {files.certificate('tls')}, key: {files.key('tls')}}}\n"
    room.replace("front_channel:\n", "front_channel:\n" + pair)
    inspection = room.inspect()
    assert inspection.findings == ()
    assert inspection.configuration.front_channel.tls.key_file == files.key("tls")


def test_an_expired_front_channel_certificate_is_refused(room) -> None:
    """Even though its authority is not ours to judge."""
    trust(room, pki().trust_pem)
    old = pki().issue("00000001000000000000", "tls", not_after=room.at - timedelta(days=1))
    directory = room.world.directory
    (directory / "front.pem").write_bytes(old.certificate_pem)
    (directory / "front.key").write_bytes(old.key_pem)
    (directory / "front.key").chmod(0o600)
    pair = f"  tls: {{certificate: {directory / 'front.pem'}, key: {directory / 'front.key'}}}\n"
    room.replace("front_channel:\n", "front_channel:\n" + pair)
    assert errors(room) == {("key.expired", "front_channel.tls")}
