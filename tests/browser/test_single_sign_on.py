"""One login for two websites and one logout for both, in a real browser: its cookies travel as we think they do."""

import pytest
from playwright.sync_api import Page, expect

from routeringsvoorziening.simulators.world.layout import BELASTINGEN, PORTAL, Party
from tests.browser.test_walks import accessible

pytestmark = pytest.mark.browser


def press(chain, page: Page, party: Party, number: int) -> None:
    """The button of a service at a website."""
    page.goto(f"{chain.world.website(party)}/")
    page.locator(f"form[action='/login']:has(input[name=service][value='{number}']) button").first.click()


def log_in(chain, page: Page, party: Party, number: int) -> None:
    """With credentials."""
    press(chain, page, party, number)
    page.wait_for_url(f"{chain.world.digid_front}/login/*")
    page.locator("button[value=login]").click()
    page.wait_for_url(f"{chain.world.website(party)}/sessie")


@pytest.mark.eis("SSO-01", "SSO-02", "SLO-01", "SLO-05", "SLO-10")
@pytest.mark.attack("S88")
def test_single_sign_on_and_logout(chain, page, shots, size):
    """The second website asks nothing; a logout ends at a page that says so; then it asks again."""
    log_in(chain, page, PORTAL, 3)
    press(chain, page, BELASTINGEN, 1)
    page.wait_for_url(f"{chain.world.website(BELASTINGEN)}/sessie")
    page.goto(f"{chain.world.website(PORTAL)}/sessie")
    page.locator("main form[action='/logout'] button").click()
    page.wait_for_url(f"{chain.world.website(PORTAL)}/uitgelogd*")
    shots(page, "logged-out")
    accessible(page)
    expect(page.locator("h1")).to_have_text("U bent uitgelogd")
    press(chain, page, BELASTINGEN, 1)
    page.wait_for_url(f"{chain.world.digid_front}/login/*")


@pytest.mark.eis("SLO-10")
def test_a_digid_that_does_not_answer(chain, page, shots, size):
    """Our page, when the person comes back to it, offers another try or the way back; the website tells the truth."""
    log_in(chain, page, PORTAL, 3)
    visited = []
    page.on("request", lambda request: visited.append(request.url))
    chain.logout_faults.switch_on("silent")
    try:
        page.locator("main form[action='/logout'] button").click()
        page.wait_for_url(f"{chain.world.digid_front}/saml/logout")
        page.goto(next(each for each in visited if f"{chain.world.rv_front}/saml/logout/" in each))
        shots(page, "stuck")
        accessible(page)
        page.locator("form[action*='/return'] button").click()
    finally:
        chain.logout_faults.clear()
    page.wait_for_url(f"{chain.world.website(PORTAL)}/uitgelogd*")
    shots(page, "here-only")
    accessible(page)
    expect(page.locator("h1")).to_have_text("U bent hier uitgelogd, maar niet overal")


@pytest.mark.eis("SLO-01", "SLO-02")
def test_logging_out_without_script(chain, plain_page, shots, size):
    """A button where a script would have submitted, three times."""
    page = plain_page
    press(chain, page, PORTAL, 3)
    page.locator("form[action*='/saml/sso'] button").click()
    page.locator("form[action*='/saml/sso'] button").click()
    page.locator("button[value=login]").click()
    page.wait_for_url(f"{chain.world.website(PORTAL)}/sessie")
    page.locator("main form[action='/logout'] button").click()
    page.locator("form[action*='/saml/logout'] button").click()
    page.wait_for_url(f"{chain.world.rv_front}/saml/logout/*")
    shots(page, "onward")
    page.locator("form[action^='http'] button").click()
    page.locator("form[action*='/saml/logout'] button").click()
    page.wait_for_url(f"{chain.world.rv_front}/saml/logout")
    page.locator("form[action*='/slo'] button").click()
    page.wait_for_url(f"{chain.world.website(PORTAL)}/uitgelogd*")
    expect(page.locator("h1")).to_have_text("U bent uitgelogd")
