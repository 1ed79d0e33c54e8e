"""A login over HTTP, step by step, around the real core."""

import time

import pytest

from routeringsvoorziening.broker.identifiers import mark_of
from routeringsvoorziening.broker.vocabulary import Choice, MandateServiceId
from tests.support.core import BVD, DIGID, EIDAS, FOR_ANOTHER, PRESELECTED, WITH_DIGID, WITH_EIDAS, offer
from tests.support.hostile_forms import FORM, HOSTILE
from tests.web.conftest import ACTION, HOME, SERVICE, leg_of, path_of, posts_a_form


async def arrive(browser, leg, service="digid", **answer):
    """Come back from a service."""
    query = "&".join(f"{name}={value}" for name, value in ({"RelayState": leg} | answer).items())
    return await browser.get(f"/saml/acs/{service}?{query}")


@pytest.mark.eis("SES-10")
async def test_one_way_departs_at_once(browser):
    """No page is shown when there is nothing to choose."""
    departed = await browser.post("/begin")
    assert departed.status == 303
    assert departed.location.startswith("https://digid.example/?leg=")


async def test_a_login_ends_at_the_dienstverlener(site, browser):
    """Depart, come back, and the browser goes home with a declaration; its cookie is gone."""
    departed = await browser.post("/begin")
    assert len(browser.cookies) == 1
    home = await arrive(browser, leg_of(departed))
    assert (home.status, home.location) == (303, f"{HOME}?outcome=declared")
    assert browser.cookies == {}
    assert len(site.frontend.outcomes) == 1


async def test_an_answer_may_go_home_by_a_form(site, browser):
    """A frontend that answers by POST gets a page that posts to it."""
    site.frontend.posts = True
    home = await arrive(browser, leg_of(await browser.post("/begin")))
    assert home.heading == "U gaat terug naar Gemeente Voorbeeld"
    assert f'action="{HOME}"' in home.text


async def test_the_page_that_posts_to_a_service(site, browser):
    """Its action and fields are the message's, with a button for who has no script."""
    posts_a_form(site.core, {"SAMLRequest": "PD94", "RelayState": '"><script>alert(1)</script>'})
    page = await browser.post("/begin")
    assert page.status == 200
    assert page.heading == "U gaat naar DigiD"
    assert page.buttons == ["Doorgaan"]
    assert f'<form id="onward" method="post" action="{ACTION}"' in page.text
    assert '<input type="hidden" name="SAMLRequest" value="PD94">' in page.text
    assert "<script>alert" not in page.text


@pytest.mark.eis("SES-09", "SES-10")
async def test_more_ways_are_offered_on_a_page_of_their_own(site, browser):
    """By a redirect, so that it can be reloaded; every choice once, in two groups, and a way back."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS, FOR_ANOTHER)
    asked = await browser.post("/begin")
    assert asked.status == 303
    page = await browser.get(asked.location)
    assert page.heading == "Voor wie wilt u inloggen?"
    assert page.groups == {"Voor mijzelf": 2, "Voor iemand anders": 1}
    assert page.buttons == [
        "Inloggen met DigiD",
        "Inloggen met een Europees inlogmiddel",
        "Met een machtiging Inloggen met DigiD",
        "Annuleren en terug naar Gemeente Voorbeeld",
    ]
    assert (await browser.get(asked.location)).buttons == page.buttons


@pytest.mark.eis("SES-09")
async def test_without_mandates_the_question_is_how(site, browser):
    """Nothing is said about other people where nobody can act for them."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    page = await browser.get((await browser.post("/begin")).location)
    assert page.heading == "Hoe wilt u inloggen?"
    assert page.groups == {"Kies een manier om in te loggen": 2}
    assert "iemand anders" not in page.text


@pytest.mark.eis("AR-19", "SES-09")
async def test_only_for_somebody_else(site, browser):
    """When representation is required, no way for yourself is shown."""
    other = Choice(DIGID, MandateServiceId("gezag"))
    site.core.catalogue.offered = offer(FOR_ANOTHER, other)
    page = await browser.get((await browser.post("/begin")).location)
    assert page.groups == {"Voor iemand anders": 2}
    assert page.buttons[:2] == ["Met een machtiging Inloggen met DigiD", "Gezag Inloggen met DigiD"]


