"""Single sign-on and logout through a supplier, and two federations in one browser.

A federation is of one dienstverlener (SSO-01). So what a supplier's federation gives is one login for all the diensten of
each dienstverlener behind it, and never one login for two of them.
"""

import base64

import pytest
from lxml import etree

from routeringsvoorziening.simulators.world.layout import CLOUD, DIGID, DIJKZICHT, HEIDEWOUDE, RV
from tests.support.chain.dienstverlener import log_in
from tests.support.chain.logging_out import answered, begin_logout, log_out, to_digid, visit
from tests.support.chain.onward import onward
from tests.support.chain.reading import acting_bsn, statuses, value
from tests.support.chain.supplier import Supplier
from tests.support.pki import leaf

FENNA = "954214304"


def through_the_supplier(chain, behind) -> Supplier:
    """A dienstverlener behind the supplier, whose visitors DigiD may know again."""
    return Supplier(chain.world, clock=chain.clock, behind=behind, single_sign_on=True)


@pytest.fixture
def dijkzicht(chain) -> Supplier:
    """One municipality."""
    return through_the_supplier(chain, DIJKZICHT)


@pytest.fixture
def heidewoude(chain) -> Supplier:
    """Another one, behind the same supplier."""
    return through_the_supplier(chain, HEIDEWOUDE)


async def visit_at(site: Supplier, browser, **changes: str | None):
    """Log in for the first dienst unless told otherwise, with credentials if DigiD wants them."""
    return await visit(site, browser, means="document", **{"service": "1", **changes})


@pytest.mark.eis("SSO-01", "SSO-02", "SSO-03", "AR-03")
async def test_a_second_dienst_of_the_same_dienstverlener_asks_nothing(dijkzicht, browser):
    """One login, two diensten: the second declaration is a new one, that the dienstverlener alone can read."""
    first = await visit_at(dijkzicht, browser)
    assert (first.asked, first.forced) == (True, True)
    again = await visit_at(dijkzicht, browser, service="2")
    assert (again.asked, again.forced) == (False, False)
    assert statuses(again.root) == ("Success", None, None)
    assert acting_bsn(again.root, leaf(DIJKZICHT.oin, "encryption").key, DIJKZICHT.entity_id) == FENNA
    audiences = again.root.xpath("//*[local-name()='Response']/*/*/*/*[local-name()='Audience']/text()")
    assert audiences == [CLOUD.entity_id, DIJKZICHT.entity_id]
    assert again.name_id != first.name_id


@pytest.mark.eis("SSO-01", "SSO-02")
async def test_another_dienstverlener_behind_the_same_supplier_asks_again(dijkzicht, heidewoude, browser):
    """The supplier is no organisation that people log in at: there is no single sign-on between those behind it."""
    await visit_at(dijkzicht, browser)
    other = await visit_at(heidewoude, browser)
    assert (other.asked, other.forced) == (True, True)
    assert not (await visit_at(heidewoude, browser, service="2")).asked


@pytest.mark.eis("AR-03")
async def test_force_authn_of_a_supplier_shuts_the_session_out(dijkzicht, browser):
    """Credentials, and DigiD is told so; without it the session answers again."""
    await visit_at(dijkzicht, browser)
    forced = await visit_at(dijkzicht, browser, ForceAuthn="true")
    assert (forced.asked, forced.forced) == (True, True)
    assert not (await visit_at(dijkzicht, browser, ForceAuthn="false")).asked


@pytest.mark.eis("SLO-01", "SLO-05", "SLO-08", "SLO-10", "SLO-11", "MD-LC-05")
async def test_a_supplier_logs_out(dijkzicht, browser):
    """DigiD first; the answer goes to the supplier's own address and says Success; then credentials are asked."""
    visited = await visit_at(dijkzicht, browser)
    seen = len(browser.pages)
    answer = await log_out(dijkzicht, browser, visited)
    assert [each.url.split("/")[2].split(":")[0] for each in browser.pages[seen:]][-2:] == [DIGID.host, RV.host]
    assert answer.status == ("Success", None)
    assert answer.action == f"{dijkzicht.world.cluster_front}/slo" == value(answer.root, "@Destination")
    again = await visit_at(dijkzicht, browser, service="2")
    assert (again.asked, again.forced) == (True, True)


