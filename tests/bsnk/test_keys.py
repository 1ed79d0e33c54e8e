"""Rings of keys, and key files."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.bsnk.curve import GENERATOR, N
from routeringsvoorziening.bsnk.errors import CODES, BsnkError
from routeringsvoorziening.bsnk.issuing import Minting, Scheme
from routeringsvoorziening.bsnk.key_files import (
    diversifier_of,
    read_key_file,
    read_key_files,
    read_scheme_keys,
    write_key_file,
)
from routeringsvoorziening.bsnk.keys import KeyType, RecipientKey, RecipientKeys, SchemeKeys, scheme_keys_of, urns_of
from routeringsvoorziening.bsnk.pem import read_pem, write_pem
from routeringsvoorziening.bsnk.structures import Signature
from tests.bsnk.people import BSN, DIVERSIFIER, KEY_SET, LATER_KEY_SET, OIN, OTHER_OIN
from tests.bsnk.vectors import outcome

KEY = RecipientKey(KeyType.DIRECT_RECEIVING, OIN, 3, KEY_SET, 12345, DIVERSIFIER)
TEXT = write_key_file(KEY)


def test_errors_have_a_text_each() -> None:
    """One code, one text, and no code that is not in the table."""
    assert str(BsnkError("bsnk.point")) == f"bsnk.point: {CODES['bsnk.point']}"
    with pytest.raises(ValueError, match="not a code"):
        BsnkError("bsnk.other")


def test_every_key_of_a_recipient_comes_back(keys: RecipientKeys) -> None:
    """Written and read."""
    assert len(keys) == 5
    for key in keys:
        again = read_key_file(write_key_file(key))
        assert again == key
        assert again.public.point == key.public.point


def test_every_key_of_a_migration_comes_back(scheme: Scheme) -> None:
    """Both halves, with and without a diversifier."""
    for diversifier in ((), DIVERSIFIER):
        for half in scheme.migration_keys((OIN, 1), (OTHER_OIN, 2), diversifier=diversifier):
            assert read_key_file(write_key_file(half)) == half


def test_every_key_of_the_scheme_comes_back(scheme: Scheme) -> None:
    """As PEM, and as base64 under a URN, compressed or not."""
    for key in scheme.public_keys:
        again = read_key_file(write_key_file(key))
        assert (again, again.public.point) == (key, key.public.point)
    points = urns_of(scheme.public_keys, "TEST")
    assert set(points) == {f"urn:nl-gdi-eid:1.0:pp-key:TEST:1:{name}:1" for name in ("IP_P", "PP_P", "U")}
    assert urns_of(scheme_keys_of(points), "TEST") == points


def test_files_are_sorted_by_what_they_are(scheme: Scheme, keys: RecipientKeys, tmp_path: Path) -> None:
    """Recipient's, scheme's and migration's keys, in whatever order."""
    found = [*keys, *scheme.public_keys, *scheme.migration_keys((OIN, 1), (OTHER_OIN, 2))]
    for number, key in enumerate(found):
        (tmp_path / f"{number}.pem").write_bytes(write_key_file(key))
    recipient, public, migration = read_key_files(sorted(tmp_path.iterdir()))
    assert (len(recipient), len(public), len(migration)) == (5, 3, 2)


def test_scheme_keys_in_a_file(scheme: Scheme, tmp_path: Path) -> None:
    """JSON of URNs, or the PEM of one; no private key."""
    scheme.save(tmp_path)
    assert len(read_scheme_keys(tmp_path / "scheme-keys.json")) == 3
    one = next(iter(scheme.public_keys))
    (tmp_path / "one.pem").write_bytes(write_key_file(one))
    assert len(read_scheme_keys(tmp_path / "one.pem")) == 1
    for name, content in (
        ("private", TEXT),
        ("json", b"{"),
        ("list", b'{"a": 1}'),
        ("deep", b'{"a":' + b"[" * 15_000),
        ("empty", b""),
    ):
        (tmp_path / name).write_bytes(content)
        assert outcome(read_scheme_keys, tmp_path / name) == "bsnk.key-file"


