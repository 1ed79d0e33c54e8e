"""eHerkenning end to end: companies, branches, chains, a bewindvoerder's office; and all that a makelaar can do wrong."""

import asyncio
import base64

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree, html

from routeringsvoorziening.bsnk import BsnkError
from routeringsvoorziening.cli.demo_eherkenning import errands, try_errand
from routeringsvoorziening.saml import names as st
from routeringsvoorziening.saml.encryption import decrypt_element, decrypt_id
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.simulators.bsnk import BsnkKeys
from routeringsvoorziening.simulators.eherkenning.companies import BAKERY, BUILDER, HARBOUR, OFFICE
from routeringsvoorziening.simulators.eherkenning.faults import FAULTS, SEALED_NAME, SEALED_TEXT
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.world.families import residents
from routeringsvoorziening.simulators.world.layout import BEWIND, DIGID, HM, PORTAL, RV_AT_ETD, ZORG
from tests.support.chain.browser import Browser
from tests.support.chain.reading import NS, acting_bsn, find, has_response, statuses, value, xmlsec1_verifies
from tests.support.chain.representing import forms, represent, scoping
from tests.support.chain.running import running_chain
from tests.support.pki import leaf

FAILED = ("Responder", "AuthnFailed", "Authentication failed")
SECONDS = 1.0
SUMMARY = "//samlp:Response/saml:Assertion"
ATTRIBUTE = f"{SUMMARY}/saml:AttributeStatement/saml:Attribute"
UNREACHABLE = {
    "slow": "backend.timeout",
    "drip": "backend.timeout",
    "unavailable": "backend.http-status",
    "hang-up": "backend.refused",
}
REJECTED = {
    "truncated": "xml.malformed",
    "garbage": "xml.encoding",
    "huge": "backend.too-large",
    "html": "backend.content-type",
    "redirect": "backend.redirect",
    "lower-loa": "loa",
    "ended-loa": "loa",
    "other-service-id": "attribute.service",
    "for-a-part": "attribute.restriction",
    "misformed-branch": "attribute.restriction",
    "nobody-represented": "attribute.structure",
    "expired": "time.past",
    "not-yet-valid": "time.future",
    "other-issuer": "issuer.mismatch",
    "other-audience": "audience",
    "other-recipient": "recipient",
    "other-in-response-to": "irt.mismatch",
    "other-service": "attribute.service",
    "with-advice": "advice.structure",
    "no-acting-subject": "attribute.structure",
    "no-recipient": "enc.recipient",
    "for-another": "subject.identifier",
    "wrong-signature": "sig.invalid",
    "altered": "sig.invalid",
    "other-key": "sig.invalid",
    "unsigned-assertion": "sig.missing",
    "no-assertion": "assertion.count",
    "two-assertions": "assertion.count",
    "encrypted-assertion": "assertion.encrypted",
    "other-destination": "destination",
    "response-in-response-to": "irt.mismatch",
    "unsigned-envelope": "sig.missing",
    "altered-envelope": "sig.invalid",
}
HARMLESS = {"no-sources", "sealed-attribute"}
OTHERWISE = {"no-response", "recoverable", "same-assertion-id"}
USELESS_TO_A_BVD = {
    "no-bvd-audience": "audience",
    "no-bvd-key": "subject.identifier",
    "no-bvd-office": "subject.identifier",
}


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """With an impatient RV, so that nobody waits for what is slow; and with BVDs."""
    calls = {"timeout": SECONDS, "concurrent": 2, "breaker": {"failures": 1000}}
    changes = {"authentication_services": {"eherkenning": {"calls": calls}}}
    with running_chain(tmp_path_factory.mktemp("etd") / "world", mandates=True, **changes) as running:
        running.makelaar_faults.seconds = 3 * SECONDS
        yield running


@pytest.fixture(autouse=True)
def makelaar_behaves(chain):
    """Again, after every test."""
    yield
    chain.makelaar_faults.clear()


@pytest.fixture
def key(chain):
    """With which the portal opens what is encrypted for it."""
    return load_pem_private_key(chain.world.files(PORTAL).key("encryption").read_bytes(), None)


@pytest.fixture(scope="module")
def portal(chain):
    """The portal's settings, with its key files."""
    return PortalSettings.of_world(chain.world)


