"""Records that only we can read: AES-256-GCM around every value, a hash instead of every key.

A sealed value, so that whoever reads the store's memory, its network or its disk learns nothing:

    version 2 (1 byte) · length of key id (1 byte) · key id (ASCII) · nonce (12 bytes) · ciphertext and tag

The kind and the key are additional authenticated data: a record moved to another place does not open there. Each record
is sealed with a key of its own (keyed BLAKE2b of its place, under the sealing key), because random nonces under one key
are safe for 2^32 records only (NIST SP 800-38D, 8.3), which a busy house reaches in days.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from routeringsvoorziening.store.managed import ManagedStore

VERSION = b"\x02"
HEADER_BYTES = 2
"""Version and length of the key id."""
NONCE_BYTES = 12
KEY_BYTES = 32
LONGEST_KEY_ID = 32

Unreadable = Literal["damaged", "key-unknown"]
"""Why a record did not open."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A key that seals records, 32 random bytes, with the short ASCII name by which they find it back.

    Raises:
        ValueError: when the name or the length is wrong.
    """

    id: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not (self.id.isascii() and self.id.isprintable() and 1 <= len(self.id) <= LONGEST_KEY_ID):
            raise ValueError(f"the name of a sealing key is 1 to {LONGEST_KEY_ID} printable ASCII characters")
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"a sealing key is {KEY_BYTES} bytes")


class SealedStore:
    """A store around a store.

    Args:
        inner: keeps the sealed records.
        keys: the first seals, all open. To rotate: put the new key in front, and drop the old one after the longest
            time to live.
        on_unreadable: told the kind of a record that did not open and why; such a record is absent.
    """

    def __init__(
        self, inner: ManagedStore, keys: Sequence[SealingKey], on_unreadable: Callable[[str, Unreadable], None]
    ) -> None:
        if not keys:
            raise ValueError("a sealed store needs a sealing key")
        self._inner = inner
        self._sealing = keys[0]
        self._keys = {key.id.encode(): key for key in keys}
        if len(self._keys) != len(keys):
            raise ValueError("two sealing keys have the same name")
        self._on_unreadable = on_unreadable

    async def put(self, kind: str, key: str, value: bytes, ttl: float) -> None:
        """As `Store.put`."""
        place = _place(kind, key)
        await self._inner.put(kind, _hashed(place), self._seal(place, value), ttl)

    async def peek(self, kind: str, key: str) -> bytes | None:
        """As `Store.peek`."""
        place = _place(kind, key)
        return self._open(kind, place, await self._inner.peek(kind, _hashed(place)))

    async def take(self, kind: str, key: str) -> bytes | None:
        """As `Store.take`."""
        place = _place(kind, key)
        return self._open(kind, place, await self._inner.take(kind, _hashed(place)))

    async def add_once(self, kind: str, key: str, ttl: float) -> bool:
        """As `Store.add_once`."""
        return await self._inner.add_once(kind, _hashed(_place(kind, key)), ttl)

    async def forget(self, kind: str, key: str) -> None:
        """As `Store.forget`."""
        await self._inner.forget(kind, _hashed(_place(kind, key)))

    async def check(self) -> None:
        """As `ManagedStore.check`."""
        await self._inner.check()

    async def close(self) -> None:
        """As `ManagedStore.close`."""
        await self._inner.close()

    def _seal(self, place: bytes, value: bytes) -> bytes:
        name = self._sealing.id.encode()
        header = VERSION + bytes([len(name)]) + name
        nonce = os.urandom(NONCE_BYTES)
        return header + nonce + _cipher(self._sealing, place).encrypt(nonce, value, header + place)

    def _open(self, kind: str, place: bytes, record: bytes | None) -> bytes | None:
        if record is None:
            return None
        try:
            return self._unseal(place, record)
        except _DoesNotOpen as error:
            self._on_unreadable(kind, error.reason)
            return None

    def _unseal(self, place: bytes, record: bytes) -> bytes:
        if record[:1] != VERSION or len(record) < HEADER_BYTES:
            raise _DoesNotOpen("damaged")
        name_end = HEADER_BYTES + record[1]
        key = self._keys.get(record[HEADER_BYTES:name_end])
        if key is None:
            raise _DoesNotOpen("key-unknown")
        header, nonce = record[:name_end], record[name_end : name_end + NONCE_BYTES]
        try:
            return _cipher(key, place).decrypt(nonce, record[name_end + NONCE_BYTES :], header + place)
        except (InvalidTag, ValueError):  # ValueError: a nonce that is cut short
            raise _DoesNotOpen("damaged") from None


class _DoesNotOpen(Exception):
    def __init__(self, reason: Unreadable) -> None:
        super().__init__(reason)
        self.reason: Unreadable = reason


def _place(kind: str, key: str) -> bytes:
    """Where a record is: kind and key, unmistakably."""
    name = kind.encode()
    return len(name).to_bytes(2, "big") + name + key.encode(errors="surrogatepass")


def _hashed(place: bytes) -> str:
    return hashlib.blake2b(place, digest_size=KEY_BYTES).hexdigest()


@lru_cache(4096)
def _cipher(key: SealingKey, place: bytes) -> AESGCM:
    """Kept for a while: what is sealed here is mostly opened here, soon after."""
    return AESGCM(hashlib.blake2b(place, key=key.key, digest_size=KEY_BYTES, person=b"record key 2").digest())