@pytest.mark.parametrize(
    "urn",
    [
        "",
        "urn:nl-gdi-eid:1.0:pp-key:TEST:1:IP_P",
        "urn:nl-gdi-eid:1.0:pp-key:TEST:1:IP_P:1:1",
        "urn:nl-gdi-eid:1.0:pp-key:TEST:1:ip_p:1",
        "urn:nl-gdi-eid:1.0:pp-key:TEST:x:IP_P:1",
        "urn:nl-gdi-eid:1.0:pp-key:TEST:1:IP_P:-1",
        "urn:nl-gdi-eid:2.0:pp-key:TEST:1:IP_P:1",
    ],
)
def test_urns_of_another_form(scheme: Scheme, urn: str) -> None:
    """Eight parts, known names, versions in digits."""
    point = next(iter(urns_of(scheme.public_keys, "TEST").values()))
    assert outcome(scheme_keys_of, {"urn:nl-gdi-eid:1.0:pp-key:TEST:1:IP_P:1": point}) == "ok"
    assert outcome(scheme_keys_of, {urn: point}) == "bsnk.key-file"


@pytest.mark.parametrize("scalar", [0, -1, N, N + 1])
def test_scalars_out_of_range(scalar: int) -> None:
    """1 to the order."""
    assert outcome(RecipientKey, KeyType.PSEUDONYM_CLOSING, OIN, 1, KEY_SET, scalar) == "bsnk.key-file"


def test_two_keys_for_one_purpose() -> None:
    """The same one twice is fine, another one is not."""
    assert len(RecipientKeys([KEY, KEY])) == 1
    assert outcome(RecipientKeys, [KEY, replace(KEY, scalar=99)]) == "bsnk.key-file"


def test_two_scheme_keys_for_one_purpose(scheme: Scheme) -> None:
    """Idem."""
    first, second = list(scheme.public_keys)[:2]
    assert len(SchemeKeys([first, first])) == 1
    assert outcome(SchemeKeys, [first, replace(first, public=second.public)]) == "bsnk.key-file"


def test_private_keys_do_not_show(scheme: Scheme) -> None:
    """In no repr."""
    assert "12345" not in repr(KEY)
    assert str(scheme.identity_master) not in repr(scheme)
    assert str(scheme.migration_keys((OIN, 1), (OTHER_OIN, 2))[0].scalar) not in repr(scheme.migration_keys)


