"""The registers behind a BVD, their index and their translation to services."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from routeringsvoorziening.simulators.eherkenning.companies import ORGANISATIONS
from routeringsvoorziening.simulators.registers.brondienstvertaling import (
    DEFAULT_FILE,
    TranslationInvalid,
    default_translation,
    read_translation,
)
from routeringsvoorziening.simulators.registers.demo import DemoStelsel, demo_stelsel
from routeringsvoorziening.simulators.registers.dienstencatalogus import MandatableService, demo_catalogue
from routeringsvoorziening.simulators.registers.generating import Size, fictional_bsns, generate
from routeringsvoorziening.simulators.registers.index import Machtigingsindex
from routeringsvoorziening.simulators.registers.mandates import Action, Kind, Mandate, Standing, day_of
from routeringsvoorziening.simulators.registers.offices import DEMO_OFFICES, fictional_kvks
from routeringsvoorziening.simulators.registers.population import Residents
from routeringsvoorziening.simulators.registers.publiek import Publiek
from routeringsvoorziening.simulators.registers.records import NotHeld, Records
from routeringsvoorziening.simulators.registers.stelsel import Stelsel
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.families import Resident, birthday, residents
from routeringsvoorziening.simulators.world.persons import passes_eleven_test

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = AT.date()
DAY = timedelta(days=1)
BSNS = {each.key: each.bsn for each in residents(TODAY)}
_FOR_BUSINESS = {each.uuid for each in layout.BUSINESS_SERVICES}
SERVICES = {each.category: each for each in demo_catalogue().values() if each.uuid not in _FOR_BUSINESS}
"""The last dienst of each category that is for people."""
EVERY_KIND = frozenset(Kind)
PUBLISHED = "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind"


@pytest.fixture
def demo() -> DemoStelsel:
    return demo_stelsel(AT, clients=0)


def voluntary(**changed) -> Mandate:
    mandate = Mandate(
        "publiek-x",
        Kind.VOLUNTARY,
        BSNS["joke"],
        BSNS["fenna"],
        TODAY,
        services=frozenset({SERVICES["afspraken"].uuid}),
    )
    return replace(mandate, **changed)


def represented(
    demo: DemoStelsel, person: str, service: MandatableService = SERVICES["afspraken"], at: datetime = AT
) -> list[str]:
    return [each.mandate.id for each in demo.stelsel.for_whom(BSNS[person], service, EVERY_KIND, at)]


def test_a_mandate_holds_from_its_first_day_until_its_last(demo: DemoStelsel) -> None:
    """`valid_until` is the first day on which it does not hold; days begin at midnight here, not in UTC."""
    demo.publiek.add(voluntary(valid_from=TODAY + DAY, valid_until=TODAY + 3 * DAY))
    begins = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    for at, held in (
        (begins - timedelta(seconds=1), False),
        (begins, True),
        (begins + 2 * DAY - timedelta(seconds=1), True),
        (begins + 2 * DAY, False),
    ):
        assert ("publiek-x" in represented(demo, "joke", at=at)) is held, at


def test_summer_time_shifts_midnight() -> None:
    """In July a day begins at 22:00 UTC."""
    assert day_of(datetime(2026, 7, 1, 21, 59, tzinfo=UTC)) == date(2026, 7, 1)
    assert day_of(datetime(2026, 7, 1, 22, 0, tzinfo=UTC)) == date(2026, 7, 2)


def test_a_mandate_to_view_is_none_to_change(demo: DemoStelsel) -> None:
    """Inzien does not reach a service where one changes things; wijzigen reaches both."""
    demo.publiek.add(voluntary(action=Action.INZIEN))
    assert represented(demo, "joke") == []
    viewing = replace(SERVICES["afspraken"], action=Action.INZIEN)
    stelsel = Stelsel(
        demo.population, [demo.publiek], {(viewing.dienstverlener, viewing.uuid): viewing}, default_translation()
    )
    for person, held in (("joke", ["publiek-x"]), ("fenna", ["publiek-fenna-bep", "publiek-fenna-joke"])):
        found = stelsel.for_whom(BSNS[person], viewing, EVERY_KIND, AT)
        assert [each.mandate.id for each in found] == held


def test_a_voluntary_mandate_is_for_its_services_only(demo: DemoStelsel) -> None:
    """The neighbour may make an appointment, and not apply for benefits."""
    assert represented(demo, "fenna", SERVICES["afspraken"]) == ["publiek-fenna-joke"]
    assert represented(demo, "fenna", SERVICES["zorg"]) == []


@pytest.mark.parametrize("services", [None, frozenset()])
def test_a_voluntary_mandate_without_services_is_no_mandate(services) -> None:
    """Nobody gives everything away by leaving something out."""
    with pytest.raises(ValueError, match="names its services"):
        Publiek().add(voluntary(services=services))


def test_nobody_represents_themselves() -> None:
    """A register refuses it."""
    with pytest.raises(ValueError, match="themselves"):
        Publiek().add(voluntary(acting=BSNS["fenna"]))


def test_a_reference_is_of_one_mandate() -> None:
    """The second with the same reference is refused, and the first stays."""
    register = Publiek()
    register.add(voluntary())
    with pytest.raises(ValueError, match="already"):
        register.add(voluntary(legal=BSNS["bep"]))
    assert len(register) == 1


def test_one_time_is_one_time_for_whoever_comes_first() -> None:
    """Fifty at once: one succeeds."""
    register = Publiek()
    once = voluntary(once=True)
    register.add(once)
    barrier, succeeded = threading.Barrier(50), []

    def try_it() -> None:
        barrier.wait()
        try:
            register.use(once)
        except NotHeld:
            return
        succeeded.append(1)

    threads = [threading.Thread(target=try_it) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(succeeded) == 1
    assert register.is_used(once)


def test_what_holds_longer_can_be_used_again() -> None:
    """Until it is withdrawn."""
    register = Publiek()
    register.add(voluntary())
    register.use(voluntary())
    register.use(voluntary())
    register.end("publiek-x")
    with pytest.raises(NotHeld):
        register.use(voluntary())
    with pytest.raises(NotHeld):
        register.end("publiek-x")


def test_what_a_court_ends_is_not_held(demo: DemoStelsel) -> None:
    """Neither for who acted nor for who was represented."""
    mentorschap = demo.courts["mentorschap"]
    (mandate,) = mentorschap.held_by(BSNS["willem"])
    mentorschap.use(mandate)
    mentorschap.end(mandate.id)
    assert mentorschap.held_by(BSNS["willem"]) == mentorschap.held_for(BSNS["gerrit"]) == ()
    with pytest.raises(NotHeld):
        mentorschap.use(mandate)


@pytest.mark.parametrize("who", ["willem", "gerrit"])
def test_a_death_ends_every_mandate_in_every_register(demo: DemoStelsel, who: str) -> None:
    """Voluntary and by the court, at every service, from the day of death on; whoever of the two it is."""
    before = [represented(demo, "willem", each) for each in SERVICES.values()]
    assert any(before)
    demo.population.record_death(BSNS[who], TODAY)
    assert not any(represented(demo, "willem", each) for each in SERVICES.values())
    overview = demo.stelsel.overview(BSNS["willem"], AT)
    assert {each.standing for each in overview.acting} == {Standing.DECEASED}


def test_nobody_unknown_acts_or_is_represented(demo: DemoStelsel) -> None:
    """Who is not in the BRP has no mandates, whatever a register says."""
    demo.publiek.add(voluntary(acting="999999990"))
    demo.publiek.add(voluntary(id="publiek-y", legal="999999990"))
    assert demo.stelsel.for_whom("999999990", SERVICES["afspraken"], EVERY_KIND, AT) == ()
    assert "publiek-y" not in represented(demo, "joke")
    assert demo.stelsel.overview("999999990", AT).acting == ()


@pytest.mark.parametrize(
    ("category", "child", "offered"),
    [
        ("dossier", "anaya", True),
        ("dossier", "ravi", True),
        ("dossier", "priya", False),
        ("dossier", "kiran", False),
        ("zorg", "ravi", True),
        ("zorg", "priya", True),
        ("zorg", "kiran", False),
        ("afspraken", "anaya", False),
    ],
)
def test_what_authority_is_worth_depends_on_the_age(
    demo: DemoStelsel, category: str, child: str, offered: bool
) -> None:
    """The record until twelve, care until sixteen; and only at services that know parents."""
    assert (f"gezag-shanti-{child}" in represented(demo, "shanti", SERVICES[category])) is offered


def test_it_changes_on_the_birthday(demo: DemoStelsel) -> None:
    """The day before the twelfth birthday still, on the day not any more."""
    ravi = demo.population.find(BSNS["ravi"])
    assert ravi is not None
    twelve = datetime.combine(birthday(ravi.born, 12), AT.timetz())
    for at, offered in ((twelve - DAY, True), (twelve, False)):
        assert ("gezag-shanti-ravi" in represented(demo, "shanti", SERVICES["dossier"], at)) is offered


def test_authority_ends_at_eighteen(demo: DemoStelsel) -> None:
    """The register itself says so, before any translation."""
    mandates = {each.id: each for each in demo.gezag.held_by(BSNS["youssef"])}
    assert not mandates["gezag-youssef-mila"].holds_on(TODAY)
    assert mandates["gezag-youssef-sami"].holds_on(TODAY)
    kiran = demo.population.find(BSNS["kiran"])
    assert kiran is not None
    (held,) = demo.gezag.held_for(kiran.bsn)
    assert held.valid_until == birthday(kiran.born, 18)
    assert held.holds_on(birthday(kiran.born, 18) - DAY)
    assert not held.holds_on(birthday(kiran.born, 18))


@pytest.mark.parametrize(
    ("day", "age"), [(date(2026, 2, 28), 17), (date(2026, 3, 1), 18), (date(2028, 2, 28), 19), (date(2028, 2, 29), 20)]
)
def test_who_is_born_on_a_leap_day_is_a_year_older_on_the_first_of_march(day: date, age: int) -> None:
    """But on the day itself in a leap year."""
    resident = Resident("leap", "Leap", "999999990", date(2008, 2, 29))
    assert resident.age_on(day) == age
    assert (birthday(resident.born, age) <= day) is True


@pytest.mark.parametrize(
    ("kind", "covered"),
    [
        (Kind.BEWIND, {"afspraken", "vergunningen", "geldzaken"}),
        (Kind.MENTORSCHAP, {"afspraken", "dossier", "zorg"}),
        (Kind.CURATELE, {"afspraken", "vergunningen", "geldzaken", "dossier", "zorg"}),
    ],
)
def test_bewind_is_about_property_and_mentorschap_about_care(kind: Kind, covered: set[str]) -> None:
    """And curatele about both; of adults."""
    mandate = Mandate("x", kind, BSNS["noor"], BSNS["kees"], TODAY)
    translated = {each: default_translation().for_service(SERVICES[each]) for each in SERVICES}
    assert {each for each, table in translated.items() if table.translate(mandate, 40) is not None} == covered
    assert not [each for each, table in translated.items() if table.translate(mandate, 17) is not None]


@pytest.mark.eis("ATT-07")
def test_of_parents_only_the_published_type_is_used() -> None:
    """The published table holds one URN; whatever else is in ours is marked as not published."""
    table = default_translation()
    assert [each.urn for each in table.representation_types.values() if each.published] == [PUBLISHED]
    of_parents = {each.type for each in table.coverage if each.kind is Kind.PARENTAL}
    assert {table.representation_types[each].urn for each in of_parents if each} == {PUBLISHED}


VALID = DEFAULT_FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("type: bewind}", "type: other}", "no representation type other"),
        ("until_age: 12", "until_age: 0", "above from_age"),
        ("geldzaken, zorg]}", "geldzaken, zorg], type: bewind}", "every ground but the voluntary"),
        ("kind: bewind", "kind: beheer", "coverage.3.kind"),
        ("RT:Bewind", "RT: Bewind", "urn"),
        ("coverage:", "coverage: [", "while parsing"),
        ("coverage:", "dekking:", "dekking"),
    ],
)
def test_a_mistake_in_the_table_is_named(tmp_path, old: str, new: str, said: str) -> None:
    """Each mistake is refused with its place."""
    file = tmp_path / "table.yaml"
    assert old in VALID
    file.write_text(VALID.replace(old, new), encoding="utf-8")
    with pytest.raises(TranslationInvalid, match=said):
        read_translation(file)


def test_a_huge_table_is_refused(tmp_path) -> None:
    """More than 64 KiB is not read; the right one is."""
    file = tmp_path / "table.yaml"
    file.write_text(VALID, encoding="utf-8")
    assert read_translation(file) == default_translation()
    file.write_text(VALID + "#" * 65536, encoding="utf-8")
    with pytest.raises(TranslationInvalid, match="65536"):
        read_translation(file)


class Listening(Records):
    """A register that notes who asks it about whom."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.asked: list[str] = []

    def held_by(self, acting: str) -> Sequence[Mandate]:
        """As asked, and noted."""
        self.asked.append(acting)
        return super().held_by(acting)


