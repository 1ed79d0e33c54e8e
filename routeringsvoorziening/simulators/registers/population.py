"""The BRP, as far as representation needs it: who there is, how old they are, and whether they live."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Protocol

from routeringsvoorziening.simulators.world.families import Resident


class Population(Protocol):
    """Who there is."""

    def find(self, bsn: str) -> Resident | None:
        """The resident with that BSN, if there is one."""
        ...


class Residents:
    """A population in memory.

    Args:
        people: everybody at the start.
    """

    def __init__(self, people: Iterable[Resident] = ()) -> None:
        self._by_bsn: dict[str, Resident] = {}
        for each in people:
            self.add(each)

    def __len__(self) -> int:
        return len(self._by_bsn)

    def add(self, resident: Resident) -> None:
        """Somebody is born, or comes to live here.

        Raises:
            ValueError: the BSN is somebody's already.
        """
        if resident.bsn in self._by_bsn:
            raise ValueError(f"{resident.key}: a BSN is of one person")
        self._by_bsn[resident.bsn] = resident

    def find(self, bsn: str) -> Resident | None:
        """The resident with that BSN, if there is one."""
        return self._by_bsn.get(bsn)

    def record_death(self, bsn: str, day: date) -> None:
        """Somebody died; every mandate by and for them ends on that day, in every register.

        Raises:
            KeyError: nobody has that BSN.
        """
        self._by_bsn[bsn] = replace(self._by_bsn[bsn], died=day)
