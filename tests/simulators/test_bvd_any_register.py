"""Whatever registers hold: nobody ever gets a mandate outside its window, its scope, its ground, or after a death."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.simulators.registers.brondienstvertaling import default_translation
from routeringsvoorziening.simulators.registers.dienstencatalogus import demo_catalogue
from routeringsvoorziening.simulators.registers.mandates import Action, Kind, Mandate, Standing
from routeringsvoorziening.simulators.registers.population import Residents
from routeringsvoorziening.simulators.registers.publiek import Publiek
from routeringsvoorziening.simulators.registers.records import NotHeld, Records
from routeringsvoorziening.simulators.registers.stelsel import Stelsel
from routeringsvoorziening.simulators.world.families import Resident

BSNS = ("954214304", "956832374", "983510349", "970367363")
TODAY = date(2026, 3, 2)
CATALOGUE = demo_catalogue()
SERVICES = tuple(CATALOGUE.values())
COURTS = (Kind.PARENTAL, Kind.BEWIND, Kind.CURATELE, Kind.MENTORSCHAP)

days = st.integers(-400, 400).map(lambda number: TODAY + timedelta(days=number))
ages = st.integers(0, 100).map(lambda years: TODAY - timedelta(days=years * 365 + 200))
bsns = st.sampled_from(BSNS)
actions = st.sampled_from(Action)


def mandates(kinds: st.SearchStrategy[Kind], services: st.SearchStrategy) -> st.SearchStrategy[Mandate]:
    return st.builds(
        Mandate,
        id=st.uuids().map(str),
        kind=kinds,
        acting=bsns,
        legal=bsns,
        valid_from=days,
        valid_until=st.none() | days,
        services=services,
        action=actions,
        once=st.booleans(),
    ).filter(lambda each: each.acting != each.legal)


uuids = st.frozensets(st.sampled_from([each.uuid for each in SERVICES]), min_size=1)
voluntary = mandates(st.just(Kind.VOLUNTARY), uuids)
granted = mandates(st.sampled_from(COURTS), st.none() | uuids)


@dataclass
class Case:
    """Registers with anything in them, and what is known of the people."""

    stelsel: Stelsel
    people: dict[str, Resident]
    all: dict[str, Mandate]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    people = [
        Resident(f"p{number}", f"Person {number}", bsn, draw(ages), draw(st.none() | days))
        for number, bsn in enumerate(BSNS)
    ]
    publiek, courts = Publiek(), Records("courts")
    known = {}
    for register, source in ((publiek, voluntary), (courts, granted)):
        for mandate in draw(st.lists(source, max_size=8, unique_by=lambda each: each.id)):
            known[mandate.id] = mandate
            register.add(mandate)
    population = Residents(people)
    stelsel = Stelsel(population, [publiek, courts], CATALOGUE, default_translation())
    return Case(stelsel, {each.bsn: each for each in people}, known)


kinds_of = st.frozensets(st.sampled_from(Kind))
moments = days.map(lambda day: datetime.combine(day, time(12, 0), UTC))


@given(cases(), bsns, st.sampled_from(SERVICES), kinds_of, moments)
def test_only_what_holds_is_ever_offered(case, acting, service, kinds, at) -> None:
    """Of each that is offered: it is this person's, within its window, its scope and its ground; both live."""
    day = at.date()
    for each in case.stelsel.for_whom(acting, service, kinds, at):
        mandate = case.all[each.mandate.id]
        assert mandate.acting == acting
        assert mandate.legal == each.legal.bsn
        assert mandate.kind in kinds & service.kinds
        assert mandate.valid_from <= day
        assert mandate.valid_until is None or day < mandate.valid_until
        assert mandate.services is None or service.uuid in mandate.services
        assert mandate.action >= service.action
        for bsn in (mandate.acting, mandate.legal):
            died = case.people[bsn].died
            assert died is None or day < died
        age = each.legal.age_on(day)
        assert mandate.kind is not Kind.PARENTAL or age < 16
        assert mandate.kind in (Kind.VOLUNTARY, Kind.PARENTAL) or age >= 18
        assert bool(each.representation_types) is (mandate.kind is not Kind.VOLUNTARY)


@given(cases(), bsns, st.sampled_from(SERVICES), moments)
def test_all_that_holds_is_offered(case, acting, service, at) -> None:
    """And nothing is forgotten: what the overview says to hold for a service is offered there, no more and no less."""
    overview = case.stelsel.overview(acting, at)
    expected = {
        each.mandate.id
        for each in overview.acting
        if each.standing is Standing.HOLDS and service in case.stelsel.services_of(each)
    }
    offered = case.stelsel.for_whom(acting, service, frozenset(Kind), at)
    assert {each.mandate.id for each in offered} == expected
    assert len(overview.acting) == sum(each.acting == acting for each in case.all.values())


@given(cases(), st.sampled_from(SERVICES), moments, st.lists(st.tuples(bsns, st.integers(0, 15)), max_size=12))
def test_what_holds_one_time_is_declared_one_time(case, service, at, tries) -> None:
    """However often and in whatever order people try."""
    declared: list[str] = []
    references = sorted(case.all)
    for acting, number in tries:
        if not references:
            return
        reference = references[number % len(references)]
        try:
            declared.append(case.stelsel.act(acting, service, frozenset(Kind), reference, at).mandate.id)
        except NotHeld:
            continue
    voluntary_once = [each for each in declared if case.all[each].once and case.all[each].kind is Kind.VOLUNTARY]
    assert len(set(voluntary_once)) == len(voluntary_once)


@given(cases(), bsns, bsns, moments)
def test_after_a_death_nothing_is_left(case, acting, dead, at) -> None:
    """Whoever dies: nobody acts for them or as them, at any service, from that day on."""
    case.stelsel.population.record_death(dead, at.date())
    for service in SERVICES:
        for each in case.stelsel.for_whom(acting, service, frozenset(Kind), at):
            assert dead not in (each.mandate.acting, each.mandate.legal)
        assert case.stelsel.for_whom(dead, service, frozenset(Kind), at) == ()