@pytest.mark.eis("RBVD-01")
async def test_the_way_to_the_bvd_is_explained(site, browser, monkeypatch):
    """After the login, the page that posts to the BVD names it and says what happens there."""
    site.core.catalogue.offered = offer(FOR_ANOTHER)
    departed = await browser.post("/begin")
    posts_a_form(site.core, service=site.core.mandates[BVD])
    onward = await arrive(browser, leg_of(departed))
    assert onward.heading == "U gaat naar DigiD Machtigen"
    assert "Daar kiest u voor wie u iets regelt bij Gemeente Voorbeeld." in onward.text


@pytest.mark.eis("ERR-09", "RBVD-05")
@pytest.mark.parametrize(
    ("result", "heading", "sentence"),
    [
        ("unreachable", "DigiD Machtigen is nu niet bereikbaar", "Er komt geen antwoord van DigiD Machtigen."),
        ("unsupported", "Inloggen is niet gelukt", "Bericht van DigiD Machtigen:"),
        ("untrusted", "Inloggen is niet gelukt", "Het antwoord van DigiD Machtigen klopt niet."),
    ],
)
async def test_a_setback_names_the_service_where_it_happened(site, browser, result, heading, sentence):
    """At the BVD it is the BVD that failed, not DigiD; what is still open is offered in its groups."""
    site.core.catalogue.offered = offer(WITH_DIGID, FOR_ANOTHER)
    asked = await browser.post("/begin")
    departed = await browser.post(f"{path_of(asked)}/choose", {"choice": "digid+machtigen"})
    at_bvd = await arrive(browser, leg_of(departed))
    set_back = await arrive(browser, leg_of(at_bvd), "machtigen", result=result)
    page = await browser.get(set_back.location)
    assert page.heading == heading
    assert sentence in page.text
    if result != "untrusted":
        assert page.groups == {"Voor mijzelf": 1, "Voor iemand anders": 1}
        assert "U kunt ook een andere manier kiezen." in page.text


async def test_another_way_is_one_that_works(site, browser):
    """Not through the same service that just failed, for somebody else."""
    site.core.catalogue.offered = offer(WITH_DIGID, FOR_ANOTHER)
    asked = await browser.post("/begin")
    departed = await browser.post(f"{path_of(asked)}/choose", {"choice": "digid"})
    set_back = await arrive(browser, leg_of(departed), result="unreachable")
    page = await browser.get(set_back.location)
    assert page.groups == {"Voor mijzelf": 1, "Voor iemand anders": 1}
    assert "U kunt ook een andere manier kiezen." not in page.text


@pytest.mark.parametrize(("value", "service"), [("digid", DIGID), ("eidas", EIDAS), ("digid+machtigen", DIGID)])
async def test_a_choice_departs(site, browser, value, service):
    """To the service that the button named."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS, FOR_ANOTHER)
    asked = await browser.post("/begin")
    departed = await browser.post(f"{path_of(asked)}/choose", {"choice": value})
    assert departed.location.startswith(f"https://{service}.example/")


@pytest.mark.attack("S53", "S72")
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_form_is_refused(site, browser, name):
    """At once and without a trace in the log; the login is as it was."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    path = f"{path_of(await browser.post('/begin'))}/choose"
    content_type, body = HOSTILE[name]
    started = time.process_time()
    refused = await browser.post(path, body, Content_Type=content_type)
    assert time.process_time() - started < 0.05
    assert refused.status in {400, 415}
    assert {line["event"] for line in site.log} == {"request refused"}
    assert (await browser.post(path, {"choice": "digid"})).location.startswith("https://digid.example/")


@pytest.mark.attack("S53")
@pytest.mark.parametrize("step", ["choose", "cancel"])
async def test_a_button_is_small(site, browser, step):
    """What is larger than a form with a button can be is not read, however it is announced."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    path = f"{path_of(await browser.post('/begin'))}/{step}"
    refused = await browser.post(path, b"choice=" + b"a" * 4_096, Content_Type=FORM)
    assert refused.status == 413
    assert (await browser.post(path, {"choice": "digid"})).status == 303


async def test_a_choice_that_is_not_open_shows_the_page_again(site, browser):
    """A forged button is no way in."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    asked = await browser.post("/begin")
    again = await browser.post(f"{path_of(asked)}/choose", {"choice": "other"})
    assert (again.status, path_of(again)) == (303, path_of(asked))


