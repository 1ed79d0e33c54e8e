"""What an authenticatiedienst does wrong, or says, becomes the right row of the failure table; never a declaration."""

import time

import pytest
from lxml import html

from routeringsvoorziening.simulators.digid.faults import FAULTS
from routeringsvoorziening.simulators.world.layout import DIGID
from tests.support.chain.browser import Browser
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.failing import CANCELLED, FAILED, FORGED, IMPATIENT, OTHERWISE, SECONDS, UNREACHABLE
from tests.support.chain.reading import NS, find, has_response, statuses, value
from tests.support.chain.running import running_chain

PRESELECTED = (
    f'<samlp:Scoping><samlp:IDPList><samlp:IDPEntry ProviderID="{DIGID.entity_id}"/></samlp:IDPList></samlp:Scoping>'
)

REJECTED = FORGED | {"lower-loa": "loa", "unknown-loa": "loa"}
HARMLESS = {"with-authority", "legal-subject", "no-bvd-audience", "no-bvd-key"}


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """With an impatient RV, so that nobody waits for what is slow."""
    changes = {"authentication_services": {"digid": {"calls": IMPATIENT}}}
    with running_chain(tmp_path_factory.mktemp("faults") / "world", **changes) as running:
        running.faults.seconds = 3 * SECONDS
        yield running


def buttons(page) -> dict[str, int]:
    """What a person can do on a page of the RV: the last word of each form's address, and its place."""
    return {form.action.split("?")[0].rsplit("/", 1)[1]: n for n, form in enumerate(html.fromstring(page.body).forms)}


async def answer(dv, page):
    """What the dienstverlener is told behind the artifact."""
    assert page.query("SAMLart"), (page.status, page.location)
    return (await dv.resolve(page.query("SAMLart"))).root


def test_every_fault_of_the_simulator_is_in_a_row_of_the_table():
    """A new fault needs a row here."""
    assert set(FAULTS) == {*UNREACHABLE, *REJECTED, *HARMLESS, *OTHERWISE}


@pytest.mark.eis(
    "AS-22", "ERR-10", "RSP-07", "ARR-08", "RSP-08", "AS-01", "AS-03", "AS-06", "AS-20", "LOA-05", "LOA-01"
)
@pytest.mark.eis("ATT-01", "ATT-05", "ATT-11", "AS-12", "SIG-05", "SIG-12", "ERR-11", "RSP-06")
@pytest.mark.attack("S17", "S20", "S21", "S23", "S63", "S64", "S66", "S67", "S68", "S69", "S70", "S79")
@pytest.mark.parametrize("fault", REJECTED)
async def test_an_answer_that_cannot_be_trusted_ends_on_a_page_and_in_a_failure(chain, dv, browser, fault):
    """A page without choices; going back gives AuthnFailed, and never an Assertion."""
    page = await browser.follow(await dv.artifact(browser, fault=fault))
    assert chain.audited("login.set-back")[-1]["code"] == REJECTED[fault]
    assert set(buttons(page)) == {"cancel"}
    assert REJECTED[fault] not in page
    root = await answer(dv, await browser.submit(page, buttons(page)["cancel"]))
    assert statuses(root) == FAILED
    assert find(root, "//saml:Assertion") is None


@pytest.mark.eis("ERR-07", "ERR-09", "ERR-08")
@pytest.mark.attack("S79")
@pytest.mark.parametrize("fault", UNREACHABLE)
async def test_when_it_is_out_of_reach_a_person_may_try_again_or_cancel(chain, dv, browser, fault):
    """Never a hang; the second time it works."""
    started = time.monotonic()
    page = await browser.follow(await dv.artifact(browser, fault=fault))
    assert time.monotonic() - started < SECONDS + 2
    assert chain.audited("login.set-back")[-1]["code"] == UNREACHABLE[fault]
    assert set(buttons(page)) == {"choose", "cancel"}
    again = await browser.submit(page, buttons(page)["choose"], choice="digid")
    back = await browser.follow(await log_in(browser, await at_digid(browser, again)))
    assert statuses(await answer(dv, back)) == ("Success", None, None)


@pytest.mark.eis("ERR-09")
async def test_cancelling_after_a_set_back_is_a_cancellation(dv, browser):
    """The person ends it: AuthnFailed, cancelled."""
    page = await browser.follow(await dv.artifact(browser, fault="unavailable"))
    root = await answer(dv, await browser.submit(page, buttons(page)["cancel"]))
    assert statuses(root) == CANCELLED


