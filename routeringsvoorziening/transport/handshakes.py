"""TLS handshakes under way: so many, and no more.

Who has not finished a handshake is nobody yet, and costs memory all the same. When there are as many as may be, a
newcomer does not wait and is not turned away: it takes the place of another. That is the oldest handshake of whoever
has most of them, so that an honest client, which needs a fraction of a second, is the last to lose its place.
"""

import asyncio
from collections import Counter
from typing import Generic, TypeVar

Origin = TypeVar("Origin")


class Handshakes(Generic[Origin]):
    """The tasks that wait for a client to finish its handshake, oldest first.

    Args:
        most: how many there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way: dict[asyncio.Task[None], Origin] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    def add(self, task: asyncio.Task[None], origin: Origin) -> bool:
        """Count a handshake until its task is done; False when another had to make room for it."""
        crowded = len(self._under_way) >= self._most
        if crowded:
            self._end_one()
        self._under_way[task] = origin
        task.add_done_callback(self._forget)
        return not crowded

    def _end_one(self) -> None:
        ((greediest, _),) = Counter(self._under_way.values()).most_common(1)
        oldest = next(task for task, origin in self._under_way.items() if origin == greediest)
        del self._under_way[oldest]
        oldest.cancel()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
