"""Offices of professional representatives, as the Rechtspraak knows them: by KvK number, with whose cases they do.

The courts appoint a person; who works at that person's office may act for the clients too.
"""

from collections.abc import Mapping
from typing import Final

from routeringsvoorziening.simulators.world.persons import BY_KEY

DEMO_OFFICES: Final[Mapping[str, str]] = {"90000044": BY_KEY["noor"].bsn}
"""KvK number to the BSN of whom the courts appointed."""
