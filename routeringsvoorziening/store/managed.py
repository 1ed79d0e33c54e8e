"""A store with its housekeeping, as the server holds it."""

from typing import Protocol

from routeringsvoorziening.broker.ports import Store


class ManagedStore(Store, Protocol):
    """The core's port, plus what the composition root and the health checks need."""

    async def check(self) -> None:
        """Reach the store, for readiness.

        Raises:
            StoreUnavailable: when it cannot be used.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
