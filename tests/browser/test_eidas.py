"""A person logs in from another country: by mouse from two of them, by keyboard alone, with what can go wrong."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_walks import accessible, tab_to

pytestmark = pytest.mark.browser

STAY, BUSINESS, PENSION = "Verblijf melden", "Bedrijf vestigen", "Pensioen opvragen"


def begin(chain, page, name: str) -> None:
    """From the portal to the choice of a country."""
    page.goto(f"{chain.world.portal_front}/")
    page.get_by_role("button", name=f"Inloggen met eIDAS voor {name}").click()
    page.wait_for_url(re.compile(r"http://eidas\.localhost:\d+/land/[^?]+$"))


def to_country(page, code: str, *, company: bool = False) -> None:
    """Choose a country."""
    if company:
        page.locator("input[name=als][value=organisatie]").check()
    page.locator(f"input[name=land][value={code}]").check()
    page.get_by_role("button", name="Verder").click()


def agree(page, code: str) -> None:
    """Consent, and arrive in that country."""
    page.locator("button[value=agree]").click()
    page.wait_for_url(re.compile(rf"http://buitenland\.localhost:\d+/{code}/login/"))


def log_in(page, who: str, level: int) -> None:
    """Log in there."""
    page.locator(f"input[name=person][value={who}]").check()
    page.locator(f"input[name=level][value='{level}']").check()
    page.locator("button[value=login]").click()


@pytest.mark.eis("AR-09", "RAD-01", "ATT-20")
def test_from_belgium_with_a_bsn(chain, page, shots, size):
    """Country, consent with the dienstverlener's name, login abroad, and back: known by BSN, with names and birth."""
    begin(chain, page, STAY)
    shots(page, "countries")
    accessible(page)
    expect(page.get_by_text("zwart, geel en rood")).to_be_visible()
    to_country(page, "BE")
    expect(page.get_by_role("heading", name="Mag Gemeente Voorbeeldstad dit weten?")).to_be_visible()
    shots(page, "consent")
    accessible(page)
    agree(page, "BE")
    shots(page, "belgium")
    accessible(page)
    log_in(page, "lotte", 20)
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    shots(page, "session")
    accessible(page)
    for shown in ("950528559", "Peeters", "Lotte", "1988-04-12", "uit België"):
        expect(page.locator("main")).to_contain_text(shown)


@pytest.mark.eis("ATT-20")
def test_from_greece_under_a_pseudonym(chain, page, shots, size):
    """Somebody without a BSN, with a name in two scripts."""
    begin(chain, page, STAY)
    to_country(page, "GR")
    agree(page, "GR")
    expect(page.get_by_text("Ελένη Δήμου")).to_be_visible()
    log_in(page, "eleni", 25)
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    shots(page, "session")
    accessible(page)
    for shown in ("Pseudoniem", "Dimou", "Δήμου", "GR/NL/AZ564738", "uit Griekenland"):
        expect(page.locator("main")).to_contain_text(shown)


def test_a_company_from_germany(chain, page, shots, size):
    """A legal person logs in, where those may."""
    begin(chain, page, BUSINESS)
    shots(page, "countries")
    accessible(page)
    to_country(page, "DE", company=True)
    shots(page, "consent")
    accessible(page)
    agree(page, "DE")
    shots(page, "germany")
    accessible(page)
    log_in(page, "nordlicht", 30)
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    shots(page, "session")
    accessible(page)
    expect(page.locator("main")).to_contain_text("Nordlicht Maschinenbau GmbH")
    expect(page.locator("main")).to_contain_text("DE/NL/HRB999014")


def test_who_has_no_bsn_gets_an_explanation(chain, page, shots, size):
    """For a service that needs one: nothing is declared, and there is a way back."""
    begin(chain, page, PENSION)
    expect(page.locator("input[name=land][value=BG]")).to_be_disabled()
    shots(page, "countries")
    accessible(page)
    to_country(page, "SE")
    agree(page, "SE")
    log_in(page, "astrid", 30)
    expect(page.get_by_role("heading", name="U hebt een BSN nodig")).to_be_visible()
    shots(page, "explained")
    accessible(page)
    page.get_by_role("button", name="Terug naar de website").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    expect(page.get_by_role("heading", name="U bent niet ingelogd")).to_be_visible()
    accessible(page)


def test_an_answer_from_abroad_that_cannot_be_trusted(chain, page, shots, size):
    """A page of the eIDAS-berichtenservice with the way back; another country may be chosen as well."""
    begin(chain, page, STAY)
    to_country(page, "FR")
    agree(page, "FR")
    page.locator("details.faults summary").click()
    page.locator("select[name=fault]").select_option("other-country")
    log_in(page, "camille", 25)
    expect(page.get_by_role("heading", name="Dit antwoord is niet te vertrouwen")).to_be_visible()
    shots(page, "rejected")
    accessible(page)
    page.get_by_role("link", name="Opnieuw een land kiezen").click()
    to_country(page, "ES")
    agree(page, "ES")
    log_in(page, "pablo", 20)
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    expect(page.locator("main")).to_contain_text("Ortega Ruiz")


