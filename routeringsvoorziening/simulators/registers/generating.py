"""People and mandates in any number, the same ones every time: to fill the registers to the size of the real ones.

Everybody is fictional: every BSN begins with 9 and passes the eleven test, and names are drawn from two short lists.
Every professional has an office, with a KvK number that begins with 9000 (`offices`).
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Final

from routeringsvoorziening.simulators.registers.brondienstvertaling import default_translation
from routeringsvoorziening.simulators.registers.dienstencatalogus import Dienstencatalogus
from routeringsvoorziening.simulators.registers.gezag import Gezag
from routeringsvoorziening.simulators.registers.mandates import Kind, Mandate
from routeringsvoorziening.simulators.registers.offices import FIRST_GENERATED, LAST_GENERATED, fictional_kvks
from routeringsvoorziening.simulators.registers.population import Residents
from routeringsvoorziening.simulators.registers.publiek import Publiek
from routeringsvoorziening.simulators.registers.records import Records
from routeringsvoorziening.simulators.registers.stelsel import Stelsel
from routeringsvoorziening.simulators.world.families import Resident

SEED: Final = 20260601
FIRST_BSN: Final = 90_000_000
"""The first eight digits of the first BSN that is made; the test persons' own are skipped."""
YEAR: Final = timedelta(days=365)
LARGEST_SHARE: Final = 10.0
"""No professional has more than so many times what the one with the least has."""
_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2)
_TEN: Final = 10
_NAMES: Final = """
Anna Bram Cornelis Dewi Eva Farid Gerda Hassan Ilse Jan Karin Lars Maria Niels Olga Piet Quinten Rosa Sem Tessa Umar
Aalbers Brouwer Ceelen Dijkstra Evers Faber Groen Hoekstra Idema Jansen Kok Luijten Meijer Nuijens Ozturk Peeters Smit
"""
_FIRST_NAMES, _LAST_NAMES = (tuple(line.split()) for line in _NAMES.strip().splitlines())
_COURT_KINDS: Final = (Kind.BEWIND, Kind.MENTORSCHAP, Kind.CURATELE)
_SHARES: Final = (80, 12, 8)
"""Per cent of the cases."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything. The professionals are as many as there really are, with as many cases.

    Args:
        professionals: professional bewindvoerders, curators and mentors.
        cases: of all of them together.
        parents: each with one to three children.
        voluntary: voluntary mandates.
    """

    professionals: int = 1_017
    cases: int = 91_479
    parents: int = 20_000
    voluntary: int = 50_000


@dataclass(frozen=True, slots=True)
class Generated:
    """Filled registers.

    Args:
        stelsel: what a BVD asks.
        professionals: those with cases.
        parents: those with children.
        courts: the courts' registers by kind.
        publiek: voluntary mandates.
        gezag: ouderlijk gezag.
        population: everybody.
        offices: KvK number of each professional's office to their BSN, in the order of `professionals`.
    """

    stelsel: Stelsel
    professionals: tuple[Resident, ...] = field(repr=False)
    parents: tuple[Resident, ...] = field(repr=False)
    courts: Mapping[str, Records] = field(repr=False)
    publiek: Publiek = field(repr=False)
    gezag: Gezag = field(repr=False)
    population: Residents = field(repr=False)
    offices: Mapping[str, str] = field(repr=False)


def generate(size: Size, catalogue: Dienstencatalogus, today: date, *, seed: int = SEED) -> Generated:
    """Registers of that size; the same ones for the same arguments. About two seconds for the real size.

    Raises:
        ValueError: more professionals than there are KvK numbers for.
    """
    if size.professionals > LAST_GENERATED - FIRST_GENERATED + 1:
        raise ValueError("not so many offices")
    maker = _Maker(Residents(), random.Random(seed), today)  # noqa: S311 - must repeat
    courts = {kind.value: Records(kind.value) for kind in _COURT_KINDS}
    professionals = maker.people(size.professionals, 25, 67)
    for professional, cases in zip(professionals, maker.shares(size.cases, size.professionals), strict=True):
        maker.clients(professional, cases, courts)
    gezag, publiek = Gezag(), Publiek()
    parents = maker.people(size.parents, 20, 50)
    for parent in parents:
        for child in maker.people(maker.random.randint(1, 3), 0, 20):
            gezag.grant(parent, child)
    maker.voluntary(size.voluntary, publiek, sorted(service.uuid for service in catalogue.values()))
    stelsel = Stelsel(maker.population, (publiek, gezag, *courts.values()), catalogue, default_translation())
    offices = {kvk: each.bsn for kvk, each in zip(fictional_kvks(), professionals, strict=False)}
    return Generated(stelsel, professionals, parents, courts, publiek, gezag, maker.population, offices)


