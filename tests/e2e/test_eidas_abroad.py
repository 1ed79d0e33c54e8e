"""The eIDAS-berichtenservice before hostile nodes: nothing of what they do wrong ever becomes a declaration."""

import base64

import pytest
from lxml import etree

from routeringsvoorziening.saml.eidas.schema import validate
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.simulators.buitenland.faults import FAULTS
from routeringsvoorziening.simulators.world.layout import BUSINESS, PENSION, STAY
from tests.support.chain.browser import Browser
from tests.support.chain.crossing import abroad, answered, at_eidas, form_with
from tests.support.chain.reading import statuses
from tests.support.chain.running import running_chain

REFUSED = {
    "other-country": "subject.identifier",
    "other-destination-country": "subject.identifier",
    "bare-identifier": "subject.identifier",
    "lower-loa": "loa",
    "incomplete": "attribute.structure",
    "expired": "time.past",
    "not-yet-valid": "time.future",
    "other-audience": "audience",
    "other-recipient": "recipient",
    "other-question": "irt.mismatch",
    "other-issuer": "issuer.mismatch",
    "response-question": "irt.mismatch",
    "response-destination": "destination",
    "response-issuer": "issuer.unknown",
    "no-assertion": "assertion.count",
    "old": "time.past",
    "two-assertions": "assertion.count",
    "in-clear": "assertion.encrypted",
    "clear-beside": "assertion.encrypted",
    "swapped": "irt.mismatch",
    "swapped-after-signing": "sig.invalid",
    "garbled": "enc.failed",
    "garbled-after-signing": "sig.invalid",
    "altered": "sig.invalid",
    "unsigned": "sig.missing",
    "other-key": "sig.invalid",
    "garbage": "xml.encoding",
    "truncated": "xml.malformed",
}


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Everybody, over real sockets."""
    with running_chain(tmp_path_factory.mktemp("abroad") / "world") as running:
        yield running


async def in_belgium(dv, browser, service=BUSINESS, country: str = "BE"):
    """At its login page."""
    page = await at_eidas(browser, await dv.begin(browser, service=str(service.index)))
    return await abroad(browser, page, country)


def test_every_fault_of_the_nodes_has_its_code():
    """A new fault needs a row here."""
    assert {*REFUSED, "same-id"} == set(FAULTS)


@pytest.mark.attack("S04", "S07", "S17", "S20", "S21", "S44", "S55", "S62", "S63", "S64", "S66", "S67")
@pytest.mark.parametrize("fault", REFUSED)
async def test_a_hostile_answer_is_refused_by_its_own_code(dv, browser, fault):
    """On a page; back at the website nobody is logged in. After a good login, so that there is something to swap."""
    good = await answered(browser, await in_belgium(dv, browser), "mathieu")
    assert good.status == 303
    page = await answered(browser, await in_belgium(dv, browser), "lotte", fault=fault)
    assert page.status == 400
    assert f"<code>{REFUSED[fault]}</code>" in page
    assert "Peeters" not in page
    back = await browser.submit(page, form_with(page, "action", "fail"), action="fail")
    root = (await dv.resolve((await browser.follow(back)).query("SAMLart"))).root
    assert statuses(root) == ("Responder", "AuthnFailed", "Authentication failed")


@pytest.mark.attack("S62")
async def test_a_response_id_counts_once(dv, browser):
    """The first is new, the second is not."""
    assert (await answered(browser, await in_belgium(dv, browser), "lotte", fault="same-id")).status == 303
    page = await answered(browser, await in_belgium(dv, browser), "lotte", fault="same-id")
    assert "<code>id.duplicate</code>" in page


@pytest.mark.attack("S62", "S63")
async def test_an_answer_is_used_up(dv, browser):
    """The very same Response a second time, also in another browser, answers nothing."""
    foreign = await in_belgium(dv, browser)
    leaving = await browser.submit(foreign, person="lotte", level="25", action="login")
    form = leaving.form()
    assert (await browser.post(form.action, form.fields)).status == 303
    async with Browser() as stranger:
        again = await stranger.post(form.action, form.fields)
    assert again.status == 400
    assert "<code>irt.mismatch</code>" in again


async def test_an_answer_to_somebody_elses_login_is_not_taken(dv, browser):
    """A right Response with the RelayState of another login ends nowhere."""
    leaving = await browser.submit(await in_belgium(dv, browser), person="lotte", level="25", action="login")
    form = leaving.form()
    async with Browser() as other:
        page = await at_eidas(other, await dv.begin(other, service=str(BUSINESS.index)))
        fields = form.fields | {"RelayState": page.url.rpartition("/")[2]}
        assert (await other.post(form.action, fields)).status == 404


async def test_the_node_of_one_country_does_not_answer_for_another(chain, dv, browser):
    """Belgium is asked; Spain takes the request to itself and is refused it."""
    page = await at_eidas(browser, await dv.begin(browser, service=str(BUSINESS.index)))
    consent = await browser.get(f"{page.url}?land=BE")
    leaving = await browser.submit(consent, form_with(consent, "action", "agree"), action="agree")
    form = leaving.form()
    refused = await browser.post(form.action.replace("/BE/", "/ES/"), form.fields)
    assert refused.status == 400
    assert "<code>destination</code>" in refused
    assert (await browser.post(form.action, form.fields)).status == 303


@pytest.mark.parametrize("change", ["altered", "unsigned", "again"])
async def test_a_node_takes_no_request_that_it_cannot_trust(dv, browser, change):
    """Changed after signing, without a signature, or for the second time."""
    page = await at_eidas(browser, await dv.begin(browser, service=str(BUSINESS.index)))
    consent = await browser.get(f"{page.url}?land=BE")
    leaving = await browser.submit(consent, form_with(consent, "action", "agree"), action="agree")
    form = leaving.form()
    message = etree.fromstring(base64.b64decode(form.fields["SAMLRequest"]))
    code = {"altered": "sig.invalid", "unsigned": "sig.missing", "again": "id.duplicate"}[change]
    if change == "altered":
        message.set("ProviderName", "Somebody else")
    elif change == "unsigned":
        message.remove(message[1])
    else:
        assert (await browser.post(form.action, form.fields)).status == 303
    fields = form.fields | {"SAMLRequest": base64.b64encode(etree.tostring(message)).decode()}
    refused = await browser.post(form.action, fields)
    assert refused.status == 400
    assert f"<code>{code}</code>" in refused


@pytest.mark.parametrize(("service", "country", "level"), [(STAY, "GR", 20), (BUSINESS, "FR", 25), (PENSION, "EE", 30)])
async def test_what_travels_is_eidas(dv, browser, service, country, level):
    """Request and Response are valid by the schemas of eIDAS; the level is asked as a minimum, and met."""
    page = await at_eidas(browser, await dv.begin(browser, service=str(service.index)))
    consent = await browser.get(f"{page.url}?land={country}")
    leaving = await browser.submit(consent, form_with(consent, "action", "agree"), action="agree")
    request = parse(base64.b64decode(leaving.form().fields["SAMLRequest"]))
    validate(request)
    assert request.get("ForceAuthn") == "true"
    assert request.xpath("string(//*[local-name()='SPType'])") == "public"
    assert request.xpath("string(//*[local-name()='NodeCountry'])") == "NL"
    assert request.xpath("string(//*[local-name()='RequestedAuthnContext']/@Comparison)") == "minimum"
    login = await browser.follow(await browser.submit(leaving))
    who = {"GR": "eleni", "FR": "camille", "EE": "maarika"}[country]
    response = (await browser.submit(login, person=who, level=str(level), action="login")).form()
    message = parse(base64.b64decode(response.fields["SAMLResponse"]))
    validate(message)
    assert len(message.findall("{*}EncryptedAssertion")) == 1
    assert not list(message.iter("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"))


@pytest.mark.parametrize("service", [PENSION])
async def test_a_country_that_cannot_reach_the_level_is_not_asked(dv, browser, service):
    """Not on the page, and not by an address typed in."""
    page = await at_eidas(browser, await dv.begin(browser, service=str(service.index)))
    assert (await browser.get(f"{page.url}?land=BG")).status == 422
    assert (await browser.post(page.url, {"action": "agree", "land": "BG"})).status == 422
    assert (await browser.get(f"{page.url}?land=BE")).status == 200


async def test_companies_are_asked_only_where_they_may_log_in(dv, browser):
    """A typed-in role changes nothing for a service that is for people."""
    page = await at_eidas(browser, await dv.begin(browser, service=str(STAY.index)))
    assert "organisatie" not in (await browser.get(page.url))
    login = await abroad(browser, page, "BE", role="organisatie")
    assert "Lotte Peeters" in login
    assert "Scheldestroom" not in login
