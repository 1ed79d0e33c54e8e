"""The one contract that every store passes."""

import asyncio

import pytest

from routeringsvoorziening.store.managed import ManagedStore
from tests.store.conftest import Complaints, Seconds

MANY = 50


async def pass_time(store: ManagedStore, seconds: Seconds, kind: str, key: str) -> None:
    """Let a short time to live run out: by the clock in memory, by waiting in Redis."""
    seconds.now += 0.05
    for _ in range(100):
        if await store.peek(kind, key) is None:
            return
        await asyncio.sleep(0.01)


async def test_nothing_is_nothing(store: ManagedStore) -> None:
    """What was never kept is not there."""
    assert await store.peek("login", "x") is None
    assert await store.take("login", "x") is None


@pytest.mark.parametrize("value", [b"", b"value", bytes(range(256)) * 400], ids=["empty", "short", "100-kB"])
async def test_what_is_put_can_be_looked_at(store: ManagedStore, value: bytes) -> None:
    """A value comes back byte for byte, again and again."""
    await store.put("login", "x", value, 60)
    assert await store.peek("login", "x") == value
    assert await store.peek("login", "x") == value


async def test_what_is_taken_is_gone(store: ManagedStore) -> None:
    """Taking gives the value once."""
    await store.put("login", "x", b"value", 60)
    assert await store.take("login", "x") == b"value"
    assert await store.take("login", "x") is None
    assert await store.peek("login", "x") is None


async def test_a_mark_can_be_undone(store: ManagedStore, complaints: Complaints) -> None:
    """Then the next caller is the first again; undoing what is not there does nothing."""
    await store.forget("seen", "x")
    assert await store.add_once("seen", "x", 60)
    await store.forget("seen", "x")
    assert await store.add_once("seen", "x", 60)
    assert not await store.add_once("seen", "x", 60)


async def test_put_replaces(store: ManagedStore) -> None:
    """The last value counts."""
    await store.put("login", "x", b"first", 60)
    await store.put("login", "x", b"second", 60)
    assert await store.take("login", "x") == b"second"
    assert await store.take("login", "x") is None


async def test_kinds_are_apart(store: ManagedStore) -> None:
    """The same key in two kinds is two records."""
    await store.put("login", "x", b"login", 60)
    await store.put("leg", "x", b"leg", 60)
    assert await store.take("leg", "x") == b"leg"
    assert await store.peek("login", "x") == b"login"


@pytest.mark.parametrize("key", ["", "a b", "é€𝄞", "a:b", "x" * 4000, "line\r\nbreak"])
async def test_keys_are_any_text(store: ManagedStore, key: str) -> None:
    """A key may hold anything, and is not taken for another."""
    await store.put("seen", key, b"value", 60)
    assert await store.peek("seen", key + "x") is None
    assert await store.take("seen", key) == b"value"


async def test_a_value_expires(store: ManagedStore, seconds: Seconds) -> None:
    """After its time a value is gone, to look at and to take."""
    await store.put("login", "x", b"value", 0.05)
    assert await store.peek("login", "x") == b"value"
    await pass_time(store, seconds, "login", "x")
    assert await store.peek("login", "x") is None
    assert await store.take("login", "x") is None


async def test_a_replaced_value_has_a_new_life(store: ManagedStore, seconds: Seconds) -> None:
    """Putting again sets the time anew."""
    await store.put("login", "short", b"first", 0.05)
    await store.put("login", "x", b"first", 0.05)
    await store.put("login", "x", b"second", 60)
    await pass_time(store, seconds, "login", "short")
    assert await store.peek("login", "x") == b"second"


async def test_the_first_is_the_first(store: ManagedStore) -> None:
    """Only the first of equals is added."""
    assert await store.add_once("seen", "x", 60)
    assert not await store.add_once("seen", "x", 60)
    assert await store.add_once("seen", "y", 60)
    assert await store.add_once("other", "x", 60)


async def test_after_its_time_the_next_is_first_again(store: ManagedStore, seconds: Seconds) -> None:
    """A mark is forgotten when its time is over."""
    assert await store.add_once("seen", "x", 0.05)
    seconds.now += 0.05
    for _ in range(100):
        if await store.add_once("seen", "x", 60):
            break
        await asyncio.sleep(0.01)
    assert not await store.add_once("seen", "x", 60)


@pytest.mark.eis("ART-05", "ART-07")
async def test_of_many_takers_one_wins(store: ManagedStore) -> None:
    """Fifty at once: one gets the value, the others nothing."""
    await store.put("artifact", "x", b"value", 60)
    taken = await asyncio.gather(*(store.take("artifact", "x") for _ in range(MANY)))
    assert sorted(taken, key=bool) == [None] * (MANY - 1) + [b"value"]


async def test_of_many_adders_one_wins(store: ManagedStore) -> None:
    """Fifty at once: one is first."""
    added = await asyncio.gather(*(store.add_once("seen", "x", 60) for _ in range(MANY)))
    assert sorted(added) == [False] * (MANY - 1) + [True]


@pytest.mark.parametrize("ttl", [0, -1.5])
async def test_a_life_is_longer_than_nothing(store: ManagedStore, ttl: float) -> None:
    """A time to live that is over before it begins is a mistake of the caller."""
    with pytest.raises(ValueError, match="time to live"):
        await store.put("login", "x", b"value", ttl)
    with pytest.raises(ValueError, match="time to live"):
        await store.add_once("seen", "x", ttl)
    assert await store.peek("login", "x") is None


async def test_it_can_be_reached(store: ManagedStore, complaints: Complaints) -> None:
    """A store that works says so, and complains of nothing."""
    await store.check()
    await store.put("login", "x", b"value", 60)
    await store.take("login", "x")
    assert complaints.heard == []
