"""What a register holds: one person may act for another, in some matters, for some time."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, IntEnum
from typing import Final
from zoneinfo import ZoneInfo

HERE: Final = ZoneInfo("Europe/Amsterdam")
"""Days begin and end here."""


class Kind(Enum):
    """On what ground somebody acts for another."""

    VOLUNTARY = "vrijwillig"
    PARENTAL = "ouderlijk-gezag"
    BEWIND = "bewind"
    CURATELE = "curatele"
    MENTORSCHAP = "mentorschap"


class Action(IntEnum):
    """What a service lets one do; who may change things may also look at them."""

    INZIEN = 1
    WIJZIGEN = 2


@dataclass(frozen=True, slots=True)
class Mandate:
    """One line of a register.

    Args:
        id: reference, unique over all registers; says nothing that is secret.
        kind: the ground.
        acting: BSN of who acts.
        legal: BSN of who is represented.
        valid_from: the first day.
        valid_until: the first day on which it does not hold any more; None: until it is ended.
        services: ServiceUUIDs to which it is limited; None: what its kind covers.
        action: how far it goes.
        once: it holds for one time.
        professional: acting is somebody's profession.
    """

    id: str
    kind: Kind
    acting: str = field(repr=False)
    legal: str = field(repr=False)
    valid_from: date
    valid_until: date | None = None
    services: frozenset[str] | None = None
    action: Action = Action.WIJZIGEN
    once: bool = False
    professional: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether that day lies within its window."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


class Standing(Enum):
    """Whether a mandate holds, and if not, why."""

    HOLDS = "geldig"
    NOT_YET = "nog niet geldig"
    OVER = "verlopen"
    USED = "gebruikt"
    DECEASED = "geëindigd door overlijden"


def day_of(at: datetime) -> date:
    """The day that it is here.

    Args:
        at: aware.
    """
    return at.astimezone(HERE).date()
