"""`rv demo --check`: which logins there are to try, derived from the services of the demo.

A cell is a login method, a level, a kind of identity, and whether somebody acts for somebody else. There is one
wherever a service of the demo takes that combination; the README says which cells there cannot be, and why.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.simulators.portal.representing import representations_of
from routeringsvoorziening.simulators.world.layout import (
    DECRYPTED,
    PSEUDONYM_TOO,
    WEBSITES,
    DemoService,
    Party,
)
from routeringsvoorziening.simulators.world.persons import LEVEL_NAMES

LOWEST: Final = {"digid": 10, "eherkenning": 10, "eidas": 20}
"""The lowest level of each login method."""
OPENED: Final = "opened"
"""The RV makes a plain BSN of a structure."""
_KINDS: Final = {"legacy-BSN": "plain", "BSN": "identity", "Pseudonym": "pseudonym"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One login to try.

    Args:
        method: how.
        level: with which level: 10, 20, 25 or 30.
        kind: `plain` (a BSN), `opened`, `identity` or `pseudonym` (of BSNk), or `company` (a KvK number).
        another: for somebody else, through a BVD.
        site: whose portal.
        service: of those that take this, the first of those that ask most.
    """

    method: str
    level: int
    kind: str
    another: bool
    site: Party
    service: DemoService

    @property
    def name(self) -> str:
        """In the output."""
        return "-".join((self.method, LEVEL_NAMES[self.level], self.kind, *(("for",) if self.another else ())))


def cells(method: str) -> list[Cell]:
    """Every level, for each kind of identity, for yourself and for somebody else; as far as a service takes it."""
    ways = dict[tuple[str, bool], list[tuple[Party, DemoService]]]()
    for site, service in _offered(method):
        for way in _ways(method, site, service):
            ways.setdefault(way, []).append((site, service))
    return [
        Cell(method, level, *way, *max(fitting, key=lambda each: each[1].minimum_loa))
        for way, offered in ways.items()
        for level in LEVEL_NAMES
        if level >= LOWEST[method] and (fitting := [each for each in offered if each[1].minimum_loa <= level])
    ]


def _offered(method: str) -> Iterator[tuple[Party, DemoService]]:
    """The services that take a method, of those that connect directly."""
    return (
        (website.party, service) for website in WEBSITES for service in website.services if method in service.methods
    )


def _ways(method: str, site: Party, service: DemoService) -> Iterator[tuple[str, bool]]:
    """Kind of identity, and whether for somebody else."""
    plain = service.identity == "legacy-BSN"
    kind = OPENED if plain and site in DECRYPTED else _KINDS[service.identity]
    yield ("company" if method == "eherkenning" and plain else kind), False
    if method == "eidas" and service.uuid in PSEUDONYM_TOO:
        yield "pseudonym", False
    if method != "eidas" and representations_of(service):
        yield kind, True
