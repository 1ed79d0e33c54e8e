"""The vectors of pep-crypto: structures with expected results and damaged ones, in both versions; key files, migrations.

What can not be compared stands in a table here with its reason, and a test holds that table to be exact.
"""

import base64
import re
from collections import Counter

import pytest

from routeringsvoorziening.bsnk.decrypted import (
    read_intermediary,
    read_pseudonym,
    write_intermediary,
    write_pseudonym,
)
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.key_files import read_key_file, write_key_file
from routeringsvoorziening.bsnk.keys import (
    KeyType,
    MigrationKey,
    MigrationRole,
    RecipientKey,
    RecipientKeys,
    scheme_keys_of,
)
from routeringsvoorziening.bsnk.opening import open_identity, open_pseudonym
from routeringsvoorziening.bsnk.pseudonyms import Pseudonym, change_closing_key, hand_over, take_over
from routeringsvoorziening.bsnk.structures import Signed, decode, encode_signed, encode_signed_part
from tests.bsnk.vectors import outcome, pep, pep_folder, pep_keys

COUNTS = {
    1: {"EI": 18, "EP": 104, "DEP": 68, "bsnk.signature": 22, "bsnk.form": 18, "ok": 1},
    2: {"EI": 90, "EP": 520, "DEP": 340, "DEI": 65, "bsnk.signature": 113, "bsnk.form": 92, "ok": 5},
}
"""How many there are of each kind, and of each refusal."""
NOT_DAMAGED = re.compile(r"e_ei10(_ee\d)?\.asn1")
"""These verify and decrypt: what is meant to be wrong with them is nowhere written."""
NO_KEY = {
    "mip_99990020000000000001_20180420_to_99990020000000000002_20191103_from_28_to_2_mid03.asn1": (
        "no key file of migration mid03 is in the set"
    )
}
ACCEPTED = {
    "e_lc_migration_99990020000000000001_20180420_to_99990020000000000002_20191103_sksv_1_mid01_var2.source.pem",
    "e_lc_migration_99990020000000000001_20180420_to_99990020000000000002_20191103_sksv_1_mid01_var2.target.pem",
}
"""Damaged only in that the Type is in small letters: that is compared without case on purpose."""
OFF = {"e_04": "one byte less", "e_long": "longer", "e_short": "shorter", "e_poc": "not on the curve"}


def open_any(data: bytes, version: int = 1, keys: RecipientKeys | None = None) -> object:
    """Opens a structure for whomever it says that it is for."""
    ring, scheme, _ = pep_keys(version)
    body = decode(data).body
    opening = open_identity if body.kind.is_identity else open_pseudonym
    return opening(data, keys or ring, scheme, recipient=body.recipient)


def expected(name: str, version: int) -> bytes:
    """The pseudonym that a vector must give, uncompressed."""
    kind, number = re.match(r"(ep|dep)(\d+)", name).groups()
    diversifier = re.search(r"_div\d|$", name)[0]
    prefix = "p" if kind == "ep" else "p_dep"
    stem = f"{prefix}{number}{diversifier}" if diversifier else f"{prefix}_{number}"
    return pep(version)[f"pseudonyms/{stem}.bin"]


@pytest.mark.parametrize("version", COUNTS)
def test_every_structure_opens_as_expected(version: int) -> None:
    """Every one verifies; EIs and DEIs give a BSN of nine digits, EPs and DEPs exactly the pseudonym beside them."""
    seen: Counter[str] = Counter()
    for name, data in pep_folder("happy_flow", r".*\.asn1", version).items():
        found, kind = open_any(data, version), decode(data).body.kind
        seen[kind.name] += 1
        if kind.is_identity:
            assert re.fullmatch(r"\d{9}", found.value), name
        else:
            assert found.point.uncompressed == expected(name, version), name
    assert seen == {kind: number for kind, number in COUNTS[version].items() if kind.isupper()}


@pytest.mark.parametrize("version", COUNTS)
def test_every_structure_is_written_as_it_was_read(version: int) -> None:
    """Decoding loses nothing: encoding gives the same bytes."""
    for name, data in pep_folder("happy_flow", r".*\.asn1", version).items():
        found = decode(data)
        assert isinstance(found, Signed), name
        around = {
            "signing_key_version": found.signing_key_version,
            "issuance_date": found.issuance_date,
            "extra_elements": found.extra_elements,
        }
        part = encode_signed_part(found.body, found.audit_element, **around)
        assert encode_signed(found.form, part, found.r, found.s) == data, name


