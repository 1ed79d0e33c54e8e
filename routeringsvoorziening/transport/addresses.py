"""Where a call to an address that somebody else chose may go: the public internet, and what was allowed by name (S84).

The check is on the addresses that are connected to, after the name was resolved, so that a name that points inwards,
or first outwards and then inwards, brings nobody in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import AF_INET, AddressFamily
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

from routeringsvoorziening.transport.resolver import LocalhostResolver

Address = IPv4Address | IPv6Address
_TRANSLATED: Final = ip_network("64:ff9b::/96")
"""IPv4 behind NAT64 (RFC 6052): the last four bytes are the address."""


class AddressForbidden(OSError):
    """A name resolves to an address that may not be called; or an address itself is one."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Which addresses may be called.

    Args:
        anywhere: every address, this machine's own among them; for tests and demonstrations.
        networks: that may be called although they are not public.
    """

    anywhere: bool = False
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def check(self, address: str) -> None:
        """The address may be called.

        Raises:
            AddressForbidden: it may not.
            ValueError: it is not an address.
        """
        found = ip_address(address.partition("%")[0])
        if self.anywhere or any(found in network for network in self.networks):
            return
        if not all(each.is_global and not each.is_multicast for each in (found, *_within(found))):
            raise AddressForbidden(f"{found} is not a public address")

    def check_host(self, host: str) -> None:
        """A host that is written as an address may be called; of a name nothing is known yet.

        Raises:
            AddressForbidden: it may not.
        """
        try:
            self.check(host)
        except ValueError:
            return


class GuardedResolver(AbstractResolver):
    """Resolves as `LocalhostResolver` does, and refuses a name of which any address is forbidden."""

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._inner = LocalhostResolver()

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        """Addresses of a name.

        Raises:
            AddressForbidden: the name points where nobody may go.
            OSError: the system's resolver knows none.
        """
        found = await self._inner.resolve(host, port, family)
        for each in found:
            self._policy.check(each["host"])
        return found

    async def close(self) -> None:
        """Nothing is kept."""
        await self._inner.close()


def _within(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if not isinstance(address, IPv6Address):
        return
    for embedded in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())):
        if embedded is not None:
            yield embedded
    if address in _TRANSLATED:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