@pytest.fixture(scope="module")
def hospital_keys(chain):
    """The BSNk keys of another dienstverlener."""
    return BsnkKeys.of_world(chain.world, ZORG)


async def at_makelaar(dv, browser, service: str = "13", **changes):
    """From the dienstverlener to the makelaar's page."""
    page = await browser.submit(await dv.begin(browser, service=service, **changes))
    assert page.status == 303, page.text
    return await browser.follow(page)


async def log_in(browser, page, *, capacity: str = "bram", means: str = "loa3", action: str = "login", fault: str = ""):
    """At the makelaar's page: the redirect back to the RV, and what that answers."""
    chosen = {"capacity": capacity, "means": means, "action": action, "fault": fault}
    return await browser.follow(await browser.submit(page, **chosen))


async def answer(dv, page):
    """What the dienstverlener is told behind the artifact."""
    assert page.query("SAMLart"), (page.status, page.location, page.text[:500])
    return (await dv.resolve(page.query("SAMLart"))).root


async def declared(dv, browser, service: str = "13", **chosen):
    """A whole login."""
    root = await answer(dv, await log_in(browser, await at_makelaar(dv, browser, service), **chosen))
    assert statuses(root) == ("Success", None, None)
    return root


def texts(root, name: str) -> list[str]:
    """The values in clear of an attribute of our summary."""
    return root.xpath(f"{ATTRIBUTE}[@Name=$name]/saml:AttributeValue/text()", namespaces=NS, name=name)


def owners(root, portal) -> list[tuple[str, str]]:
    """NameQualifier and value of every LegalSubjectID of our summary, opened with the portal's key for messages."""
    values = root.xpath(f"{ATTRIBUTE}[contains(@Name,'1.0:LegalSubjectID')]/saml:AttributeValue/*", namespaces=NS)
    assert all(each.xpath("xenc:EncryptedKey/@Recipient", namespaces=NS) == [PORTAL.entity_id] for each in values)
    opened = [decrypt_id(each, entity_id=PORTAL.entity_id, keys=portal.decryption_keys) for each in values]
    return [(each.name_qualifier, each.value) for each in opened]


# --- what is declared --------------------------------------------------------------------------------------------


@pytest.mark.eis("ATT-21", "ATT-09", "ATT-17", "AS-11", "AS-13")
async def test_two_attributes_are_renamed_and_the_rest_is_copied(chain, dv, browser, key):
    """The subjects by the koppelvlak's names and for the dienstverlener; everything else as the makelaar wrote it."""
    root = await declared(dv, browser)
    ours = find(root, SUMMARY)
    theirs = find(root, f"{SUMMARY}/saml:Advice/saml:Assertion")
    assert value(theirs, "saml:Issuer/text()") == HM.entity_id
    assert value(ours, "saml:AuthnStatement/saml:AuthnContext/saml:AuthenticatingAuthority/text()") == HM.entity_id
    found = set(root.xpath(f"{ATTRIBUTE}/@Name", namespaces=NS))
    given = set(theirs.xpath("saml:AttributeStatement/saml:Attribute/@Name", namespaces=NS))
    renamed = {names.ACTING_SUBJECT_ID, names.LEGAL_SUBJECT_ID}
    assert found - given == {
        f"urn:nl-eid-gdi:1.0:{each}" for each in ("ActingSubjectID", "LegalSubjectID", "ServiceUUID")
    }
    assert given - found == renamed | {names.SERVICE_UUID} - found
    assert texts(root, names.COMPANY_NAME) == [BAKERY.name]
    assert acting_bsn(root, key, PORTAL.entity_id, "1.0:LegalSubjectID") == BAKERY.kvk
    assert len(root.xpath(f"{ATTRIBUTE}[contains(@Name,'1.0:LegalSubjectID')]/saml:AttributeValue", namespaces=NS)) == 2
    xmlsec1_verifies(etree.tostring(theirs), leaf(HM.oin).certificate, "Assertion")


