"""A signed document that is made again well before it expires, and never while somebody waits for it twice."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from routeringsvoorziening.broker.ports import Clock
from routeringsvoorziening.saml.offload import CryptoPool


@dataclass(frozen=True, slots=True)
class Edition:
    """One made document, and until when it may be handed out."""

    content: bytes
    fresh_until: datetime


class Publication:
    """Hands out the current edition of one document.

    Args:
        make: makes and signs it, given the moment that it expires; runs in the crypto pool.
        validity: how long an edition is valid. It is replaced after a quarter of that.
        pool: where it is made.
        clock: now, UTC.
    """

    def __init__(
        self, make: Callable[[datetime], bytes], *, validity: timedelta, pool: CryptoPool, clock: Clock
    ) -> None:
        self._make = make
        self._validity = validity
        self._pool = pool
        self._clock = clock
        self._edition: Edition | None = None
        self._making = asyncio.Lock()

    async def current(self) -> bytes:
        """The document, valid for at least three quarters of its validity."""
        async with self._making:
            now = self._clock()
            if self._edition is None or now >= self._edition.fresh_until:
                content = await self._pool.run(self._make, now + self._validity)
                self._edition = Edition(content, now + self._validity / 4)
            return self._edition.content
