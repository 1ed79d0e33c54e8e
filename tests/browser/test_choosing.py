"""A person chooses for whom they come: by mouse, by keyboard, without script, back and forth; axe looks along."""

import re

import pytest
from playwright.sync_api import Page, expect

from routeringsvoorziening.simulators.world.layout import GEZAG
from tests.browser.test_walks import accessible, tab_to
from tests.support.chain.running import running_chain

pytestmark = pytest.mark.browser

RECORD = 3
"""Place of the medical record among the portal's services."""
WAYS = ["Inloggen met DigiD", "Als bewindvoerder, curator of mentor", "Voor mijn kind"]


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """With three BVDs."""
    with running_chain(tmp_path_factory.mktemp("choosing") / "world", mandates=True) as running:
        yield running


def to_choice(chain, page: Page) -> None:
    """From the portal to the choice page."""
    page.goto(f"{chain.world.portal_front}/")
    page.locator("button[value=kies]").nth(RECORD).click()
    page.wait_for_url(f"{chain.world.rv_front}/login/*")


def to_bvd(chain, page: Page) -> None:
    """From DigiD's page to the BVD's."""
    page.wait_for_url(f"{chain.world.digid_front}/login/*")
    page.locator("input[value=shanti]").check()
    page.locator("input[name=means][value=document]").check()
    page.locator("button[value=login]").click()


def end_for(chain, page: Page, mandate: str) -> None:
    """From the BVD's page to the portal's."""
    page.wait_for_url(f"{chain.world.front(GEZAG)}/keuze/*")
    page.locator(f"input[value={mandate}]").check()
    page.locator("button[value=choose]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")


@pytest.mark.eis("SES-09", "RBVD-01", "RBVD-04", "ATT-08")
def test_for_a_child_by_mouse(chain, page, shots, size):
    """The choice page, DigiD, the BVD, and home: the portal greets whom this person acts for."""
    to_choice(chain, page)
    shots(page, "choice")
    accessible(page)
    page.get_by_role("button", name="Voor mijn kind").click()
    to_bvd(chain, page)
    page.wait_for_url(f"{chain.world.front(GEZAG)}/keuze/*")
    shots(page, "bvd")
    accessible(page)
    end_for(chain, page, "gezag-shanti-anaya")
    shots(page, "session")
    accessible(page)
    expect(page.get_by_text("U handelt namens Anaya Bhagwandin.")).to_be_visible()
    for each in page.locator("details").all():
        each.evaluate("element => element.open = true")
    accessible(page)
    assert page.locator("#advice pre").inner_text().count("<saml:Assertion") == 2