@pytest.mark.eis("ATT-21", "ATT-10", "ENC-03")
async def test_nobody_between_can_read_for_whom_somebody_acts(chain, dv, browser):
    """No number and no pseudonym in clear, in the answer, the log, the audit trail or the store."""
    root = await declared(dv, browser, capacity="omar-bakkerij")
    kept = b"".join(chain.records) + chain.log.read_bytes() + chain.audit.read_bytes() + etree.tostring(root)
    for each in (BAKERY.kvk, BAKERY.rsin, "90000033"):
        assert each.encode() not in kept


@pytest.mark.eis("ATT-21")
async def test_a_branch_goes_along_where_the_dienst_knows_branches(dv, browser):
    """A mandate for one vestiging, of twelve digits."""
    assert texts(await declared(dv, browser, capacity="sanne-haven"), names.VESTIGINGSNR) == [HARBOUR.number]


@pytest.mark.eis("ATT-21")
async def test_a_chain_of_mandates_names_who_is_in_between(dv, browser):
    """Encrypted for the dienstverlener, by the name that it has at eTD; the company's name in clear."""
    root = await declared(dv, browser, capacity="omar-bakkerij")
    recipients = root.xpath(
        f"{ATTRIBUTE}[@Name=$n]//xenc:EncryptedKey/@Recipient", namespaces=NS, n=names.INTERMEDIATE_KVK
    )
    assert recipients == [f"urn:etoegang:DV:{PORTAL.oin}:entities:1"]
    assert texts(root, names.INTERMEDIATE_COMPANY_NAME) == ["Administratiekantoor Balans"]


async def test_a_sole_trader_has_one_number(dv, browser, key):
    """A KvK number and no RSIN."""
    root = await declared(dv, browser, "12", capacity="karin", means="loa2plus")
    values = root.xpath(f"{ATTRIBUTE}[contains(@Name,'1.0:LegalSubjectID')]/saml:AttributeValue", namespaces=NS)
    assert len(values) == 1
    assert acting_bsn(root, key, PORTAL.entity_id, "1.0:LegalSubjectID") == BUILDER.kvk


@pytest.mark.eis("ATT-19", "ATT-20", "ATT-21", "ATT-12")
async def test_a_sole_trader_comes_as_a_person_where_the_dienst_wants_that(portal, hospital_keys, dv, browser):
    """The KvK number, and beside it a structure of BSNk for the dienstverlener alone, which its key files open."""
    values = owners(await declared(dv, browser, "16", capacity="karin"), portal)
    assert [kind for kind, _ in values] == [names.KVK, names.BSN]
    assert portal.bsnk.open_identity(values[1][1]).value == BUILDER.bsn
    with pytest.raises(BsnkError) as refused:
        hospital_keys.open_identity(values[1][1])
    assert refused.value.code == "bsnk.recipient"


@pytest.mark.eis("ATT-19", "ATT-20", "ATT-21", "ATT-12")
async def test_a_sole_trader_comes_under_a_pseudonym_where_the_dienst_wants_that(portal, dv, browser):
    """No number at all: other bytes each time, and the same pseudonym."""
    found = []
    for _ in range(2):
        root = await declared(dv, browser, "17", capacity="karin", means="loa2plus")
        ((kind, structure),) = owners(root, portal)
        assert kind == names.PSEUDO_ID
        assert not texts(root, names.COMPANY_NAME)
        found.append((structure, portal.bsnk.open_pseudonym(structure).short))
    assert found[0][0] != found[1][0]
    assert found[0][1] == found[1][1]


@pytest.mark.eis("ENC-03", "ART-03")
@pytest.mark.attack("S91")
@pytest.mark.parametrize("service", ["16", "17"])
async def test_a_sole_trader_s_bsn_is_nowhere_on_the_way(chain, portal, dv, browser, service):
    """Not in clear, and no structure outside its ciphertext: answer, log, audit trail and store."""
    root = await declared(dv, browser, service, capacity="karin")
    kept = b"".join(chain.records) + chain.log.read_bytes() + chain.audit.read_bytes() + etree.tostring(root)
    for each in (BUILDER.bsn, *(text for _, text in owners(root, portal))):
        assert each.encode() not in kept


@pytest.mark.parametrize("service", ["16", "17"])
async def test_only_a_sole_trader_is_a_person(dv, browser, service):
    """The makelaar lets no other organisation in where it would have to be one."""
    page = await at_makelaar(dv, browser, service)
    refused = await browser.submit(page, capacity="bram", means="loa3", action="login")
    assert refused.status == 422
    assert "Alleen voor een eenmanszaak." in refused


