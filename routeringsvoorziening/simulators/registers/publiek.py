"""The register of voluntary mandates, as in DigiD Machtigen: one citizen lets another do some things, for some time."""

from routeringsvoorziening.simulators.registers.mandates import Kind, Mandate
from routeringsvoorziening.simulators.registers.records import NotHeld, Records


class Publiek(Records):
    """Voluntary mandates. What holds for one time is used up by the first who comes, in whatever order they come."""

    def __init__(self) -> None:
        super().__init__("publiek")
        self._used: set[str] = set()

    def add(self, mandate: Mandate) -> None:
        """From now on it is held.

        Raises:
            ValueError: it does not say for which services; or see `Records.add`.
        """
        if mandate.kind is not Kind.VOLUNTARY or not mandate.services:
            raise ValueError(f"{mandate.id}: a voluntary mandate names its services")
        super().add(mandate)

    def is_used(self, mandate: Mandate) -> bool:
        """Whether it held for one time, and that time has been."""
        return mandate.id in self._used

    def use(self, mandate: Mandate) -> None:
        """One step under the lock: of two who come at once, one is too late.

        Raises:
            NotHeld: withdrawn, or used before.
        """
        with self._lock:
            if mandate.id not in self._by_id or mandate.id in self._used:
                raise NotHeld(mandate.id)
            if mandate.once:
                self._used.add(mandate.id)
