"""One kept-open client per service: its connections, its bounds and its breaker outlive a change of configuration."""

import asyncio
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256

from routeringsvoorziening.backends.method import ServiceSettings
from routeringsvoorziening.configuration.model.methods import Calls
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.transport.breaker import Breaker
from routeringsvoorziening.transport.client import BoundedClient, ClientBounds
from routeringsvoorziening.transport.tls import client_context

_SHA256: Final = SHA256()

Key = tuple[str, Calls, bytes, str]


class Clients:
    """The clients of one server, by service, by its bounds, and by our own certificate."""

    def __init__(self) -> None:
        self._clients: dict[Key, BoundedClient] = {}

    async def of(self, configuration: Configuration, service: ServiceSettings) -> BoundedClient:
        """The client of a service; a new one when its bounds or our certificate changed.

        Raises:
            OSError: our certificate for TLS cannot be read.
        """
        key = _key(configuration, service)
        if key not in self._clients:
            self._clients[key] = await self._make(configuration, service.calls)
        return self._clients[key]

    def made(self, configuration: Configuration, service: ServiceSettings) -> BoundedClient | None:
        """The client of a service, when there is one already."""
        return self._clients.get(_key(configuration, service))

    async def close(self) -> None:
        """Let go of every connection."""
        for client in self._clients.values():
            await client.close()

    async def _make(self, configuration: Configuration, calls: Calls) -> BoundedClient:
        own = configuration.own.tls
        tls = await asyncio.to_thread(
            client_context, configuration.trust_file, certificate=own.certificate_file, key=own.key_file
        )
        return BoundedClient(
            tls=tls,
            bounds=ClientBounds(
                total=calls.timeout.total_seconds(), response_bytes=calls.response_bytes, concurrent=calls.concurrent
            ),
            breaker=Breaker(failures=calls.breaker.failures, pause=calls.breaker.pause.total_seconds()),
        )


def _key(configuration: Configuration, service: ServiceSettings) -> Key:
    own = configuration.own.tls
    return (service.id, service.calls, own.certificate.fingerprint(_SHA256), str(configuration.trust_file))