@pytest.mark.parametrize("name", ["eherkenning-substantieel-identity", "eherkenning-laag-pseudonym"])
async def test_the_portal_opens_what_bsnk_made_and_shows_it(chain, name):
    """From its button to its page: whom it opened, and what it verified; nothing of the owner beside a pseudonym."""
    tried = await try_errand(chain.world, next(each for each in errands() if each.name == name))
    assert tried.ok, tried.problem


@pytest.mark.eis("LOA-01", "LOA-02")
@pytest.mark.parametrize(
    ("service", "means", "level"),
    [("11", "loa2", "basic"), ("12", "loa2plus", "low"), ("13", "loa3", "substantial"), ("13", "loa4", "high")],
)
async def test_each_level_of_etd_counts_for_one_of_ours(dv, browser, service, means, level):
    """By the table of the configuration."""
    root = await declared(dv, browser, service, means=means)
    assert value(root, f"{SUMMARY}/saml:AuthnStatement//saml:AuthnContextClassRef/text()").endswith(level)


async def test_the_request_is_one_of_etd(chain, dv, browser):
    """By the index of the service, always ForceAuthn, under our eTD name, to an address of our eTD metadata."""
    page = await dv.begin(browser, service="13")
    sent = etree.fromstring(base64.b64decode(page.form().fields["SAMLRequest"]))
    assert sent.get("AttributeConsumingServiceIndex") == "13"
    assert sent.get("ForceAuthn") == "true"
    assert value(sent, "saml:Issuer/text()") == RV_AT_ETD
    for absent in ("AssertionConsumerServiceIndex", "IsPassive"):
        assert sent.get(absent) is None
    assert find(sent, "samlp:Extensions|samlp:NameIDPolicy|samlp:RequestedAuthnContext|samlp:Scoping") is None
    published = await browser.get(f"{chain.world.rv_front}/saml/metadata/eherkenning")
    metadata = etree.fromstring(published.body)
    assert metadata.get("entityID") == RV_AT_ETD
    assert metadata.get("validUntil") is None
    assert sent.get("AssertionConsumerServiceURL") in etree.tostring(metadata).decode()


# --- for a client ------------------------------------------------------------------------------------------------


@pytest.mark.eis("ATT-22", "ATT-24", "RBVD-02", "AS-13")
@pytest.mark.parametrize("by_bsn", [False, True], ids=["from the list", "by BSN"])
async def test_an_office_acts_for_its_client(chain, dv, browser, key, by_bsn):
    """Employee, office and client in one declaration, with both sources as evidence."""
    through = scoping(HM.entity_id, BEWIND.entity_id, requesters=(BEWIND.entity_id,))
    page = await log_in(browser, await at_makelaar(dv, browser, "15", inside=through), capacity="lotte")
    arrived = await browser.follow(await browser.submit(page))
    assert OFFICE.kvk in arrived
    offered = html.fromstring(arrived.body).xpath("//input[@name='mandate']/@value")
    if by_bsn:
        last, clients = len(html.fromstring(arrived.body).forms) - 1, residents(chain.clock().date())
        kees = next(each.bsn for each in clients if each.key == "kees")
        assert (await browser.submit(arrived, last, action="choose", bsn="999999990")).status == 422
        root = await answer(dv, await browser.follow(await browser.submit(arrived, last, action="choose", bsn=kees)))
        assert acting_bsn(root, key, PORTAL.entity_id, "1.0:LegalSubjectID") == kees
    else:
        root = await answer(dv, await represent(browser, arrived, offered[0]))
    assert statuses(root) == ("Success", None, None)
    authorities = root.xpath(
        f"{SUMMARY}//saml:AuthenticatingAuthority[not(ancestor::saml:Advice)]/text()", namespaces=NS
    )
    assert authorities == [HM.entity_id, BEWIND.entity_id]
    assert len(acting_bsn(root, key, PORTAL.entity_id, "1.0:LegalSubjectID")) == 9
    assert "@" in acting_bsn(root, key, PORTAL.entity_id, "1.0:ActingSubjectID")
    assert acting_bsn(root, key, PORTAL.entity_id, "IntermediateEntityID:KvKnr") == OFFICE.kvk
    assert value(root, f"{ATTRIBUTE}[contains(@Name,'RepresentationType')]/saml:AttributeValue/text()")