@pytest.mark.eis("ERR-03")
async def test_cancelling_goes_home_without_another_click(site, browser):
    """From the page with choices, at once."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    asked = await browser.post("/begin")
    home = await browser.post(f"{path_of(asked)}/cancel")
    assert home.location == f"{HOME}?outcome=cancelled"
    assert browser.cookies == {}


@pytest.mark.eis("ERR-04")
async def test_cancelling_at_the_service_goes_home_too(browser):
    """Straight back to the dienstverlener."""
    home = await arrive(browser, leg_of(await browser.post("/begin")), result="cancelled")
    assert home.location == f"{HOME}?outcome=cancelled"


@pytest.mark.eis("ERR-09")
@pytest.mark.parametrize(
    ("result", "heading"),
    [
        ("unreachable", "DigiD is nu niet bereikbaar"),
        ("unsupported", "Inloggen is niet gelukt"),
        ("too-low", "Voor deze dienst is meer zekerheid nodig"),
    ],
)
async def test_a_setback_lets_choose_again(browser, result, heading):
    """A recoverable failure ends on a page: what happened, try again, or back. Nothing of the answer is in its address."""
    set_back = await arrive(browser, leg_of(await browser.post("/begin")), result=result)
    assert set_back.status == 303
    page = await browser.get(set_back.location)
    assert page.heading == heading
    assert page.buttons == ["Opnieuw proberen met DigiD", "Terug naar Gemeente Voorbeeld"]
    again = await browser.post(f"{path_of(set_back)}/choose", {"choice": "digid"})
    assert again.location.startswith("https://digid.example/")


@pytest.mark.eis("ERR-09")
async def test_giving_up_after_a_setback_goes_home(browser):
    """By the button back."""
    set_back = await arrive(browser, leg_of(await browser.post("/begin")), result="unreachable")
    home = await browser.post(f"{path_of(set_back)}/cancel")
    assert home.location == f"{HOME}?outcome=cancelled"


@pytest.mark.eis("ERR-08")
async def test_the_words_of_a_service_are_shown_escaped(browser, monkeypatch):
    """Its StatusMessage, whatever is in it."""
    from routeringsvoorziening.broker.failures import Failure, FailureKind
    from tests.support import core

    evil = Failure(FailureKind.NOT_SUPPORTED, "service.unsupported", message='<img src=x onerror="alert(1)"> & meer')
    monkeypatch.setitem(core.FAILURES, "evil", evil)
    set_back = await arrive(browser, leg_of(await browser.post("/begin")), result="evil")
    page = await browser.get(set_back.location)
    assert "Bericht van DigiD:" in page.text
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt; &amp; meer" in page.text
    assert "<img src=x" not in page.text


@pytest.mark.eis("ERR-10")
async def test_an_answer_that_cannot_be_trusted_leaves_only_the_way_back(site, browser):
    """A page that says so, without details; from there the dienstverlener hears it."""
    rejected = await arrive(browser, leg_of(await browser.post("/begin")), result="untrusted")
    assert site.frontend.outcomes == []
    page = await browser.get(rejected.location)
    assert page.heading == "Inloggen is niet gelukt"
    assert page.buttons == ["Terug naar Gemeente Voorbeeld"]
    assert "sig.invalid" not in page.text
    home = await browser.post(f"{path_of(rejected)}/cancel")
    assert home.location == f"{HOME}?outcome=answer-rejected"


@pytest.mark.eis("ERR-09")
async def test_after_a_preselection_a_setback_goes_home(site, browser, monkeypatch):
    """No page: the dienstverlener chose, and hears what happened."""
    from tests.support import core
    from tests.web import conftest

    monkeypatch.setattr(conftest, "request", lambda: core.request(preselection=PRESELECTED))
    departed = await browser.post("/begin")
    home = await arrive(browser, leg_of(departed), result="unreachable")
    assert home.location == f"{HOME}?outcome=unreachable"


async def test_a_request_for_which_nothing_is_open_goes_home_without_a_cookie(site, browser):
    """The catalogue refuses: the dienstverlener hears it, and no login was ever opened."""
    from tests.support.core import FAILURES

    site.core.catalogue.refusal = FAILURES["denied"]
    home = await browser.post("/begin")
    assert home.location == f"{HOME}?outcome=denied"
    assert home.cookies == []


@pytest.mark.attack("S86")
@pytest.mark.parametrize(
    "query", ["", "RelayState=a&RelayState=b", "RelayState={leg}&SAMLart=a&SAMLart=b", "RelayState={leg}" + "&a=b" * 16]
)
async def test_parameters_that_are_missing_or_repeated_are_refused(browser, query):
    """400, and the leg is still good afterwards."""
    leg = leg_of(await browser.post("/begin"))
    refused = await browser.get(f"/saml/acs/digid?{query.format(leg=leg)}")
    assert refused.status == 400
    assert (await arrive(browser, leg)).location == f"{HOME}?outcome=declared"


async def test_looking_at_an_answer_does_not_use_it_up(browser):
    """HEAD is what scanners of links send."""
    leg = leg_of(await browser.post("/begin"))
    assert (await browser.head(f"/saml/acs/digid?RelayState={leg}")).status == 405
    assert (await arrive(browser, leg)).location == f"{HOME}?outcome=declared"


async def test_an_answer_counts_once(site, browser):
    """The same address again: the login is over."""
    leg = leg_of(await browser.post("/begin"))
    cookies = dict(browser.cookies)
    await arrive(browser, leg)
    browser.cookies = cookies
    again = await arrive(browser, leg)
    assert (again.status, again.heading) == (410, "Deze inlogpoging is voorbij")
    assert "Begin opnieuw bij" not in again.text, "a played leg has no mark"
    assert len(site.frontend.outcomes) == 1


async def test_an_answer_at_another_door_is_refused(browser):
    """DigiD's leg at the eIDAS address."""
    leg = leg_of(await browser.post("/begin"))
    assert (await browser.get(f"/saml/acs/eidas?RelayState={leg}")).status == 410


