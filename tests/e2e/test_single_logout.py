"""Single logout: who may ask, what ends, and that everybody hears the truth."""

import base64

import pytest
from lxml import etree

from routeringsvoorziening.simulators.world.layout import BELASTINGEN, DIGID, PORTAL, RV
from routeringsvoorziening.transport.breaker import Breaker
from tests.support.attackgen.handmade import sign
from tests.support.chain.browser import Browser
from tests.support.chain.dienstverlener import Dienstverlener
from tests.support.chain.logging_out import (
    answered,
    begin_logout,
    log_out,
    logout_request,
    send_logout,
    to_digid,
    visit,
)
from tests.support.chain.reading import value, xmlsec1_verifies
from tests.support.pki import leaf

EVIL = "https://evil.example/logout"


def remove_signature(root: etree._Element) -> None:
    root.remove(root[1])


async def still_there(site: Dienstverlener, browser: Browser) -> bool:
    """Whether the session still answers."""
    return not (await visit(site, browser)).asked


@pytest.mark.eis("SLO-05", "SLO-08", "SLO-10", "SLO-11", "MD-DV-03", "MD-SP-06")
async def test_one_website_logs_out_for_both(town, taxes, browser):
    """Success, to the website's own address, in answer to its own request; then both ask for credentials."""
    first = await visit(town, browser)
    await visit(taxes, browser, service="1")
    answer = await log_out(town, browser, first)
    assert (answer.status, answer.relay_state) == (("Success", None), "bye")
    assert answer.action == f"{town.world.website(PORTAL)}/slo" == value(answer.root, "@Destination")
    again = await visit(taxes, browser, service="1")
    assert (again.asked, again.forced) == (True, True)


@pytest.mark.eis("SLO-11", "SIG-09")
async def test_the_form_of_our_answer(town, browser):
    """Ours, signed as a whole with a KeyName, InResponseTo its request; xmlsec1 agrees."""
    visited = await visit(town, browser)
    page = await begin_logout(town, browser, visited, ID="_the-logout")
    answer = answered(await browser.submit(await browser.submit(await to_digid(browser, page))))
    root = answer.root
    assert etree.QName(root).localname == "LogoutResponse"
    assert [etree.QName(child).localname for child in root] == ["Issuer", "Signature", "Status"]
    assert (value(root, "@InResponseTo"), value(root, "saml:Issuer/text()")) == ("_the-logout", RV.entity_id)
    assert (value(root, "@Version"), value(root, "@Consent")) == ("2.0", None)
    certificate = leaf(RV.oin).certificate
    assert value(root, "ds:Signature/ds:KeyInfo/ds:KeyName/text()") == leaf(RV.oin).key_name
    xmlsec1_verifies(answer.xml, certificate, "samlp:LogoutResponse")


@pytest.mark.eis("SLO-08", "SLO-10", "GEN-07")
async def test_the_logout_goes_on_to_digid_first(town, taxes, browser):
    """By POST through the browser, from the RD, with the names of DigiD's newest declaration; the website waits."""
    first = await visit(town, browser)
    newest = await visit(taxes, browser, service="1")
    page = await to_digid(browser, await begin_logout(town, browser, first))
    form = page.form()
    assert form.action == f"{town.world.digid_front}/saml/logout"
    xml = base64.b64decode(form.fields["SAMLRequest"])
    root = etree.fromstring(xml)
    assert [etree.QName(child).localname for child in root] == ["Issuer", "Signature", "NameID", "SessionIndex"]
    assert (value(root, "saml:Issuer/text()"), value(root, "@Destination")) == (RV.entity_id, form.action)
    assert (value(root, "saml:NameID/text()"), value(root, "samlp:SessionIndex/text()")) == newest.at_digid
    assert value(root, "ds:Signature/ds:KeyInfo/ds:KeyName/text()") == leaf(RV.oin).key_name
    xmlsec1_verifies(xml, leaf(RV.oin).certificate, "samlp:LogoutRequest")
    assert b"SAMLResponse" not in page.body


