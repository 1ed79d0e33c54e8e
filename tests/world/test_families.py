"""The families of the demo world: fictional, of the right ages whenever the world begins."""

from datetime import date

import pytest

from routeringsvoorziening.simulators.world.families import DECEASED, residents
from routeringsvoorziening.simulators.world.persons import BY_KEY, passes_eleven_test

DAYS = [date(2026, 3, 2), date(2028, 2, 29), date(2031, 6, 8), date(2032, 6, 9)]


def test_bsns_are_test_bsns() -> None:
    """They begin with 9, which no real one does, pass the eleven test, and are of one person each."""
    bsns = [each.bsn for each in residents(DAYS[0])]
    assert all(bsn.startswith("9") and passes_eleven_test(bsn) for bsn in bsns)
    assert len(set(bsns)) == len(bsns)


def test_every_test_person_is_a_resident() -> None:
    """Under the same key, name and BSN."""
    known = {each.key: (each.name, each.bsn) for each in residents(DAYS[0])}
    for person in BY_KEY.values():
        assert known[person.key] == (person.name, person.bsn)


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_children_have_the_ages_that_the_login_page_says(today: date) -> None:
    """Counted from the first day of a world, also around a leap day."""
    ages = {each.key: each.age_on(today) for each in residents(today)}
    assert [ages[key] for key in ("anaya", "ravi", "priya", "kiran", "sami", "mila")] == [4, 11, 14, 17, 8, 18]
    assert "4, 11, 14 en 17" in BY_KEY["shanti"].about[0]


def test_the_deceased_are_dead() -> None:
    """A month before the world begins, and nobody else."""
    dead = {each.key for each in residents(DAYS[0]) if not each.lives_on(DAYS[0])}
    assert dead == DECEASED


def test_a_number_does_not_show_in_a_repr() -> None:
    """So that it does not end up in a log by accident."""
    for each in residents(DAYS[0]):
        assert each.bsn not in repr(each)
