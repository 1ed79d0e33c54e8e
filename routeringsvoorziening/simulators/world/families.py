"""Everybody of the demo world as the BRP knows them: the test persons, and those for whom they act.

Ages are counted from the day on which a world begins, so that the children do not grow up while the project does.
Who may act for whom stands in `simulators/registers/demo`.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from routeringsvoorziening.simulators.world.persons import BY_KEY

SINCE_BIRTHDAY: Final = timedelta(days=100)
"""Everybody had their birthday so long ago."""


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody as the BRP knows them.

    Args:
        key: short name, in forms and in the reference of a mandate.
        name: as pages show it.
        bsn: nine digits.
        born: date of birth.
        died: date of death; None while they live.
    """

    key: str
    name: str
    bsn: str = field(repr=False)
    born: date
    died: date | None = None

    def age_on(self, day: date) -> int:
        """In whole years; who was born on 29 February has a birthday on 1 March in other years."""
        birthday_to_come = (day.month, day.day) < (self.born.month, self.born.day)
        return day.year - self.born.year - birthday_to_come

    def lives_on(self, day: date) -> bool:
        """False from the day of death on."""
        return self.died is None or day < self.died


def birthday(born: date, years: int) -> date:
    """The day on which somebody becomes so old."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


_TEST_PERSONS: Final = {
    "fenna": 41,
    "youssef": 33,
    "joke": 68,
    "daan": 23,
    "shanti": 39,
    "willem": 58,
    "noor": 45,
}
_RELATIVES: Final = (
    ("anaya", "Anaya Bhagwandin", "907924402", 4),
    ("ravi", "Ravi Bhagwandin", "957986828", 11),
    ("priya", "Priya Bhagwandin", "928807290", 14),
    ("kiran", "Kiran Bhagwandin", "967513613", 17),
    ("sami", "Sami Amrani", "931672326", 8),
    ("mila", "Mila Amrani", "951402614", 18),
    ("gerrit", "Gerrit Oosterhuis", "982450400", 86),
    ("karel", "Karel Oosterhuis", "925167800", 61),
    ("truus", "Truus de Boer", "933377617", 79),
    ("kees", "Kees Mulder", "942346853", 52),
    ("fatima", "Fatima el Idrissi", "954930666", 34),
    ("bep", "Bep Schouten", "954409103", 91),
)
DECEASED: Final = frozenset({"karel", "truus"})
"""They died a month before the world begins."""
MONTH: Final = timedelta(days=30)


def residents(today: date) -> tuple[Resident, ...]:
    """Everybody, on the first day of a world."""
    people = [(key, BY_KEY[key].name, BY_KEY[key].bsn, age) for key, age in _TEST_PERSONS.items()]
    return tuple(
        Resident(key, name, bsn, _born(today, age), today - MONTH if key in DECEASED else None)
        for key, name, bsn, age in (*people, *_RELATIVES)
    )


def _born(today: date, age: int) -> date:
    return birthday(today - SINCE_BIRTHDAY, -age)