@pytest.mark.eis("SLO-08", "SLO-05")
async def test_digid_s_session_has_ended_before_the_website_hears(town, browser):
    """At DigiD's answer, before the RV's: a request without ForceAuthn would be asked for credentials there."""
    visited = await visit(town, browser)
    kept = dict(browser.cookies["digid.localhost"])
    page = await browser.submit(await to_digid(browser, await begin_logout(town, browser, visited)))
    assert "Success" in base64.b64decode(page.form().fields["SAMLResponse"]).decode()
    browser.cookies["digid.localhost"] = kept
    assert (await visit(town, browser)).asked


@pytest.mark.eis("SLO-06", "SLO-07")
async def test_no_other_website_is_told(town, taxes, browser):
    """The browser visits DigiD, the RV, and the website that asked: nobody else gets a LogoutRequest."""
    first = await visit(town, browser)
    await visit(taxes, browser, service="1")
    seen = len(browser.pages)
    answer = await log_out(town, browser, first)
    pages = browser.pages[seen:]
    assert [each.url.split("/")[2].split(".")[0] for each in pages] == ["rv", "rv", "digid", "rv"]
    for page in pages:
        assert BELASTINGEN.host not in page.text
    assert PORTAL.host in answer.action


@pytest.mark.eis("SLO-05")
async def test_the_other_website_may_log_out_too(town, taxes, browser):
    """Its own session may have lived on; what is over already is told as over."""
    first, second = await visit(town, browser), await visit(taxes, browser, service="1")
    await log_out(town, browser, first)
    assert (await log_out(taxes, browser, second)).status == ("Success", None)


@pytest.mark.eis("SLO-04")
async def test_a_session_index_is_optional(town, browser):
    """The NameID alone names the session."""
    visited = await visit(town, browser)
    request = logout_request(town, visited.name_id)
    page = await to_digid(browser, await send_logout(town, browser, town.signed(request), relay_state=None))
    answer = answered(await browser.submit(await browser.submit(page)))
    assert (answer.status, answer.relay_state) == (("Success", None), None)


@pytest.mark.eis("SLO-04")
@pytest.mark.attack("S73")
@pytest.mark.parametrize(
    ("name_id", "session_index"),
    [("0123456789abcdef0123456789abcdef", None), (None, "0123456789abcdef0123456789abcdef")],
)
async def test_a_name_that_is_not_known_ends_nothing(chain, town, browser, name_id, session_index):
    """An unknown NameID, or another's SessionIndex: answered, in truth, and the session lives."""
    visited = await visit(town, browser)
    request = logout_request(town, name_id or visited.name_id, session_index)
    with chain.refusals() as codes:
        answer = answered(await send_logout(town, browser, town.signed(request)))
    assert answer.status == ("Requester", "UnknownPrincipal")
    assert codes == ["logout.unknown"]
    assert await still_there(town, browser)


@pytest.mark.eis("SLO-03", "SLO-04")
@pytest.mark.attack("S73")
async def test_nobody_ends_the_session_of_another(town, taxes, browser):
    """The second website, of the same federation, with the first one's names: as if they did not exist."""
    visited = await visit(town, browser)
    request = logout_request(taxes, visited.name_id, visited.session_index)
    answer = answered(await send_logout(taxes, browser, taxes.signed(request)))
    assert answer.status == ("Requester", "UnknownPrincipal")
    assert await still_there(town, browser)


