"""Acting for somebody else, over real sockets: what is asked of whom, what comes back, and every way it can fail."""

import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree, html

from routeringsvoorziening.simulators.bvd.faults import FAULTS
from routeringsvoorziening.simulators.world.families import residents
from routeringsvoorziening.simulators.world.layout import BEWIND, DIGID, GEZAG, MACHTIGEN, PORTAL, RV
from routeringsvoorziening.simulators.world.persons import BY_KEY
from tests.support.chain.browser import Browser
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.failing import CANCELLED, FAILED, FORGED, IMPATIENT, OTHERWISE, SECONDS, UNREACHABLE
from tests.support.chain.reading import NS, acting_bsn, find, statuses, value, xmlsec1_verifies
from tests.support.chain.representing import (
    answer,
    at_bvd,
    choose,
    forms,
    represent,
    scoping,
    sent,
    ways,
)
from tests.support.chain.running import running_chain

RECORD, APPOINTMENT = "4", "1"
SHANTI = BY_KEY["shanti"].bsn
GEZAG_TYPE = "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind"
NOT_SUPPORTED = ("Requester", "NoSupportedIDP")
OWN = "//samlp:Response/saml:Assertion"

REJECTED = FORGED | {
    "wrong-class": "loa",
    "no-legal-subject": "subject.identifier",
    "legal-for-another": "subject.identifier",
    "no-representation-type": "attribute.representation",
    "unlisted-representation-type": "attribute.representation",
}
HARMLESS = {"with-authority", "two-legal-values"}


FOR_A_CHILD = scoping(DIGID.entity_id, GEZAG.entity_id, requesters=(GEZAG.entity_id,))


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """With three BVDs, and an RV that waits for them no longer than a test does."""
    changes = {"mandate_services": {each: {"calls": IMPATIENT} for each in ("machtigen", "gezag", "bewind")}}
    with running_chain(tmp_path_factory.mktemp("mandates") / "world", mandates=True, **changes) as running:
        for faults in running.bvd_faults.values():
            faults.seconds = 3 * SECONDS
        yield running


@pytest.fixture(autouse=True)
def bvds_behave(chain):
    """Again after every test."""
    yield
    for faults in chain.bvd_faults.values():
        faults.clear()


async def whole(dv, browser: Browser, *, inside: str = FOR_A_CHILD, fault: str = "", action: str = "choose"):
    """A whole login for a child; the RV's last answer."""
    page = await at_bvd(browser, await at_digid(browser, await dv.begin(browser, service=RECORD, inside=inside)))
    return await represent(browser, page, "gezag-shanti-anaya", fault=fault, action=action)


def certificate(chain, party) -> x509.Certificate:
    return x509.load_pem_x509_certificate(chain.world.files(party).certificate("signing").read_bytes())


def bsn_of(chain, key: str) -> str:
    return next(each.bsn for each in residents(chain.clock().date()) if each.key == key)


def test_every_fault_of_the_simulator_is_in_a_row_of_the_table():
    """A new fault needs a row here."""
    assert set(FAULTS) == {*UNREACHABLE, *REJECTED, *HARMLESS, *OTHERWISE}


@pytest.mark.eis("RBVD-04", "AS-11", "AS-13", "ATT-02", "ATT-06", "ATT-07", "ATT-22", "ATT-24", "LOA-02", "LOA-06")
async def test_one_declaration_tells_who_acts_and_for_whom(chain, dv, browser):
    """Read by hand: two persons, the dienst, the AD's level, the ground, both authorities; xmlsec1 verifies it."""
    body = (await dv.resolve((await whole(dv, browser)).query("SAMLart"))).body
    root = etree.fromstring(body)
    files = chain.world.files(PORTAL)
    key = load_pem_private_key(files.key("encryption").read_bytes(), None)
    assert statuses(root) == ("Success", None, None)
    assert acting_bsn(root, key, PORTAL.entity_id) == SHANTI
    assert acting_bsn(root, key, PORTAL.entity_id, "LegalSubjectID") == bsn_of(chain, "anaya")
    attribute = OWN + "/saml:AttributeStatement/saml:Attribute[contains(@Name,'{}')]/saml:AttributeValue/text()"
    assert value(root, attribute.format("RepresentationType")) == GEZAG_TYPE
    assert value(root, attribute.format("ServiceUUID"))
    context = f"{OWN}/saml:AuthnStatement/saml:AuthnContext"
    assert value(root, f"{context}/saml:AuthnContextClassRef/text()") == "http://eidas.europa.eu/LoA/high"
    vouching = root.xpath(f"{context}/saml:AuthenticatingAuthority/text()", namespaces=NS)
    assert vouching == [DIGID.entity_id, GEZAG.entity_id]
    recipients = root.xpath(f"{OWN}/saml:AttributeStatement//xenc:EncryptedKey/@Recipient", namespaces=NS)
    assert set(recipients) == set(root.xpath(f"{OWN}/saml:Conditions//saml:Audience/text()", namespaces=NS))
    xmlsec1_verifies(body, certificate(chain, RV), "samlp:ArtifactResponse")


