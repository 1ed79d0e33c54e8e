"""Single sign-on between two websites of one dienstverlener: when DigiD asks for credentials, and when it need not."""

import base64

import pytest

from routeringsvoorziening.simulators.world.layout import BELASTINGEN, PORTAL, ZORG
from tests.support.chain.dienstverlener import log_in
from tests.support.chain.logging_out import visit
from tests.support.chain.reading import statuses, value

IDLE = 15 * 60
MAXIMUM = 2 * 3600
COOKIE = "__Host-rv-sso-"


@pytest.mark.eis("AR-03", "SSO-01", "SSO-02")
async def test_the_second_website_asks_nothing(town, taxes, browser):
    """First credentials, then none: at the other website, and at the same one again."""
    first = await visit(town, browser)
    assert (first.asked, first.forced) == (True, True)
    for site, service in ((taxes, "1"), (town, "3")):
        again = await visit(site, browser, service=service)
        assert (again.asked, again.forced) == (False, False)
        assert statuses(again.root) == ("Success", None, None)


@pytest.mark.eis("SSO-03")
async def test_without_credentials_it_is_the_whole_protocol_all_the_same(town, taxes, browser):
    """A new request, artifact and declaration, for the other website, with identities that only it can read."""
    first, second = await visit(town, browser), await visit(taxes, browser, service="1")
    paths = ("//samlp:ArtifactResponse/@ID", "//samlp:Response/@InResponseTo", "//samlp:Response/saml:Assertion/@ID")
    for path in (*paths, "//saml:Advice/saml:Assertion/@ID"):
        assert value(first.root, path) != value(second.root, path)
    assert value(second.root, "//saml:Assertion/saml:Conditions//saml:Audience/text()") == BELASTINGEN.entity_id
    assert PORTAL.entity_id.encode() not in b"".join(text.encode() for text in second.root.itertext())


@pytest.mark.eis("AS-10", "SLO-04")
async def test_a_session_has_an_index(town, taxes, hospital, browser):
    """Equal to the NameID where the service takes part, ours and DigiD's; never the same twice; elsewhere absent."""
    visits = [await visit(town, browser), await visit(taxes, browser, service="1")]
    for each in visits:
        assert each.session_index == each.name_id
        name_id, session_index = each.at_digid
        assert name_id == session_index != each.name_id
    assert len({each.name_id for each in visits} | {each.at_digid[0] for each in visits}) == 4
    assert (await visit(hospital, browser, service="1")).session_index is None


@pytest.mark.eis("AR-03")
async def test_force_authn_shuts_the_session_out(town, browser):
    """Credentials are asked again, and DigiD is told so."""
    await visit(town, browser)
    forced = await visit(town, browser, ForceAuthn="true")
    assert (forced.asked, forced.forced) == (True, True)
    assert not (await visit(town, browser, ForceAuthn="false")).asked


@pytest.mark.eis("SSO-02", "LOA-05")
async def test_a_higher_level_asks_again(town, taxes, browser):
    """Low, then high: credentials; and then the session is of the higher level."""
    await visit(town, browser, service="2", means="sms")
    higher = await visit(taxes, browser, service="2", means="document")
    assert (higher.asked, higher.forced) == (True, True)
    assert not (await visit(town, browser, service="4")).asked


@pytest.mark.eis("SSO-01", "SSO-02")
async def test_another_organisation_asks_again(town, hospital, browser):
    """There is no single sign-on between dienstverleners, whichever comes first."""
    await visit(town, browser)
    other = await visit(hospital, browser, service="1")
    assert (other.asked, other.forced) == (True, True)
    fresh = await visit(hospital, browser, service="1")
    assert (fresh.asked, fresh.forced) == (True, True)


@pytest.mark.eis("SSO-02")
async def test_after_its_time_a_session_asks_again(chain, town, browser):
    """Unused for a quarter of an hour; and however often it is used, after two hours."""
    await visit(town, browser)
    chain.clock.push(IDLE - 60)
    assert not (await visit(town, browser)).asked
    chain.clock.push(IDLE + 1)
    late = await visit(town, browser)
    assert (late.asked, late.forced) == (True, True)
    for _ in range(MAXIMUM // 600 - 1):
        chain.clock.push(600)
        assert not (await visit(town, browser)).asked
    chain.clock.push(600)
    assert (await visit(town, browser)).asked


@pytest.mark.eis("SSO-02")
@pytest.mark.attack("S87")
async def test_without_our_cookie_credentials_are_asked(town, browser):
    """The RV knows of no session: whatever DigiD remembers may not answer."""
    await visit(town, browser)
    browser.cookies["rv.localhost"].clear()
    unknown = await visit(town, browser)
    assert (unknown.asked, unknown.forced) == (True, True)


@pytest.mark.attack("S87", "S88")
async def test_the_cookie_is_kept_from_strangers(town, browser):
    """Secure, HttpOnly, of this host alone; SameSite=None, because requests come from the dienstverlener's site."""
    page = await town.begin(browser)
    line = page.headers["set-cookie"]
    for part in (COOKIE, "Secure", "HttpOnly", "SameSite=None", "Path=/"):
        assert part in line
    assert "Domain" not in line


@pytest.mark.attack("S87")
async def test_a_made_up_key_is_nobody_s(town, browser):
    """It gets no session, and it is not taken over."""
    await town.begin(browser)
    (name,) = (each for each in browser.cookies["rv.localhost"] if each.startswith(COOKIE))
    browser.cookies["rv.localhost"] = {name: "A" * 43}
    assert (await visit(town, browser)).asked
    assert browser.cookies["rv.localhost"][name] != "A" * 43


async def test_a_login_that_fails_begins_no_session(town, browser):
    """Cancelled at DigiD: the next one is asked."""
    page = await town.begin(browser)
    page = await browser.follow(await browser.submit(page))
    await browser.follow(await log_in(browser, page, action="cancel"))
    assert (await visit(town, browser)).asked


@pytest.mark.eis("MD-RD-05", "MD-SP-06", "MD-AD-04", "MD-DV-03")
async def test_everybody_says_where_to_log_out(chain, browser):
    """By HTTP-POST alone: the RV to dienstverleners and to DigiD, DigiD, and the websites that share a login."""
    world = chain.world
    published = {
        f"{world.rv_front}/saml/metadata": f"{world.rv_front}/saml/logout",
        f"{world.rv_front}/saml/metadata/sp": f"{world.rv_front}/saml/logout",
        f"{world.digid_front}/saml/metadata": f"{world.digid_front}/saml/logout",
        f"{world.website(PORTAL)}/metadata": f"{world.website(PORTAL)}/slo",
        f"{world.website(BELASTINGEN)}/metadata": f"{world.website(BELASTINGEN)}/slo",
    }
    for address, expected in published.items():
        found = (await browser.get(address)).text.split("SingleLogoutService")[1:]
        entries = [each for each in found if "Location=" in each]
        assert len(entries) == 1, address
        assert f'Location="{expected}"' in entries[0]
        assert "bindings:HTTP-POST" in entries[0]
    assert "SingleLogoutService" not in (await browser.get(f"{world.website(ZORG)}/metadata")).text


@pytest.mark.eis("RAD-02")
async def test_our_request_says_no_more_than_it_must(town, browser):
    """Where a session may answer, ForceAuthn is absent."""
    await visit(town, browser)
    page = await town.begin(browser)
    assert b"ForceAuthn" not in base64.b64decode(page.form().fields["SAMLRequest"])