@pytest.mark.eis("SLO-02", "SLO-03", "SLO-04", "GEN-01", "GEN-03", "ERR-11")
@pytest.mark.attack("S73", "S01", "S65", "S67")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Destination": None}, "destination"),
        ({"Destination": EVIL}, "destination"),
        ({"Version": "1.1"}, "msg.version"),
        ({"Version": None}, "msg.version"),
        ({"ID": None}, "id.form"),
        ({"IssueInstant": None}, "time.missing"),
        ({"IssueInstant": "2020-01-01T00:00:00Z"}, "time.past"),
        ({"IssueInstant": "2099-01-01T00:00:00Z"}, "time.future"),
        ({"NotOnOrAfter": "2020-01-01T00:00:00Z"}, "time.past"),
        ({"Issuer": ""}, "msg.value"),
        ({"Issuer": "urn:nl-eid-gdi:1.0:DV:00000009999999999009:entities:9999"}, "issuer.unknown"),
    ],
)
async def test_a_request_that_breaks_a_rule_ends_nothing(chain, town, browser, changes, code):
    """A page without a way on, one code, and the session lives."""
    visited = await visit(town, browser)
    request = logout_request(town, visited.name_id, visited.session_index, **changes)
    if changes.get("ID", "") is None:
        request.set("ID", "_signed")
        sign(request, town.recipe)
        del request.attrib["ID"]
        xml = etree.tostring(request)
        code = "sig.reference"
    else:
        xml = town.signed(request)
    with chain.refusals() as codes:
        page = await send_logout(town, browser, xml)
    assert (page.status, codes) == (400, [code])
    assert b"<form" not in page.body
    assert await still_there(town, browser)


@pytest.mark.eis("SLO-03", "SIG-11")
@pytest.mark.attack("S73", "S01")
async def test_only_a_signature_of_its_own_counts(chain, town, hospital, browser):
    """Unsigned, altered after signing, or by another's key: nothing ends."""
    visited = await visit(town, browser)
    names = (visited.name_id, visited.session_index)
    unsigned = etree.tostring(logout_request(town, *names))
    altered = town.signed(logout_request(town, "f" * 32)).replace(b"f" * 32, visited.name_id.encode())
    stolen = etree.tostring(_signed_by(hospital, logout_request(town, *names)))
    for xml, code in ((unsigned, "sig.missing"), (altered, "sig.invalid"), (stolen, "key.unknown")):
        with chain.refusals() as codes:
            assert (await send_logout(town, browser, xml)).status == 400
        assert codes == [code]
    assert await still_there(town, browser)


def _signed_by(site: Dienstverlener, element: etree._Element) -> etree._Element:
    sign(element, site.recipe)
    return element


@pytest.mark.eis("SLO-04", "GEN-06")
async def test_the_form_of_the_koppelvlak_s_example_is_refused(chain, town, browser):
    """saml:SessionIndex before the NameID is invalid (AMB-20)."""
    visited = await visit(town, browser)
    request = logout_request(town, visited.name_id)
    index = etree.SubElement(request, "{urn:oasis:names:tc:SAML:2.0:assertion}SessionIndex")
    index.text = visited.name_id
    request.insert(1, index)
    with chain.refusals() as codes:
        assert (await send_logout(town, browser, town.signed(request))).status == 400
    assert codes == ["msg.schema"]
    assert await still_there(town, browser)


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S73", "S62")
async def test_a_request_counts_once(chain, town, browser):
    """The same message after the next login is a replay, and that session lives."""
    visited = await visit(town, browser)
    xml = town.signed(logout_request(town, visited.name_id, visited.session_index))
    await send_logout(town, browser, xml)
    await visit(town, browser)
    with chain.refusals() as codes:
        assert (await send_logout(town, browser, xml)).status == 400
    assert codes == ["msg.replay"]
    assert await still_there(town, browser)


@pytest.mark.eis("SLO-02", "GEN-07")
async def test_only_post_is_a_way_in(town, browser):
    """HTTP-Redirect ends nothing."""
    visited = await visit(town, browser)
    request = base64.b64encode(town.signed(logout_request(town, visited.name_id))).decode()
    page = await browser.get(f"{town.world.rv_front}/saml/logout", params={"SAMLRequest": request})
    assert page.status == 405
    assert await still_there(town, browser)


@pytest.mark.eis("MD-DV-03", "SLO-11")
async def test_who_cannot_be_answered_is_refused(chain, hospital, browser):
    """A dienstverlener without SingleLogoutService: a page."""
    visited = await visit(hospital, browser, service="1")
    with chain.refusals() as codes:
        page = await send_logout(hospital, browser, hospital.signed(logout_request(hospital, visited.name_id)))
    assert (page.status, codes) == (400, ["logout.endpoint"])