@pytest.mark.eis("ERR-03")
def test_no_consent_is_a_cancellation(chain, page, size):
    """Here or abroad: straight back to the portal, that says so."""
    begin(chain, page, STAY)
    page.locator("button[value=cancel]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    expect(page.locator("main")).to_contain_text("U hebt het inloggen geannuleerd")
    begin(chain, page, STAY)
    to_country(page, "BE")
    agree(page, "BE")
    page.locator("button[value=refuse]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    expect(page.locator("main")).to_contain_text("U hebt het inloggen geannuleerd")


def test_by_keyboard_alone(chain, page, shots, size):
    """Tab, arrows and Enter are enough in every page on the way, and the focus can be seen."""
    begin(chain, page, STAY)
    tab_to(page, "input[name=land]")
    page.keyboard.press("Space")
    shots(page, "focus")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"land=BE"))
    tab_to(page, "button[value=agree]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/BE/login/"))
    tab_to(page, "input[name=person]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button[value=login]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    expect(page.locator("main")).to_contain_text("Lambert")


def test_in_english(chain, page, shots, size):
    """Every page of the way in English."""
    begin(chain, page, STAY)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Which country is your means of login from?")).to_be_visible()
    accessible(page)
    page.locator("input[name=land][value=EE]").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="May Gemeente Voorbeeldstad know this?")).to_be_visible()
    shots(page, "consent")
    accessible(page)
    page.locator("button[value=agree]").click()
    page.wait_for_url(re.compile(r"/EE/login/"))
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Log in with a means of login of Estonia")).to_be_visible()
    shots(page, "abroad")
    accessible(page)


def test_without_script(chain, plain_page, size):
    """Buttons where a script would have submitted."""
    page = plain_page
    page.goto(f"{chain.world.portal_front}/")
    page.get_by_role("button", name=f"Inloggen met eIDAS voor {STAY}").click()
    page.locator("main form button").first.click()
    page.wait_for_url(f"{chain.world.rv_front}/**")
    page.locator("form[action^='http'] button").click()
    page.wait_for_url(re.compile(r"eidas\.localhost:\d+/land/"))
    to_country(page, "BE")
    page.locator("button[value=agree]").click()
    page.get_by_role("button", name="Verder").click()
    page.wait_for_url(re.compile(r"/BE/login/"))
    page.locator("button[value=login]").click()
    page.get_by_role("button", name="Verder").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    expect(page.locator("main")).to_contain_text("Peeters")


@pytest.mark.eis("ATT-20")
def test_at_the_hospital_as_a_plain_bsn(chain, page, shots, size):
    """The RV opens what eIDAS declares; the page and its diagram say eIDAS, and not a word of DigiD."""
    page.goto(f"{chain.world.zorg_front}/")
    page.get_by_role("button", name="Inloggen met eIDAS voor Afspraak in de polikliniek").click()
    page.wait_for_url(re.compile(r"http://eidas\.localhost:\d+/land/[^?]+$"))
    to_country(page, "GR")
    expect(page.get_by_text("uw BSN, als u dat hebt")).to_be_visible()
    shots(page, "consent")
    agree(page, "GR")
    log_in(page, "nikos", 25)
    page.wait_for_url(f"{chain.world.zorg_front}/sessie")
    shots(page, "session")
    accessible(page)
    expect(page.locator("main")).to_contain_text("969624207")
    expect(page.locator("figure.diagram")).to_contain_text("eIDAS (AD)")
    expect(page.locator("main")).not_to_contain_text("DigiD")


def test_who_has_no_bsn_is_told_so_at_the_hospital(chain, page, shots, size):
    """On a page that says what to do; and trying again goes the same way."""
    page.goto(f"{chain.world.zorg_front}/")
    page.get_by_role("button", name="Inloggen met eIDAS voor Afspraak in de polikliniek").click()
    page.wait_for_url(re.compile(r"http://eidas\.localhost:\d+/land/[^?]+$"))
    to_country(page, "SE")
    agree(page, "SE")
    log_in(page, "astrid", 25)
    expect(page.get_by_role("heading", name="U hebt een BSN nodig")).to_be_visible()
    shots(page, "explained")
    page.locator("button[value=fail]").click()
    page.wait_for_url(f"{chain.world.zorg_front}/sessie")
    shots(page, "failed")
    expect(page.locator("main")).not_to_contain_text("DigiD")
    page.get_by_role("button", name="Opnieuw proberen").click()
    page.wait_for_url(re.compile(r"http://eidas\.localhost:\d+/land/[^?]+$"))
