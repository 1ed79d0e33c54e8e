"""The page of a BVD: for whom do you act, and what comes of each answer."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from yarl import URL

from routeringsvoorziening.saml import names
from routeringsvoorziening.simulators.bvd.choosing import NOT_A_BSN, NOT_A_CLIENT, NotChosen, client_among
from routeringsvoorziening.simulators.bvd.settings import Text
from routeringsvoorziening.simulators.forms import forms_of
from routeringsvoorziening.simulators.registers.mandates import Kind, Mandate
from routeringsvoorziening.simulators.registers.stelsel import Possibility
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.families import residents
from tests.simulators.conftest import NewBvd
from tests.support import simulated
from tests.support.simulated import DV, NOW, Clock, recipient
from tests.support.simulated_bvd import (
    APPOINTMENT,
    BENEFIT,
    BEWIND,
    GEZAG,
    HOSPITAL,
    MACHTIGEN,
    PARKING,
    RECORD,
    BvdVisit,
    idp_assertion,
    opened,
)

BSNS = {each.key: each.bsn for each in residents(NOW.date())}
NOBODY = (names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, "No authority to represent anybody")
CANCELLED = (names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, "Authentication cancelled")


@pytest.mark.parametrize(
    ("party", "person", "service", "offered"),
    [
        (MACHTIGEN, "fenna", APPOINTMENT, ["publiek-fenna-joke"]),
        (MACHTIGEN, "fenna", PARKING, ["publiek-fenna-joke"]),
        (MACHTIGEN, "fenna", BENEFIT, ["publiek-fenna-daan"]),
        (MACHTIGEN, "willem", APPOINTMENT, ["publiek-willem-gerrit"]),
        (GEZAG, "shanti", RECORD, ["gezag-shanti-anaya", "gezag-shanti-ravi"]),
        (BEWIND, "willem", RECORD, ["mentorschap-willem-gerrit"]),
        (BEWIND, "noor", BENEFIT, ["curatele-noor-bep", "bewind-noor-kees"]),
        (BEWIND, "noor", RECORD, ["curatele-noor-bep", "mentorschap-noor-fatima"]),
    ],
)
async def test_who_is_offered(
    new_bvd: NewBvd, *, party: layout.Party, person: str, service: str, offered: list[str]
) -> None:
    """Those for whom this person may act at this service, on the grounds of this BVD; by name."""
    assert await (await new_bvd(party)).offered(person, service) == offered


async def test_the_page_names_people_and_hides_their_numbers(gezag: BvdVisit) -> None:
    """Name, date of birth and ground; no BSN anywhere."""
    page = await (await gezag.front.get(await gezag.arrive())).text()
    assert "Anaya Bhagwandin" in page
    assert "Ouderlijk gezag" in page
    assert re.search(r"geboren op <time datetime=", page)
    assert not [bsn for bsn in BSNS.values() if bsn in page]


async def test_one_possibility_is_chosen_already(machtigen: BvdVisit) -> None:
    """With one person there is one button to press; with two a person must choose."""
    assert (await machtigen.form(await machtigen.arrive())).fields["mandate"] == "publiek-fenna-joke"


async def test_of_two_possibilities_none_is_chosen(gezag: BvdVisit) -> None:
    """Nobody is represented by mistake."""
    path = await gezag.arrive()
    assert "mandate" not in (await gezag.form(path)).fields
    answer = await gezag.post(path)
    assert answer.status == 422
    assert "Kies voor wie u iets wilt regelen." in await answer.text()


@pytest.mark.eis("ERR-03")
@pytest.mark.parametrize("party", layout.BVDS, ids=lambda party: party.folder)
async def test_cancelling_goes_straight_back(new_bvd: NewBvd, party: layout.Party) -> None:
    """Responder, AuthnFailed, and the exact text; no Assertion."""
    visit = await new_bvd(party)
    answer = await visit.post(await visit.arrive(), action="cancel")
    assert await visit.refusal(answer) == CANCELLED


@pytest.mark.eis("RBVD-05", "ERR-02")
@pytest.mark.parametrize(
    ("party", "person", "service"),
    [(MACHTIGEN, "joke", APPOINTMENT), (GEZAG, "fenna", RECORD), (BEWIND, "fenna", BENEFIT)],
)
async def test_nobody_to_act_for_is_explained(
    new_bvd: NewBvd, *, party: layout.Party, person: str, service: str
) -> None:
    """A page says why that may be; back from there is Responder and AuthnFailed, without an Assertion."""
    visit = await new_bvd(party)
    path = await visit.arrive(person, service)
    page = await (await visit.front.get(path)).text()
    assert "U kunt dit voor niemand regelen" in page
    assert "mandate" not in (await visit.form(path)).choices
    assert await visit.refusal(await visit.post(path, action="nobody")) == NOBODY


@pytest.mark.parametrize(
    "mandate", ["gezag-shanti-kiran", "gezag-youssef-sami", "gezag-nobody", "bewind-noor-kees", "1"]
)
async def test_only_what_is_offered_can_be_chosen(gezag: BvdVisit, mandate: str) -> None:
    """Of a child who decides alone, of somebody else, of another BVD, or made up: the page again, and no answer."""
    path = await gezag.arrive()
    answer = await gezag.post(path, mandate=mandate)
    assert answer.status == 422
    assert "Dit kan niet meer" in await answer.text()
    assert (await gezag.post(path, mandate="gezag-shanti-ravi")).status == 303


async def test_a_mandate_for_one_time_is_used_up(machtigen: BvdVisit) -> None:
    """After the declaration it is not offered again."""
    await machtigen.choose("fenna", BENEFIT)
    assert await machtigen.offered("fenna", BENEFIT) == []


async def test_of_two_tabs_one_uses_what_holds_one_time(machtigen: BvdVisit) -> None:
    """Both pages offer it; the second to press is told that it is too late."""
    pages = [await machtigen.arrive("fenna", BENEFIT) for _ in range(2)]
    first, second = [await machtigen.post(path, mandate="publiek-fenna-daan") for path in pages]
    assert first.status == 303
    assert second.status == 422


@pytest.mark.parametrize("who", ["anaya", "shanti"])
async def test_a_death_ends_it_at_once(gezag: BvdVisit, who: str) -> None:
    """Between the page and the choice somebody dies: nothing is declared."""
    path = await gezag.arrive()
    gezag.registers.population.record_death(BSNS[who], NOW.date())
    assert (await gezag.post(path, mandate="gezag-shanti-anaya")).status == 422


async def test_what_is_withdrawn_meanwhile_is_not_declared(machtigen: BvdVisit) -> None:
    """Between the page and the choice the mandate is withdrawn."""
    path = await machtigen.arrive()
    machtigen.registers.publiek.end("publiek-fenna-joke")
    assert (await machtigen.post(path, mandate="publiek-fenna-joke")).status == 422


async def test_a_choice_is_made_once(gezag: BvdVisit) -> None:
    """After it the page says that it is over, and posting again gives no second artifact."""
    path = await gezag.arrive()
    assert (await gezag.post(path, mandate="gezag-shanti-ravi")).status == 303
    again = await gezag.post(path, mandate="gezag-shanti-anaya")
    assert again.status == 404
    assert "Deze keuze is voorbij" in await (await gezag.front.get(path)).text()


async def test_a_page_that_waited_too_long_is_over(gezag: BvdVisit, clock: Clock) -> None:
    """A quarter of an hour, and no more."""
    path = await gezag.arrive()
    clock.advance(timedelta(minutes=14, seconds=59))
    assert (await gezag.front.get(path)).status == 200
    clock.advance(timedelta(seconds=1))
    assert (await gezag.front.get(path)).status == 404


async def test_an_unknown_page_is_over(gezag: BvdVisit) -> None:
    """Also to choose on."""
    assert (await gezag.front.get("/keuze/nothing")).status == 404
    assert (await gezag.post("/keuze/nothing", mandate="gezag-shanti-ravi")).status == 404


async def test_two_choices_do_not_touch(gezag: BvdVisit) -> None:
    """Two tabs, two children: each declaration is about its own."""
    paths = [await gezag.arrive() for _ in range(2)]
    answers = [
        await gezag.post(path, mandate=f"gezag-shanti-{child}")
        for path, child in zip(paths, ("ravi", "anaya"), strict=True)
    ]
    declared = [await gezag.declared(URL(each.headers["Location"])) for each in answers]
    assert [opened(*each.legal_subject, DV).value for each in declared] == [BSNS["ravi"], BSNS["anaya"]]


async def test_many_clients_get_a_search(new_bvd: NewBvd) -> None:
    """Twenty are shown; every word of the search must be in the name, or be the date of birth."""
    visit = await new_bvd(BEWIND, clients_of_noor=60)
    path = await visit.arrive()
    page = await (await visit.front.get(path)).text()
    (searching,) = [form for form in forms_of(page) if form.method == "get"]
    assert len((await visit.form(path)).choices["mandate"]) == 20
    assert "De eerste 20 van" in page
    assert searching.fields == {"zoek": ""}
    found = await (await visit.front.get(path, params={"zoek": "MULDER kees"})).text()
    assert forms_of(found)[1].choices["mandate"] == ["bewind-noor-kees"]
    assert "Bep Schouten" not in found
    assert "<fieldset" in found


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d-%m-%Y"])
async def test_a_date_of_birth_can_be_written_both_ways(new_bvd: NewBvd, form: str) -> None:
    """As in the Netherlands, and as in ISO 8601."""
    visit = await new_bvd(BEWIND, clients_of_noor=60)
    kees = next(each for each in residents(NOW.date()) if each.key == "kees")
    found = await (await visit.front.get(await visit.arrive(), params={"zoek": kees.born.strftime(form)})).text()
    assert "bewind-noor-kees" in forms_of(found)[1].choices["mandate"]


async def test_a_search_that_finds_nobody_still_lets_one_cancel(new_bvd: NewBvd) -> None:
    """No option, a way back to search again, and Annuleren."""
    visit = await new_bvd(BEWIND, clients_of_noor=60)
    page = await (await visit.front.get(await visit.arrive(), params={"zoek": "<b>niemand"})).text()
    searching, choosing = forms_of(page)
    assert searching.fields == {"zoek": "<b>niemand"}
    assert "<b>niemand" not in page
    assert "mandate" not in choosing.choices
    assert choosing.buttons["action"] == ["cancel"]
    assert "Niemand gevonden" in page
    assert '<a href="?">Toon iedereen</a>' in page
    assert "Ik regel dit voor" not in page


async def test_somebody_out_of_sight_can_be_chosen_after_a_search(new_bvd: NewBvd) -> None:
    """The form is posted to the page with the search in its address."""
    visit = await new_bvd(BEWIND, clients_of_noor=60)
    path = await visit.arrive()
    answer = await visit.post(f"{path}?zoek=kees", mandate="bewind-noor-kees")
    assert answer.status == 303


async def test_the_page_speaks_english(gezag: BvdVisit) -> None:
    """By a link, and then it is remembered."""
    path = await gezag.arrive()
    page = await (await gezag.front.get(path, params={"lang": "en"})).text()
    assert "For whom do you act?" in page
    assert "Voor wie" not in page


async def test_faults_can_be_picked_on_the_page_and_hidden(new_bvd: NewBvd) -> None:
    """For people who test; a setting hides them, and then a posted fault does nothing."""
    open_to_all = await new_bvd(GEZAG)
    page = await (await open_to_all.front.get(await open_to_all.arrive())).text()
    assert 'value="no-legal-subject"' in page
    strict = await new_bvd(GEZAG, show_faults=False)
    page = await (await strict.front.get(await strict.arrive())).text()
    assert "fault" not in page.replace("faults", "")
    assertion = await strict.declared(await strict.choose(fault="no-legal-subject"))
    assert len(assertion.legal_subject) == 1


@pytest.mark.parametrize("path", ["/keuze/nothing", "/inzage"])
async def test_pages_keep_to_themselves(gezag: BvdVisit, path: str) -> None:
    """No inline script, no framing, no store."""
    headers = (await gezag.front.get(path)).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


async def test_parents_arrange_care_for_a_child_whose_record_they_do_not_see(new_bvd: NewBvd) -> None:
    """At the hospital a child of fourteen is offered too; at seventeen it decides alone."""
    routing = simulated.rd_as_asker()
    served = {**routing.dienstverleners, layout.ZORG.entity_id: (recipient(layout.ZORG),)}
    visit = await new_bvd(GEZAG, routing=replace(routing, dienstverleners=served))
    evidence = idp_assertion(GEZAG, service_uuid=HOSPITAL)
    answer = await visit.ask(intended_audience=layout.ZORG.entity_id, service_uuid=HOSPITAL, idp_assertion=evidence)
    form = await visit.form(answer.headers["Location"])
    assert form.choices["mandate"] == ["gezag-shanti-anaya", "gezag-shanti-priya", "gezag-shanti-ravi"]


def client(bsn: str) -> Possibility:
    """A client of an office, with this BSN."""
    kees = next(each for each in residents(NOW.date()) if each.key == "kees")
    mandate = Mandate("the-client", Kind.BEWIND, BSNS["noor"], bsn, NOW.date())
    return Possibility("bewind", mandate, replace(kees, bsn=bsn), ())


@pytest.mark.parametrize(("bsn", "given"), [("999990019", "999990019"), ("000000000", "00000000")])
def test_a_client_is_found_by_bsn(bsn: str, given: str) -> None:
    """Nine digits, or eight without the zero in front."""
    assert client_among([client(BSNS["kees"]), client(bsn)], given) == "the-client"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("999990018", NOT_A_BSN),
        ("9999900", NOT_A_BSN),
        ("0999990019", NOT_A_BSN),
        ("\uff1999990019", NOT_A_BSN),
        ("999999990", NOT_A_CLIENT),
    ],
)
def test_a_number_of_no_client_is_refused(given: str, problem: Text) -> None:
    """What is no BSN, apart from what is of no client; what was given is in neither."""
    with pytest.raises(NotChosen) as caught:
        client_among([client("999990019")], given)
    assert caught.value.problem == problem
    assert given not in f"{caught.value!r}{caught.value.problem}"