CHANGES = {
    "unknown type": (b"Type: DRKi", b"Type: Other"),
    "no type": (b"Type: DRKi\n", b""),
    "type twice": (b"Type: DRKi", b"Type: DRKi\nType: DRKi"),
    "type of a public key": (b"Type: DRKi", b"Type: U"),
    "another scheme version": (b"SchemeVersion: 1", b"SchemeVersion: 2"),
    "no scheme version": (b"SchemeVersion: 1\n", b""),
    "small letters": (b"SchemeVersion", b"schemeversion"),
    "no scheme key set": (b"SchemeKeySetVersion: 3\n", b""),
    "key set of letters": (b"SchemeKeySetVersion: 3", b"SchemeKeySetVersion: x"),
    "no recipient": (b"Recipient: " + OIN.encode() + b"\n", b""),
    "recipient of nineteen digits": (OIN.encode(), OIN[1:].encode()),
    "no recipient key set": (b"RecipientKeySetVersion: 20260101\n", b""),
    "diversifier without value": (b"Role=Company", b"Role="),
    "diversifier twice": (b"Role=Company", b"Group=Company"),
    "diversifier of three": (b"Role=Company", b"Role=Com=pany"),
    "no empty line": (b"\n\n", b"\n"),
    "a header without name": (b"Type: DRKi", b": DRKi"),
    "another label": (b"EC PRIVATE", b"PRIVATE"),
    "another end": (b"-----END EC PRIVATE", b"-----END EC PUBLIC"),
    "no end": (TEXT.splitlines()[-1], b""),
    "no base64": (b"MIGQ", b"MI%Q"),
    "not ASCII": (b"Type: DRKi", "Type: DRKí".encode()),
    "before it": (b"-----BEGIN", b"x\n-----BEGIN"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_key_files_of_another_form(change: str) -> None:
    """Each on its own is refused; the file they change is read."""
    before, after = CHANGES[change]
    assert before in TEXT
    assert outcome(read_key_file, TEXT) == "ok"
    assert outcome(read_key_file, TEXT.replace(before, after, 1)) == "bsnk.key-file"


def test_layout_that_is_fine() -> None:
    """Windows line ends, white space around it, other headers, and the Type in other capitals."""
    for changed in (
        TEXT.replace(b"\n", b"\r\n"),
        b"\n" + TEXT + b"\n\n",
        TEXT.replace(b"Type: DRKi", b"Usage: whatever\nType: drki"),
        TEXT.replace(b"SchemeKeySetVersion", b"SchemeKeyVersion"),
    ):
        assert read_key_file(changed) == KEY


def with_content(content: bytes) -> bytes:
    return write_pem(replace(read_pem(TEXT), content=content))


def test_private_keys_of_another_form() -> None:
    """Another curve, another length, another version, another public key, something behind it; without one is fine."""
    content = read_pem(TEXT).content
    public = GENERATOR.uncompressed
    without = b"\x30\x3a" + content[3 : 3 + 0x3A]
    assert read_key_file(with_content(without)) == KEY
    for other in (
        content.replace(b"\x08\x01\x01\x09", b"\x08\x01\x01\x0a"),
        content.replace(b"\x02\x01\x01", b"\x02\x01\x02", 1),
        content[:-81] + public,
        content[:-82] + b"\x01" + content[-81:],
        content + b"\x00",
        content[:-1],
        b"",
    ):
        assert outcome(read_key_file, with_content(other)) == "bsnk.key-file"


def test_public_keys_of_another_form(scheme: Scheme) -> None:
    """Another curve or algorithm; a point that is not on the curve."""
    pem = read_pem(write_key_file(next(iter(scheme.public_keys))))
    assert outcome(read_key_file, write_pem(pem)) == "ok"
    for content in (
        pem.content.replace(b"\x08\x01\x01\x09", b"\x08\x01\x01\x0a"),
        pem.content.replace(b"\x3d\x02\x01", b"\x3d\x02\x02"),
        pem.content[:-1] + bytes([pem.content[-1] ^ 1]),
        pem.content + b"\x00",
    ):
        assert outcome(read_key_file, write_pem(replace(pem, content=content))) == "bsnk.key-file"


def test_key_files_have_a_bound() -> None:
    """16 KiB."""
    assert outcome(read_key_file, TEXT + b"\n" * 10_000) == "ok"
    assert outcome(read_key_file, TEXT + b"\n" * 20_000) == "bsnk.key-file"


@given(st.binary(max_size=200))
def test_any_file(data: bytes) -> None:
    """Whatever it is, it is refused with the one code; also behind a good first line."""
    assert outcome(read_key_file, data) == "bsnk.key-file"
    assert outcome(read_key_file, TEXT.splitlines()[0] + b"\n" + data) == "bsnk.key-file"


def test_diversifiers_are_sorted() -> None:
    """As structures have them."""
    assert diversifier_of("Role=Company,Group=Finance") == DIVERSIFIER
    assert diversifier_of(None) == ()


def test_recipient_keys_of_a_scheme_are_the_same_each_time(scheme: Scheme, tmp_path: Path) -> None:
    """They follow from the scheme: of a saved and loaded one too; and differ per recipient and version."""
    scheme.save(tmp_path)
    again = Scheme.load(tmp_path)
    assert again == scheme
    assert list(again.recipient_keys(OIN, KEY_SET)) == list(scheme.recipient_keys(OIN, KEY_SET))
    scalars = {
        key.scalar
        for oin in (OIN, OTHER_OIN)
        for version in (KEY_SET, LATER_KEY_SET)
        for key in scheme.recipient_keys(oin, version)
        if key.type is not KeyType.DIRECT_RECEIVING
    }
    assert len(scalars) == 12


def test_forms_that_do_not_exist(scheme: Scheme) -> None:
    """A DEI of version 1, EC-Schnorr in version 2, a version 3."""
    for minting in (Minting(version=1), Minting(version=3)):
        with pytest.raises(ValueError, match="no such signed form"):
            scheme.direct_encrypted_identity(BSN, OIN, KEY_SET, minting=minting)
    with pytest.raises(ValueError, match="no such signed form"):
        scheme.encrypted_identity(BSN, OIN, KEY_SET, minting=Minting(signature=Signature.EC_SCHNORR))


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"identity_master": "x"}', "\x00"])
def test_a_scheme_file_of_another_form(tmp_path: Path, content: str) -> None:
    """Is refused."""
    (tmp_path / "scheme.json").write_text(content)
    assert outcome(Scheme.load, tmp_path) == "bsnk.key-file"
