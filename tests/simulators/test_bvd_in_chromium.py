"""The pages of a BVD in a real browser: by keyboard, on a phone, without script, and for everybody (WCAG 2.2 AA)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright

from tests.simulators.conftest import NewBvd
from tests.support.chromium import CHROMIUM, running_chromium
from tests.support.simulated_bvd import BEWIND, GEZAG, MACHTIGEN, BvdVisit

PICTURES = Path(__file__).parents[2] / "build" / "screenshots" / "bvd"
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 900}}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.allow_blocking("screenshots and axe are files of the test itself"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def chromium_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chromium for the whole module."""
    with running_chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture(params=SIZES)
async def page(request: pytest.FixtureRequest, chromium_address: str) -> AsyncIterator[Page]:
    """A page on a phone or a desk, in a context of its own, without script: none is needed."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium_address)
        context = await browser.new_context(viewport=SIZES[request.param], locale="nl-NL")
        page = await context.new_page()
        page.set_default_timeout(5000)
        await page.route("**/*.js", lambda route: route.abort())
        yield page
        await context.close()
        await browser.close()


def address_of(visit: BvdVisit, path: str) -> str:
    """Where a browser finds a page."""
    return str(visit.front.make_url(path))


async def look_at(page: Page, name: str) -> None:
    """Take a picture; the page fits its width, and axe finds nothing."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    width = (page.viewport_size or {})["width"]
    await page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
    assert await page.evaluate(OVERFLOW) <= 0
    found = await Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


async def test_whom_one_acts_for(page: Page, gezag: BvdVisit) -> None:
    """Two children; chosen by keyboard alone: arrows choose, Enter sends."""
    await page.goto(address_of(gezag, await gezag.arrive()))
    await look_at(page, "choose")
    await page.get_by_role("radio", name="Anaya").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    assert await page.get_by_role("radio", name="Ravi").is_checked()
    async with page.expect_request("**/saml/acs/**") as left:
        await page.keyboard.press("Enter")
    assert "SAMLart=" in (await left.value).url


async def test_a_choice_that_was_forgotten(page: Page, gezag: BvdVisit) -> None:
    """The page says so, as an alert."""
    await page.goto(address_of(gezag, await gezag.arrive()))
    await page.get_by_role("button", name="Verder").click()
    assert await page.get_by_role("alert").inner_text() == "Kies voor wie u iets wilt regelen."
    await look_at(page, "forgotten")


async def test_many_clients(page: Page, new_bvd: NewBvd) -> None:
    """A search narrows the list."""
    visit = await new_bvd(BEWIND, clients_of_noor=60)
    await page.goto(address_of(visit, await visit.arrive()))
    await look_at(page, "many")
    await page.get_by_label("Zoek op naam").fill("kees mulder")
    await page.get_by_role("button", name="Zoeken").click()
    assert await page.get_by_role("radio").count() == 1
    await look_at(page, "found")


async def test_nobody(page: Page, gezag: BvdVisit) -> None:
    """Why that may be, and the way back."""
    await page.goto(address_of(gezag, await gezag.arrive("fenna")))
    assert await page.get_by_role("heading", level=1).inner_text() == "U kunt dit voor niemand regelen"
    await look_at(page, "nobody")


async def test_the_machtigingsinzage(page: Page, new_bvd: NewBvd) -> None:
    """Who are you, and what exists about you."""
    visit = await new_bvd(MACHTIGEN)
    await page.goto(address_of(visit, "/inzage"))
    await look_at(page, "inzage-login")
    await page.get_by_role("radio", name="Willem").check()
    await page.get_by_role("button", name="Bekijken").click()
    await look_at(page, "inzage")


@pytest.mark.parametrize("path", ["/keuze/nothing", "/saml/sso"])
async def test_pages_that_end(page: Page, new_bvd: NewBvd, path: str) -> None:
    """A choice that is over, and a request that is refused."""
    visit = await new_bvd(GEZAG)
    if path == "/saml/sso":
        form = f'<form method="post" action="{address_of(visit, path)}"><button>x</button></form>'
        await page.set_content(form)
        await page.click("button")
        await page.wait_for_load_state()
    else:
        await page.goto(address_of(visit, path))
    await look_at(page, path.strip("/").replace("/", "-"))
