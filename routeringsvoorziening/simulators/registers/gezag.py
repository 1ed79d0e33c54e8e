"""Ouderlijk gezag: who has authority over a child, until the child is of age. The BRP tells who the parents are.

Authority ends on the eighteenth birthday (Burgerlijk Wetboek 1:233). What it is worth before that day differs per
service and per age; that is not the register's to say but the brondienstvertaling's.
"""

from typing import Final

from routeringsvoorziening.simulators.registers.mandates import Kind, Mandate
from routeringsvoorziening.simulators.registers.records import Records
from routeringsvoorziening.simulators.world.families import Resident, birthday

OF_AGE: Final = 18


class Gezag(Records):
    """Authority of parents and guardians."""

    def __init__(self) -> None:
        super().__init__("gezag")

    def grant(self, parent: Resident, child: Resident) -> Mandate:
        """This person has authority over that child, from birth until the child is of age.

        Raises:
            ValueError: see `Records.add`.
        """
        mandate = Mandate(
            id=f"gezag-{parent.key}-{child.key}",
            kind=Kind.PARENTAL,
            acting=parent.bsn,
            legal=child.bsn,
            valid_from=child.born,
            valid_until=birthday(child.born, OF_AGE),
        )
        self.add(mandate)
        return mandate
