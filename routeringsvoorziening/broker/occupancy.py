"""How many logins are open, in total and per connection, so that nobody can fill the house.

The counts are kept per process: they know the logins that began here. A login that ends in another process leaves the
count when it would have expired, so with several processes the count is too high rather than too low, by at most the
logins that began within one lifetime; the bounds are to be chosen with that in mind.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import takewhile

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.login import Login
from routeringsvoorziening.broker.vocabulary import EntityID, LoginId


class Occupancy:
    """The open logins of this process. All live equally long, so the oldest is always the first to expire."""

    def __init__(self, *, total: int, per_connection: int) -> None:
        self._total = total
        self._per_connection = per_connection
        self._open: dict[LoginId, tuple[EntityID, datetime]] = {}
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
        if len(self._open) >= self._total:
            raise TooBusy("logins")
        if self._by_connection[connection] >= self._per_connection:
            raise TooBusy("connection-logins")
        self._open[login.id] = (connection, login.expires_at)
        self._by_connection[connection] += 1
        try:
            yield
        except BaseException:
            self.leave(login.id)
            raise

    def leave(self, login: LoginId) -> None:
        """A login ended; one that began elsewhere was not counted here."""
        connection, _ = self._open.pop(login, (None, None))
        if connection is None:
            return
        self._by_connection[connection] -= 1
        if not self._by_connection[connection]:
            del self._by_connection[connection]

    def _forget_expired(self, at: datetime) -> None:
        expired = takewhile(lambda entry: entry[1][1] <= at, self._open.items())
        for login in [login for login, _ in expired]:
            self.leave(login)
