"""How many logins are open, in total and per connection, so that nobody can fill the house.

The counts are kept per process: they know the logins that began here. A login that ends in another process leaves the
count when it would have expired, so with several processes the count is too high rather than too low, by at most the
logins that began within one lifetime; the bounds are to be chosen with that in mind.

Shares shrink as the house fills: nobody may have more than a few times what is still free, so whoever has least comes
in first, and what many want is in the end divided evenly. In the last tenth the share is an eighth of what is free, so
that it takes very many who come for the first time to fill it, and somebody without a login is refused only when not
one place is left.

A login counts for a short while, until somebody proved who they are, and from then on for its whole life: browsers that
never come back do not hold a place. One that is not counted any more goes on; then only the store bounds it.
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.login import Login
from routeringsvoorziening.broker.vocabulary import EntityID, LoginId

GREED: Final = 4
"""How many times what is free, the last tenth left alone, one connection may have."""
CAUTION: Final = 8
"""The same in the last tenth, where it is a part of what is free."""


class Occupancy:
    """The open logins of this process.

    Args:
        total: of all connections together. The last tenth of it is not for who has many already.
        per_connection: of one, while there is room for all.
        guaranteed: when that last tenth begins to be used, who has this many already waits; further on, who has fewer.
        unproven: how long a login counts before somebody proved who they are; None for its whole life.
    """

    def __init__(
        self, *, total: int, per_connection: int, guaranteed: int = 100, unproven: timedelta | None = None
    ) -> None:
        self._total = total
        self._per_connection = per_connection
        self._spare = total // 10
        self._guaranteed = min(guaranteed, self._spare)
        self._unproven = unproven
        self._open: dict[LoginId, tuple[EntityID, datetime]] = {}
        self._due: list[tuple[datetime, LoginId]] = []
        self._by_connection: Counter[EntityID] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def entering(self, login: Login) -> Iterator[None]:
        """Count a login that begins, for good only when the block succeeds.

        Raises:
            TooBusy: `logins` or `connection-logins`, when a bound is reached.
        """
        self._forget_expired(login.begun_at)
        connection = login.request.connection
        self._check_room(connection)
        until = login.expires_at if self._unproven is None else min(login.expires_at, login.begun_at + self._unproven)
        self._count(login.id, connection, until)
        self._by_connection[connection] += 1
        try:
            yield
        except BaseException:
            self.leave(login.id)
            raise

    def stay(self, login: Login) -> None:
        """Somebody proved who they are: what is counted, is counted for as long as it lives."""
        if login.id in self._open:
            self._count(login.id, login.request.connection, login.expires_at)

    def leave(self, login: LoginId) -> None:
        """A login ended; one that began elsewhere was not counted here."""
        connection, _ = self._open.pop(login, (None, None))
        if connection is None:
            return
        self._by_connection[connection] -= 1
        if not self._by_connection[connection]:
            del self._by_connection[connection]

    def _check_room(self, connection: EntityID) -> None:
        free = self._total - len(self._open)
        if free <= 0:
            raise TooBusy("logins")
        if self._by_connection[connection] >= self._share(free):
            raise TooBusy("connection-logins")

    def _share(self, free: int) -> int:
        """How many logins a connection may have already, to begin another one when so many places are free."""
        last = max(1, min(self._guaranteed, free // CAUTION))
        return min(self._per_connection, max(last, GREED * (free - self._spare)))

    def _count(self, login: LoginId, connection: EntityID, until: datetime) -> None:
        self._open[login] = (connection, until)
        heapq.heappush(self._due, (until, login))

    def _forget_expired(self, at: datetime) -> None:
        """What is due, unless it left or was counted anew; of each login at most two entries are kept."""
        while self._due and self._due[0][0] <= at:
            until, login = heapq.heappop(self._due)
            if self._open.get(login, (None, None))[1] == until:
                self.leave(login)
