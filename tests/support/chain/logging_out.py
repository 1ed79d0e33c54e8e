"""Single sign-on and logout as a dienstverlener's website does them, at the level of bytes."""

import base64
from dataclasses import dataclass, field

from lxml import etree

from tests.support.attackgen.genuine import NAMES
from tests.support.chain.browser import Browser, Page
from tests.support.chain.dienstverlener import Dienstverlener, log_in, new_id
from tests.support.chain.reading import NS, STATUS, value


@dataclass(frozen=True, slots=True)
class Visit:
    """A login.

    Args:
        asked: whether DigiD asked for credentials.
        forced: whether the RV's request to DigiD had ForceAuthn.
        root: the envelope with the declaration.
    """

    asked: bool
    forced: bool
    root: etree._Element = field(repr=False)

    @property
    def name_id(self) -> str:
        """As the RV calls the person."""
        return str(value(self.root, "//samlp:Response/saml:Assertion/saml:Subject/saml:NameID/text()"))

    @property
    def session_index(self) -> str | None:
        """As the RV calls the session."""
        return value(self.root, "//samlp:Response/saml:Assertion/saml:AuthnStatement/@SessionIndex")

    @property
    def at_digid(self) -> tuple[str | None, str | None]:
        """NameID and SessionIndex of DigiD's own declaration, in Advice."""
        own = "//saml:Advice/saml:Assertion"
        found = (value(self.root, f"{own}/saml:Subject/saml:NameID/text()"), f"{own}/saml:AuthnStatement/@SessionIndex")
        return found[0], value(self.root, found[1])


@dataclass(frozen=True, slots=True)
class Answered:
    """A LogoutResponse that the browser takes to the website."""

    action: str
    relay_state: str | None
    xml: bytes = field(repr=False)

    @property
    def root(self) -> etree._Element:
        """The message."""
        return etree.fromstring(self.xml)

    @property
    def status(self) -> tuple[str | None, str | None]:
        """The codes, shortened."""
        found = self.root.xpath("samlp:Status//samlp:StatusCode/@Value", namespaces=NS)
        codes = [str(each).removeprefix(STATUS) for each in found]
        return codes[0], codes[1] if len(codes) > 1 else None


async def visit(
    website: Dienstverlener, browser: Browser, *, service: str = "3", means: str = "app", **changes: str | None
) -> Visit:
    """Log in, with credentials if DigiD wants them."""
    page = await website.begin(browser, service=service, **changes)
    forced = b'ForceAuthn="true"' in base64.b64decode(page.form().fields["SAMLRequest"])
    page = await browser.follow(await browser.submit(page))
    asked = page.status == 200
    if asked:
        page = await log_in(browser, page, means=means)
    home = await browser.follow(page)
    return Visit(asked, forced, (await website.resolve(home.query("SAMLart"))).root)


def logout_request(
    website: Dienstverlener, name_id: str, session_index: str | None = None, **changes: str | None
) -> etree._Element:
    """A LogoutRequest, unsigned; None leaves an attribute out."""
    attributes = {
        "ID": new_id(),
        "Version": "2.0",
        "IssueInstant": website.now,
        "Destination": f"{website.world.rv_front}/saml/logout",
    } | changes
    issuer = attributes.pop("Issuer", website.party.entity_id)
    written = " ".join(f'{name}="{text}"' for name, text in attributes.items() if text is not None)
    index = "" if session_index is None else f"<samlp:SessionIndex>{session_index}</samlp:SessionIndex>"
    return etree.fromstring(
        f"<samlp:LogoutRequest {NAMES} {written}><saml:Issuer>{issuer}</saml:Issuer>"
        f"<saml:NameID>{name_id}</saml:NameID>{index}</samlp:LogoutRequest>"
    )


async def send_logout(website: Dienstverlener, browser: Browser, xml: bytes, relay_state: str | None = "bye") -> Page:
    """Post it to the RV: what the RV does first."""
    fields = {"SAMLRequest": base64.b64encode(xml).decode()}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    return await browser.post(f"{website.world.rv_front}/saml/logout", fields)


async def begin_logout(website: Dienstverlener, browser: Browser, visited: Visit, **changes: str | None) -> Page:
    """A logout as it should be: what the RV does first."""
    request = logout_request(website, visited.name_id, visited.session_index, **changes)
    return await send_logout(website, browser, website.signed(request))


async def to_digid(browser: Browser, page: Page) -> Page:
    """From the RV's redirect to the page that takes the browser to DigiD."""
    assert page.status == 303, page.text
    return await browser.follow(page)


async def log_out(website: Dienstverlener, browser: Browser, visited: Visit) -> Answered:
    """A whole logout: the answer that the RV has for the website."""
    page = await to_digid(browser, await begin_logout(website, browser, visited))
    return answered(await browser.submit(await browser.submit(page)))


def answered(page: Page) -> Answered:
    """What the RV's page posts to the website."""
    form = page.form()
    return Answered(form.action, form.fields.get("RelayState"), base64.b64decode(form.fields["SAMLResponse"]))
