"""From a URL to a store. Opening connects to nothing yet: `check` does."""

import time
from collections.abc import Callable, Sequence

from routeringsvoorziening.store.address import StoreAddressInvalid, parse_address
from routeringsvoorziening.store.connecting import open_redis
from routeringsvoorziening.store.managed import ManagedStore
from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.store.sealing import SealedStore, SealingKey, Unreadable


def ignore_unreadable(kind: str, reason: Unreadable) -> None:
    """For when nobody counts the records that do not open."""


def open_store(
    url: str,
    *,
    keys: Sequence[SealingKey] = (),
    on_unreadable: Callable[[str, Unreadable], None] = ignore_unreadable,
    clock: Callable[[], float] = time.monotonic,
    max_entries: int = 400_000,
    max_entries_per_kind: int = 200_000,
    timeout: float = 2.0,
    max_connections: int = 50,
) -> ManagedStore:
    """The store at `url`, sealed when there are keys. What leaves the process is always sealed.

    Args:
        url: see `address`.
        keys: the first seals, all open.
        on_unreadable: told the kind of a record that does not open, and why.
        clock: of the memory store, in seconds.
        max_entries: of the memory store.
        max_entries_per_kind: of the memory store.
        timeout: of one operation of Redis, in seconds.
        max_connections: to Redis.

    Raises:
        StoreAddressInvalid: when the URL is wrong, or sealing keys are missing.
        OSError: when a file for TLS cannot be read.
    """
    address = parse_address(url)
    if address.scheme == "memory":
        memory = MemoryStore(clock, max_entries=max_entries, max_entries_per_kind=max_entries_per_kind)
        return SealedStore(memory, keys, on_unreadable) if keys else memory
    if not keys:
        raise StoreAddressInvalid("a store outside the process needs at least one sealing key")
    return SealedStore(open_redis(address, timeout=timeout, max_connections=max_connections), keys, on_unreadable)
