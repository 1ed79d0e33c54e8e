"""What a started simulator hands back: where it listens, and how to end it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Running:
    """A simulator that listens.

    Args:
        url: base URL of its front channel, without trailing slash.
        ports: port per listener: `front`, and `back` where it has one.
        closers: what must be ended, in this order.
    """

    url: str
    ports: dict[str, int]
    closers: list[Callable[[], Awaitable[object]]] = field(default_factory=list, repr=False)

    async def stop(self) -> None:
        """End every listener and client; safe to call twice."""
        while self.closers:
            await self.closers.pop(0)()
