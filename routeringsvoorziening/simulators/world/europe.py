"""Other countries, and the fictional people and companies that log in from there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

Text = tuple[str, str]
"""Dutch and English."""

LEVEL_NAMES: Final[Mapping[int, Text]] = {
    20: ("laag", "low"),
    25: ("substantieel", "substantial"),
    30: ("hoog", "high"),
}


@dataclass(frozen=True, slots=True)
class Country:
    """A country whose means of login are recognised.

    Args:
        code: ISO 3166-1 alpha-2.
        name: in two languages.
        flag: what its flag looks like, in words.
        levels: that its means of login reach, ascending.
    """

    code: str
    name: Text
    flag: Text
    levels: tuple[int, ...]

    @property
    def highest(self) -> int:
        """The highest level."""
        return self.levels[-1]


COUNTRIES: Final = (
    Country("BE", ("België", "Belgium"), ("zwart, geel en rood", "black, yellow and red"), (20, 25, 30)),
    Country("BG", ("Bulgarije", "Bulgaria"), ("wit, groen en rood", "white, green and red"), (20, 25)),
    Country("DE", ("Duitsland", "Germany"), ("zwart, rood en goud", "black, red and gold"), (30,)),
    Country("EE", ("Estland", "Estonia"), ("blauw, zwart en wit", "blue, black and white"), (25, 30)),
    Country("FR", ("Frankrijk", "France"), ("blauw, wit en rood", "blue, white and red"), (20, 25)),
    Country(
        "GR",
        ("Griekenland", "Greece"),
        ("blauwe en witte strepen met een wit kruis", "blue and white stripes with a white cross"),
        (20, 25),
    ),
    Country("ES", ("Spanje", "Spain"), ("rood en geel, met een wapen", "red and yellow, with a shield"), (20, 25, 30)),
    Country("SE", ("Zweden", "Sweden"), ("blauw met een geel kruis", "blue with a yellow cross"), (25, 30)),
)
"""In the order of their Dutch names."""
BY_CODE: Final = {country.code: country for country in COUNTRIES}
"""The same by their code."""


@dataclass(frozen=True, slots=True)
class European:
    """Somebody who exists only here, and logs in from another country.

    Args:
        key: short name, in forms.
        country: code of the country that identifies them.
        given: given name, in Latin script.
        family: family name, in Latin script.
        born: date of birth.
        number: by which their country knows them; the last part of the PersonIdentifier.
        original: given and family name in the script of the country, when that is another.
        bsn: when they live or lived in the Netherlands; None for most.
        born_in: place of birth.
    """

    key: str
    country: str
    given: str
    family: str
    born: date
    number: str = field(repr=False)
    original: tuple[str, str] | None = None
    bsn: str | None = field(default=None, repr=False)
    born_in: str = ""

    @property
    def name(self) -> str:
        """As pages show it."""
        return f"{self.given} {self.family}"

    @property
    def identifier(self) -> str:
        """PersonIdentifier for the Netherlands."""
        return f"{self.country}/NL/{self.number}"


@dataclass(frozen=True, slots=True)
class Company:
    """A legal person of another country.

    Args:
        key: short name, in forms.
        country: code of the country that identifies it.
        name: in Latin script.
        number: the last part of the LegalPersonIdentifier.
        original: its name in the script of the country, when that is another.
        vat: VAT registration number.
    """

    key: str
    country: str
    name: str
    number: str = field(repr=False)
    original: str | None = None
    vat: str = ""

    @property
    def identifier(self) -> str:
        """LegalPersonIdentifier for the Netherlands."""
        return f"{self.country}/NL/{self.number}"


PEOPLE: Final = (
    European("lotte", "BE", "Lotte", "Peeters", date(1988, 4, 12), "88041200497", bsn="950528559", born_in="Antwerpen"),
    European("mathieu", "BE", "Mathieu", "Lambert", date(1994, 9, 30), "94093000166", born_in="Namur"),
    European(
        "elena", "BG", "Elena", "Petrova", date(1991, 2, 3), "9102030048", ("Елена", "Петрова"), born_in="Plovdiv"
    ),
    European("jonas", "DE", "Jonas", "Brandt", date(1979, 11, 2), "T220001293", bsn="967365326", born_in="Lübeck"),
    European("greta", "DE", "Greta", "Vogel", date(1999, 6, 21), "L01X00T471", born_in="Weimar"),
    European("maarika", "EE", "Maarika", "Tamm", date(1985, 1, 17), "48501170024", born_in="Tartu"),
    European("camille", "FR", "Camille", "Moreau", date(1990, 7, 14), "2900714a77c", born_in="Lille"),
    European(
        "nikos",
        "GR",
        "Nikos",
        "Papadakis",
        date(1982, 3, 25),
        "AK102938",
        ("Νίκος", "Παπαδάκης"),
        bsn="969624207",
        born_in="Chania",
    ),
    European("eleni", "GR", "Eleni", "Dimou", date(1996, 12, 6), "AZ564738", ("Ελένη", "Δήμου"), born_in="Volos"),
    European("lucia", "ES", "Lucía", "Romero García", date(1975, 8, 9), "00000014Z", bsn="962501633", born_in="Soria"),
    European("pablo", "ES", "Pablo", "Ortega Ruiz", date(2001, 5, 28), "00000023T", born_in="Cádiz"),
    European("astrid", "SE", "Astrid", "Lindqvist", date(1969, 10, 31), "196910319806", born_in="Uppsala"),
)
"""Everybody, by country."""
COMPANIES: Final = (
    Company("scheldestroom", "BE", "Scheldestroom Logistiek NV", "0999.000.128", vat="BE0999000128"),
    Company("nordlicht", "DE", "Nordlicht Maschinenbau GmbH", "HRB999014", vat="DE999000145"),
    Company("aigaio", "GR", "Aigaio Naftiliaki", "999000162", "Αιγαίο Ναυτιλιακή", vat="EL999000162"),
    Company("levante", "ES", "Citricos Levante SL", "B99900017", vat="ESB99900017"),
)
"""Every company, by country."""


def people_of(country: str) -> tuple[European, ...]:
    """Who can log in from there."""
    return tuple(each for each in PEOPLE if each.country == country)


def companies_of(country: str) -> tuple[Company, ...]:
    """Which companies can."""
    return tuple(each for each in COMPANIES if each.country == country)
