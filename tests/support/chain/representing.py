"""Acting for somebody else, as a browser walks it: the choice page of the RV, and the page of a BVD."""

import base64

from lxml import etree, html

from tests.support.chain.browser import Browser
from tests.support.chain.dienstverlener import log_in


def scoping(*listed: str, requesters: tuple[str, ...] = ()) -> str:
    """A Scoping with an IDPList, when anything is listed, and RequesterIDs."""
    entries = "".join(f'<samlp:IDPEntry ProviderID="{each}"/>' for each in listed)
    wanted = "".join(f"<samlp:RequesterID>{each}</samlp:RequesterID>" for each in requesters)
    found = f"<samlp:IDPList>{entries}</samlp:IDPList>" if entries else ""
    return f"<samlp:Scoping>{found}{wanted}</samlp:Scoping>"


def ways(page) -> list[str]:
    """The ways that a page of the RV offers."""
    return [str(each) for each in html.fromstring(page.body).xpath("//button[@name='choice']/@value")]


def forms(page) -> dict[str, int]:
    """What a person can do on a page of the RV: the last word of each form's address, and its place."""
    found = html.fromstring(page.body).forms
    return {form.action.split("?")[0].rsplit("/", 1)[1]: place for place, form in enumerate(found)}


async def choose(browser: Browser, page, way: str):
    """Press a button of the choice page."""
    return await browser.submit(page, forms(page)["choose"], choice=way)


async def at_bvd(browser: Browser, page, *, person: str = "shanti", means: str = "document"):
    """From DigiD's page to the BVD's: the RV's page in between posts itself."""
    onward = await browser.follow(await log_in(browser, page, person=person, means=means))
    arrived = await browser.submit(onward)
    assert arrived.status == 303, arrived.text
    return await browser.follow(arrived)


async def represent(browser: Browser, page, mandate: str, *, fault: str = "", action: str = "choose"):
    """Choose at the BVD; the RV's answer to what it sends back."""
    fields = {"action": action, **({"mandate": mandate} if mandate else {}), **({"fault": fault} if fault else {})}
    last = len(html.fromstring(page.body).forms) - 1
    return await browser.follow(await browser.submit(page, last, **fields))


async def answer(dv, page):
    """What the dienstverlener is told behind the artifact."""
    assert page.query("SAMLart"), (page.status, page.location, page.text)
    return (await dv.resolve(page.query("SAMLart"))).root


def sent(page) -> etree._Element:
    """The message in the form of a page."""
    return etree.fromstring(base64.b64decode(page.form().fields["SAMLRequest"]))