def new_clients(
    professional: Resident, count: int, population: Residents, courts: Mapping[str, Records], today: date
) -> None:
    """Clients for one professional, as new residents; the same ones every time."""
    maker = _Maker(population, random.Random(SEED), today)  # noqa: S311 - must repeat
    maker.clients(professional, count, courts)


def fictional_bsns(start: int = FIRST_BSN) -> Iterator[str]:
    """BSNs that no real person has, in ascending order.

    Args:
        start: the first eight digits of the first.
    """
    for number in range(start, 100_000_000):
        digits = f"{number:08}"
        check = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
        if check < _TEN:
            yield f"{digits}{check}"


class _Maker:
    """Makes people and their mandates.

    Args:
        population: to which people are added.
        random: decides.
        today: from which ages are counted.
    """

    def __init__(self, population: Residents, random: random.Random, today: date) -> None:
        self.population = population
        self.random = random
        self._today = today
        self._bsns = (bsn for bsn in fictional_bsns() if population.find(bsn) is None)

    def people(self, count: int, youngest: int, oldest: int) -> tuple[Resident, ...]:
        """New residents between two ages; one in fifty has died."""
        return tuple(self._person(bsn, youngest, oldest) for bsn in islice(self._bsns, count))

    def shares(self, total: int, parts: int) -> list[int]:
        """A number cut in unequal parts of at least one: few have much, many have little."""
        weights = [min(self.random.paretovariate(2.0), LARGEST_SHARE) for _ in range(parts)]
        counts = [1] * parts
        for index in self.random.choices(range(parts), weights, k=total - parts):
            counts[index] += 1
        return counts

    def clients(self, professional: Resident, count: int, courts: Mapping[str, Records]) -> None:
        """New people, and the court's decision that the professional acts for them; one in twenty has ended."""
        kinds = self.random.choices(_COURT_KINDS, _SHARES, k=count)
        for kind, client in zip(kinds, self.people(count, 18, 95), strict=True):
            begun = self._day_in_the_past(3000)
            courts[kind.value].add(
                Mandate(
                    id=f"{kind.value}-{professional.key}-{client.key}",
                    kind=kind,
                    acting=professional.bsn,
                    legal=client.bsn,
                    valid_from=begun,
                    valid_until=self._today if self.random.random() < 0.05 else None,  # noqa: PLR2004
                    professional=True,
                )
            )

    def voluntary(self, count: int, publiek: Publiek, services: list[str]) -> None:
        """Voluntary mandates between new neighbours, for some services and for a year or two."""
        givers, takers = self.people(count, 18, 99), self.people(max(1, count // 2), 18, 90)
        for number, giver in enumerate(givers):
            begun = self._day_in_the_past(900)
            publiek.add(
                Mandate(
                    id=f"publiek-{number}",
                    kind=Kind.VOLUNTARY,
                    acting=takers[number % len(takers)].bsn,
                    legal=giver.bsn,
                    valid_from=begun,
                    valid_until=begun + 2 * YEAR,
                    services=frozenset(self.random.sample(services, min(2, len(services)))),
                    once=number % 10 == 0,
                )
            )

    def _person(self, bsn: str, youngest: int, oldest: int) -> Resident:
        born = self._today - timedelta(days=self.random.randint(youngest * 366, oldest * 365 + 364))
        died = self._day_in_the_past(300) if self.random.random() < 0.02 else None  # noqa: PLR2004
        name = f"{self.random.choice(_FIRST_NAMES)} {self.random.choice(_LAST_NAMES)}"
        return self._added(Resident(f"p{len(self.population)}", name, bsn, born, died))

    def _added(self, resident: Resident) -> Resident:
        self.population.add(resident)
        return resident

    def _day_in_the_past(self, days: int) -> date:
        return self._today - timedelta(days=self.random.randint(1, days))