@pytest.mark.eis("AS-13", "AS-14", "AS-15", "AS-16", "ATT-09", "ATT-17", "ATT-23")
async def test_both_originals_are_in_advice_and_still_verify(chain, dv, browser):
    """xmlsec1 says so, with the keys of DigiD and of the BVD; no ID stands twice in the whole document."""
    root = await answer(dv, await whole(dv, browser))
    originals = root.xpath(f"{OWN}/saml:Advice/saml:Assertion", namespaces=NS)
    assert [each.findtext("saml:Issuer", None, NS) for each in originals] == [DIGID.entity_id, GEZAG.entity_id]
    for original, party in zip(originals, (DIGID, GEZAG), strict=True):
        xmlsec1_verifies(etree.tostring(original, with_tail=False), certificate(chain, party), "saml:Assertion")
    ids = root.xpath("//@ID | //@Id")
    assert len(ids) == len(set(ids))
    names = [each.xpath("saml:AttributeStatement/saml:Attribute/@Name", namespaces=NS) for each in originals]
    assert not any("LegalSubjectID" in name for name in names[0])
    assert any("LegalSubjectID" in name for name in names[1])
    cipher = ".//saml:Attribute[contains(@Name,'{}')]//xenc:EncryptedData//xenc:CipherValue/text()"
    summary = find(root, f"{OWN}/saml:AttributeStatement")
    for name, original in (("ActingSubjectID", originals[0]), ("LegalSubjectID", originals[1])):
        assert value(summary, cipher.format(name)) == value(original, cipher.format(name))


@pytest.mark.eis("RBVD-01", "RBVD-02", "RAD-01", "RAD-03", "RAD-04", "RAD-05", "ATT-22", "AS-15")
async def test_the_ad_first_with_requester_id_then_the_bvd_with_the_ad_s_assertion(chain, dv, browser):
    """Each request as the browser carries it: nobody gets an IDPList, the AD no IdpAssertion, the BVD no Scoping."""
    to_ad = await dv.begin(browser, service=RECORD, inside=FOR_A_CHILD)
    asked = sent(to_ad)
    assert asked.xpath("samlp:Scoping/samlp:RequesterID/text()", namespaces=NS) == [GEZAG.entity_id]
    assert asked.xpath("//samlp:IDPList | //saml:Assertion", namespaces=NS) == []
    to_bvd = await browser.follow(
        await log_in(browser, await at_digid(browser, to_ad), person="shanti", means="document")
    )
    asked = sent(to_bvd)
    assert to_bvd.form().action == f"{chain.world.front(GEZAG)}/saml/sso"
    assert asked.xpath("samlp:Scoping", namespaces=NS) == []
    inside = "samlp:Extensions/saml:Attribute[contains(@Name,'IdpAssertion')]/saml:AttributeValue/saml:Assertion"
    (embedded,) = asked.xpath(inside, namespaces=NS)
    xmlsec1_verifies(etree.tostring(embedded, with_tail=False), certificate(chain, DIGID), "saml:Assertion")
    audiences = embedded.xpath("saml:Conditions//saml:Audience/text()", namespaces=NS)
    assert {RV.entity_id, GEZAG.entity_id} <= set(audiences)
    recipients = set(embedded.xpath(".//xenc:EncryptedKey/@Recipient", namespaces=NS))
    assert recipients == {PORTAL.entity_id, GEZAG.entity_id}


