"""The machtigingsinzage: a person sees all that exists about them, and nothing about anybody else."""

import pytest

from routeringsvoorziening.simulators.world.families import residents
from tests.simulators.conftest import NewBvd
from tests.support.simulated import NOW, Clock
from tests.support.simulated_bvd import BENEFIT, BEWIND, GEZAG, MACHTIGEN, BvdVisit

BSNS = {each.key: each.bsn for each in residents(NOW.date())}


async def shown(visit: BvdVisit, person: str, language: str = "nl") -> str:
    answer = await visit.front.post("/inzage", data={"person": person}, allow_redirects=False)
    return await (await visit.front.get(answer.headers["Location"], params={"lang": language})).text()


async def test_it_asks_who_one_is(gezag: BvdVisit) -> None:
    """A simulated login: pick a test person. The front page leads there."""
    page = await (await gezag.front.get("/")).text()
    assert "Wat bestaat er over mij?" in page
    assert 'value="shanti"' in page


@pytest.mark.parametrize("party", [MACHTIGEN, GEZAG, BEWIND], ids=lambda party: party.folder)
async def test_both_ways_and_from_every_register(new_bvd: NewBvd, party) -> None:
    """Whatever BVD one asks: what one may do for others, and what others may do for oneself."""
    page = await shown(await new_bvd(party), "willem")
    acting, represented = page.split("Voor u mogen handelen")
    for name, kind in (("Gerrit Oosterhuis", "Mentorschap"), ("Gerrit Oosterhuis", "Machtiging")):
        assert name in acting
        assert kind in acting
    assert "Niemand." in represented
    assert "Mijn Zonneveld (Ziekenhuis Zonneveld)" in acting


async def test_the_one_who_is_represented_sees_it_too(machtigen: BvdVisit) -> None:
    """Joke sees that Fenna may act for her, and for which services."""
    page = (await shown(machtigen, "joke")).split("Voor u mogen handelen")[1]
    assert "Fenna Terpstra" in page
    assert "Afspraak maken (Gemeente Voorbeeldstad), Parkeervergunning (Gemeente Voorbeeldstad)" in page


@pytest.mark.parametrize(
    ("person", "state"),
    [("fenna", "Beëindigd door overlijden"), ("youssef", "Verlopen"), ("joke", "Nog niet geldig"), ("fenna", "Geldig")],
)
async def test_what_does_not_hold_is_shown_with_the_reason(machtigen: BvdVisit, person: str, state: str) -> None:
    """Ended by death, expired, to come; and what holds."""
    assert state in await shown(machtigen, person)


async def test_what_was_used_shows_as_used(machtigen: BvdVisit) -> None:
    """After a choice with a mandate for one time."""
    assert "Gebruikt" not in await shown(machtigen, "fenna")
    await machtigen.choose("fenna", BENEFIT)
    assert "Gebruikt" in await shown(machtigen, "fenna")


async def test_a_ground_that_covers_no_service_now_says_so(gezag: BvdVisit) -> None:
    """The authority over a child of seventeen exists, but no service takes it."""
    page = await shown(gezag, "shanti")
    assert "Kiran Bhagwandin" in page
    assert "Op dit moment voor geen enkele aangesloten dienst." in page


async def test_nobody_else_is_shown_and_no_number(bewind: BvdVisit) -> None:
    """Daan sees the one mandate that he gave; no BSN is on any page."""
    page = await shown(bewind, "daan")
    names = [each.name for each in residents(NOW.date()) if each.name in page]
    assert names == ["Fenna Terpstra", "Daan Wiersma"]
    assert not [bsn for bsn in BSNS.values() if bsn in page]


async def test_a_professional_sees_the_first_fifty(new_bvd: NewBvd) -> None:
    """And how many there are."""
    page = await shown(await new_bvd(BEWIND, clients_of_noor=60), "noor")
    assert "De eerste 50 van 63." in page
    assert page.count('<li class="row') == 50


async def test_the_visit_ends(gezag: BvdVisit, clock: Clock) -> None:
    """After a quarter of an hour one is asked again; so is who comes with another address or without a choice."""
    answer = await gezag.front.post("/inzage", data={"person": "shanti"}, allow_redirects=False)
    clock.now = clock.now.replace(minute=clock.now.minute + 15)
    for path in (answer.headers["Location"], "/inzage/other"):
        again = await gezag.front.get(path, allow_redirects=False)
        assert again.headers["Location"] == "/inzage"
    unknown = await gezag.front.post("/inzage", data={"person": "nobody"}, allow_redirects=False)
    assert unknown.headers["Location"] == "/inzage"


async def test_it_speaks_english(gezag: BvdVisit) -> None:
    """Every sentence has two languages."""
    page = await shown(gezag, "shanti", "en")
    assert "You may act for" in page
    assert "U mag" not in page