@pytest.mark.eis("ERR-09", "ERR-13", "RSP-04")
@pytest.mark.parametrize("fault", [*UNREACHABLE, "recoverable"])
async def test_a_preselected_login_goes_straight_back(dv, browser, fault):
    """The dienstverlener chose: it decides what to do next, with the reason."""
    root = await answer(dv, await dv.artifact(browser, fault=fault, inside=PRESELECTED))
    top, nested, text = statuses(root)
    assert (top, nested) == ("Responder", "RequestUnsupported")
    assert text


@pytest.mark.eis("ERR-07", "ERR-08", "ERR-09")
async def test_the_text_of_a_recoverable_answer_is_shown(dv, browser):
    """The person sees what the service said."""
    page = await browser.follow(await dv.artifact(browser, fault="recoverable"))
    assert "This function is not supported" in page
    assert set(buttons(page)) == {"choose", "cancel"}


@pytest.mark.eis("ARR-07")
async def test_success_without_a_response_is_no_login(dv, browser):
    """ArtifactResponse Success says nothing about a person."""
    root = await answer(dv, await dv.artifact(browser, fault="no-response"))
    assert statuses(root) == FAILED
    assert find(root, "//saml:Assertion") is None


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62")
async def test_an_assertion_counts_once(chain, dv, browser):
    """The same Assertion ID a second time is a replay."""
    first = await dv.artifact(browser, fault="same-assertion-id")
    if "/login/" not in first.location:  # the very first time it is new
        assert statuses(await answer(dv, first)) == ("Success", None, None)
        await dv.artifact(browser, fault="same-assertion-id")
    assert chain.audited("login.set-back")[-1]["code"] == "msg.replay"


@pytest.mark.eis("ATT-23", "AS-11", "ATT-09")
@pytest.mark.parametrize("fault", sorted(HARMLESS))
async def test_what_an_authenticatiedienst_should_not_say_is_left_behind(dv, browser, fault):
    """It is in the evidence, and not in what we declare."""
    root = await answer(dv, await dv.artifact(browser, fault=fault))
    own = "//samlp:Response/saml:Assertion"
    assert statuses(root) == ("Success", None, None)
    assert (
        root.xpath(f"{own}/saml:AttributeStatement/saml:Attribute[contains(@Name,'LegalSubject')]", namespaces=NS) == []
    )
    assert value(root, f"{own}/saml:AuthnStatement//saml:AuthenticatingAuthority/text()") == DIGID.entity_id


@pytest.mark.eis("ART-02", "ART-06", "RSP-05", "RSP-06", "ERR-01", "ERR-02", "ERR-03", "ERR-04", "ARR-04", "ARR-06")
@pytest.mark.parametrize(("action", "status"), [("cancel", CANCELLED), ("fail", FAILED)])
async def test_what_a_person_does_at_digid_reaches_the_dienstverlener(dv, browser, action, status):
    """Cancelled or failed: straight back, by an artifact, with the right status and no Assertion."""
    page = await log_in(browser, await at_digid(browser, await dv.begin(browser)), action=action)
    back = await browser.follow(page)
    assert back.location.startswith(dv.world.portal_acs)
    root = await answer(dv, back)
    assert statuses(root) == status
    assert find(root, "//saml:Assertion") is None
    assert has_response(root)


@pytest.mark.eis("ERR-02", "ERR-09", "LOA-05")
async def test_a_level_that_digid_did_not_reach(dv, browser):
    """NoAuthnContext: choose again; preselected: back with that status."""
    page = await log_in(browser, await at_digid(browser, await dv.begin(browser)), action="level")
    assert "choose" in buttons(await browser.follow(await browser.follow(page)))
    page = await log_in(browser, await at_digid(browser, await dv.begin(browser, inside=PRESELECTED)), action="level")
    assert statuses(await answer(dv, await browser.follow(page)))[:2] == ("Responder", "NoAuthnContext")


@pytest.mark.eis("LOA-01", "LOA-02", "LOA-04", "LOA-07")
@pytest.mark.parametrize(
    ("service", "means", "uri"),
    [
        ("1", "wachtwoord", "http://eID.logius.nl/LoA/basic"),
        ("1", "sms", "http://eidas.europa.eu/LoA/low"),
        ("2", "app", "http://eidas.europa.eu/LoA/substantial"),
        ("4", "document", "http://eidas.europa.eu/LoA/high"),
    ],
)
async def test_the_level_really_reached_is_declared(dv, browser, service, means, uri):
    """Not the level asked for."""
    root = await answer(dv, await dv.artifact(browser, service=service, means=means))
    assert value(root, "//samlp:Response/saml:Assertion/saml:AuthnStatement//saml:AuthnContextClassRef/text()") == uri


