"""Offices of professional representatives, as the Rechtspraak knows them: by KvK number, with whose cases they do.

The courts appoint a person; who works at that person's office may act for the clients too.

Every KvK number in this world begins with 9000: those with a name of their own in `eherkenning.companies` below
9000 8000, those of generated offices from there on, one for each professional in turn.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from routeringsvoorziening.simulators.world.persons import BY_KEY

DEMO_OFFICES: Final[Mapping[str, str]] = {"90000044": BY_KEY["noor"].bsn}
"""KvK number to the BSN of whom the courts appointed."""
FIRST_GENERATED: Final = 9000_8000
LAST_GENERATED: Final = 9000_9999


def fictional_kvks() -> Iterator[str]:
    """KvK numbers of generated offices, in ascending order: two thousand of them."""
    return map(str, range(FIRST_GENERATED, LAST_GENERATED + 1))
