"""The registers of the demo world: the test people's mandates, one of every kind and in every state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from routeringsvoorziening.simulators.registers.brondienstvertaling import default_translation
from routeringsvoorziening.simulators.registers.dienstencatalogus import Dienstencatalogus, demo_catalogue
from routeringsvoorziening.simulators.registers.generating import new_clients
from routeringsvoorziening.simulators.registers.gezag import Gezag
from routeringsvoorziening.simulators.registers.mandates import Action, Kind, Mandate, day_of
from routeringsvoorziening.simulators.registers.population import Residents
from routeringsvoorziening.simulators.registers.publiek import Publiek
from routeringsvoorziening.simulators.registers.records import Records
from routeringsvoorziening.simulators.registers.stelsel import Stelsel
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.families import MONTH, Resident, residents

CLIENTS: Final = 60
"""Of the professional bewindvoerder, beside those with a name of their own here."""
YEAR: Final = timedelta(days=365)
_APPOINTMENT, _PARKING, _BENEFIT, _, _GRANT, _PANEL = (each.uuid for each in layout.PORTAL_SERVICES)
_HOSPITAL, _VISIT = (each.uuid for each in layout.ZORG_SERVICES)
_CARE: Final = layout.CLUSTER_SERVICES[layout.HEIDEWOUDE][1].uuid
_CHILDREN: Final = (
    ("shanti", "anaya"),
    ("shanti", "ravi"),
    ("shanti", "priya"),
    ("shanti", "kiran"),
    ("youssef", "sami"),
    ("youssef", "mila"),
)


@dataclass(frozen=True, slots=True)
class DemoStelsel:
    """The demo's registers, each within reach of a test.

    Args:
        stelsel: what a BVD asks.
        population: to let somebody be born or die.
        publiek: voluntary mandates.
        gezag: ouderlijk gezag.
        courts: `bewind`, `curatele` and `mentorschap`.
    """

    stelsel: Stelsel
    population: Residents
    publiek: Publiek
    gezag: Gezag
    courts: Mapping[str, Records]


def demo_stelsel(at: datetime, *, clients: int = CLIENTS, catalogue: Dienstencatalogus | None = None) -> DemoStelsel:
    """The registers as they are on the first day of a world; the same for the same day.

    Args:
        at: now, aware.
        clients: how many people without a name in `families` the professional bewindvoerder has.
        catalogue: the services for which one can be represented; those of the demo world by default.
    """
    today = day_of(at)
    people = {each.key: each for each in residents(today)}
    population = Residents(people.values())
    publiek, gezag = Publiek(), Gezag()
    courts = {kind.value: Records(kind.value) for kind in (Kind.BEWIND, Kind.CURATELE, Kind.MENTORSCHAP)}
    for each in voluntary(people, today):
        publiek.add(each)
    for parent, child in _CHILDREN:
        gezag.grant(people[parent], people[child])
    for each in granted(people, today):
        courts[each.kind.value].add(each)
    new_clients(people["noor"], clients, population, courts, today)
    registers = (publiek, gezag, *courts.values())
    stelsel = Stelsel(population, registers, catalogue or demo_catalogue(), default_translation())
    return DemoStelsel(stelsel, population, publiek, gezag, courts)


def voluntary(people: Mapping[str, Resident], today: date) -> Iterator[Mandate]:
    """A neighbour, a friend for one time, a father; and mandates that do not hold: ended, to come, of the deceased."""

    def mandate(acting: str, legal: str, *services: str) -> Mandate:
        return Mandate(
            id=f"publiek-{acting}-{legal}",
            kind=Kind.VOLUNTARY,
            acting=people[acting].bsn,
            legal=people[legal].bsn,
            valid_from=today - MONTH * 3,
            valid_until=today + 2 * YEAR,
            services=frozenset(services),
        )

    yield mandate("fenna", "joke", _APPOINTMENT, _PARKING, _GRANT, _PANEL)
    yield replace(mandate("fenna", "daan", _BENEFIT), once=True)
    yield replace(mandate("fenna", "bep", _APPOINTMENT, _PARKING, _BENEFIT), action=Action.INZIEN)
    yield mandate("fenna", "truus", _APPOINTMENT, _PARKING)
    yield mandate("willem", "gerrit", _APPOINTMENT, _BENEFIT, _HOSPITAL, _VISIT, _CARE)
    yield replace(mandate("youssef", "fatima", _APPOINTMENT), valid_until=today - MONTH)
    yield replace(mandate("joke", "bep", _APPOINTMENT), valid_from=today + MONTH)


def granted(people: Mapping[str, Resident], today: date) -> Iterator[Mandate]:
    """What courts decided: for the family, and for the professional."""

    def mandate(kind: Kind, acting: str, legal: str, *, professional: bool = False) -> Mandate:
        return Mandate(
            id=f"{kind.value}-{acting}-{legal}",
            kind=kind,
            acting=people[acting].bsn,
            legal=people[legal].bsn,
            valid_from=today - 2 * YEAR,
            professional=professional,
        )

    yield mandate(Kind.MENTORSCHAP, "willem", "gerrit")
    yield mandate(Kind.CURATELE, "willem", "karel")
    yield mandate(Kind.BEWIND, "noor", "kees", professional=True)
    yield mandate(Kind.CURATELE, "noor", "bep", professional=True)
    yield mandate(Kind.MENTORSCHAP, "noor", "fatima", professional=True)
