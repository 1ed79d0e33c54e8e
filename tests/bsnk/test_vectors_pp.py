"""The vectors of PolymorphicPseudonymisation: deprecated structures, key files bare and in envelopes, damaged ones."""

import base64

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key

from routeringsvoorziening.bsnk.key_files import read_key_file, read_key_files
from routeringsvoorziening.bsnk.keys import RecipientKey, RecipientKeys, scheme_keys_of
from routeringsvoorziening.bsnk.opening import (
    open_identity,
    open_pseudonym,
    open_unsigned_identity,
    open_unsigned_pseudonym,
)
from routeringsvoorziening.bsnk.structures import decode
from tests.bsnk.vectors import POINTS, outcome, pp

OINS = {"4": "00000000000000000004", "5": "00000000000000000005"}
KEY_FILES = ("id-4", "id-5", "pc-4", "pc-5", "pd-4", "pd-5")


def signed(name: str) -> bytes:
    return base64.b64decode((pp() / "signed" / f"{name}.txt").read_text())


def ring() -> RecipientKeys:
    return read_key_files(pp() / "keys" / f"{name}.pem" for name in KEY_FILES)[0]


def unwrapped() -> list[RecipientKey]:
    private_key = load_der_private_key((pp() / "private.p8").read_bytes(), None)
    return [read_key_file(file.read_bytes(), unwrap_with=private_key) for file in sorted((pp() / "p7").iterdir())]


@pytest.mark.parametrize("name", ["900095222-2-4-I", "900095222-2-5-I", "950053533-3-4-I", "950053533-3-5-I"])
def test_identity(name: str) -> None:
    """Every EI gives the BSN in its name."""
    bsn, _, recipient, _ = name.split("-")
    opened = open_identity(signed(name), ring(), scheme_keys_of(POINTS), recipient=OINS[recipient])
    assert opened.value == bsn


def test_pseudonyms() -> None:
    """EPs open; two persons at two recipients are four pseudonyms. No expected values are in the set."""
    found = set()
    for person in ("900095222-2", "950053533-3"):
        for number, oin in OINS.items():
            opened = open_pseudonym(signed(f"{person}-{number}-P"), ring(), scheme_keys_of(POINTS), recipient=oin)
            found.add(opened.value)
    assert len(found) == 4


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("invalid-signature", "bsnk.signature"),
        ("invalid-signature-type", "bsnk.form"),
        ("identity-inside-pseudonym", "bsnk.form"),
        ("pseudonym-inside-identity", "bsnk.form"),
        ("signed-inside-signed", "bsnk.form"),
    ],
)
def test_damaged(name: str, code: str) -> None:
    """Damaged structures are refused, each for its own reason."""
    for opening in (open_identity, open_pseudonym):
        refused = outcome(opening, signed(name), ring(), scheme_keys_of(POINTS), recipient=OINS["4"])
        if opening is open_identity or code == "bsnk.form":
            assert refused == code


@pytest.mark.parametrize(("name", "code"), [("points-off-curve", "bsnk.point"), ("unknown", "bsnk.form")])
def test_damaged_unsigned(name: str, code: str) -> None:
    """A point that is not on the curve, and a structure that nobody knows."""
    assert outcome(decode, (pp() / "unsigned" / f"{name}.der").read_bytes()) == code


def test_unsigned() -> None:
    """The plain structures open too. Whom they are about can not be compared: the set does not say."""
    identity, pseudonym = ((pp() / "unsigned" / f"{name}.der").read_bytes() for name in ("identity", "pseudonym"))
    assert len(open_unsigned_identity(identity, ring(), recipient=OINS["4"]).value) == 9
    assert open_unsigned_pseudonym(pseudonym, ring(), recipient=OINS["5"]).closing_key_version == 55


@pytest.mark.parametrize("name", ["unknown_type", "missing_headers", "invalid_oid"])
def test_damaged_key_files(name: str) -> None:
    """A Type that is not known, headers that are not there, another curve."""
    assert outcome(read_key_file, (pp() / "keys" / f"{name}.pem").read_bytes()) == "bsnk.key-file"


def test_envelopes() -> None:
    """The six keys in envelopes are the six keys that are also there without."""
    assert len(unwrapped()) == 6
    assert sorted(map(repr, unwrapped())) == sorted(map(repr, ring()))
    assert {key.scalar for key in unwrapped()} == {key.scalar for key in ring()}


def test_envelope_without_its_key() -> None:
    """An envelope is not opened without a private key."""
    assert outcome(read_key_file, (pp() / "p7" / "ID-4.p7").read_bytes()) == "bsnk.key-file"