@pytest.mark.parametrize("version", COUNTS)
def test_every_damaged_structure_is_refused(version: int) -> None:
    """Those that are really damaged are refused for their form or their signature, never later."""
    damaged = pep_folder("alternate_flows", r".*\.asn1", version)
    codes = {name: outcome(open_any, data, version) for name, data in damaged.items()}
    assert all(NOT_DAMAGED.fullmatch(name) for name, code in codes.items() if code == "ok")
    assert Counter(codes.values()) == {code: number for code, number in COUNTS[version].items() if not code.isupper()}


@pytest.mark.parametrize("kind", ["kv", "oin", "sksv"])
def test_receiving_keys_of_others_do_not_open(kind: str) -> None:
    """A DRKi of another key set version, recipient or scheme key set is not used for a DEP."""
    ring, *_ = pep_keys()
    other = read_key_file(pep()[f"keys/e_{kind}_drki_sksv_1_oin_99990020000000000001_kv_20180420.pem"])
    keys = RecipientKeys([*(key for key in ring if key.type is not KeyType.DIRECT_RECEIVING), other])
    data = pep()["happy_flow/dep04.asn1"]
    assert outcome(open_any, data, keys=keys) == "bsnk.key-missing"
    assert outcome(open_any, data) == "ok"


@pytest.mark.parametrize("kind", ["dh", "lc", "missing"])
def test_damaged_key_files_are_refused(kind: str) -> None:
    """A header that stands twice, that is in small letters, or that is absent."""
    files = pep_folder("keys", rf"e_{kind}_.*\.pem")
    codes = {name: outcome(read_key_file, data) for name, data in files.items()}
    accepted = {name for name, code in codes.items() if code == "ok"}
    assert len(files) > 50
    assert accepted == {name for name in ACCEPTED if name.startswith(f"e_{kind}_")}
    assert set(codes.values()) - {"ok"} == {"bsnk.key-file"}


def test_every_key_file_comes_back() -> None:
    """What was read is written and read again to the same key."""
    for name, data in pep_folder("keys", r".*\.pem").items():
        if not name.startswith("e_"):
            key = read_key_file(data)
            assert read_key_file(write_key_file(key)) == key, name


@pytest.mark.parametrize("flaw", OFF)
def test_damaged_scheme_keys_are_refused(flaw: str) -> None:
    """A public key that is too short, too long, or not on the curve."""
    files = pep_folder("keys", rf"{flaw}_.*\.b64")
    assert files
    for name, data in files.items():
        urn = "urn:nl-gdi-eid:1.0:pp-key:TEST:1:U:1"
        assert outcome(scheme_keys_of, {urn: data.decode().strip()}) == "bsnk.key-file", name


def test_scheme_keys_are_the_same_in_both_forms() -> None:
    """Base64 under a URN and PEM with headers give one key."""
    _, from_pem, _ = pep_keys()
    names = {"ipp": "IP_P", "ppp": "PP_P", "u": "U"}
    points = {}
    for name, data in pep_folder("keys", r"(ipp|ppp|u)_sksv_\d+_kv_\d+\.b64").items():
        type_, _, key_set, _, version = name.removesuffix(".b64").split("_")
        points[f"urn:nl-gdi-eid:1.0:pp-key:TEST:{key_set}:{names[type_]}:{version}"] = data.decode().strip()
    found = {(key.type, key.key_set_version, key.version): key.public.point for key in scheme_keys_of(points)}
    assert found == {(key.type, key.key_set_version, key.version): key.public.point for key in from_pem}
    assert len(found) == 7


def stored(number: str, diversifier: str) -> Pseudonym:
    """A decrypted pseudonym of the set."""
    name = f"p{int(number):02}{diversifier}" if diversifier else f"p_{int(number):02}"
    return read_pseudonym(pep()[f"pseudonyms/{name}.asn1"])


def half(keys: list[MigrationKey], role: MigrationRole, migration: object) -> MigrationKey | None:
    """The key of a migration, if it is in the set."""
    return next((key for key in keys if key.role is role and key.migration == migration), None)


