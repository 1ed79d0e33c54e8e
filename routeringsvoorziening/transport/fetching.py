"""Fetches documents from addresses that others chose, such as their metadata: under bounds, and never inwards (S84)."""

import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from routeringsvoorziening.transport.addresses import AddressForbidden, AddressPolicy, GuardedResolver
from routeringsvoorziening.transport.breaker import Breaker
from routeringsvoorziening.transport.client import BoundedClient, ClientBounds
from routeringsvoorziening.transport.errors import BadAnswer, Forbidden

DOCUMENT_BYTES: Final = 16 * 1_048_576
BOUNDS: Final = ClientBounds(total=30.0, connect=5.0, response_bytes=DOCUMENT_BYTES, concurrent=8, queued=10_000)
_OK: Final = 200
_NEVER: Final = 1_000_000_000


class DocumentFetcher:
    """GETs one document at a time from many hosts. https only, no redirect, no cookie, no proxy. Close it when done.

    Args:
        policy: which addresses may be called; one that allows all also allows http, to hosts under `.localhost`.
        tls: how servers are judged; None trusts what the system trusts.
        bounds: of every fetch.
    """

    def __init__(
        self, policy: AddressPolicy, *, tls: ssl.SSLContext | None = None, bounds: ClientBounds = BOUNDS
    ) -> None:
        self._policy = policy
        self._client = BoundedClient(
            tls=tls,
            bounds=bounds,
            breaker=Breaker(failures=_NEVER),  # many hosts: the failures of one say nothing of another
            resolver=lambda: GuardedResolver(policy),
        )

    async def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The whole document.

        Raises:
            Forbidden: not an address that may be asked.
            Unreachable: nobody answered in time.
            BadAnswer: another status than 200, a redirect, too much, or a broken answer.
        """
        check_url(url, self._policy)
        answer = await self._client.get(url, headers)
        if answer.status != _OK:
            raise BadAnswer("http-status", f"status {answer.status}")
        return answer.body

    async def close(self) -> None:
        """Let go of every connection. Safe to call twice."""
        await self._client.close()


def check_url(url: str, policy: AddressPolicy) -> None:
    """The URL is one that may be asked, as far as can be seen before its name is resolved.

    Raises:
        Forbidden: another scheme, userinfo, a fragment, or an address that may not be called.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Forbidden("not a URL") from None
    if not host or "@" in parts.netloc or parts.fragment or not url.isascii() or not url.isprintable():
        raise Forbidden("not a plain URL")
    local = policy.anywhere and parts.scheme == "http" and host.endswith(".localhost")
    if parts.scheme != "https" and not local:
        raise Forbidden("not https")
    try:
        policy.check_host(host)
    except AddressForbidden as forbidden:
        raise Forbidden(str(forbidden)) from None
