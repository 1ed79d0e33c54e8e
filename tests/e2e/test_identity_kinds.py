"""Each kind of identity through the whole chain, for yourself and for somebody else; and what the RV opens for others."""

import re
from collections.abc import Iterator
from unittest import mock

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from routeringsvoorziening.cli.demo_check import Case, cases, try_case
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.families import residents
from routeringsvoorziening.simulators.world.layout import BELASTINGEN, DIGID, MACHTIGEN, PORTAL, RV, ZORG
from routeringsvoorziening.simulators.world.persons import BY_KEY
from tests.e2e.test_canary import found_in, stored
from tests.support.chain.browser import Browser
from tests.support.chain.dienstverlener import at_digid
from tests.support.chain.reading import NS, acting_bsn, statuses
from tests.support.chain.representing import answer, at_bvd, represent, scoping
from tests.support.chain.running import Chain, running_chain

GRANT, PANEL, HOSPITAL = "5", "6", "1"
CASES = {
    case.name: case
    for case in cases()
    if case.name.startswith("digid-") and (case.service.identity, case.site) != ("legacy-BSN", PORTAL)
}
OWN = "//samlp:Response/saml:Assertion/saml:AttributeStatement"
ADVICE = "//saml:Advice/saml:Assertion/saml:AttributeStatement"
VALUES = "/saml:Attribute[contains(@Name,'{}')]/saml:AttributeValue"
FOR_MYSELF = scoping(DIGID.entity_id)
FOR_A_NEIGHBOUR = scoping(DIGID.entity_id, MACHTIGEN.entity_id, requesters=(MACHTIGEN.entity_id,))
FENNA, WILLEM = BY_KEY["fenna"].bsn, BY_KEY["willem"].bsn


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """DigiD and the BVDs believe that the RV opens identities for two; it does so for the one of them that asked it."""
    with (
        mock.patch.object(layout, "DECRYPTED", (ZORG, BELASTINGEN)),
        running_chain(tmp_path_factory.mktemp("kinds") / "world", mandates=True) as running,
    ):
        yield running


def recipients(root: etree._Element, path: str) -> list[list[str]]:
    """Of each EncryptedID at a path: for whom its keys are."""
    found = root.xpath(f"{path}/saml:EncryptedID", namespaces=NS)
    return [[str(key) for key in each.xpath("xenc:EncryptedKey/@Recipient", namespaces=NS)] for each in found]


async def for_another(dv, browser: Browser, service: str, person: str, mandate: str) -> etree._Element:
    """What the dienstverlener gets when somebody acts for somebody else."""
    page = await at_digid(browser, await dv.begin(browser, service=service, inside=FOR_A_NEIGHBOUR))
    page = await at_bvd(browser, page, person=person)
    return await answer(dv, await represent(browser, page, mandate))


@pytest.mark.eis("ATT-02", "ATT-12", "ATT-16", "ATT-19", "ATT-20", "ATT-22")
@pytest.mark.parametrize("name", CASES)
async def test_each_kind_works_for_yourself_and_for_another(chain: Chain, name: str) -> None:
    """From the portal's button to its page, which shows whom it opened, and no BSN where it gets a pseudonym."""
    tried = await try_case(chain.world, CASES[name])
    assert tried.ok, tried.problem


def test_there_is_a_case_of_each_kind() -> None:
    """Every kind, with and without a mandate; and opened on behalf of the dienstverlener."""
    ways = {(case.service.identity, case.site, case.for_another is not None) for case in CASES.values()}
    kinds = (("BSN", PORTAL), ("Pseudonym", PORTAL), ("legacy-BSN", ZORG))
    assert ways == {(*kind, another) for kind in kinds for another in (False, True)}
    assert all(isinstance(case, Case) for case in CASES.values())


@pytest.mark.eis("ATT-03", "ATT-04", "ATT-09", "ATT-17", "ATT-19")
@pytest.mark.parametrize("service", [GRANT, PANEL])
async def test_each_recipient_has_a_pair_of_its_own_and_our_copy_holds_the_dienstverleners(
    chain: Chain, browser: Browser, service: str
) -> None:
    """In Advice one for it and one for the BVD, as DigiD made them; in our summary its own alone, with new Ids."""
    root = await for_another(chain.dienstverlener(), browser, service, "fenna", "publiek-fenna-joke")
    assert statuses(root)[0] == "Success"
    acting = VALUES.format("ActingSubjectID")
    assert recipients(root, f"({ADVICE})[1]{acting}") == [[PORTAL.entity_id], [MACHTIGEN.entity_id]]
    assert (
        recipients(root, OWN + acting)
        == recipients(root, OWN + VALUES.format("LegalSubjectID"))
        == [[PORTAL.entity_id]]
    )
    data = root.xpath("count(//saml:EncryptedID/xenc:EncryptedData)", namespaces=NS)
    assert data == len(root.xpath("//saml:EncryptedID", namespaces=NS))
    ids = root.xpath("//@Id", namespaces=NS)
    assert len(ids) == len(set(ids))
    ciphers = [
        set(root.xpath(f"{path}//xenc:EncryptedData//xenc:CipherValue/text()", namespaces=NS)) for path in (OWN, ADVICE)
    ]
    assert ciphers[0] < ciphers[1]