@pytest.mark.eis("RBVD-01", "RAD-05", "ATT-02", "AS-11")
async def test_for_yourself_the_bvd_hears_nothing(dv, browser):
    """No RequesterID, no request to a BVD, no LegalSubjectID, one authority."""
    page = await browser.follow(await dv.begin(browser, service=RECORD))
    departed = await choose(browser, page, "digid")
    assert sent(departed).xpath("samlp:Scoping", namespaces=NS) == []
    back = await browser.follow(await log_in(browser, await at_digid(browser, departed), means="document"))
    root = await answer(dv, back)
    assert not any("gezag" in url or "bewind" in url for url in (each.url for each in browser.pages))
    assert root.xpath(f"{OWN}//saml:Attribute[contains(@Name,'LegalSubject')]", namespaces=NS) == []
    assert root.xpath(f"{OWN}/saml:AuthnStatement//saml:AuthenticatingAuthority/text()", namespaces=NS) == [
        DIGID.entity_id
    ]


@pytest.mark.eis("SES-09", "SES-10", "AR-14", "AR-17", "AR-18", "AR-19")
@pytest.mark.parametrize(
    ("inside", "offered"),
    [
        ("", ["digid", "digid+bewind", "digid+gezag"]),
        (scoping(DIGID.entity_id, GEZAG.entity_id), ["digid", "digid+gezag"]),
        (
            scoping(
                DIGID.entity_id,
                GEZAG.entity_id,
                BEWIND.entity_id,
                requesters=(GEZAG.entity_id, BEWIND.entity_id),
            ),
            ["digid+bewind", "digid+gezag"],
        ),
        (scoping(requesters=(GEZAG.entity_id, BEWIND.entity_id)), ["digid+bewind", "digid+gezag"]),
        (scoping(DIGID.entity_id, MACHTIGEN.entity_id, GEZAG.entity_id), ["digid", "digid+gezag"]),
    ],
)
async def test_the_page_offers_what_was_left_open_and_no_more(dv, browser, inside, offered):
    """Without a preselection, with a BVD in the IDPList, with two RequesterIDs; what the dienst forbids is left out."""
    page = await browser.follow(await dv.begin(browser, service=RECORD, inside=inside))
    assert ways(page) == offered


@pytest.mark.eis("SES-10", "AR-17", "AR-18")
@pytest.mark.parametrize(
    "inside",
    [
        scoping(DIGID.entity_id),
        scoping(DIGID.entity_id, MACHTIGEN.entity_id),
        FOR_A_CHILD,
        scoping(requesters=(GEZAG.entity_id,)),
    ],
)
async def test_one_way_needs_no_page(dv, browser, inside):
    """Straight to DigiD."""
    page = await dv.begin(browser, service=RECORD, inside=inside)
    assert page.form().action == f"{dv.world.digid_front}/saml/sso"


@pytest.mark.eis("AR-15", "AR-16", "AR-18", "ERR-15")
@pytest.mark.parametrize(
    "inside",
    [
        scoping(GEZAG.entity_id),
        scoping(DIGID.entity_id, GEZAG.entity_id, requesters=(BEWIND.entity_id,)),
        scoping(DIGID.entity_id, requesters=(DIGID.entity_id,)),
        scoping(requesters=(GEZAG.entity_id.replace("9006", "9099"),)),
        scoping(requesters=(GEZAG.entity_id, GEZAG.entity_id.replace("9006", "9099"))),
        scoping(requesters=(MACHTIGEN.entity_id,)),
    ],
    ids=["only a BVD", "not in the list", "an AD", "not connected", "one not connected", "not for this dienst"],
)
async def test_what_cannot_be_is_answered_with_no_supported_idp(dv, browser, inside):
    """Requester / NoSupportedIDP, before anybody goes anywhere; its twins are above."""
    root = await answer(dv, await dv.begin(browser, service=RECORD, inside=inside))
    assert statuses(root)[:2] == NOT_SUPPORTED
    assert find(root, "//saml:Assertion") is None


