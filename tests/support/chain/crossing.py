"""Ways through the eIDAS-berichtenservice and another country, a page at a time."""

from lxml import html

from routeringsvoorziening.simulators.world.layout import BUSINESS
from tests.support.chain.browser import Browser, Page
from tests.support.chain.dienstverlener import Dienstverlener


def form_with(page: Page, name: str, value: str = "") -> int:
    """The place of the form in which a field or button of that name (and value) stands."""
    for place, form in enumerate(html.fromstring(page.body).forms):
        for found in form.xpath(".//*[@name=$name]", name=name):
            if not value or found.get("value") == value:
                return place
    raise AssertionError(f"no {name} {value} at {page.url}: {page.status}")


async def at_eidas(browser: Browser, page: Page) -> Page:
    """From the RV's answer to the choice of a country, by its choice page when the service takes more than eIDAS."""
    if page.status == 303:
        choice = await browser.follow(page)
        page = await browser.submit(choice, form_with(choice, "choice", "eidas"), choice="eidas")
    page = await browser.submit(page)
    assert page.status == 303, page.text
    return await browser.follow(page)


async def abroad(browser: Browser, page: Page, country: str, *, role: str = "persoon", fault: str = "") -> Page:
    """From the choice of a country to its login page, with consent given; `fault` is of the eIDAS-berichtenservice."""
    consent = await browser.get(f"{page.url}?land={country}&als={role}")
    leaving = await browser.submit(consent, form_with(consent, "action", "agree"), action="agree", fault=fault)
    page = await browser.submit(leaving)
    assert page.status == 303, page.text
    return await browser.follow(page)


async def answered(
    browser: Browser, page: Page, who: str, level: int = 25, *, fault: str = "", action: str = "login"
) -> Page:
    """From there to what the eIDAS-berichtenservice makes of the answer; `fault` is of the other country."""
    page = await browser.submit(page, person=who, level=str(level), fault=fault, action=action)
    return await browser.submit(page)


async def artifact(
    dv: Dienstverlener,
    browser: Browser,
    *,
    service: str = str(BUSINESS.index),
    country: str = "BE",
    who: str = "lotte",
    level: int = 25,
    role: str = "persoon",
    fault: str = "",
    inside: str = "",
) -> Page:
    """A whole login, up to what the RV says of it: the artifact for the dienstverlener, or its own page."""
    page = await at_eidas(browser, await dv.begin(browser, service=service, inside=inside))
    page = await abroad(browser, page, country, role=role, fault=fault)
    back = await answered(browser, page, who, level)
    assert back.status == 303, back.text
    return await browser.follow(back)
