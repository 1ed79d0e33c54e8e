"""The test people can never be taken for real ones, and the BSNs are such that software accepts them."""

import pytest

from routeringsvoorziening.simulators.world.persons import BY_KEY, PERSONS, Means, Person, passes_eleven_test


@pytest.mark.parametrize("person", PERSONS, ids=lambda person: person.key)
def test_bsns_are_test_bsns(person: Person) -> None:
    """They begin with 9, which no real one does, and pass the eleven test."""
    assert person.bsn.startswith("9")
    assert passes_eleven_test(person.bsn)


@pytest.mark.parametrize("bsn", ["954214305", "95421430", "9542143040", "95421430x", "", "٩٥٤٢١٤٣٠٤"])
def test_what_is_no_bsn(bsn: str) -> None:
    """Another last digit, another length, or something else than digits."""
    assert not passes_eleven_test(bsn)


def test_a_bsn_does_not_show_in_a_repr() -> None:
    """So that it does not end up in a log by accident."""
    for person in PERSONS:
        assert person.bsn not in repr(person)


def test_people_differ() -> None:
    """Everybody has a key and a BSN of their own, and every level has somebody who cannot reach the next."""
    assert len(BY_KEY) == len({person.bsn for person in PERSONS}) == len(PERSONS)
    assert {person.highest for person in PERSONS} == {means.level for means in Means}