@pytest.mark.eis("AR-14")
@pytest.mark.attack("S87")
@pytest.mark.parametrize("way", ["digid+machtigen", "digid+bewind", "eidas", "digid+", "+gezag"])
async def test_a_tampered_choice_is_refused(dv, browser, way):
    """What is not open for this login shows the page again, and nobody goes anywhere."""
    inside = scoping(DIGID.entity_id, GEZAG.entity_id)
    page = await browser.follow(await dv.begin(browser, service=RECORD, inside=inside))
    again = await choose(browser, page, way)
    if way == "digid+":
        assert sent(again).xpath("samlp:Scoping", namespaces=NS) == [], "that is the way for yourself"
        return
    assert ways(await browser.follow(again)) == ["digid", "digid+gezag"]


@pytest.mark.eis("AR-17")
@pytest.mark.parametrize("way", ["digid", "digid+gezag"])
async def test_with_an_optional_bvd_both_paths_can_be_walked(dv, browser, way):
    """For yourself, and for a child."""
    inside = scoping(DIGID.entity_id, GEZAG.entity_id)
    page = await browser.follow(await dv.begin(browser, service=RECORD, inside=inside))
    page = await at_digid(browser, await choose(browser, page, way))
    if way == "digid":
        back = await browser.follow(await log_in(browser, page, person="shanti", means="document"))
    else:
        back = await represent(browser, await at_bvd(browser, page), "gezag-shanti-ravi")
    assert statuses(await answer(dv, back)) == ("Success", None, None)


@pytest.mark.eis("ATT-06")
async def test_a_voluntary_mandate_has_no_type(dv, browser):
    """DigiD Machtigen without RepresentationType succeeds."""
    inside = scoping(DIGID.entity_id, MACHTIGEN.entity_id, requesters=(MACHTIGEN.entity_id,))
    page = await at_digid(browser, await dv.begin(browser, service=APPOINTMENT, inside=inside))
    page = await at_bvd(browser, page, person="fenna")
    root = await answer(dv, await represent(browser, page, "publiek-fenna-joke"))
    assert statuses(root) == ("Success", None, None)
    assert root.xpath(f"{OWN}//saml:Attribute[contains(@Name,'RepresentationType')]", namespaces=NS) == []


# --- the failure table ---------------------------------------------------------------------------------------------


@pytest.mark.eis("ATT-24", "ATT-07", "LOA-06", "AS-22", "AS-15", "AS-20", "ERR-10", "RBVD-05")
@pytest.mark.attack("S17", "S20", "S21", "S23", "S63", "S64", "S66", "S67", "S68", "S70", "S79")
@pytest.mark.parametrize("fault", REJECTED)
async def test_an_answer_that_cannot_be_trusted_ends_on_a_page_and_in_a_failure(chain, dv, browser, fault):
    """A page that names the BVD and leaves only the way back; then AuthnFailed, and never an Assertion."""
    page = await browser.follow(await whole(dv, browser, fault=fault))
    noted = chain.audited("login.set-back")[-1]
    assert (noted["code"], noted["at"], noted["mandate"]) == (REJECTED[fault], "gezag", "gezag")
    assert set(forms(page)) == {"cancel"}
    assert "de dienst Ouderlijk gezag klopt niet" in page
    root = await answer(dv, await browser.submit(page, forms(page)["cancel"]))
    assert statuses(root) == FAILED
    assert find(root, "//saml:Assertion") is None


@pytest.mark.eis("ATT-22", "AS-15", "RAD-05", "ERR-10")
@pytest.mark.attack("S70")
@pytest.mark.parametrize(("fault", "code"), [("no-bvd-key", "subject.identifier"), ("no-bvd-audience", "audience")])
async def test_a_login_that_the_bvd_cannot_use_goes_no_further(chain, dv, browser, fault, code):
    """DigiD forgot the BVD: its answer is not trusted, and the browser is not sent to the BVD."""
    departed = await at_digid(browser, await dv.begin(browser, service=RECORD, inside=FOR_A_CHILD))
    arrived = await browser.follow(await log_in(browser, departed, person="shanti", means="document", fault=fault))
    page = await browser.follow(arrived)
    noted = chain.audited("login.set-back")[-1]
    assert (noted["code"], noted["at"], noted["mandate"]) == (code, "digid", "gezag")
    assert set(forms(page)) == {"cancel"}