def test_every_migration_gives_what_is_expected() -> None:
    """26 of the 27 intermediary pseudonyms, and what the target makes of them, are as the set says."""
    _, _, found = pep_keys()
    halves = [read_key_file(data) for data in pep_folder("keys", r"e_mid_migration_.*\.pem").values()]
    keys = [*found, *halves]
    skipped = set()
    for name, data in pep_folder("pseudonyms", r"mip_.*\.asn1").items():
        intermediary = read_intermediary(data)
        source = half(keys, MigrationRole.SOURCE, intermediary.migration)
        target = half(keys, MigrationRole.TARGET, intermediary.migration)
        if source is None or target is None:
            skipped.add(name)
            continue
        old, new, diversifier = re.search(r"from_(\d+)_to_(\d+)((?:_div\d)?)", name).groups()
        assert hand_over(stored(old, diversifier), source) == intermediary
        assert take_over(intermediary, target) == stored(new, diversifier)
    assert skipped == set(NO_KEY)


MIGRATION = "migration_99990020000000000001_20180420_to_99990020000000000002_20191103_sksv_1_mid01"


@pytest.mark.parametrize(
    ("flaw", "code"),
    [("src_migrant_ksv", "bsnk.key-set"), ("src_migrant_oin", "bsnk.recipient"), ("src_sksv", "bsnk.scheme")],
)
def test_source_keys_of_another_migration(flaw: str, code: str) -> None:
    """A key for another source is not used on a pseudonym."""
    good, bad = (read_key_file(pep()[f"keys/{prefix}{MIGRATION}.source.pem"]) for prefix in ("", f"e_diff_{flaw}_"))
    pseudonym = stored("04", "")
    assert hand_over(pseudonym, good).migration == good.migration
    with pytest.raises(BsnkError) as refused:
        hand_over(pseudonym, bad)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("flaw", "code"),
    [
        ("src_migrant_ksv", "bsnk.key-set"),
        ("src_migrant_oin", "bsnk.key-set"),
        ("trgt_migrant_ksv", "bsnk.key-set"),
        ("trgt_migrant_oin", "bsnk.recipient"),
        ("trgt_sksv", "bsnk.key-set"),
    ],
)
def test_target_keys_of_another_migration(flaw: str, code: str) -> None:
    """A key that is not the other half is not used on what was handed over."""
    source = read_key_file(pep()[f"keys/{MIGRATION}.source.pem"])
    intermediary = hand_over(stored("04", ""), source)
    good, bad = (read_key_file(pep()[f"keys/{prefix}{MIGRATION}.target.pem"]) for prefix in ("", f"e_diff_{flaw}_"))
    assert take_over(intermediary, good) == stored("02", "")
    with pytest.raises(BsnkError) as refused:
        take_over(intermediary, bad)
    assert refused.value.code == code


def test_another_migration_between_the_same_two() -> None:
    """The halves of two migrations between the same recipients do not go together."""
    source = read_key_file(pep()[f"keys/{MIGRATION}.source.pem"])
    target = read_key_file(pep()[f"keys/{MIGRATION.replace('mid01', 'mid02')}.target.pem"])
    intermediary = hand_over(stored("04", ""), source)
    with pytest.raises(BsnkError) as refused:
        take_over(intermediary, target)
    assert refused.value.code == "bsnk.key-set"


def test_closing_keys_of_the_set() -> None:
    """A pseudonym under another closing key is what decrypting with that key gives."""
    ring, scheme, _ = pep_keys()
    data = pep()["happy_flow/ep04.asn1"]
    body = decode(data).body
    old = ring.get(KeyType.PSEUDONYM_CLOSING, body)
    new = ring.get(KeyType.PSEUDONYM_CLOSING, body, version=20211207)
    opened = [
        open_pseudonym(data, ring, scheme, recipient=body.recipient, closing_key_version=version)
        for version in (None, new.key_set_version)
    ]
    assert isinstance(old, RecipientKey)
    assert change_closing_key(opened[0], old, new) == opened[1] != opened[0]


def test_decrypted_structures_come_back() -> None:
    """Pseudonyms and intermediaries are written as they were read."""
    for name, data in pep_folder("pseudonyms", r"p_?\d+(_div\d)?\.asn1").items():
        assert write_pseudonym(read_pseudonym(data)) == data, name
        text = pep()[f"pseudonyms/{name.removesuffix('.asn1')}.txt"].decode().strip()
        assert read_pseudonym(data).value == text == base64.b64encode(read_pseudonym(data).point.uncompressed).decode()
    for data in pep_folder("pseudonyms", r"mip_.*\.asn1").values():
        assert write_intermediary(read_intermediary(data)) == data