def test_only_registers_that_hold_something_are_asked() -> None:
    """The machtigingsindex spares the others the question, and with it the knowledge."""
    bewind, curatele = Listening("bewind"), Listening("curatele")
    bewind.add(Mandate("b", Kind.BEWIND, BSNS["noor"], BSNS["kees"], TODAY))
    stelsel = Stelsel(Residents(residents(TODAY)), [bewind, curatele], demo_catalogue(), default_translation())
    found = stelsel.for_whom(BSNS["noor"], SERVICES["geldzaken"], EVERY_KIND, AT)
    assert [each.mandate.id for each in found] == ["b"]
    assert stelsel.for_whom(BSNS["fenna"], SERVICES["geldzaken"], EVERY_KIND, AT) == ()
    assert (bewind.asked, curatele.asked) == ([BSNS["noor"]], [])


def test_the_index_learns_of_what_comes_later() -> None:
    """A mandate that is added is found at once, from both sides."""
    publiek = Publiek()
    index = Machtigingsindex([publiek])
    assert index.for_acting(BSNS["joke"]) == index.for_represented(BSNS["fenna"]) == frozenset()
    publiek.add(voluntary())
    assert index.for_acting(BSNS["joke"]) == index.for_represented(BSNS["fenna"]) == {"publiek"}
    assert index.for_acting(BSNS["fenna"]) == index.for_represented(BSNS["joke"]) == frozenset()


