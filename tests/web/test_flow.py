"""A login over HTTP, step by step, around the real core."""

import pytest

from tests.support.core import DIGID, EIDAS, FOR_ANOTHER, PRESELECTED, WITH_DIGID, WITH_EIDAS, offer
from tests.web.conftest import ACTION, HOME, leg_of, path_of, posts_a_form


async def arrive(browser, leg, **answer):
    """Come back from DigiD."""
    query = "&".join(f"{name}={value}" for name, value in ({"RelayState": leg} | answer).items())
    return await browser.get(f"/saml/acs/digid?{query}")


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
    """By a redirect, so that it can be reloaded; every choice once, in the catalogue's order, and a way back."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS, FOR_ANOTHER)
    asked = await browser.post("/begin")
    assert asked.status == 303
    page = await browser.get(asked.location)
    assert page.heading == "Hoe wilt u inloggen?"
    assert page.buttons == [
        "Inloggen met DigiD",
        "Inloggen met een Europees inlogmiddel",
        "Inloggen met DigiD, voor iemand anders via DigiD Machtigen",
        "Annuleren en terug naar Gemeente Voorbeeld",
    ]
    assert (await browser.get(asked.location)).buttons == page.buttons


@pytest.mark.parametrize(("value", "service"), [("digid", DIGID), ("eidas", EIDAS), ("digid+machtigen", DIGID)])
async def test_a_choice_departs(site, browser, value, service):
    """To the service that the button named."""
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS, FOR_ANOTHER)
    asked = await browser.post("/begin")
    departed = await browser.post(f"{path_of(asked)}/choose", {"choice": value})
    assert departed.location.startswith(f"https://{service}.example/")


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
@pytest.mark.parametrize("query", ["", "RelayState=a&RelayState=b", "RelayState={leg}&SAMLart=a&SAMLart=b"])
async def test_parameters_that_are_missing_or_repeated_are_refused(browser, query):
    """400, and the leg is still good afterwards."""
    leg = leg_of(await browser.post("/begin"))
    refused = await browser.get(f"/saml/acs/digid?{query.format(leg=leg)}")
    assert refused.status == 400
    assert (await arrive(browser, leg)).location == f"{HOME}?outcome=declared"


async def test_an_answer_counts_once(site, browser):
    """The same address again: the login is over."""
    leg = leg_of(await browser.post("/begin"))
    cookies = dict(browser.cookies)
    await arrive(browser, leg)
    browser.cookies = cookies
    again = await arrive(browser, leg)
    assert (again.status, again.heading) == (410, "Deze inlogpoging is voorbij")
    assert len(site.frontend.outcomes) == 1


async def test_an_answer_at_another_door_is_refused(browser):
    """DigiD's leg at the eIDAS address."""
    leg = leg_of(await browser.post("/begin"))
    assert (await browser.get(f"/saml/acs/eidas?RelayState={leg}")).status == 410