@pytest.mark.eis("ERR-07", "ERR-08", "ERR-09", "RBVD-05")
@pytest.mark.attack("S79")
@pytest.mark.parametrize("fault", [*UNREACHABLE, "recoverable"])
async def test_a_bvd_that_cannot_help_brings_the_person_back_to_the_choices(chain, dv, browser, fault):
    """The page names the BVD; every way is open again, for yourself too, and that is a new login at DigiD."""
    page = await browser.follow(await dv.begin(browser, service=RECORD))
    at_choice = await at_bvd(browser, await at_digid(browser, await choose(browser, page, "digid+gezag")))
    set_back = await browser.follow(await represent(browser, at_choice, "gezag-shanti-anaya", fault=fault))
    assert "de dienst Ouderlijk gezag" in set_back
    assert ways(set_back) == ["digid", "digid+bewind", "digid+gezag"]
    if fault in UNREACHABLE:
        assert chain.audited("login.set-back")[-1]["code"] == UNREACHABLE[fault]
    departed = await at_digid(browser, await choose(browser, set_back, "digid"))
    back = await browser.follow(await log_in(browser, departed, person="shanti", means="document"))
    root = await answer(dv, back)
    assert statuses(root) == ("Success", None, None)
    assert root.xpath(f"{OWN}//saml:Attribute[contains(@Name,'LegalSubject')]", namespaces=NS) == []


@pytest.mark.eis("ERR-09", "ERR-13", "RBVD-05")
@pytest.mark.parametrize("fault", [*UNREACHABLE, "recoverable"])
async def test_a_preselected_login_goes_straight_back(dv, browser, fault):
    """The dienstverlener chose: it hears Responder / RequestUnsupported, with a reason and no Assertion."""
    root = await answer(dv, await whole(dv, browser, fault=fault))
    top, nested, text = statuses(root)
    assert (top, nested) == ("Responder", "RequestUnsupported")
    assert text
    assert find(root, "//saml:Assertion") is None


@pytest.mark.eis("ERR-03", "ERR-04", "RBVD-05")
@pytest.mark.parametrize("inside", ["", FOR_A_CHILD], ids=["open", "preselected"])
async def test_cancelling_at_the_bvd_cancels_everything(dv, browser, inside):
    """Straight back to the dienstverlener, without another click, as a cancellation; the login at DigiD is not used."""
    page = await dv.begin(browser, service=RECORD, inside=inside)
    if not inside:
        page = await choose(browser, await browser.follow(page), "digid+gezag")
    page = await at_bvd(browser, await at_digid(browser, page))
    root = await answer(dv, await represent(browser, page, "", action="cancel"))
    assert statuses(root) == CANCELLED
    assert find(root, "//saml:Assertion") is None


@pytest.mark.eis("RBVD-05", "ERR-02")
async def test_who_may_act_for_nobody_gets_nowhere(dv, browser):
    """Responder / AuthnFailed, no Assertion, and no login for yourself instead."""
    page = await at_digid(browser, await dv.begin(browser, service=RECORD, inside=FOR_A_CHILD))
    page = await at_bvd(browser, page, person="fenna")
    root = await answer(dv, await represent(browser, page, "", action="nobody"))
    assert statuses(root) == FAILED
    assert find(root, "//saml:Assertion") is None


@pytest.mark.eis("ARR-07", "RBVD-05")
async def test_success_without_a_response_is_no_mandate(dv, browser):
    """ArtifactResponse Success says nothing about a mandate."""
    root = await answer(dv, await whole(dv, browser, fault="no-response"))
    assert statuses(root) == FAILED


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62")
async def test_a_mandate_counts_once(chain, dv, browser):
    """The same Assertion ID a second time is a replay."""
    first = await whole(dv, browser, fault="same-assertion-id")
    if "/login/" not in first.location:  # the very first time it is new
        assert statuses(await answer(dv, first)) == ("Success", None, None)
        await whole(dv, browser, fault="same-assertion-id")
    assert chain.audited("login.set-back")[-1]["code"] == "msg.replay"


