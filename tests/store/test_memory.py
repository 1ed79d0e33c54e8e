"""The bounds of the embedded store."""

import pytest

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.store.memory import MemoryStore
from tests.store.conftest import Seconds


async def fill(store: MemoryStore, kind: str, count: int, ttl: float = 60) -> None:
    for number in range(count):
        await store.put(kind, str(number), b"12345", ttl)


async def test_up_to_its_bounds_a_store_keeps(seconds: Seconds) -> None:
    """The bound itself is still inside."""
    store = MemoryStore(seconds, max_entries=4, max_entries_per_kind=2, max_bytes=20)
    await fill(store, "login", 2)
    await fill(store, "leg", 2)
    assert (len(store), store.size) == (4, 20)


@pytest.mark.parametrize(
    ("bounds", "bound"),
    [
        ({"max_entries": 2}, "store-entries"),
        ({"max_entries_per_kind": 2}, "store-login"),
        ({"max_bytes": 14}, "store-bytes"),
    ],
)
async def test_above_a_bound_a_store_refuses(seconds: Seconds, bounds: dict[str, int], bound: str) -> None:
    """One more is refused by the name of the bound, and what was kept stays."""
    store = MemoryStore(seconds, **bounds)
    await fill(store, "login", 2)
    with pytest.raises(TooBusy) as caught:
        await store.put("login", "2", b"12345", 60)
    assert caught.value.bound == bound
    assert await store.peek("login", "1") == b"12345"


async def test_a_mark_counts_as_well(seconds: Seconds) -> None:
    """Adding once is bounded too."""
    store = MemoryStore(seconds, max_entries=1)
    assert await store.add_once("seen", "x", 60)
    assert not await store.add_once("seen", "x", 60)
    with pytest.raises(TooBusy):
        await store.add_once("seen", "y", 60)


async def test_replacing_needs_no_room(seconds: Seconds) -> None:
    """At the bound a known key can still be put."""
    store = MemoryStore(seconds, max_entries=1)
    await store.put("login", "x", b"first", 60)
    await store.put("login", "x", b"second", 60)
    assert await store.peek("login", "x") == b"second"


async def test_one_kind_leaves_room_for_another(seconds: Seconds) -> None:
    """A full kind does not refuse the others."""
    store = MemoryStore(seconds, max_entries_per_kind=1)
    await fill(store, "login", 1)
    await fill(store, "leg", 1)


async def test_what_is_taken_makes_room(seconds: Seconds) -> None:
    """Taking frees the place at once."""
    store = MemoryStore(seconds, max_entries=1)
    await fill(store, "login", 1)
    await store.take("login", "0")
    await store.put("leg", "x", b"", 60)


async def test_what_expired_makes_room(seconds: Seconds) -> None:
    """A full store of overdue records, also of other kinds, takes the next one."""
    store = MemoryStore(seconds, max_entries=100, max_entries_per_kind=100)
    await fill(store, "login", 100, ttl=1)
    seconds.now += 2
    await store.put("leg", "x", b"", 60)


async def test_an_idle_store_forgets_by_use_alone(seconds: Seconds) -> None:
    """Without a task in the background, every new record clears away more than it adds."""
    store = MemoryStore(seconds)
    await fill(store, "login", 320, ttl=1)
    seconds.now += 2
    await fill(store, "leg", 10)
    assert len(store) == 10