@pytest.mark.eis("SES-09")
def test_what_a_screen_reader_hears(chain, page, size):
    """One heading, two named groups with their buttons in order, each with a name of its own."""
    to_choice(chain, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Voor wie wilt u inloggen?")
    own, others = page.get_by_role("group", name="Voor mijzelf"), page.get_by_role("group", name="Voor iemand anders")
    assert [each.inner_text() for each in own.get_by_role("button").all()] == WAYS[:1]
    names = [each.inner_text().split("\n")[0] for each in others.get_by_role("button").all()]
    assert names == WAYS[1:]
    assert page.title().startswith("Voor wie wilt u inloggen?")


def test_by_keyboard_alone(chain, page, shots, size):
    """Tab goes through the ways in their order, with a focus that can be seen, and Enter chooses."""
    to_choice(chain, page)
    for value in ("digid", "digid+bewind", "digid+gezag"):
        tab_to(page, f"button[value='{value}']", most=6)
    shots(page, "focus")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{chain.world.digid_front}/login/*")


def test_without_script(chain, plain_page, shots, size):
    """Every step has a button."""
    page = plain_page
    page.goto(f"{chain.world.portal_front}/")
    page.locator("button[value=kies]").nth(RECORD).click()
    page.locator("main button, form button").first.click()
    page.wait_for_url(f"{chain.world.rv_front}/login/*")
    page.get_by_role("button", name="Voor mijn kind").click()
    page.locator("form[action^='http'] button").click()
    to_bvd(chain, page)
    shots(page, "onward-to-bvd")
    expect(page.get_by_role("heading", level=1)).to_have_text("U gaat naar de dienst Ouderlijk gezag")
    page.locator("form[action^='http'] button").click()
    end_for(chain, page, "gezag-shanti-ravi")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_two_languages(chain, page, shots, size, language):
    """The same choices, switched by a link that remembers nothing."""
    to_choice(chain, page)
    page.get_by_role("link", name={"nl": "Nederlands", "en": "English"}[language]).click()
    heading = {"nl": "Voor wie wilt u inloggen?", "en": "For whom do you want to log in?"}[language]
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert page.locator("html").get_attribute("lang") == language
    shots(page, language)
    accessible(page)
    assert len(page.locator("button[name=choice]").all()) == 3


def test_back_and_another_way(chain, page, shots, size):
    """From the BVD's page back to the choices with the browser's own button; for yourself from there."""
    to_choice(chain, page)
    choice = page.url
    page.get_by_role("button", name="Voor mijn kind").click()
    to_bvd(chain, page)
    page.wait_for_url(f"{chain.world.front(GEZAG)}/keuze/*")
    for _ in range(6):
        page.go_back()
        if page.url == choice:
            break
    expect(page.get_by_role("button", name="Voor mijn kind")).to_be_visible()
    page.get_by_role("button", name="Inloggen met DigiD").first.click()
    page.wait_for_url(f"{chain.world.digid_front}/login/*")
    page.locator("input[name=means][value=document]").check()
    page.locator("button[value=login]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    assert "U handelt namens" not in page.content()
    page.goto(choice)
    expect(page.get_by_role("heading", level=1)).to_have_text("Deze inlogpoging is voorbij")
    shots(page, "over")
    accessible(page)
    page.get_by_role("link", name="Naar Gemeente Voorbeeldstad").click()
    page.wait_for_url(f"{chain.world.portal_front}/")


@pytest.mark.attack("S20", "S87")
def test_two_tabs(chain, page, size):
    """Two logins side by side in one browser, for two children: each ends with its own."""
    other = page.context.new_page()
    for tab in (page, other):
        to_choice(chain, tab)
        tab.get_by_role("button", name="Voor mijn kind").click()
        to_bvd(chain, tab)
    end_for(chain, page, "gezag-shanti-anaya")
    expect(page.get_by_text("U handelt namens Anaya Bhagwandin.")).to_be_visible()
    end_for(chain, other, "gezag-shanti-ravi")
    expect(other.get_by_text("U handelt namens Ravi Bhagwandin.")).to_be_visible()


@pytest.mark.eis("ERR-03", "ERR-04", "ERR-05")
@pytest.mark.parametrize("where", ["rv", "digid", "gezag"])
def test_cancelling_at_every_step(chain, page, shots, size, where):
    """Home at once, not logged in, whoever was asked to stop."""
    to_choice(chain, page)
    if where == "rv":
        page.get_by_role("button", name=re.compile("Annuleren")).click()
    else:
        page.get_by_role("button", name="Voor mijn kind").click()
        page.wait_for_url(f"{chain.world.digid_front}/login/*")
        if where == "gezag":
            to_bvd(chain, page)
            page.wait_for_url(f"{chain.world.front(GEZAG)}/keuze/*")
        page.locator("button[value=cancel]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    expect(page.get_by_text("U hebt het inloggen geannuleerd.")).to_be_visible()
    accessible(page)
    shots(page, f"ended-at-{where}")
    told = page.locator("figure.diagram text").all_text_contents()
    assert "Response: geannuleerd" in told
    assert "BVD" in told
    assert "antwoord: geannuleerd" not in told


@pytest.mark.eis("ERR-08", "ERR-09", "RBVD-05")
def test_a_bvd_that_cannot_help(chain, page, shots, size):
    """The page says which service it was and what it said, and offers every way again."""
    to_choice(chain, page)
    page.get_by_role("button", name="Voor mijn kind").click()
    to_bvd(chain, page)
    page.wait_for_url(f"{chain.world.front(GEZAG)}/keuze/*")
    page.locator("input[value=gezag-shanti-anaya]").check()
    page.locator("details summary").first.click()
    page.locator("select[name=fault]").select_option("recoverable")
    page.locator("button[value=choose]").click()
    page.wait_for_url(f"{chain.world.rv_front}/login/*")
    shots(page, "set-back")
    accessible(page)
    expect(page.get_by_text("Bericht van de dienst Ouderlijk gezag:")).to_be_visible()
    assert len(page.locator("button[name=choice]").all()) == 3
    page.get_by_role("button", name="Voor mijn kind").click()
    to_bvd(chain, page)
    end_for(chain, page, "gezag-shanti-anaya")


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_login_that_is_over(chain, page, shots, size, elsewhere):
    """In a browser without its cookie, or after a quarter of an hour: what happened, and where to start again."""
    to_choice(chain, page)
    if elsewhere:
        page.context.clear_cookies()
    else:
        chain.clock.push(901)
    page.reload()
    heading = "Ga verder waar u begon" if elsewhere else "Deze inlogpoging is voorbij"
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    shots(page, "over")
    accessible(page)
    page.get_by_role("link", name="Naar Gemeente Voorbeeldstad").click()
    page.wait_for_url(f"{chain.world.portal_front}/")
