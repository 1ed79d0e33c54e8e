"""Test organisations: fictional, with their branches, employees, means and mandates.

Numbers are made up: KvK numbers begin with 9000, and from 9000 8000 on they are those of generated offices
(`registers.offices`); RSINs and BSNs begin with 9.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from routeringsvoorziening.simulators.world import layout

Text = tuple[str, str]


class Means(Enum):
    """How an employee can log in, with the short name of its level at eTD."""

    EH2 = "loa2"
    EH2PLUS = "loa2plus"
    EH3 = "loa3"
    EH4 = "loa4"

    @property
    def label(self) -> str:
        """As people know it."""
        return "EH2+" if self is Means.EH2PLUS else self.name

    @property
    def rank(self) -> int:
        """Ascending."""
        return list(Means).index(self)


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation.

    Args:
        key: short name, in forms.
        name: of the company.
        kvk: eight digits.
        rsin: nine digits; None for an eenmanszaak.
        bsn: of whom an eenmanszaak is; nine digits; None for every other form.
    """

    key: str
    name: str
    kvk: str
    rsin: str | None = None
    bsn: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Branch:
    """A vestiging: a mandate may be for it alone. `number` has twelve digits."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who works somewhere. `user` is what their means knows them by, and is declared to nobody."""

    key: str
    name: str
    user: str
    employer: Organisation
    means: tuple[Means, ...]


@dataclass(frozen=True, slots=True)
class Capacity:
    """As whom somebody can act: one line of the login page.

    Args:
        key: in forms.
        employee: who.
        represented: for which organisation.
        services: the ServiceUUIDs that the mandate is for.
        branch: for which the mandate is alone; None for the whole organisation.
        about: one line that helps a tester to choose.
    """

    key: str
    employee: Employee
    represented: Organisation
    services: frozenset[str]
    about: Text
    branch: Branch | None = None

    @property
    def intermediary(self) -> Organisation | None:
        """The employer, when that acts for another organisation: a chain of mandates."""
        return self.employee.employer if self.employee.employer != self.represented else None


WASTE, PARKING, GRANT, PERMIT, CLIENTS, SELF_EMPLOYED, PANEL = (each.uuid for each in layout.BUSINESS_SERVICES)
_ALL: Final = (Means.EH2, Means.EH2PLUS, Means.EH3, Means.EH4)
_COMPANY: Final = frozenset({WASTE, PARKING, GRANT, PERMIT, SELF_EMPLOYED, PANEL})

BAKERY: Final = Organisation("bakkerij", "Bakkerij Korenaar B.V.", "90000011", "900000119")
BUILDER: Final = Organisation("bouw", "Klusbedrijf Steenstra", "90000022", bsn="954330122")
ACCOUNTANT: Final = Organisation("balans", "Administratiekantoor Balans", "90000033", "900000338")
OFFICE: Final = Organisation("bewind", "Bewindvoerderskantoor Bakker", "90000044", "900000442")
HARBOUR: Final = Branch("000090000112", "Filiaal Haven")
ORGANISATIONS: Final = (BAKERY, BUILDER, ACCOUNTANT, OFFICE)

_BRAM: Final = Employee("bram", "Bram Korenaar", "u-7100", BAKERY, _ALL)
_SANNE: Final = Employee("sanne", "Sanne Kok", "u-7101", BAKERY, _ALL[:3])
_KARIN: Final = Employee("karin", "Karin Steenstra", "u-7200", BUILDER, _ALL)
_OMAR: Final = Employee("omar", "Omar Balans", "u-7300", ACCOUNTANT, _ALL)
_LOTTE: Final = Employee("lotte", "Lotte Visser", "u-7400", OFFICE, _ALL)

CAPACITIES: Final = (
    Capacity("bram", _BRAM, BAKERY, _COMPANY, ("Directeur, mag alles", "Director, may do everything")),
    Capacity(
        "sanne-haven",
        _SANNE,
        BAKERY,
        frozenset({GRANT}),
        ("Filiaalmanager, alleen voor één vestiging", "Branch manager, for one branch only"),
        HARBOUR,
    ),
    Capacity(
        "karin",
        _KARIN,
        BUILDER,
        _COMPANY,
        ("Eenmanszaak: een KvK-nummer en geen RSIN", "Sole trader: a KvK number and no RSIN"),
    ),
    Capacity(
        "omar-bakkerij",
        _OMAR,
        BAKERY,
        frozenset({PARKING, GRANT, PERMIT}),
        ("Intermediair: een machtiging in een keten", "Intermediary: a mandate in a chain"),
    ),
    Capacity("omar", _OMAR, ACCOUNTANT, frozenset({WASTE, GRANT}), ("Voor het eigen kantoor", "For the firm itself")),
    Capacity(
        "lotte",
        _LOTTE,
        OFFICE,
        _COMPANY | {CLIENTS},
        ("Werkt bij een professionele bewindvoerder", "Works for a professional bewindvoerder"),
    ),
)
"""In the order of the login page."""
BY_KEY: Final = {each.key: each for each in CAPACITIES}