async def test_a_dienst_that_opens_it_itself_gets_no_plain_bsn(chain: Chain, browser: Browser) -> None:
    """Nobody on the way makes one of it: what comes out of the envelope is base64."""
    dv = chain.dienstverlener()
    home = await dv.artifact(browser, service=GRANT, inside=FOR_MYSELF)
    key = load_pem_private_key(chain.world.files(PORTAL).key("encryption").read_bytes(), None)
    found = acting_bsn((await dv.resolve(home.query("SAMLart"))).root, key, PORTAL.entity_id)
    assert len(found) > 500
    assert FENNA not in found


@pytest.mark.eis("ATT-13", "ATT-20")
async def test_the_hospital_gets_the_plain_bsn_of_who_acts_and_for_whom(chain: Chain, browser: Browser) -> None:
    """Decrypted by hand with its one key; the originals, that only we could open, are still the evidence."""
    dv = chain.dienstverlener(ZORG)
    root = await for_another(dv, browser, HOSPITAL, "willem", "publiek-willem-gerrit")
    key = load_pem_private_key(chain.world.files(ZORG).key("encryption").read_bytes(), None)
    gerrit = next(each.bsn for each in residents(chain.clock().date()) if each.key == "gerrit")
    assert acting_bsn(root, key, ZORG.entity_id) == WILLEM
    assert acting_bsn(root, key, ZORG.entity_id, "LegalSubjectID") == gerrit
    assert recipients(root, OWN + VALUES.format("SubjectID")) == [[ZORG.entity_id]] * 2
    acting = VALUES.format("ActingSubjectID")
    assert recipients(root, f"({ADVICE})[1]{acting}") == [[RV.entity_id], [MACHTIGEN.entity_id]]


@pytest.mark.eis("ATT-10", "ENC-03")
@pytest.mark.attack("S59")
async def test_for_a_dienstverlener_that_did_not_ask_it_nothing_is_opened(chain: Chain, browser: Browser) -> None:
    """DigiD encrypts for us all the same: the answer is refused, and the person is told so on our own page."""
    dv, before = chain.dienstverlener(BELASTINGEN), len(chain.audited("identity.decrypted"))
    with chain.refusals() as codes:
        page = await dv.artifact(browser, service="1", inside=FOR_MYSELF)
    assert codes == ["subject.identifier"]
    assert page.query("SAMLart") is None
    assert "is encrypted for the Routeringsdienst" in chain.audited("login.set-back")[-1]["detail"]
    assert len(chain.audited("identity.decrypted")) == before


@pytest.mark.eis("ART-03", "ENC-03")
@pytest.mark.attack("S91")
async def test_no_bsn_that_was_opened_is_left_anywhere(chain: Chain, browser: Browser) -> None:
    """Log, audit trail, metrics, store as it was and is, addresses, and our own pages; each opening is written down."""
    dv = chain.dienstverlener(ZORG)
    before = len(chain.audited("identity.decrypted"))
    parts = []
    home = await dv.artifact(browser, service=HOSPITAL, inside=FOR_MYSELF)
    parts.append(stored(chain))
    await dv.resolve(home.query("SAMLart"))
    await for_another(dv, browser, HOSPITAL, "willem", "publiek-willem-gerrit")
    metrics = await browser.get(f"{chain.world.rv_management}/metrics")
    ours = f"http://rv.localhost:{chain.world.ports.rv_front}"
    places = {
        "store": b"\n".join(parts) + stored(chain),
        "records": b"\n".join(chain.records),
        "log": chain.log.read_bytes(),
        "audit trail": chain.audit.read_bytes(),
        "metrics": metrics.body,
        "addresses": "\n".join(f"{page.url} {page.location}" for page in browser.pages),
        "pages": b"\n".join(page.body for page in browser.pages if page.url.startswith(ours)),
    }
    assert all(places.values())
    assert {name: found_in(data) for name, data in places.items() if found_in(data)} == {}
    events = chain.audited("identity.decrypted")[before:]
    assert [(each["backend"], each["attribute"].rpartition(":")[2]) for each in events] == [
        ("digid", "ActingSubjectID"),
        ("digid", "ActingSubjectID"),
        ("machtigen", "LegalSubjectID"),
    ]
    assert {each["dienstverlener"] for each in events} == {ZORG.entity_id}
    counted = re.search(r'rv_identities_decrypted_total\{backend="machtigen",outcome="ok"\} (\S+)', metrics.text)
    assert counted is not None
    assert float(counted[1]) >= 1
