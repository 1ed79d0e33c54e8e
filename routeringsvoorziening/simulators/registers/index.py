"""The machtigingsindex: which register holds something about a person, and nothing of what it holds.

So only those registers are asked, and no register learns of a person about whom it knows nothing.
"""

from collections.abc import Iterable

from routeringsvoorziening.simulators.registers.mandates import Mandate
from routeringsvoorziening.simulators.registers.records import Register

_NONE: frozenset[str] = frozenset()


class Machtigingsindex:
    """Knows for every BSN the names of the registers that hold a mandate by or for it.

    Args:
        registers: those that it watches.
    """

    def __init__(self, registers: Iterable[Register]) -> None:
        self._acting: dict[str, frozenset[str]] = {}
        self._legal: dict[str, frozenset[str]] = {}
        for each in registers:
            each.watch(self._note)

    def for_acting(self, bsn: str) -> frozenset[str]:
        """Where something may stand with which this person acts."""
        return self._acting.get(bsn, _NONE)

    def for_represented(self, bsn: str) -> frozenset[str]:
        """Where something may stand with which somebody acts for this person."""
        return self._legal.get(bsn, _NONE)

    def _note(self, register: str, mandate: Mandate) -> None:
        for table, bsn in ((self._acting, mandate.acting), (self._legal, mandate.legal)):
            known = table.get(bsn, _NONE)
            if register not in known:
                table[bsn] = known | {register}