@pytest.mark.eis("ATT-22", "AS-15")
@pytest.mark.attack("S70")
@pytest.mark.parametrize("fault", USELESS_TO_A_BVD)
async def test_a_login_that_the_bvd_cannot_use_goes_no_further(chain, dv, browser, fault):
    """Not meant for it, or without a key for employee or office: the BVD is never asked."""
    through = scoping(HM.entity_id, BEWIND.entity_id, requesters=(BEWIND.entity_id,))
    page = await log_in(browser, await at_makelaar(dv, browser, "15", inside=through), capacity="lotte", fault=fault)
    page = await browser.follow(page)
    assert chain.audited("login.set-back")[-1]["code"] == USELESS_TO_A_BVD[fault]
    assert set(forms(page)) == {"cancel"}
    assert not any(asked.startswith(chain.world.front(BEWIND)) for asked in (seen.url for seen in browser.pages))
    assert statuses(await answer(dv, await browser.submit(page, forms(page)["cancel"]))) == FAILED


async def test_an_office_without_cases_is_told_so(dv, browser):
    """A company that no court appointed: nobody to act for."""
    through = scoping(HM.entity_id, BEWIND.entity_id, requesters=(BEWIND.entity_id,))
    page = await at_makelaar(dv, browser, "15", inside=through)
    refused = await browser.submit(page, capacity="bram", means="loa3", action="login")
    assert refused.status == 422  # no mandate for this service at the makelaar


# --- what goes wrong ---------------------------------------------------------------------------------------------


def test_every_fault_of_the_simulator_is_in_a_row_of_the_table():
    """A new fault needs a row here."""
    assert set(FAULTS) == {*UNREACHABLE, *REJECTED, *HARMLESS, *OTHERWISE, *USELESS_TO_A_BVD}


@pytest.mark.eis("AS-22", "ERR-10", "ERR-11")
@pytest.mark.attack("S03", "S10", "S17", "S63", "S64", "S66", "S67", "S68", "S69", "S70", "S79")
@pytest.mark.parametrize("fault", REJECTED)
async def test_an_answer_that_cannot_be_trusted_ends_on_a_page_and_in_a_failure(chain, dv, browser, fault):
    """A page without choices; going back gives AuthnFailed, and never an Assertion."""
    page = await browser.follow(await log_in(browser, await at_makelaar(dv, browser), fault=fault))
    assert chain.audited("login.set-back")[-1]["code"] == REJECTED[fault]
    assert set(forms(page)) == {"cancel"}
    root = await answer(dv, await browser.submit(page, forms(page)["cancel"]))
    assert statuses(root) == FAILED
    assert find(root, "//saml:Assertion") is None


@pytest.mark.eis("ERR-07", "ERR-08")
@pytest.mark.attack("S79")
@pytest.mark.parametrize("fault", UNREACHABLE)
async def test_when_it_is_out_of_reach_a_person_may_try_again_or_cancel(chain, dv, browser, fault):
    """Never a hang."""
    page = await browser.follow(await log_in(browser, await at_makelaar(dv, browser), fault=fault))
    assert chain.audited("login.set-back")[-1]["code"] == UNREACHABLE[fault]
    assert set(forms(page)) == {"choose", "cancel"}


@pytest.mark.eis("ERR-04")
@pytest.mark.parametrize(
    ("action", "expected"),
    [("cancel", ("Responder", "AuthnFailed", "Authentication cancelled")), ("fail", FAILED)],
)
async def test_how_somebody_ends_it_goes_back(dv, browser, action, expected):
    """Cancelled and failed are told apart by eTD's message."""
    root = await answer(dv, await log_in(browser, await at_makelaar(dv, browser), action=action))
    assert statuses(root) == expected


async def test_a_summary_without_sources_is_still_one(dv, browser):
    """Advice may be absent: the summary is what counts."""
    assert has_response(await declared(dv, browser, fault="no-sources"))


