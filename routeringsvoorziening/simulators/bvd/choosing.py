"""The page of a BVD: for whom do you act. With a search when there are many, an explanation when there is nobody."""

from collections.abc import Mapping, Sequence
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

MOST_SHOWN: Final = 20
"""People on one page; with more there is a search."""
LONGEST_SEARCH: Final = 80
Form = Mapping[str, object]
CHOOSE_SOMEBODY: Final[Text] = ("Kies voor wie u iets wilt regelen.", "Choose for whom you want to act.")
TOO_LATE: Final[Text] = (
    "Dit kan niet meer: deze bevoegdheid geldt niet meer, of is net gebruikt. Kies opnieuw.",
    "This is no longer possible: it does not hold any more, or has just been used. Choose again.",
)


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
