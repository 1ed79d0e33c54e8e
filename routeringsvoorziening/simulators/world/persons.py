"""The test people: fictional, with BSNs that begin with 9 and pass the eleven test, as no real one does."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

BSN_DIGITS: Final = 9
_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)


class Means(Enum):
    """How a person can log in at the DigiD simulator, with the betrouwbaarheidsniveau that it proves."""

    PASSWORD = "wachtwoord"  # noqa: S105 - a kind of means, no secret
    SMS = "sms"
    APP = "app"
    DOCUMENT = "document"

    @property
    def level(self) -> int:
        """The LoA as the dienstencatalogus numbers it: 10, 20, 25 or 30."""
        return _LEVELS[self]


_LEVELS: Final = {Means.PASSWORD: 10, Means.SMS: 20, Means.APP: 25, Means.DOCUMENT: 30}
LEVEL_NAMES: Final = {10: "basis", 20: "laag", 25: "substantieel", 30: "hoog"}
"""The names of the four levels, in ascending order."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who exists only here.

    Args:
        key: short name, in forms.
        name: as the login page shows it; it is never in a declaration.
        bsn: nine digits.
        means: what this person can log in with.
        about: one line that helps a tester to choose, Dutch and English.
    """

    key: str
    name: str
    bsn: str = field(repr=False)
    means: tuple[Means, ...]
    about: tuple[str, str]

    @property
    def highest(self) -> int:
        """The highest level that this person can reach."""
        return max(means.level for means in self.means)


_ALL: Final = (Means.PASSWORD, Means.SMS, Means.APP, Means.DOCUMENT)

PERSONS: Final = (
    Person("fenna", "Fenna Terpstra", "954214304", _ALL, ("Kan op elk niveau inloggen", "Can log in at every level")),
    Person(
        "youssef",
        "Youssef Amrani",
        "956832374",
        _ALL[:3],
        ("Heeft de ID-check gedaan, zonder rijbewijs", "Did the ID check, has no driving licence"),
    ),
    Person(
        "joke",
        "Joke van der Linden-Smit",
        "983510349",
        _ALL[:2],
        ("Gebruikt een sms-code, geen app", "Uses a text message, no app"),
    ),
    Person("daan", "Daan Wiersma", "970367363", _ALL[:1], ("Heeft alleen een wachtwoord", "Has only a password")),
    Person(
        "shanti",
        "Shanti Bhagwandin",
        "987948799",
        _ALL,
        ("Moeder van kinderen van 4, 11, 14 en 17 jaar", "Mother of children of 4, 11, 14 and 17"),
    ),
    Person(
        "willem", "Willem Oosterhuis", "992262185", _ALL, ("Regelt zaken voor zijn vader", "Looks after his father")
    ),
    Person("noor", "Noor Bakker", "939099603", _ALL, ("Professioneel bewindvoerder", "Professional bewindvoerder")),
)
"""Everybody, in the order of the login page."""

BY_KEY: Final = {person.key: person for person in PERSONS}
"""The same people by their short name."""


def passes_eleven_test(bsn: str) -> bool:
    """Whether nine digits form a BSN: the weighted sum is a multiple of eleven."""
    well_formed = len(bsn) == BSN_DIGITS and bsn.isascii() and bsn.isdigit()
    return well_formed and sum(int(digit) * weight for digit, weight in zip(bsn, _WEIGHTS, strict=True)) % 11 == 0
