"""The whole of it: from a person and a service to those for whom that person may act there, today."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from routeringsvoorziening.simulators.registers.brondienstvertaling import Brondienstvertaling
from routeringsvoorziening.simulators.registers.dienstencatalogus import Dienstencatalogus, MandatableService
from routeringsvoorziening.simulators.registers.index import Machtigingsindex
from routeringsvoorziening.simulators.registers.mandates import Kind, Mandate, Standing, day_of
from routeringsvoorziening.simulators.registers.population import Population
from routeringsvoorziening.simulators.registers.records import NotHeld, Register
from routeringsvoorziening.simulators.world.families import Resident


@dataclass(frozen=True, slots=True)
class Possibility:
    """Somebody for whom the person may act, at one service, today.

    Args:
        register: where it stands.
        mandate: the ground.
        legal: who is represented.
        representation_types: what the declaration says of the ground, as URNs (ATT-07).
    """

    register: str
    mandate: Mandate
    legal: Resident
    representation_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the machtigingsinzage.

    Args:
        register: where it stands.
        mandate: what stands there.
        other: the other person.
        standing: whether it holds today.
        age: of who is represented, in whole years.
    """

    register: str
    mandate: Mandate
    other: Resident
    standing: Standing
    age: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All that exists about a person.

    Args:
        acting: with which they act for others.
        represented: with which others act for them.
    """

    acting: tuple[Entry, ...] = field(repr=False)
    represented: tuple[Entry, ...] = field(repr=False)


class Stelsel:
    """Registers, index, population, catalogue and translation, wired together.

    Args:
        population: who lives.
        registers: each under a name of its own.
        catalogue: the services for which one can be represented.
        translation: what a register knows, as services.
    """

    def __init__(
        self,
        population: Population,
        registers: Iterable[Register],
        catalogue: Dienstencatalogus,
        translation: Brondienstvertaling,
    ) -> None:
        self.population = population
        self.catalogue = catalogue
        self._registers = {each.name: each for each in registers}
        self._translations = {pair: translation.for_service(each) for pair, each in catalogue.items()}
        self._index = Machtigingsindex(self._registers.values())

    def for_whom(
        self, acting: str, service: MandatableService, kinds: Collection[Kind], at: datetime
    ) -> tuple[Possibility, ...]:
        """For whom this person may act at this service now, by name.

        Args:
            acting: BSN.
            service: of the catalogue.
            kinds: the grounds that the asking BVD declares.
            at: now, aware.
        """
        day = day_of(at)
        person = self.population.find(acting)
        if person is None or not person.lives_on(day):
            return ()
        found = self._possible(acting, service, kinds, day)
        return tuple(sorted(found, key=lambda each: (each.legal.name, each.mandate.id)))

    def _possible(
        self, acting: str, service: MandatableService, kinds: Collection[Kind], day: date
    ) -> Iterator[Possibility]:
        translation = self._translations[service.dienstverlener, service.uuid]
        for register, mandate in self._held_by(acting):
            if mandate.kind not in kinds or not mandate.holds_on(day) or _is_used(register, mandate):
                continue
            legal = self.population.find(mandate.legal)
            if legal is None or not legal.lives_on(day):
                continue
            types = translation.translate(mandate, legal.age_on(day))
            if types is not None:
                yield Possibility(register.name, mandate, legal, types)

    def act(
        self, acting: str, service: MandatableService, kinds: Collection[Kind], mandate_id: str, at: datetime
    ) -> Possibility:
        """This person acts with this mandate now: it is looked up again, and used up when it holds for one time.

        Raises:
            NotHeld: it does not hold (any more) for this person and service, or somebody was first.
        """
        for each in self.for_whom(acting, service, kinds, at):
            if each.mandate.id == mandate_id:
                self._registers[each.register].use(each.mandate)
                return each
        raise NotHeld(mandate_id)

    def overview(self, bsn: str, at: datetime) -> Overview:
        """All that exists about a person, also what does not hold: the machtigingsinzage."""
        day = day_of(at)
        acting = ((register, mandate, mandate.legal) for register, mandate in self._held_by(bsn))
        represented = ((register, mandate, mandate.acting) for register, mandate in self._held_for(bsn))
        return Overview(self._entries(acting, day), self._entries(represented, day))

    def services_of(self, entry: Entry) -> tuple[MandatableService, ...]:
        """The services that a line of the overview covers today; none when it does not hold."""
        if entry.standing is not Standing.HOLDS:
            return ()
        return tuple(
            service
            for pair, service in self.catalogue.items()
            if self._translations[pair].translate(entry.mandate, entry.age) is not None
        )

    def _entries(self, found: Iterable[tuple[Register, Mandate, str]], day: date) -> tuple[Entry, ...]:
        entries = (self._entry(register, mandate, other, day) for register, mandate, other in found)
        known = [each for each in entries if each is not None]
        return tuple(sorted(known, key=lambda each: (each.standing is not Standing.HOLDS, each.other.name)))

    def _entry(self, register: Register, mandate: Mandate, other_bsn: str, day: date) -> Entry | None:
        """None when the BRP does not know one of the two."""
        acting, legal = self.population.find(mandate.acting), self.population.find(mandate.legal)
        if acting is None or legal is None:
            return None
        alive = acting.lives_on(day) and legal.lives_on(day)
        standing = _standing(register, mandate, day) if alive else Standing.DECEASED
        other = acting if other_bsn == acting.bsn else legal
        return Entry(register.name, mandate, other, standing, legal.age_on(day))

    def _held_by(self, bsn: str) -> Iterator[tuple[Register, Mandate]]:
        for register in self._named(self._index.for_acting(bsn)):
            yield from ((register, each) for each in register.held_by(bsn))

    def _held_for(self, bsn: str) -> Iterator[tuple[Register, Mandate]]:
        for register in self._named(self._index.for_represented(bsn)):
            yield from ((register, each) for each in register.held_for(bsn))

    def _named(self, names: Iterable[str]) -> Iterator[Register]:
        return (self._registers[name] for name in sorted(names))


def _is_used(register: Register, mandate: Mandate) -> bool:
    return mandate.once and register.is_used(mandate)


def _standing(register: Register, mandate: Mandate, day: date) -> Standing:
    """Whether it holds, between two who live."""
    if _is_used(register, mandate):
        return Standing.USED
    if mandate.holds_on(day):
        return Standing.HOLDS
    return Standing.NOT_YET if day < mandate.valid_from else Standing.OVER
