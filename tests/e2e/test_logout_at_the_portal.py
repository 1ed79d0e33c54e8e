"""What a citizen meets: one login for two websites, one logout, and pages that tell the truth."""

import base64

import pytest
from lxml import etree

from routeringsvoorziening.simulators.world.layout import BELASTINGEN, PORTAL, ZORG
from tests.support.chain.dienstverlener import log_in
from tests.support.chain.onward import AT_ONCE, carrier, onward
from tests.support.chain.reading import value


async def log_in_at(chain, browser, party, service: str = "3"):
    """Press the button of a service; log in at DigiD if it asks. Whether it asked, and the page at the end."""
    home = chain.world.website(party)
    page = await browser.post(f"{home}/login", {"service": service})
    page = await onward(browser, page)
    asked = "/login/" in page.url and "digid" in page.url
    if asked:
        page = await onward(browser, await log_in(browser, page, means="document"))
    assert page.url == f"{home}/sessie", page.text
    return asked, page


async def is_logged_in(chain, browser, party) -> bool:
    """Whether the website knows the browser."""
    return (await browser.get(f"{chain.world.website(party)}/sessie")).status == 200


async def leave(chain, browser, party):
    """Press the button; the first page."""
    return await browser.post(f"{chain.world.website(party)}/logout", {})


@pytest.mark.eis("SLO-01", "SLO-02", "SLO-05", "SLO-06", "SSO-01")
async def test_one_login_and_one_logout(chain, browser):
    """Log in once for two websites; log out at one: it says so, the other lives on, and nobody gets in for nothing."""
    assert (await log_in_at(chain, browser, PORTAL))[0]
    assert not (await log_in_at(chain, browser, BELASTINGEN, "2"))[0]
    page = await onward(browser, await leave(chain, browser, PORTAL))
    assert "/uitgelogd" in page.url
    assert "<h1>U bent uitgelogd</h1>" in page.text
    assert not await is_logged_in(chain, browser, PORTAL)
    assert await is_logged_in(chain, browser, BELASTINGEN)
    assert (await log_in_at(chain, browser, PORTAL))[0]


@pytest.mark.eis("SLO-01", "SLO-02", "SLO-03", "SLO-04")
async def test_the_logout_request_of_the_portal(chain, browser):
    """By POST to the RV's SingleLogoutService, its Destination, signed, with the names of the declaration."""
    await log_in_at(chain, browser, PORTAL)
    page = await leave(chain, browser, PORTAL)
    form = page.form(carrier(page))
    root = etree.fromstring(base64.b64decode(form.fields["SAMLRequest"]))
    assert form.action == f"{chain.world.rv_front}/saml/logout" == value(root, "@Destination")
    assert value(root, "saml:NameID/text()") == value(root, "samlp:SessionIndex/text()")
    assert value(root, "ds:Signature/ds:KeyInfo/ds:KeyName/text()")
    assert len(form.fields["RelayState"]) <= 80
    assert not await is_logged_in(chain, browser, PORTAL)


@pytest.mark.eis("SLO-01")
async def test_outside_single_sign_on_a_logout_stays_at_home(chain, browser):
    """The local session ends, and nobody is told."""
    await log_in_at(chain, browser, ZORG, "1")
    page = await leave(chain, browser, ZORG)
    assert (page.status, page.location) == (303, f"{chain.world.website(ZORG)}/")
    assert not await is_logged_in(chain, browser, ZORG)


@pytest.mark.eis("SLO-10", "SLO-11")
async def test_a_logout_that_is_not_everywhere_is_not_called_so(chain, browser):
    """DigiD keeps its session: the page says that, and what to do."""
    await log_in_at(chain, browser, PORTAL)
    chain.logout_faults.switch_on("refuse")
    page = await onward(browser, await leave(chain, browser, PORTAL))
    assert "<h1>U bent hier uitgelogd, maar niet overal</h1>" in page.text


async def answer_of(chain, browser):
    """A logout up to the RV's answer: the form that the browser would post to the portal."""
    page = await leave(chain, browser, PORTAL)
    for _ in range(AT_ONCE):
        if page.status == 303:
            page = await browser.follow(page)
            continue
        form = page.form(carrier(page))
        if form.action.endswith("/slo"):
            return form
        page = await browser.post(form.action, form.fields)
    raise AssertionError(page.url)


def _bent(fields, change):
    root = etree.fromstring(base64.b64decode(fields["SAMLResponse"]))
    change(root)
    return fields | {"SAMLResponse": base64.b64encode(etree.tostring(root)).decode()}


@pytest.mark.eis("SLO-11", "SIG-11")
@pytest.mark.attack("S73", "S01")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda root: root.remove(root[1]), "sig.missing"),
        (lambda root: root.set("InResponseTo", "_another"), "sig.invalid"),
        (lambda root: root[-1][0].set("Value", "urn:oasis:names:tc:SAML:2.0:status:Responder"), "sig.invalid"),
    ],
)
async def test_the_portal_believes_signed_answers_only(chain, browser, change, code):
    """Unsigned or altered: logged out here, and no word that it is so elsewhere."""
    await log_in_at(chain, browser, PORTAL)
    form = await answer_of(chain, browser)
    page = await browser.follow(await browser.post(form.action, _bent(form.fields, change)))
    assert "<h1>U bent hier uitgelogd</h1>" in page.text
    assert f"<code>{code}</code>" in page.text


@pytest.mark.eis("SLO-11")
@pytest.mark.attack("S73", "S64")
async def test_the_answer_to_another_logout_does_not_count(chain, browser):
    """Well signed, with another InResponseTo."""
    await log_in_at(chain, browser, PORTAL)
    other = await answer_of(chain, browser)
    await log_in_at(chain, browser, PORTAL)
    mine = await answer_of(chain, browser)
    swapped = mine.fields | {"SAMLResponse": other.fields["SAMLResponse"]}
    page = await browser.follow(await browser.post(mine.action, swapped))
    assert "<code>irt.mismatch</code>" in page.text


@pytest.mark.eis("SLO-11", "SES-05")
@pytest.mark.attack("S73", "S80")
async def test_an_answer_counts_once_and_for_one_browser(chain, browser):
    """A second time, without RelayState, or shown to another browser: nothing."""
    await log_in_at(chain, browser, PORTAL)
    form = await answer_of(chain, browser)
    done = await browser.post(form.action, form.fields)
    assert (await browser.post(form.action, form.fields)).status == 400
    assert (await browser.post(form.action, {"SAMLResponse": "x"})).status == 400
    kept = browser.cookies.pop(PORTAL.host)
    assert (await browser.follow(done)).status == 400
    browser.cookies[PORTAL.host] = kept
    assert "<h1>U bent uitgelogd</h1>" in (await browser.follow(done)).text


@pytest.mark.attack("S73")
async def test_another_site_cannot_log_anybody_out(chain, browser):
    """Its post comes without our cookies: nobody is logged in, so nothing is asked."""
    await log_in_at(chain, browser, PORTAL)
    kept = browser.cookies.pop(PORTAL.host)
    assert (await leave(chain, browser, PORTAL)).status == 303
    browser.cookies[PORTAL.host] = kept
    assert await is_logged_in(chain, browser, PORTAL)
