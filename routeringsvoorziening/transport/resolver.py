"""Names to addresses: `localhost` and everything below it is this machine (RFC 6761, 6.3), always."""

import socket
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

LOOPBACK: Final = "127.0.0.1"


class LocalhostResolver(AbstractResolver):
    """Answers for `localhost` and `*.localhost` itself; the rest goes to the system's resolver, in a thread."""

    def __init__(self) -> None:
        self._system = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a name.

        Raises:
            OSError: the system's resolver knows none.
        """
        name = host.rstrip(".").lower()
        if name == "localhost" or name.endswith(".localhost"):
            return [_loopback(host, port)]
        return await self._system.resolve(host, port, family)

    async def close(self) -> None:
        """Nothing is kept."""
        await self._system.close()


def _loopback(host: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=LOOPBACK,
        port=port,
        family=socket.AF_INET,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
