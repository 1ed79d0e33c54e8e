"""Somebody logs in for a company: by mouse in a chain of mandates, by keyboard for one branch; axe looks along."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from routeringsvoorziening.simulators.eherkenning.companies import ACCOUNTANT, BAKERY, HARBOUR
from routeringsvoorziening.simulators.world.layout import HM

pytestmark = pytest.mark.browser

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def accessible(page: Page) -> None:
    """No violation of WCAG 2.2 A and AA that axe can find, and the page fits its width."""
    found = Axe().run(page, options=WCAG).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the screen"


def to_makelaar(chain, page: Page, service: int) -> None:
    page.goto(f"{chain.world.portal_front}/")
    form = page.locator(f"form:has(input[name=service][value='{service}'])")
    form.locator("button[name=met][value=eherkenning]").click()
    page.wait_for_url(f"{chain.world.front(HM)}/login/*")


def test_in_a_chain_of_mandates(chain, page, shots, size):
    """An accountant for a bakery: the portal names the company, and through whom."""
    to_makelaar(chain, page, 13)
    shots(page, "makelaar")
    accessible(page)
    page.locator("input[name=capacity][value=omar-bakkerij]").check()
    page.locator("input[name=means][value=loa3]").check()
    page.locator("button[value=login]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    shots(page, "session")
    accessible(page)
    for shown in (f"U handelt namens {BAKERY.name}", BAKERY.kvk, BAKERY.rsin, ACCOUNTANT.name, ACCOUNTANT.kvk):
        assert shown in page.locator("main").inner_text()


def test_for_one_branch_by_keyboard_alone(chain, page, shots, size):
    """Tab, arrows and Enter are enough; and whoever has no mandate cannot be chosen."""
    to_makelaar(chain, page, 13)
    page.locator("input[name=capacity][value=bram]").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("input[name=capacity]:checked").get_attribute("value") == "sanne-haven"
    page.keyboard.press("Tab")
    assert page.locator("input[name=means]:checked").get_attribute("value") == "loa3"
    while page.evaluate("document.activeElement.value") != "login":
        page.keyboard.press("Tab")
    shots(page, "button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    assert HARBOUR.number in page.locator("main").inner_text()


def test_in_english_and_with_a_mistake(chain, page, shots, size):
    """What cannot be is said in words, and what was chosen stays."""
    to_makelaar(chain, page, 14)
    page.locator("a.lang").click()
    page.wait_for_load_state()
    shots(page, "english")
    accessible(page)
    assert "Who are you, and for whom?" in page.locator("main").inner_text()
    assert "No mandate for this service." in page.locator("main").inner_text()
    assert page.locator("input[name=capacity][value=sanne-haven]").is_disabled()
    page.locator("button[value=cancel]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    shots(page, "cancelled")
