"""Sealed records: only we can read them, only in their place, and keys can be changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.store.sealing import SealedStore, SealingKey
from tests.store.conftest import KEYS, Complaints, Seconds

OLD, NEW = SealingKey("old", b"o" * 32), SealingKey("new", b"n" * 32)
SECRET = b"BSN 900000012 of somebody"


class Peep(MemoryStore):
    """A memory store whose records a test may see and change."""

    def records(self) -> dict[tuple[str, str], bytes]:
        """Every record by its kind and key."""
        return {
            (kind, key): value for kind, table in self._tables.items() for key, (value, _) in table._records.items()
        }

    async def replace(self, value: bytes, kind: str = "login") -> None:
        """Put other bytes where the one record of a kind is."""
        [key] = [key for each, key in self.records() if each == kind]
        await self.put(kind, key, value, 60)


@pytest.fixture
def inner(seconds: Seconds) -> Peep:
    return Peep(seconds)


@pytest.fixture
def sealed(inner: Peep, complaints: Complaints) -> SealedStore:
    return SealedStore(inner, KEYS, complaints)


async def test_neither_value_nor_key_is_readable(sealed: SealedStore, inner: Peep) -> None:
    """The inner store sees the kind, a hash and noise."""
    await sealed.put("login", "the-login-id", SECRET, 60)
    [((kind, key), record)] = inner.records().items()
    assert kind == "login"
    assert len(bytes.fromhex(key)) == 32
    assert b"900000012" not in record
    assert b"the-login-id" not in record


async def test_the_same_value_never_looks_the_same(sealed: SealedStore, inner: Peep) -> None:
    """Sealed twice, one value in one place gives two records."""
    seen = set()
    for _ in range(2):
        await sealed.put("login", "x", SECRET, 60)
        seen.update(inner.records().values())
    assert len(seen) == 2


async def test_the_same_key_hashes_apart_per_kind(sealed: SealedStore, inner: Peep) -> None:
    """Kinds do not show that they share a key, and their names do not run together."""
    await sealed.put("ab", "c", b"", 60)
    await sealed.put("a", "bc", b"", 60)
    assert len({key for _, key in inner.records()}) == 2


@pytest.mark.parametrize("position", [0, 1, 2, 10, 25, -1])
async def test_a_changed_record_is_absent(
    sealed: SealedStore, inner: Peep, complaints: Complaints, position: int
) -> None:
    """One bit anywhere, and the record does not open; that is noticed."""
    await sealed.put("login", "x", SECRET, 60)
    record = bytearray(next(iter(inner.records().values())))
    record[position] ^= 1
    await inner.replace(bytes(record))
    assert await sealed.peek("login", "x") is None
    assert await sealed.take("login", "x") is None
    assert len(complaints.heard) == 2
    assert {reason for _, reason in complaints.heard} <= {"damaged", "key-unknown"}


async def test_every_cut_of_a_record_is_absent(sealed: SealedStore, inner: Peep, complaints: Complaints) -> None:
    """However short, a record that is cut does not open and does not break anything."""
    await sealed.put("login", "x", SECRET, 60)
    record = next(iter(inner.records().values()))
    for length in range(len(record)):
        await inner.replace(record[:length])
        assert await sealed.peek("login", "x") is None
    assert len(complaints.heard) == len(record)


@given(st.binary(max_size=60))
async def test_noise_is_absent(noise: bytes) -> None:
    """What we did not write does not open."""
    inner, complaints = Peep(), Complaints()
    sealed = SealedStore(inner, KEYS, complaints)
    await sealed.put("login", "x", SECRET, 60)
    await inner.replace(noise)
    assert await sealed.peek("login", "x") is None
    assert len(complaints.heard) == 1


async def test_a_record_opens_only_in_its_place(sealed: SealedStore, inner: Peep, complaints: Complaints) -> None:
    """A record moved to another key, or to another kind, does not open there."""
    await sealed.put("login", "mine", SECRET, 60)
    await sealed.put("leg", "mine", b"", 60)
    stolen = next(value for (kind, _), value in inner.records().items() if kind == "login")
    await inner.replace(stolen, "leg")
    assert await sealed.peek("leg", "mine") is None
    await sealed.take("login", "mine")
    await sealed.put("login", "yours", b"", 60)
    await inner.replace(stolen)
    assert await sealed.peek("login", "yours") is None
    assert complaints.heard == [("leg", "damaged"), ("login", "damaged")]


async def test_an_old_key_still_opens(inner: Peep, complaints: Complaints) -> None:
    """After rotation the new key seals, and what the old one sealed can be read."""
    await SealedStore(inner, [OLD], complaints).put("login", "x", SECRET, 60)
    rotated = SealedStore(inner, [NEW, OLD], complaints)
    assert await rotated.peek("login", "x") == SECRET
    await rotated.put("login", "x", SECRET, 60)
    assert await SealedStore(inner, [NEW], complaints).take("login", "x") == SECRET
    assert complaints.heard == []


async def test_a_dropped_key_opens_nothing(inner: Peep, complaints: Complaints) -> None:
    """A record of a key that we no longer have is absent, and that is told."""
    await SealedStore(inner, [OLD], complaints).put("login", "x", SECRET, 60)
    assert await SealedStore(inner, [NEW], complaints).take("login", "x") is None
    assert complaints.heard == [("login", "key-unknown")]


async def test_another_key_of_the_same_name_opens_nothing(inner: Peep, complaints: Complaints) -> None:
    """The name only finds the key; the key must be the right one."""
    await SealedStore(inner, [OLD], complaints).put("login", "x", SECRET, 60)
    assert await SealedStore(inner, [SealingKey("old", b"x" * 32)], complaints).peek("login", "x") is None
    assert complaints.heard == [("login", "damaged")]


async def test_marks_are_hashed_and_survive_rotation(inner: Peep, complaints: Complaints) -> None:
    """A message seen before the rotation is still seen after it."""
    assert await SealedStore(inner, [OLD], complaints).add_once("seen", "issuer _id", 60)
    assert not await SealedStore(inner, [NEW, OLD], complaints).add_once("seen", "issuer _id", 60)
    assert "issuer" not in str(inner.records())


@pytest.mark.parametrize(
    ("name", "key"),
    [("", b"k" * 32), ("x" * 33, b"k" * 32), ("sleutel-één", b"k" * 32), ("a\nb", b"k" * 32), ("a", b"k" * 31)],
)
def test_a_wrong_key_is_refused(name: str, key: bytes) -> None:
    """A sealing key has a short printable name and 32 bytes."""
    SealingKey("right", b"k" * 32)
    with pytest.raises(ValueError, match="sealing key"):
        SealingKey(name, key)


def test_a_key_does_not_show_itself() -> None:
    """Its bytes are in no representation."""
    assert "ooo" not in repr(OLD)


@pytest.mark.parametrize("keys", [[], [OLD, SealingKey("old", b"x" * 32)]])
def test_a_sealed_store_needs_keys_of_different_names(keys: list[SealingKey], complaints: Complaints) -> None:
    """None, or two that cannot be told apart, is a mistake."""
    with pytest.raises(ValueError, match="sealing key"):
        SealedStore(MemoryStore(), keys, complaints)