def test_acting_looks_again_and_uses_up(demo: DemoStelsel) -> None:
    """What is chosen must still be possible; a mandate for one time is gone after it."""
    service = next(each for each in demo_catalogue().values() if each.name_nl == "Uitkering aanvragen")
    arguments = (BSNS["fenna"], service, EVERY_KIND, "publiek-fenna-daan", AT)
    assert demo.stelsel.act(*arguments).legal.key == "daan"
    with pytest.raises(NotHeld):
        demo.stelsel.act(*arguments)
    with pytest.raises(NotHeld):
        demo.stelsel.act(BSNS["fenna"], service, frozenset({Kind.PARENTAL}), "publiek-fenna-joke", AT)


def test_a_bsn_is_of_one_resident() -> None:
    """A second resident with it is refused."""
    people = residents(TODAY)
    with pytest.raises(ValueError, match="one person"):
        Residents((*people, people[0]))


def test_no_number_shows_in_a_repr(demo: DemoStelsel) -> None:
    """Neither of a resident, nor of a mandate, nor of an overview."""
    shown = repr((residents(TODAY), demo.gezag.held_by(BSNS["shanti"]), demo.stelsel.overview(BSNS["noor"], AT)))
    assert not [bsn for bsn in BSNS.values() if bsn in shown]


