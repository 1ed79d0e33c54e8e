"""Pseudonyms that move: to another closing key, to another recipient."""

from dataclasses import replace

import pytest

from routeringsvoorziening.bsnk.curve import GENERATOR, Point
from routeringsvoorziening.bsnk.decrypted import (
    read_intermediary,
    read_pseudonym,
    write_intermediary,
    write_pseudonym,
)
from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.bsnk.keys import KeyType, RecipientKey, RecipientKeys
from routeringsvoorziening.bsnk.opening import open_pseudonym
from routeringsvoorziening.bsnk.pseudonyms import Pseudonym, change_closing_key, hand_over, take_over
from routeringsvoorziening.bsnk.structures import Diversifier
from tests.bsnk.people import BSN, DIVERSIFIER, KEY_SET, LATER_KEY_SET, OIN, OTHER_OIN
from tests.bsnk.vectors import outcome


def pseudonym_of(scheme: Scheme, oin: str = OIN, version: int = KEY_SET, diversifier: Diversifier = ()) -> Pseudonym:
    """What decrypting gives."""
    made = scheme.encrypted_pseudonym(BSN, oin, version, diversifier=diversifier)
    return open_pseudonym(made, scheme.recipient_keys(oin, version), scheme.public_keys, recipient=oin)


def closing(keys: RecipientKeys) -> RecipientKey:
    return next(key for key in keys if key.type is KeyType.PSEUDONYM_CLOSING)


@pytest.fixture
def old(scheme: Scheme) -> RecipientKey:
    return closing(scheme.recipient_keys(OIN, KEY_SET))


@pytest.fixture
def new(scheme: Scheme) -> RecipientKey:
    return closing(scheme.recipient_keys(OIN, LATER_KEY_SET))


@pytest.mark.parametrize("diversifier", [(), DIVERSIFIER])
def test_closing_key_changes(scheme: Scheme, old: RecipientKey, new: RecipientKey, diversifier: Diversifier) -> None:
    """What was stored becomes what decrypting with the new closing key gives; and back."""
    before = pseudonym_of(scheme, diversifier=diversifier)
    changed = change_closing_key(before, old, new)
    assert changed == pseudonym_of(scheme, version=LATER_KEY_SET, diversifier=diversifier)
    assert change_closing_key(changed, new, old) == before != changed


def test_closing_keys_of_others(scheme: Scheme, old: RecipientKey, new: RecipientKey) -> None:
    """Each key must be a closing key, of this recipient, scheme key set and version."""
    stored = pseudonym_of(scheme)
    assert outcome(change_closing_key, stored, old, new) == "ok"
    decryption = next(iter(scheme.recipient_keys(OIN, KEY_SET)))
    assert outcome(change_closing_key, stored, decryption, new) == "bsnk.key-missing"
    assert outcome(change_closing_key, stored, old, replace(new, recipient=OTHER_OIN)) == "bsnk.recipient"
    assert outcome(change_closing_key, replace(stored, recipient=OTHER_OIN), old, new) == "bsnk.recipient"
    assert outcome(change_closing_key, stored, old, replace(new, scheme_key_set_version=2)) == "bsnk.scheme"
    assert outcome(change_closing_key, stored, new, old) == "bsnk.key-set"


@pytest.mark.parametrize("diversifier", [(), DIVERSIFIER])
def test_migration(scheme: Scheme, diversifier: Diversifier) -> None:
    """The target ends with the pseudonym that decrypting gives it; on the way it is neither's."""
    source, target = scheme.migration_keys((OIN, KEY_SET), (OTHER_OIN, LATER_KEY_SET), diversifier=diversifier)
    before = pseudonym_of(scheme, diversifier=diversifier)
    after = pseudonym_of(scheme, OTHER_OIN, LATER_KEY_SET, diversifier)
    between = hand_over(before, source)
    assert take_over(between, target) == after
    assert len({before.point, between.point, after.point}) == 3


def test_migration_keys_of_others(scheme: Scheme) -> None:
    """Each half has its own side, and only fits what it was made for."""
    source, target = scheme.migration_keys((OIN, KEY_SET), (OTHER_OIN, KEY_SET))
    _, another = scheme.migration_keys((OIN, KEY_SET), (OTHER_OIN, KEY_SET))
    stored = pseudonym_of(scheme)
    between = hand_over(stored, source)
    assert outcome(hand_over, stored, target) == "bsnk.key-missing"
    assert outcome(take_over, between, source) == "bsnk.key-missing"
    assert outcome(hand_over, replace(stored, recipient=OTHER_OIN), source) == "bsnk.recipient"
    assert outcome(hand_over, replace(stored, scheme_key_set_version=2), source) == "bsnk.scheme"
    assert outcome(hand_over, replace(stored, closing_key_version=1), source) == "bsnk.key-set"
    assert outcome(hand_over, replace(stored, diversifier=DIVERSIFIER), source) == "bsnk.key-set"
    assert outcome(take_over, between, another) == "bsnk.key-set"
    elsewhere = replace(target, migration=replace(target.migration, target=OIN))
    assert outcome(take_over, between, elsewhere) == "bsnk.recipient"
    assert take_over(between, target) == pseudonym_of(scheme, OTHER_OIN)


def test_forms_of_a_pseudonym(scheme: Scheme) -> None:
    """Long, short, and as a structure."""
    stored = pseudonym_of(scheme, diversifier=DIVERSIFIER)
    version, short = stored.short.split("|")
    assert (int(version), len(stored.value), len(short)) == (KEY_SET, 108, 56)
    assert read_pseudonym(write_pseudonym(stored)) == stored


def test_an_intermediary_comes_back(scheme: Scheme) -> None:
    """As a structure."""
    source, _ = scheme.migration_keys((OIN, KEY_SET), (OTHER_OIN, KEY_SET), diversifier=DIVERSIFIER)
    between = hand_over(pseudonym_of(scheme, diversifier=DIVERSIFIER), source)
    assert read_intermediary(write_intermediary(between)) == between
    assert between.migration.identifier not in repr(between.point)


def test_structures_are_not_confused(scheme: Scheme) -> None:
    """A pseudonym is no intermediary; nothing may stand behind either; the point must be one."""
    stored = Pseudonym(GENERATOR, OIN, 1, KEY_SET)
    data = write_pseudonym(stored)
    assert outcome(read_pseudonym, data) == "ok"
    assert outcome(read_intermediary, data) == "bsnk.form"
    assert outcome(read_pseudonym, data + b"\x00") == "bsnk.form"
    assert outcome(read_pseudonym, data[:-1]) == "bsnk.form"
    bad = write_pseudonym(replace(stored, point=Point(5, 5)))
    assert outcome(read_pseudonym, bad) == "bsnk.point"
    assert outcome(read_pseudonym, data.replace(b"BEO9", b"%EO9")) == "bsnk.form"
    assert outcome(read_pseudonym, data.replace(b"\x02\x01\x01", b"\x02\x01\x02", 1)) == "bsnk.scheme"