@pytest.mark.eis("SLO-07")
@pytest.mark.attack("S73")
async def test_digid_cannot_start_a_logout(chain, town, browser):
    """However well it is signed: refused, the session lives, and nothing is sent to a website."""
    visited = await visit(town, browser)
    digid = Dienstverlener(chain.world, DIGID, chain.clock)
    for names in ((visited.name_id, visited.session_index), visited.at_digid):
        with chain.refusals() as codes:
            page = await send_logout(digid, browser, digid.signed(logout_request(digid, *names)))
        assert (page.status, codes) == (400, ["logout.unsupported"])
        assert b"<form" not in page.body
    assert await still_there(town, browser)


@pytest.mark.eis("SLO-10", "SLO-05")
@pytest.mark.attack("S73")
async def test_digid_s_refusal_is_no_success(chain, town, browser):
    """The website hears that it is partial; our own session has ended all the same (AMB-20)."""
    visited = await visit(town, browser)
    chain.logout_faults.switch_on("refuse")
    assert (await log_out(town, browser, visited)).status == ("Responder", "PartialLogout")
    assert chain.audited("logout.ended")[-1]["outcome"] == "partial"
    chain.logout_faults.clear()
    again = await visit(town, browser)
    assert (again.asked, again.forced) == (True, True)


@pytest.mark.eis("SLO-10")
async def test_after_a_refusal_the_website_may_try_again(chain, town, browser):
    """With the same names, in a new request."""
    visited = await visit(town, browser)
    chain.logout_faults.switch_on("refuse")
    await log_out(town, browser, visited)
    chain.logout_faults.clear()
    assert (await log_out(town, browser, visited)).status == ("Success", None)


@pytest.mark.eis("SLO-09", "SLO-10")
@pytest.mark.attack("S73", "S64", "S65")
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("unsigned", "sig.missing"),
        ("altered", "sig.invalid"),
        ("other-key", "sig.invalid"),
        ("other-in-response-to", "irt.mismatch"),
        ("other-issuer", "issuer.mismatch"),
        ("other-destination", "destination"),
    ],
)
async def test_an_answer_of_digid_that_cannot_be_trusted(chain, town, browser, fault, code):
    """Refused; the only way on is back to the website, with the truth."""
    visited = await visit(town, browser)
    chain.logout_faults.switch_on(fault)
    page = await browser.submit(await to_digid(browser, await begin_logout(town, browser, visited)))
    with chain.refusals() as codes:
        page = await browser.post(f"{town.world.rv_front}/saml/logout", page.form().fields)
    assert (page.status, codes) == (400, [code])
    assert page.headers["content-security-policy"].count("script-src") == 0
    assert answered(await browser.submit(page)).status == ("Responder", "PartialLogout")


@pytest.mark.eis("SLO-09", "SLO-10")
async def test_the_real_answer_still_counts_after_a_forged_one(chain, town, browser):
    """Whoever brings a forged one cannot spoil the logout of somebody else."""
    visited = await visit(town, browser)
    page = await browser.submit(await to_digid(browser, await begin_logout(town, browser, visited)))
    fields, address = page.form().fields, f"{town.world.rv_front}/saml/logout"
    forged = base64.b64encode(base64.b64decode(fields["SAMLResponse"]).replace(b"Success", b"Responder")).decode()
    async with Browser() as somebody_else:
        refused = await somebody_else.post(address, fields | {"SAMLResponse": forged})
        assert refused.status == 400
        assert (await somebody_else.submit(refused)).status == 404
    assert answered(await browser.post(address, fields)).status == ("Success", None)
    assert (await browser.post(address, fields)).status == 410


