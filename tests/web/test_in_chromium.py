"""The pages in a real browser: they work with and without script, and everybody can use them (WCAG 2.2 AA)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, async_playwright

from tests.support.chromium import CHROMIUM, running_chromium
from tests.support.core import DIGID, FOR_ANOTHER, WITH_DIGID, WITH_EIDAS, offer
from tests.web import conftest
from tests.web.conftest import posts_a_form

PICTURES = Path(__file__).parents[2] / "build" / "screenshots" / "web"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""How many pixels stick out sideways."""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def chromium_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chromium for the whole module."""
    with running_chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def chromium(chromium_address) -> AsyncIterator[Chromium]:
    """A connection to it that ends with the test, and everything opened through it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium_address)
        yield browser
        await browser.close()


@pytest.fixture
async def page(chromium) -> AsyncIterator[Page]:
    """A page in a context of its own: no cookies of another test."""
    context = await chromium.new_context(viewport=PHONE, locale="nl-NL")
    page = await context.new_page()
    page.set_default_timeout(5000)
    yield page
    await context.close()


@pytest.fixture
def home(site) -> str:
    """The site's address, as a browser sees it."""
    return f"http://rv.localhost:{site.listener.port}"


async def begin(page: Page, home: str) -> None:
    """Come from a dienstverlener: a form that posts to us."""
    await page.set_content(f'<form method="post" action="{home}/begin"><button>Inloggen</button></form>')
    await page.click("button")
    await page.wait_for_load_state()


async def hold_script(page: Page) -> None:
    """Keep our script from running, to look at the page that it would leave."""
    await page.route("**/static/submit-*.js", lambda route: route.abort())


async def show_onward(site, page, home) -> None:
    posts_a_form(site.core)
    await hold_script(page)
    await begin(page, home)


async def show_choices(site, page, home) -> None:
    site.core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS, FOR_ANOTHER)
    await begin(page, home)


def setback(result: str):
    """The page after DigiD failed in this way."""

    async def show(site, page, home) -> None:
        posts_a_form(site.core)
        await hold_script(page)
        await begin(page, home)
        (leg,) = site.core.ledger.tasks
        await page.goto(f"{home}/saml/acs/{DIGID}?RelayState={leg}&result={result}")

    return show


async def show_error(site, page, home) -> None:
    site.trouble = RuntimeError()
    await page.goto(f"{home}/fail")


SHOWN = {
    "onward": show_onward,
    "choices": show_choices,
    "unreachable": setback("unreachable"),
    "unsupported": setback("unsupported"),
    "loa": setback("too-low"),
    "rejected": setback("untrusted"),
    "error": show_error,
}


@pytest.mark.parametrize("name", SHOWN)
async def test_everybody_can_use_it(site, page, home, name):
    """On phone and desktop, in both languages: no rule of WCAG 2.2 AA broken, nothing sticks out; pictures are kept."""
    await SHOWN[name](site, page, home)
    await check_and_keep(page, f"{name}-nl")
    english = page.get_by_role("link", name="English")
    if await english.count():
        await english.click()
        await page.wait_for_load_state()
        await check_and_keep(page, f"{name}-en")