@pytest.mark.eis("ATT-21", "ATT-09", "ATT-17")
async def test_an_attribute_that_is_encrypted_whole_arrives_as_it_was_written(portal, dv, browser):
    """Copied unaltered, but for Ids that the original in Advice has too (AMB-24); the portal's key opens it."""
    root = await declared(dv, browser, fault="sealed-attribute")
    statement = "saml:AttributeStatement/saml:EncryptedAttribute"
    (ours,) = root.xpath(f"{SUMMARY}/{statement}", namespaces=NS)
    (theirs,) = root.xpath(f"{SUMMARY}/saml:Advice/saml:Assertion/{statement}", namespaces=NS)
    ids = theirs.xpath(".//@Id")
    assert ours.xpath(".//@Id") == [f"{each}-1" for each in ids]
    written = etree.tostring(ours, method="c14n", exclusive=True).decode()
    for each in ids:
        written = written.replace(f"{each}-1", each)
    assert written.encode() == etree.tostring(theirs, method="c14n", exclusive=True)
    named = ours.xpath("xenc:EncryptedKey/@Recipient", namespaces=NS)
    assert named == [f"urn:etoegang:DV:{PORTAL.oin}:entities:1"]
    ours.tag = st.saml("EncryptedID")
    opened = decrypt_element(ours, entity_id=named[0], keys=portal.decryption_keys)
    assert (opened.get("Name"), opened[0].text) == (SEALED_NAME, SEALED_TEXT)
    assert SEALED_NAME.encode() not in etree.tostring(root)


async def test_the_portal_shows_that_something_came_encrypted_whole(chain, browser):
    """It says how many, and not what; without any it says nothing of it."""
    for fault, shown in (("sealed-attribute", True), ("", False)):
        to_rv = await browser.post(f"{chain.world.portal_front}/login", {"service": "13", "met": "eherkenning"})
        page = await browser.follow(await browser.submit(await browser.submit(to_rv)))
        page = await log_in(browser, page, fault=fault)
        page = await browser.follow(await browser.follow(page))
        assert "U bent ingelogd" in page, page.text
        assert ("Geheel versleuteld meegekomen" in page) is shown
        assert SEALED_TEXT not in page


@pytest.mark.attack("S62")
async def test_a_summary_counts_once(chain, dv, browser):
    """The same Assertion ID again is refused."""
    chain.makelaar_faults.switch_on("same-assertion-id")
    await declared(dv, browser)
    await log_in(browser, await at_makelaar(dv, browser))
    assert chain.audited("login.set-back")[-1]["code"] == "msg.replay"


async def test_success_of_the_resolve_is_no_login(dv, browser):
    """Nothing behind the artifact: a failed authentication (ARR-07)."""
    root = await answer(dv, await log_in(browser, await at_makelaar(dv, browser), fault="no-response"))
    assert statuses(root)[:2] == ("Responder", "AuthnFailed")


async def test_what_it_does_not_support_may_be_tried_again(dv, browser):
    """RequestUnsupported: choose again or cancel."""
    page = await browser.follow(await log_in(browser, await at_makelaar(dv, browser), fault="recoverable"))
    assert set(forms(page)) == {"choose", "cancel"}


# --- one method's outage -----------------------------------------------------------------------------------------


async def test_a_makelaar_that_hangs_takes_nothing_from_digid(chain, dv):
    """Its calls are bounded by its own bound; DigiD's connections, bound and breaker are others, so logins go on."""
    crowd = 6

    async def stuck() -> int:
        async with Browser() as browser:
            page = await at_makelaar(dv, browser)
            return (await log_in(browser, page, fault="slow")).status

    async def by_digid() -> tuple:
        async with Browser() as browser:
            own = chain.dienstverlener()
            root = await answer(own, await own.artifact(browser, inside=scoping(DIGID.entity_id)))
            return statuses(root)

    hanging = [asyncio.create_task(stuck()) for _ in range(crowd)]
    through = await asyncio.gather(*(by_digid() for _ in range(crowd)))
    assert through == [("Success", None, None)] * crowd
    assert await asyncio.gather(*hanging) == [303] * crowd
    codes = {each["code"] for each in chain.audited("login.set-back")[-crowd:]}
    assert codes <= {"backend.timeout", "backend.overloaded"}