@pytest.mark.eis("SLO-10")
async def test_a_supplier_hears_it_when_digid_goes_on(chain, dijkzicht, browser):
    """DigiD refuses: what ended is not everything, and it is not called so."""
    visited = await visit_at(dijkzicht, browser)
    chain.logout_faults.switch_on("refuse")
    assert (await log_out(dijkzicht, browser, visited)).status == ("Responder", "PartialLogout")


@pytest.mark.eis("SLO-03", "SLO-04", "SLO-05")
@pytest.mark.attack("S74")
async def test_a_dienstverlener_s_logout_leaves_the_other_one_alone(dijkzicht, heidewoude, town, browser):
    """Of two behind the supplier one session ends; and nobody ends it under another connection's name."""
    mine, other = await visit_at(dijkzicht, browser), await visit_at(heidewoude, browser)
    page = await begin_logout(town, browser, mine)
    assert answered(page).status == ("Requester", "UnknownPrincipal")
    assert not (await visit_at(dijkzicht, browser)).asked
    await log_out(dijkzicht, browser, mine)
    assert (await visit_at(dijkzicht, browser)).asked
    assert not (await visit_at(heidewoude, browser)).asked
    assert (await log_out(heidewoude, browser, other)).status == ("Success", None)


@pytest.mark.eis("SLO-01", "SLO-02", "SLO-06")
async def test_the_portal_of_the_supplier_logs_out(chain, browser):
    """What a citizen meets there: log in for one municipality, once more for nothing, and out again everywhere."""
    home = chain.world.cluster_front
    asked, wish = [], {"dienstverlener": DIJKZICHT.folder}
    for service in ("1", "2"):
        page = await onward(browser, await browser.post(f"{home}/login", wish | {"service": service}))
        asked.append("digid" in page.url)
        if asked[-1]:
            page = await onward(browser, await log_in(browser, page, means="document"))
        assert page.url == f"{home}/sessie", page.text
    assert asked == [True, False]
    page = await onward(browser, await browser.post(f"{home}/logout", {}))
    assert "<h1>U bent uitgelogd</h1>" in page.text
    assert (await browser.get(f"{home}/sessie")).status == 303
    page = await onward(browser, await browser.post(f"{home}/login", wish | {"service": "1"}))
    assert "digid" in page.url


@pytest.mark.eis("SSO-01", "SSO-02")
async def test_two_federations_live_beside_each_other(town, taxes, dijkzicht, browser):
    """In one browser: each asks once; neither answers for the other, nor ends it."""
    assert (await visit(town, browser)).asked
    assert (await visit_at(dijkzicht, browser)).asked
    assert not (await visit(taxes, browser, service="1")).asked
    assert not (await visit_at(dijkzicht, browser, service="2")).asked
    assert not (await visit(town, browser)).asked


@pytest.mark.eis("SLO-05", "SLO-08", "SSO-01")
async def test_of_two_federations_one_logs_out(town, taxes, dijkzicht, browser):
    """The one that asked has ended, at DigiD too; the other answers still."""
    first, other = await visit(town, browser), await visit_at(dijkzicht, browser)
    page = await to_digid(browser, await begin_logout(town, browser, first))
    assert _named(page) == first.at_digid[0] != other.at_digid[0]
    await browser.submit(await browser.submit(page))
    assert (await visit(taxes, browser, service="1")).asked
    assert not (await visit_at(dijkzicht, browser)).asked


def _named(page) -> str | None:
    """Whom our LogoutRequest to DigiD names."""
    return value(etree.fromstring(base64.b64decode(page.form().fields["SAMLRequest"])), "saml:NameID/text()")