@pytest.mark.eis("AR-16", "ERR-02")
async def test_a_preselection_of_nothing_usable(dv, browser):
    """Requester / NoSupportedIDP, before anybody goes anywhere."""
    other = PRESELECTED.replace(":9002", ":9099")
    root = await answer(dv, await dv.begin(browser, inside=other))
    assert statuses(root)[:2] == ("Requester", "NoSupportedIDP")


@pytest.mark.eis("ERR-15")
async def test_a_requester_id_is_not_supported(dv, browser):
    """One that is not connected."""
    bvd = "urn:nl-eid-gdi:1.0:BVD:00000004166909913000:entities:9005"
    scoping = PRESELECTED.replace("</samlp:Scoping>", f"<samlp:RequesterID>{bvd}</samlp:RequesterID></samlp:Scoping>")
    root = await answer(dv, await dv.begin(browser, inside=scoping))
    assert statuses(root)[:2] == ("Requester", "NoSupportedIDP")


@pytest.mark.eis("AR-20", "AR-12")
async def test_a_service_of_another_dienstverlener_is_denied(dv, browser):
    """Asked for with Extensions: known in the catalogue, not ours."""
    audience, uuid = dv.party.entity_id, "3a9e5c42-8f7d-4b06-b2c1-6e0d4a7f2001"
    extensions = (
        "<samlp:Extensions>"
        f'<saml:Attribute Name="urn:nl-eid-gdi:1.0:IntendedAudience"><saml:AttributeValue>{audience}</saml:AttributeValue>'
        f'</saml:Attribute><saml:Attribute Name="urn:nl-eid-gdi:1.0:ServiceUUID"><saml:AttributeValue>{uuid}'
        "</saml:AttributeValue></saml:Attribute></samlp:Extensions>"
    )
    page = await dv.begin(browser, service=None, AttributeConsumingServiceIndex=None, inside=extensions)
    assert statuses(await answer(dv, page))[:2] == ("Requester", "RequestDenied")


@pytest.mark.eis("AR-05", "AR-11", "AR-12")
async def test_a_request_with_extensions_is_as_good_as_one_with_an_index(dv, browser):
    """The positive twin."""
    audience, uuid = dv.party.entity_id, "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1003"
    extensions = (
        "<samlp:Extensions>"
        f'<saml:Attribute Name="urn:nl-eid-gdi:1.0:IntendedAudience"><saml:AttributeValue>{audience}</saml:AttributeValue>'
        f'</saml:Attribute><saml:Attribute Name="urn:nl-eid-gdi:1.0:ServiceUUID"><saml:AttributeValue>{uuid}'
        "</saml:AttributeValue></saml:Attribute></samlp:Extensions>"
    )
    page = await dv.artifact(browser, AttributeConsumingServiceIndex=None, inside=extensions)
    assert statuses(await answer(dv, page)) == ("Success", None, None)


@pytest.mark.eis("ERR-06")
@pytest.mark.attack("S63", "S80")
async def test_an_artifact_in_another_browser_ends_nowhere(dv, browser):
    """The login is bound to the browser that began it; its owner can still finish."""
    page = await log_in(browser, await at_digid(browser, await dv.begin(browser)))
    async with Browser() as stranger:
        refused = await stranger.get(page.location)
    assert refused.status in (404, 410)
    assert refused.location is None
    assert statuses(await answer(dv, await browser.follow(page))) == ("Success", None, None)


@pytest.mark.attack("S62", "S87")
async def test_an_answer_of_digid_counts_once(dv, browser):
    """Reloading the return address gives no second declaration."""
    page = await log_in(browser, await at_digid(browser, await dv.begin(browser)))
    assert (await browser.follow(page)).query("SAMLart")
    again = await browser.follow(page)
    assert again.status in (404, 410)
    assert again.query("SAMLart") is None


async def test_a_leg_that_does_not_exist(dv, browser):
    """A guessed RelayState is a page, not an error."""
    page = await browser.get(f"{dv.world.rv_front}/saml/acs/digid?SAMLart=AAAA&RelayState=_nobody")
    assert page.status in (404, 410)


@pytest.mark.eis("AR-03", "RAD-02")
async def test_force_authn_goes_on_to_digid(dv, browser):
    """ForceAuthn of the request is ForceAuthn of ours."""
    import base64

    page = await dv.begin(browser, ForceAuthn="true")
    assert b'ForceAuthn="true"' in base64.b64decode(page.form().fields["SAMLRequest"])
