"""`rv bsnk`, as somebody uses it: keys into a folder, structures in and out, pseudonyms on the move."""

import base64
import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.bsnk.key_files import write_key_file
from routeringsvoorziening.cli.bsnk import command
from tests.bsnk.people import BSN, KEY_SET, LATER_KEY_SET, OIN, OTHER_OIN


def rv(*words: object, given: str | bytes = "") -> Result:
    """One run of `rv bsnk`."""
    return CliRunner().invoke(command, [str(word) for word in words], input=given)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A scheme, with the keys of one recipient in two versions."""
    assert rv("scheme", tmp_path).exit_code == 0
    for version in (KEY_SET, LATER_KEY_SET):
        made = rv("keys", tmp_path, OIN, "--key-set", version, "--diversifier", "Role=Company")
        assert made.exit_code == 0, made.output
    return tmp_path


def minted(folder: Path, kind: str = "EI", *more: object) -> str:
    made = rv("mint", folder, OIN, "--key-set", KEY_SET, "--kind", kind, *more, given=BSN)
    assert made.exit_code == 0, made.output
    return made.stdout


def opened(folder: Path, given: str | bytes, *more: object) -> Result:
    return rv("open", "--keys", folder / OIN, "--scheme", folder / "scheme-keys.json", *more, given=given)


@pytest.mark.parametrize("kind", ["EI", "DEI"])
def test_identity_is_shown(folder: Path, kind: str) -> None:
    """The BSN and what the structure says of itself, as a table and as JSON."""
    structure = minted(folder, kind)
    shown = opened(folder, structure)
    assert shown.exit_code == 0
    assert f"value              {BSN}" in shown.stdout
    assert shown.stderr == ""
    found = json.loads(opened(folder, structure, "--json").stdout)
    assert (found["value"], found["structure"], found["recipient_key_set"]) == (BSN, kind, KEY_SET)


def test_der_and_base64_are_read_from_files(folder: Path) -> None:
    """DER, base64 and base64 on many lines are one structure."""
    text = minted(folder)
    forms = (base64.b64decode(text), text.encode(), base64.encodebytes(base64.b64decode(text)))
    for form in forms:
        (folder / "structure").write_bytes(form)
        assert BSN in opened(folder, b"", folder / "structure").stdout


@pytest.mark.parametrize("kind", ["EP", "DEP"])
def test_pseudonym_is_shown_in_its_forms(folder: Path, kind: str) -> None:
    """EP and DEP of one person give one pseudonym, with all that must be kept with it."""
    found = json.loads(opened(folder, minted(folder, kind, "--diversifier", "Role=Company"), "--json").stdout)
    again = json.loads(opened(folder, minted(folder, "EP", "--diversifier", "Role=Company"), "--json").stdout)
    assert found["value"] == again["value"]
    assert found["short"].startswith(f"{KEY_SET}|")
    assert found["diversifier"] == "Role=Company"


def test_key_files_are_secret(folder: Path) -> None:
    """Private keys can be read by their owner alone."""
    for file in (folder / "scheme.json", *(folder / OIN).iterdir()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_scheme_is_not_overwritten(folder: Path) -> None:
    """Unless that is asked for."""
    before = (folder / "scheme.json").read_text()
    refused = rv("scheme", folder)
    assert (refused.exit_code, (folder / "scheme.json").read_text()) == (1, before)
    assert "--force" in refused.stderr
    assert rv("scheme", folder, "--force").exit_code == 0
    assert (folder / "scheme.json").read_text() != before


def test_unsigned_only_when_asked(folder: Path) -> None:
    """A plain structure opens with --unsigned, and not as a signed one."""
    structure = minted(folder, "EI", "--unsigned")
    assert "bsnk.signature" in opened(folder, structure).stderr
    assert BSN in rv("open", "--keys", folder / OIN, "--unsigned", given=structure).stdout


def test_scheme_or_unsigned_must_be_said(folder: Path) -> None:
    """No verification is never the default, and never together with keys to verify with."""
    for words in ((), ("--unsigned", "--scheme", folder / "scheme-keys.json")):
        refused = rv("open", "--keys", folder / OIN, *words, given=minted(folder))
        assert refused.exit_code == 2
        assert BSN not in refused.output


@pytest.mark.parametrize("given", [b"", b"AAAA", b"%%%", b"\x30\x80", b"M" * 20_000])
def test_garbage_is_refused(folder: Path, given: bytes) -> None:
    """One line with a code, exit status 1."""
    refused = opened(folder, given)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: bsnk.form")
    assert len(refused.stderr.splitlines()) == 1


def test_for_another_recipient(folder: Path) -> None:
    """--recipient is for whom it must be."""
    assert "bsnk.recipient" in opened(folder, minted(folder), "--recipient", OTHER_OIN).stderr
    assert BSN in opened(folder, minted(folder), "--recipient", OIN).stdout


def test_keys_of_two_recipients_need_a_choice(folder: Path) -> None:
    """Keys of more than one recipient leave open for whom it must be."""
    assert rv("keys", folder, OTHER_OIN, "--key-set", KEY_SET).exit_code == 0
    more = ("--keys", folder / OTHER_OIN)
    assert opened(folder, minted(folder), *more).exit_code == 2
    assert BSN in opened(folder, minted(folder), *more, "--recipient", OIN).stdout


def test_not_a_key_file(folder: Path) -> None:
    """A file that is no key is named by its code."""
    (folder / OIN / "zz.pem").write_text("hello")
    assert "bsnk.key-file" in opened(folder, minted(folder)).stderr


@pytest.mark.parametrize("form", ["value", "short", "der"])
def test_closing_key_changes(folder: Path, form: str) -> None:
    """A stored pseudonym in each of its forms becomes what the new closing key gives."""
    structure = minted(folder, "EP")
    stored = json.loads(opened(folder, structure, "--json").stdout)
    wanted = json.loads(opened(folder, structure, "--json", "--closing-key", LATER_KEY_SET).stdout)
    files = [folder / OIN / f"ep-closing-{version}.pem" for version in (KEY_SET, LATER_KEY_SET)]
    changed = rv("closing-key", "--from", files[0], "--to", files[1], "--json", given=stored[form])
    assert json.loads(changed.stdout)["short"] == wanted["short"] != stored["short"]


def test_closing_key_of_another_version(folder: Path) -> None:
    """A pseudonym that says which closing key made it is not changed from another."""
    stored = json.loads(opened(folder, minted(folder, "EP"), "--json").stdout)
    files = [folder / OIN / f"ep-closing-{version}.pem" for version in (LATER_KEY_SET, KEY_SET)]
    for form in ("short", "der"):
        refused = rv("closing-key", "--from", files[0], "--to", files[1], given=stored[form])
        assert "bsnk.key-set" in refused.stderr


def test_migration_in_two_steps(folder: Path) -> None:
    """The target ends with the pseudonym that decrypting for it gives."""
    halves = Scheme.load(folder).migration_keys((OIN, KEY_SET), (OTHER_OIN, KEY_SET))
    for half, name in zip(halves, ("source.pem", "target.pem"), strict=True):
        (folder / name).write_bytes(write_key_file(half))
    stored = json.loads(opened(folder, minted(folder, "EP"), "--json").stdout)
    handed = json.loads(rv("migrate", "--key", folder / "source.pem", "--json", given=stored["value"]).stdout)
    taken = json.loads(rv("migrate", "--key", folder / "target.pem", "--json", given=handed["der"]).stdout)
    rv("keys", folder, OTHER_OIN, "--key-set", KEY_SET)
    structure = rv("mint", folder, OTHER_OIN, "--key-set", KEY_SET, "--kind", "EP", given=BSN).stdout
    scheme = folder / "scheme-keys.json"
    direct = rv("open", "--keys", folder / OTHER_OIN, "--scheme", scheme, "--json", given=structure)
    assert taken["value"] == json.loads(direct.stdout)["value"]
    assert "value" not in handed


def test_migration_with_another_key(folder: Path) -> None:
    """A closing key does not migrate."""
    stored = json.loads(opened(folder, minted(folder, "EP"), "--json").stdout)
    refused = rv("migrate", "--key", folder / OIN / f"ep-closing-{KEY_SET}.pem", given=stored["value"])
    assert "bsnk.key-missing" in refused.stderr


@pytest.mark.parametrize("oin", ["1", "0000000999999999900X"])
def test_oin_of_another_form(folder: Path, oin: str) -> None:
    """An OIN has twenty digits."""
    assert rv("keys", folder, oin).exit_code == 2


def test_minting_needs_somebody(folder: Path) -> None:
    """Nobody on standard input, or a text that does not fit."""
    assert rv("mint", folder, OIN, "--key-set", KEY_SET, given="").exit_code == 2


@pytest.mark.parametrize("given", ["900000001", "123456782", "90000000", "no spaces"])
def test_minting_is_for_test_people(folder: Path, given: str) -> None:
    """No slip of the finger, and nobody real; and the number is not repeated."""
    refused = rv("mint", folder, OIN, "--key-set", KEY_SET, given=given)
    assert refused.exit_code == 2
    assert "not the BSN of a test person" in refused.stderr
    assert given not in refused.stderr
    assert refused.stdout == ""
