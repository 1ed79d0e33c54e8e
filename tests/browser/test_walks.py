"""A person walks through the demo: by mouse, by keyboard alone, without script, wide and narrow; axe looks along."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
FENNA = "954214304"
LOG_IN = re.compile("Inloggen met DigiD")
SINGLE_SIGN_ON = "__Host-rv-sso-"


def accessible(page: Page) -> None:
    """No violation of WCAG 2.2 A and AA that axe can find, and the page fits its width."""
    found = Axe().run(page, options=WCAG).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the screen"


def service(page: Page, number: int):
    """The button of a service on the portal."""
    return page.get_by_role("button", name=LOG_IN).nth(number - 1)


@pytest.mark.eis("SES-06", "SES-07", "AR-01", "ART-01")
def test_by_mouse(chain, page, shots, size):
    """Portal, DigiD, and back: logged in, with every message unfolded."""
    page.goto(f"{chain.world.portal_front}/")
    shots(page, "portal")
    accessible(page)
    service(page, 3).click()
    page.wait_for_url(f"{chain.world.digid_front}/login/*")
    shots(page, "digid")
    accessible(page)
    page.locator("input[name=means][value=app]").check()
    page.locator("button[value=login]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    shots(page, "session")
    accessible(page)
    assert FENNA in page.content()
    for each in page.locator("details").all():
        each.evaluate("element => element.open = true")
    shots(page, "unfolded")
    accessible(page)
    assert "rv.localhost" in page.content()


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the element has the focus, which must be visible."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'"
                " || getComputedStyle(document.activeElement.closest('label') || document.activeElement).outlineStyle"
                " !== 'none' }"
            )
            assert outline, f"the focus on {selector} cannot be seen"
            return
    raise AssertionError(f"Tab does not reach {selector}")


def test_by_keyboard_alone(chain, page, shots, size):
    """Tab, arrows and Enter are enough, and the focus can be seen."""
    page.goto(f"{chain.world.portal_front}/")
    tab_to(page, "form[action='/login'] button")
    shots(page, "focus")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{chain.world.digid_front}/login/*")
    tab_to(page, "input[name=person]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "input[name=means]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button[value=login]")
    shots(page, "button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    assert "956832374" in page.content()


def test_without_script(chain, plain_page, shots, size):
    """A button where a script would have submitted."""
    page = plain_page
    page.goto(f"{chain.world.portal_front}/")
    page.get_by_role("button", name=LOG_IN).first.click()
    shots(page, "leaving")
    page.locator("main button, form button").first.click()
    page.wait_for_url(f"{chain.world.rv_front}/**")
    shots(page, "onward")
    page.locator("form[action^='http'] button").click()
    page.wait_for_url(f"{chain.world.digid_front}/login/*")
    page.locator("button[value=login]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    shots(page, "session")
    assert FENNA in page.content()


@pytest.mark.eis("ERR-03", "ERR-05", "ERR-04")
def test_cancelling(chain, page, shots, size):
    """The portal says that nobody is logged in, and offers to try again."""
    page.goto(f"{chain.world.portal_front}/")
    service(page, 1).click()
    page.wait_for_url(f"{chain.world.digid_front}/login/*")
    page.locator("button[value=cancel]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    shots(page, "cancelled")
    accessible(page)
    expect(page.get_by_role("button", name=re.compile("Opnieuw"))).to_be_visible()


@pytest.mark.eis("ERR-10", "ERR-06")
@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_answer_that_cannot_be_trusted(chain, page, shots, size, language):
    """A page of the RV with a reference number and the way back, in two languages."""
    page.goto(f"{chain.world.portal_front}/")
    service(page, 1).click()
    page.wait_for_url(f"{chain.world.digid_front}/login/*")
    page.locator("details summary").first.click()
    page.locator("select[name=fault]").select_option("altered")
    page.locator("button[value=login]").click()
    page.wait_for_url(f"{chain.world.rv_front}/login/*")
    page.goto(re.sub(r"\?.*|$", f"?lang={language}", page.url, count=1))
    assert page.locator("html").get_attribute("lang") == language
    shots(page, f"rejected-{language}")
    accessible(page)
    assert re.search(r"RV-[0-9A-Z]{4}-[0-9A-Z]{4}", page.content())
    page.locator("form[action*=cancel] button").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")


@pytest.mark.parametrize("path", ["/login/unknown", "/nowhere", "/saml/acs/digid"])
def test_error_pages(chain, page, shots, size, path):
    """What does not exist has an accessible page too."""
    page.goto(f"{chain.world.rv_front}{path}")
    shots(page, path.strip("/").replace("/", "-"))
    accessible(page)


@pytest.mark.eis("SES-03")
def test_cookies_are_out_of_reach(chain, page, size):
    """Secure, HttpOnly, bound to one host; only the mark of single sign-on travels across sites (decision 6)."""
    page.goto(f"{chain.world.portal_front}/")
    service(page, 1).click()
    page.wait_for_url(f"{chain.world.digid_front}/login/*")
    found = {each["name"]: each for each in page.context.cookies()}
    assert any(name.startswith("__Host-rv-") for name in found)
    assert all(each["secure"] and each["httpOnly"] for each in found.values())
    crossing = {name for name, each in found.items() if each["sameSite"] not in ("Lax", "Strict")}
    assert all(name.startswith(SINGLE_SIGN_ON) for name in crossing)
    page.locator("button[value=login]").click()
    page.wait_for_url(f"{chain.world.portal_front}/sessie")
    left = {each["name"] for each in page.context.cookies() if each["name"].startswith("__Host-rv-")}
    assert all(name.startswith(SINGLE_SIGN_ON) for name in left)


@pytest.mark.attack("S89")
def test_no_page_of_ours_can_be_framed(chain, page, size):
    """Framing, sniffing and inline script are shut out by headers."""
    answer = page.goto(f"{chain.world.rv_front}/login/unknown")
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
