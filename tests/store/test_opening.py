"""From a URL to a store."""

from pathlib import Path

import pytest

from routeringsvoorziening.store.address import StoreAddressInvalid
from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.store.opening import open_store
from routeringsvoorziening.store.sealing import SealedStore, SealingKey
from tests.store.conftest import KEYS, Complaints, Seconds


async def test_memory_needs_no_keys(seconds: Seconds) -> None:
    """What stays in the process may be kept as it is."""
    store = open_store("memory://", clock=seconds, max_entries=1)
    assert isinstance(store, MemoryStore)
    await store.put("login", "x", b"value", 1)
    seconds.now += 1
    assert await store.peek("login", "x") is None
    await store.close()


def test_memory_with_keys_is_sealed() -> None:
    """With keys, memory is sealed as well."""
    assert isinstance(open_store("memory://", keys=KEYS), SealedStore)


@pytest.mark.parametrize("url", ["redis://cache", "rediss://cache", "redis+sentinel://one/house"])
def test_what_leaves_the_process_is_sealed(url: str) -> None:
    """Without a key there is no store outside the process; with one it opens, and connects to nothing yet."""
    with pytest.raises(StoreAddressInvalid, match="sealing key"):
        open_store(url)
    assert isinstance(open_store(url, keys=KEYS), SealedStore)


def test_a_missing_ca_is_told_at_once(tmp_path: Path) -> None:
    """A file that is not there stops the start, not the first login."""
    with pytest.raises(OSError):
        open_store(f"rediss://cache?ca={tmp_path}/absent.pem", keys=KEYS)


@pytest.mark.redis
async def test_redis_opened_by_its_url(redis_url: str, complaints: Complaints) -> None:
    """The store of a URL works, sealed, and tells of what does not open."""
    store = open_store(redis_url, keys=KEYS, on_unreadable=complaints)
    await store.check()
    await store.put("login", "x", b"value", 60)
    assert await store.peek("login", "x") == b"value"
    await store.close()
    other = open_store(redis_url, keys=[SealingKey("other", b"k" * 32)], on_unreadable=complaints)
    assert await other.take("login", "x") is None
    await other.close()
    assert complaints.heard == [("login", "key-unknown")]
