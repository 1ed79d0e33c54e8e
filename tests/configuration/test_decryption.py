"""The key store of the decryption service: off unless written down, closed to others, and every mistake in it found."""

import json

import pytest

from routeringsvoorziening.backends.registry import known_kinds
from routeringsvoorziening.configuration.check import load_configuration
from routeringsvoorziening.simulators.world.layout import PORTAL, RV, ZORG
from tests.configuration.conftest import Room
from tests.configuration.test_cli_check import check as check  # noqa: PLC0414 - a fixture

FILE = "dienstverleners/zonneveld.yaml"
OTHERS = "dienstverleners/voorbeeldstad-belastingen.yaml"
KEYS = "decryption:\n  keys:\n    - ${world}/rv/bsnk/zorg/ei-decryption.pem\n"
KEY, SCHEME = "key: ${world}/rv/encryption.key", "- ${world}/bsnk/ipp.pem                # of identities"


def code(room: Room) -> tuple[str, str]:
    """The one finding that there must be."""
    finding = room.only()
    return finding.code, finding.place.dotted


@pytest.mark.eis("MD-SP-05")
def test_who_asked_for_it_has_its_keys_in_the_store(room: Room) -> None:
    """One dienstverlener, with the keys of its own OIN; our own key is the one that our metadata publishes."""
    configuration = load_configuration(room.main, at=room.at, kinds=known_kinds())
    decryption = configuration.decryption
    assert decryption is not None
    assert set(decryption.held) == {ZORG.entity_id}
    assert {key.recipient for key in decryption.held[ZORG.entity_id]} == {ZORG.oin}
    assert configuration.own.encryption is not None
    assert decryption.key.private_key.public_key() == configuration.own.encryption.public_key()


@pytest.mark.eis("ATT-10")
def test_it_is_off_when_nobody_asked_for_it(room: Room) -> None:
    """Then no key is even read, so that none need be there; eIDAS, that counts on it, is worth a warning."""
    room.replace(KEYS, "", FILE)
    room.world.files(RV).key("encryption").unlink()
    inspection = room.inspect()
    assert [(each.code, each.place.file.name) for each in inspection.findings] == [
        ("eidas.plain-bsn", "zonneveld.yaml")
    ]
    assert inspection.configuration is not None
    assert inspection.configuration.decryption is None


def test_no_key_shows(room: Room) -> None:
    """Not in the repr of the configuration."""
    decryption = load_configuration(room.main, at=room.at, kinds=known_kinds()).decryption
    assert repr(decryption) == "Decryption()"


def _without_main(room: Room) -> None:
    room.replace("decryption:\n  key: ${world}/rv/encryption.key          # belongs", "#decryption: # belongs")
    room.replace("  scheme:                                  # public keys of BSNk\n", "")
    room.replace("    - ${world}/bsnk/ipp.pem                # of identities\n", "")
    room.replace(
        "    - ${world}/bsnk/u.pem                  # of identities that a BVD has made directly of a BSN\n", ""
    )


def _open_to_others(room: Room) -> None:
    (room.world.files(RV).directory / "bsnk" / "zorg" / "ei-decryption.pem").chmod(0o640)


def _own_open_to_others(room: Room) -> None:
    room.world.files(RV).key("encryption").chmod(0o604)


def _another_pair(room: Room) -> None:
    room.replace(KEY, "key: ${world}/rv/tls.key")


def _without_certificate(room: Room) -> None:
    room.replace("  encryption: ${world}/rv/encryption.pem ", "  # ")


def _key_of(room: Room, party: str, name: str) -> None:
    room.replace("${world}/rv/bsnk/zorg/ei-decryption.pem", f"${{world}}/{party}/bsnk/{name}", FILE)


MISTAKES = {
    "no part in the main file": (_without_main, ("decryption.missing", "decryption")),
    "a key that others can read": (_open_to_others, ("decryption.open", "decryption.keys[0]")),
    "our key that others can read": (_own_open_to_others, ("decryption.open", "decryption.key")),
    "our key of another certificate": (_another_pair, ("key.mismatch", "decryption.key")),
    "no certificate of ours": (_without_certificate, ("decryption.certificate", "decryption.key")),
    "a key of another OIN": (
        lambda room: _key_of(room, PORTAL.folder, "ei-decryption.pem"),
        ("decryption.recipient", "decryption.keys[0]"),
    ),
    "a key for pseudonyms": (
        lambda room: _key_of(room, ZORG.folder, "ep-closing.pem"),
        ("decryption.type", "decryption.keys[0]"),
    ),
    "a key that is none": (
        lambda room: (room.world.files(RV).directory / "bsnk" / "zorg" / "ei-decryption.pem").write_text("x"),
        ("decryption.form", "decryption.keys[0]"),
    ),
    "a key that is not there": (
        lambda room: _key_of(room, ZORG.folder, "nothing.pem"),
        ("file.unreadable", "decryption.keys[0]"),
    ),
    "a scheme key that is private": (
        lambda room: room.replace(SCHEME, "- ${world}/zorg/bsnk/ei-decryption.pem"),
        ("decryption.type", "decryption.scheme[0]"),
    ),
    "a scheme key that is none": (
        lambda room: room.replace(SCHEME, "- ${world}/rv/signing.pem"),
        ("decryption.form", "decryption.scheme[0]"),
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_it_is_found(room: Room, name: str) -> None:
    """By its code and its place; the configuration is not used, and no key is repeated."""
    spoil, expected = MISTAKES[name]
    spoil(room)
    assert code(room) == expected
    inspection = room.inspect()
    assert inspection.configuration is None
    assert "PRIVATE" not in repr(inspection.findings)


def test_a_key_may_come_from_the_environment(room: Room) -> None:
    """As any secret."""
    path = room.world.files(RV).directory / "bsnk" / "zorg" / "ei-decryption.pem"
    room.replace("${world}/rv/bsnk/zorg/ei-decryption.pem", "env:RV_ZORG", FILE)
    inspection = room.inspect(environ={"RV_ZORG": path.read_text()})
    assert inspection.findings == ()


@pytest.mark.eis("ATT-10", "ENC-03")
def test_rv_check_says_that_it_departs_from_the_koppelvlak(room: Room, check) -> None:
    """A notice with everybody for whom it is done, and their key sets; no mistake. In JSON too."""
    result = check()
    assert result.exit_code == 0
    assert "No mistakes." in result.output
    line = next(each for each in result.output.splitlines() if "Zonneveld" in each and "20260101" in each)
    assert ZORG.entity_id in line
    assert "NOTICE: opening identities on behalf of a dienstverlener departs from ST-SAML" in result.output
    configured = json.loads(check("--json").output)["configured"]
    assert configured["decryption"] == [ZORG.entity_id]
    assert "departs from ST-SAML" in configured["notices"][0]


def test_rv_check_says_nothing_of_it_when_it_is_off(room: Room, check) -> None:
    """No notice where there is nothing to notice."""
    room.replace(KEYS, "", FILE)
    assert "NOTICE" not in check().output
    assert json.loads(check("--json").output)["configured"]["notices"] == []