@pytest.mark.eis("ATT-09", "AS-11")
@pytest.mark.parametrize("fault", sorted(HARMLESS))
async def test_what_a_bvd_may_add_changes_nothing(dv, browser, fault):
    """Two values of one person are passed on as two; an authority of its own is left behind."""
    root = await answer(dv, await whole(dv, browser, fault=fault))
    assert statuses(root) == ("Success", None, None)
    values = root.xpath(f"{OWN}/saml:AttributeStatement/saml:Attribute[contains(@Name,'Legal')]/*", namespaces=NS)
    assert len(values) == (2 if fault == "two-legal-values" else 1)
    vouching = root.xpath(f"{OWN}/saml:AuthnStatement//saml:AuthenticatingAuthority/text()", namespaces=NS)
    assert vouching == [DIGID.entity_id, GEZAG.entity_id]


# --- a browser that goes back, and one with two tabs -----------------------------------------------------------------


async def test_going_back_to_the_choices_and_choosing_otherwise(dv, browser):
    """From the BVD's page back to the RV's: another way can be walked to its end."""
    page = await browser.follow(await dv.begin(browser, service=RECORD))
    await at_bvd(browser, await at_digid(browser, await choose(browser, page, "digid+gezag")))
    again = await browser.get(page.url)
    assert ways(again) == ways(page)
    departed = await at_digid(browser, await choose(browser, again, "digid"))
    back = await browser.follow(await log_in(browser, departed, person="shanti", means="document"))
    assert statuses(await answer(dv, back)) == ("Success", None, None)
    over = await browser.get(page.url)
    assert (over.status, "Deze inlogpoging is voorbij" in over) == (410, True)
    assert f'href="{dv.world.portal_front}/"' in over


@pytest.mark.attack("S20", "S87")
async def test_two_tabs_end_each_by_themselves(chain, dv, browser):
    """Two logins in one browser, for two children, side by side: neither gets the other's child."""
    pages = []
    for _ in range(2):
        begun = await dv.begin(browser, service=RECORD, inside=FOR_A_CHILD)
        pages.append(await at_bvd(browser, await at_digid(browser, begun)))
    key = load_pem_private_key(chain.world.files(PORTAL).key("encryption").read_bytes(), None)
    for page, child in zip(pages, ("anaya", "ravi"), strict=True):
        root = await answer(dv, await represent(browser, page, f"gezag-shanti-{child}"))
        assert acting_bsn(root, key, PORTAL.entity_id, "LegalSubjectID") == bsn_of(chain, child)


@pytest.mark.attack("S63", "S80")
async def test_the_bvd_s_answer_in_another_browser_ends_nowhere(dv, browser):
    """The login is bound to the browser that began it; its owner can still finish."""
    page = await at_bvd(browser, await at_digid(browser, await dv.begin(browser, service=RECORD, inside=FOR_A_CHILD)))
    last = len(html.fromstring(page.body).forms) - 1
    returned = await browser.submit(page, last, action="choose", mandate="gezag-shanti-anaya")
    async with Browser() as stranger:
        refused = await stranger.get(returned.location)
    assert (refused.status, refused.location) == (404, None)
    assert "Gemeente Voorbeeldstad" in refused
    assert statuses(await answer(dv, await browser.follow(returned))) == ("Success", None, None)


@pytest.mark.attack("S63", "S79")
async def test_the_bvd_s_answer_at_digid_s_door_is_refused(dv, browser):
    """A leg belongs to one service."""
    page = await at_bvd(browser, await at_digid(browser, await dv.begin(browser, service=RECORD, inside=FOR_A_CHILD)))
    last = len(html.fromstring(page.body).forms) - 1
    returned = await browser.submit(page, last, action="choose", mandate="gezag-shanti-anaya")
    elsewhere = await browser.get(re.sub("/saml/acs/gezag", "/saml/acs/digid", returned.location))
    assert elsewhere.status == 410
    assert statuses(await answer(dv, await browser.follow(returned))) == ("Success", None, None)


async def test_no_bsn_is_left_behind(chain, dv, browser):
    """Neither person's, in log or audit trail."""
    await answer(dv, await whole(dv, browser))
    written = chain.log.read_text(encoding="utf-8") + chain.audit.read_text(encoding="utf-8")
    assert SHANTI not in written
    assert bsn_of(chain, "anaya") not in written
    declared = chain.audited("login.declared")[-1]
    assert (declared["mandate"], declared["mandate_authority"]) == ("gezag", GEZAG.entity_id)
