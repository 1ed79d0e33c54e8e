"""Logins that nobody finished: counted as an outcome of their own when their time is up.

A process remembers the logins that began in it, by their id alone, and looks after each when it should be over. The
record of a login is kept a little longer than the login lives, so that who takes it then knows that nobody did: with
several processes on one store a login is counted once, also when it ended elsewhere. What a process remembers ends with
it, and is bounded: of what is beyond the bound, how it ended is not known.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from routeringsvoorziening.broker import records
from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.journal import Journal
from routeringsvoorziening.broker.login import Login
from routeringsvoorziening.broker.ports import Clock, Store
from routeringsvoorziening.broker.vocabulary import LoginId

AFTERLIFE: Final = timedelta(minutes=2)
"""That the record of a login outlives the login."""
MOST: Final = 100_000
"""Logins that are remembered."""
MOST_AT_ONCE: Final = 1_000
"""Logins that one look counts; the others wait for the next one, well within their afterlife."""


class AbandonedLogins:
    """Shared by the brokers before and after a change of configuration.

    Args:
        store: where the records are.
        journal: is told of each.
        clock: now, UTC.
        most: logins that are remembered.
    """

    def __init__(self, store: Store, journal: Journal, clock: Clock, *, most: int = MOST) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._most = most
        self._open: dict[LoginId, datetime] = {}

    def __len__(self) -> int:
        return len(self._open)

    def begun(self, login: Login) -> None:
        """Remember a login, when there is room."""
        if len(self._open) < self._most:
            self._open[login.id] = login.expires_at

    def ended(self, login: LoginId) -> None:
        """Somebody finished it; one that began elsewhere was not remembered here."""
        self._open.pop(login, None)

    async def count(self) -> int:
        """Count those whose time is up; how many.

        Raises:
            TooBusy: `audit`; this one was counted, the others will be.
            OSError: the store is out of reach; what was not counted, will be.
        """
        now, counted = self._clock(), 0
        over = (login for login, until in self._open.items() if until <= now)
        for login_id in list(islice(over, MOST_AT_ONCE)):
            login = records.LOGIN.decode(await self._store.take("login", login_id))
            self.ended(login_id)
            if login is not None:
                counted += 1
                await self._journal.abandoned(login.request, login.reference, now)
        return counted

    @asynccontextmanager
    async def counting(self, *, every: float) -> AsyncIterator[None]:
        """Look again and again for as long as the context lasts; `every` is in seconds."""
        task = asyncio.create_task(self._keep_counting(every))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _keep_counting(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            with suppress(TooBusy, OSError):  # counting waits; the store and the audit trail tell of it themselves
                await self.count()