@pytest.mark.eis("SLO-10", "SLO-05")
async def test_digid_that_never_answers(chain, town, browser):
    """The person comes back to our page: no script any more, another try or the way back; and that is no success."""
    visited = await visit(town, browser)
    chain.logout_faults.switch_on("silent")
    page = await to_digid(browser, await begin_logout(town, browser, visited))
    assert "script-src" in page.headers["content-security-policy"]
    assert (await browser.submit(page)).status == 404
    again = await browser.get(page.url)
    assert (again.status, "script-src" in again.headers["content-security-policy"]) == (200, False)
    answer = answered(await browser.submit(again, 1))
    assert (answer.status, answer.relay_state) == (("Responder", "PartialLogout"), "bye")
    assert (await browser.get(page.url)).status == 410
    chain.logout_faults.clear()
    assert (await visit(town, browser)).forced


@pytest.mark.attack("S87", "S73")
async def test_a_logout_is_of_one_browser(town, browser):
    """Another browser sees neither the page nor the way back."""
    visited = await visit(town, browser)
    page = await to_digid(browser, await begin_logout(town, browser, visited))
    async with Browser() as other:
        assert (await other.get(page.url)).status == 404
        assert (await other.post(page.url.partition("?")[0] + "/return", {})).status == 404
    assert answered(await browser.submit(await browser.submit(page))).status == ("Success", None)


@pytest.mark.eis("SES-04", "SLO-11")
@pytest.mark.parametrize("relay_state", ["a+b &'\"<é€", "x" * 80])
async def test_relay_state_comes_back(town, browser, relay_state):
    """Byte for byte."""
    visited = await visit(town, browser)
    request = logout_request(town, visited.name_id)
    page = await to_digid(browser, await send_logout(town, browser, town.signed(request), relay_state))
    assert answered(await browser.submit(await browser.submit(page))).relay_state == relay_state


@pytest.mark.eis("SES-05")
@pytest.mark.parametrize("relay_state", ["x" * 81, "a\nb"])
async def test_relay_state_that_cannot_come_back_is_refused(chain, town, browser, relay_state):
    """Above 80 bytes, or what a form cannot give back: nothing ends."""
    visited = await visit(town, browser)
    with chain.refusals() as codes:
        page = await send_logout(town, browser, town.signed(logout_request(town, visited.name_id)), relay_state)
    assert (page.status, codes) == (400, ["relaystate"])
    assert await still_there(town, browser)


@pytest.mark.attack("S73")
async def test_a_login_under_way_does_not_survive_a_logout(town, taxes, browser):
    """Begun before it, finished after it: it gives a declaration and no session."""
    visited = await visit(town, browser)
    under_way = await browser.follow(await browser.submit(await taxes.begin(browser, service="1")))
    assert under_way.status == 303
    await log_out(town, browser, visited)
    assert (await browser.follow(under_way)).query("SAMLart")
    assert (await visit(town, browser)).asked


async def test_nothing_of_a_person_is_written_down(chain, town, browser):
    """The audit trail tells who asked and how it went."""
    visited = await visit(town, browser)
    await log_out(town, browser, visited)
    assert chain.audited("logout.ended")[-1] == {"connection": PORTAL.entity_id, "outcome": "ended"}
    written = chain.audit.read_text(encoding="utf-8") + chain.log.read_text(encoding="utf-8")
    for name in (visited.name_id, *visited.at_digid):
        assert name not in written


@pytest.mark.eis("SLO-10")
async def test_nobody_is_sent_to_a_digid_that_is_down(chain, town, browser, monkeypatch):
    """Its back channel does not answer: our own session ends, the website hears at once that it is not everywhere."""
    visited = await visit(town, browser)
    monkeypatch.setattr(Breaker, "state", "open")
    answer = answered(await begin_logout(town, browser, visited))
    assert answer.status == ("Responder", "PartialLogout")
    monkeypatch.undo()
    assert (await visit(town, browser)).forced


async def test_logouts_are_counted(chain, town, browser):
    """By how they ended."""

    def counted(outcome: str) -> float:
        labels = {"outcome": outcome}
        return chain.listening.metrics.registry.get_sample_value("rv_logouts_ended_total", labels) or 0.0

    before = counted("ended")
    await log_out(town, browser, await visit(town, browser))
    assert counted("ended") == before + 1