@pytest.mark.parametrize("forget", [True, False])
async def test_a_login_that_is_over_tells_where_to_start_again(site, browser, forget):
    """After a quarter of an hour, or in another browser: the dienstverlener's name, and a link to its website."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    asked = await browser.post("/begin")
    site.core.clock.advance(0 if forget else 901)
    if forget:
        browser.cookies.clear()
    page = await browser.get(asked.location)
    assert page.status == (404 if forget else 410)
    assert "Begin opnieuw bij Gemeente Voorbeeld." in page.text
    assert '<a class="button" href="https://dv.example/" rel="noreferrer">Naar Gemeente Voorbeeld</a>' in page.text
    assert "Start again at Example municipality" in (await browser.get(f"{path_of(asked)}?lang=en")).text


async def test_going_back_to_a_login_that_ended_says_that_it_is_over(site, browser):
    """Its cookie is gone, which makes the browser no other one: the page says what happened, and where to start."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    asked = await browser.post("/begin")
    await browser.post(f"{path_of(asked)}/cancel")
    page = await browser.get(asked.location)
    assert (page.status, page.heading) == (410, "Deze inlogpoging is voorbij")
    assert "Naar Gemeente Voorbeeld" in page.text


async def test_an_answer_that_comes_too_late_tells_where_to_start_again(browser):
    """The name of a leg ends in the same mark as that of its login."""
    page = await browser.get(f"/saml/acs/digid?RelayState=_0123{mark_of(SERVICE)}")
    assert page.status == 410
    assert "Naar Gemeente Voorbeeld" in page.text


@pytest.mark.parametrize("name", ["unknown", "x" * 12, "_" * 5000])
async def test_a_login_that_never_was_tells_nothing(browser, name):
    """A name without a mark of ours: the same page, without a link."""
    page = await browser.get(f"/saml/acs/digid?RelayState={name}")
    assert page.status == 410
    assert "Ga naar de website waar u wilt inloggen en begin opnieuw." in page.text
    assert 'class="button"' not in page.text