SMALL = Size(professionals=7, cases=200, parents=20, voluntary=50)


def test_generated_registers_are_the_same_every_time() -> None:
    """For the same day; and as large as asked for."""
    first, second = [generate(SMALL, demo_catalogue(), TODAY) for _ in range(2)]
    assert [len(each) for each in first.courts.values()] == [len(each) for each in second.courts.values()]
    assert sum(map(len, first.courts.values())) == SMALL.cases
    assert len(first.publiek) == SMALL.voluntary
    assert len(first.parents) == SMALL.parents
    for one, other in zip(first.professionals, second.professionals, strict=True):
        assert one == other
        for name in first.courts:
            assert first.courts[name].held_by(one.bsn) == second.courts[name].held_by(other.bsn)
    assert all(any(court.held_by(each.bsn) for court in first.courts.values()) for each in first.professionals)


def test_the_real_size_is_the_default() -> None:
    """1,017 professional bewindvoerders with 91,479 cases."""
    assert (Size().professionals, Size().cases) == (1_017, 91_479)


def test_every_generated_professional_has_an_office() -> None:
    """With a KvK number of its own in a range of its own, the same one every time."""
    first, second = [generate(SMALL, demo_catalogue(), TODAY).offices for _ in range(2)]
    assert first == second
    assert list(first) == [str(90_008_000 + place) for place in range(SMALL.professionals)]
    assert list(first.values()) == [each.bsn for each in generate(SMALL, demo_catalogue(), TODAY).professionals]
    numbers = list(fictional_kvks())
    assert len(numbers) == len(set(numbers)) == 2_000 > Size().professionals
    assert not set(numbers) & (DEMO_OFFICES.keys() | {each.kvk for each in ORGANISATIONS})
    with pytest.raises(ValueError, match="offices"):
        generate(replace(SMALL, professionals=2_001, cases=2_001), demo_catalogue(), TODAY)


def test_generated_numbers_are_nobodys() -> None:
    """They begin with 9, pass the eleven test, and differ."""
    generated = generate(SMALL, demo_catalogue(), TODAY)
    bsns = [each.bsn for each in (*generated.professionals, *generated.parents)]
    assert all(bsn.startswith("9") and passes_eleven_test(bsn) for bsn in bsns)
    assert len(set(bsns)) == len(bsns)
    assert next(fictional_bsns(95_421_430)) == "954214304"
