"""The page of a BVD: for whom do you act. With a search when there are many, an explanation when there is nobody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from routeringsvoorziening.simulators.bvd import words
from routeringsvoorziening.simulators.bvd.faults import FAULTS
from routeringsvoorziening.simulators.bvd.requests import PendingChoice
from routeringsvoorziening.simulators.bvd.settings import BvdSettings, Text
from routeringsvoorziening.simulators.pages import page
from routeringsvoorziening.simulators.registers.stelsel import Possibility
from routeringsvoorziening.simulators.world.families import Resident
from routeringsvoorziening.simulators.world.persons import passes_eleven_test

MOST_SHOWN: Final = 20
"""People on one page; with more there is a search."""
LONGEST_SEARCH: Final = 80
_WITHOUT_ZERO: Final = 8
Form = Mapping[str, object]
CHOOSE_SOMEBODY: Final[Text] = ("Kies voor wie u iets wilt regelen.", "Choose for whom you want to act.")
NOT_A_BSN: Final[Text] = (
    "Dit is geen BSN. Een BSN heeft 8 of 9 cijfers. Controleer het nummer en vul het opnieuw in.",
    "This is not a BSN. A BSN has 8 or 9 digits. Check the number and enter it again.",
)
NOT_A_CLIENT: Final[Text] = (
    "Uw kantoor kan dit niet regelen voor iemand met dit BSN. Controleer het nummer, of kies iemand uit de lijst.",
    "Your office cannot do this for anybody with this BSN. Check the number, or choose somebody from the list.",
)
TOO_LATE: Final[Text] = (
    "Dit kan niet meer: deze bevoegdheid geldt niet meer, of is net gebruikt. Kies opnieuw.",
    "This is no longer possible: it does not hold any more, or has just been used. Choose again.",
)


class NotChosen(Exception):
    """The form names nobody.

    Args:
        problem: what the page says about it; never what was filled in.
    """

    def __init__(self, problem: Text) -> None:
        super().__init__()
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Shown:
    """The people on the page.

    Args:
        options: those that are shown.
        found: how many the search finds.
        total: how many there are.
        query: what is searched for.
    """

    options: Sequence[Possibility]
    found: int
    total: int
    query: str

    @property
    def searchable(self) -> bool:
        """Whether there is a search."""
        return self.total > MOST_SHOWN


def search(possibilities: Sequence[Possibility], query: str) -> Shown:
    """Those of whom every word of the query is in the name, or is the date of birth (yyyy-mm-dd or dd-mm-yyyy)."""
    parts = query[:LONGEST_SEARCH].casefold().split()
    found = [each for each in possibilities if all(part in _text_of(each.legal) for part in parts)]
    return Shown(found[:MOST_SHOWN], len(found), len(possibilities), query[:LONGEST_SEARCH])


def _text_of(person: Resident) -> str:
    return f"{person.name} {person.born.isoformat()} {person.born:%d-%m-%Y}".casefold()


def client_among(possibilities: Iterable[Possibility], given: str) -> str:
    """The mandate for the client whose BSN is given: nine digits, or eight without the zero in front.

    Whether another number is somebody's does not show.

    Raises:
        NotChosen: it is no BSN, or of no client.
    """
    bsn = given.zfill(9) if len(given) == _WITHOUT_ZERO else given
    if not passes_eleven_test(bsn):
        raise NotChosen(NOT_A_BSN)
    for each in possibilities:
        if each.legal.bsn == bsn:
            return each.mandate.id
    raise NotChosen(NOT_A_CLIENT)


def render(
    request: web.Request,
    settings: BvdSettings,
    choice: PendingChoice,
    *,
    person: Resident | None,
    possibilities: Sequence[Possibility],
    problem: Text | None = None,
    form: Form | None = None,
    status: int = 200,
) -> web.Response:
    """The page, again with what was chosen when there was a problem with it."""
    shown = search(possibilities, request.query.get("zoek", ""))
    fault = str((form or {}).get("fault", ""))
    return page(
        request,
        "bvd/choose.html" if possibilities else "bvd/nobody.html",
        status=status,
        profile=settings.profile,
        service=choice.service,
        person=person,
        office=choice.acting.office,
        shown=shown,
        only=len(possibilities) == 1,
        kinds=words.KINDS,
        actions=words.ACTIONS,
        faults=tuple(FAULTS.values()) if settings.show_faults else (),
        fault=fault,
        problem=problem,
    )