async def check_and_keep(page: Page, name: str) -> None:
    """Hold the page, as it is, to the rules at both sizes."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for size, viewport in (("phone", PHONE), ("desktop", DESKTOP)):
        await page.set_viewport_size(viewport)
        report = await Axe().run(page, options=RULES)
        assert report.violations_count == 0, report.generate_report()
        assert await page.evaluate(OVERFLOW) == 0
        await page.screenshot(path=PICTURES / f"{name}-{size}.png", full_page=True)


@pytest.mark.parametrize("name", SHOWN)
async def test_targets_are_large_enough(site, page, home, name):
    """Every button and language link is at least 44 pixels high and wide on a phone."""
    await SHOWN[name](site, page, home)
    for target in await page.locator("button, nav a").all():
        box = await target.bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44


async def test_large_text_still_fits(site, page, home):
    """At 320 pixels wide with text twice as large nothing is lost (WCAG 1.4.4, 1.4.10)."""
    await page.set_viewport_size({"width": 320, "height": 640})
    await show_choices(site, page, home)
    await page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert await page.evaluate(OVERFLOW) == 0


async def test_the_script_sends_the_person_on(site, page, home):
    """With script nobody has to press a button; the message arrives as it was."""
    arrived: list[str] = []

    async def service(route) -> None:
        arrived.append(route.request.post_data)
        await route.fulfill(status=200, content_type="text/html", body="<h1>DigiD</h1>")

    posts_a_form(site.core, {"SAMLRequest": "PD94+/=", "RelayState": "_a"})
    await page.route(f"{conftest.ACTION}**", service)
    await begin(page, home)
    await page.get_by_role("heading", name="DigiD", exact=True).wait_for()
    assert arrived == ["SAMLRequest=PD94%2B%2F%3D&RelayState=_a"]


async def test_without_script_a_button_does(site, chromium, home):
    """The same page in a browser that runs no script."""
    context = await chromium.new_context(java_script_enabled=False, viewport=PHONE, locale="nl-NL")
    page = await context.new_page()
    posts_a_form(site.core)
    arrived: list[str] = []

    async def service(route) -> None:
        arrived.append(route.request.post_data)
        await route.fulfill(status=200, content_type="text/html", body="<h1>DigiD</h1>")

    async def portal(route) -> None:
        form = f'<form method="post" action="{home}/begin"><button>Inloggen</button></form>'
        await route.fulfill(status=200, content_type="text/html", body=form)

    await context.route(f"{conftest.ACTION}**", service)
    await context.route("http://portal.localhost/", portal)
    await page.goto("http://portal.localhost/")
    await page.get_by_role("button", name="Inloggen").click()
    await page.get_by_role("button", name="Doorgaan").click()
    await page.get_by_role("heading", name="DigiD", exact=True).wait_for()
    assert arrived == ["SAMLRequest=PD94"]


@pytest.mark.attack("S88")
async def test_the_cookie_is_kept_and_sent_back_by_navigation(site, page, home):
    """A `__Host-` cookie with SameSite=Lax survives the trip to a service of another site and back."""

    async def service(route) -> None:
        (leg,) = site.core.ledger.tasks
        link = f'<a href="{home}/saml/acs/digid?RelayState={leg}&result=unreachable">terug</a>'
        await route.fulfill(status=200, content_type="text/html", body=link)

    posts_a_form(site.core)
    await page.route(f"{conftest.ACTION}**", service)
    await begin(page, home)
    await page.get_by_role("link", name="terug").click()
    await page.get_by_role("heading", name="DigiD is nu niet bereikbaar").wait_for()
    (cookie,) = await page.context.cookies(home)
    assert cookie["name"].startswith("__Host-rv-")
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax")


@pytest.mark.eis("ERR-03")
async def test_cancelling_reaches_the_dienstverlener_through_the_policy(site, page, home):
    """A form's redirect to another site is held to the page's policy in Chromium: it passes."""
    await show_choices(site, page, home)
    async with page.expect_request(f"{conftest.HOME}?outcome=cancelled"):
        await page.get_by_role("button", name="Annuleren").click(no_wait_after=True)


@pytest.mark.eis("SES-06")
@pytest.mark.attack("S89")
async def test_no_page_appears_in_a_frame(page, home):
    """A page that frames ours shows nothing of it."""
    await page.route(
        "http://evil.localhost/",
        lambda route: route.fulfill(
            status=200, content_type="text/html", body=f'<iframe src="{home}/nowhere"></iframe>'
        ),
    )
    await page.goto("http://evil.localhost/")
    await page.wait_for_load_state("networkidle")
    texts = [await frame.content() for frame in page.frames[1:]]
    assert not [text for text in texts if "Deze pagina bestaat niet" in text]


async def test_the_keyboard_alone_suffices(site, page, home):
    """Skip link first, then every button in order; Enter goes."""
    await show_choices(site, page, home)
    reached = []
    for _ in range(5):
        await page.keyboard.press("Tab")
        text = await page.evaluate("document.activeElement.textContent")
        reached.append(" ".join(text.split()))
    assert reached[0] == "Direct naar de inhoud"
    assert reached[1:] == [" ".join(text.split()) for text in await page.locator("button").all_inner_texts()]
