"""A supplier over real sockets: it signs, asks, collects and hands over, and cannot read who logged in."""

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from routeringsvoorziening.simulators.world.layout import (
    BEHIND_CLOUD,
    CLOUD,
    CLUSTER_SERVICES,
    DIGID,
    DIJKZICHT,
    HEIDEWOUDE,
    PORTAL,
    PORTAL_SERVICES,
    RV,
    ZORG,
)
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.reading import acting_bsn, has_response, statuses
from tests.support.chain.supplier import Supplier, extensions
from tests.support.pki import leaf

FENNA = "954214304"
NS = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
}
LC_INDEX_TEXT = "A supplier names the dienstverlener and the service in Extensions, never by index"


@pytest.fixture
def lc(chain) -> Supplier:
    """The supplier, made of bytes."""
    return Supplier(chain.world, clock=chain.clock)


async def collected(lc: Supplier, browser, request: etree._Element) -> etree._Element:
    """A whole login; the answer that the supplier gets."""
    page = await at_digid(browser, await lc.send(browser, lc.signed(request)))
    home = await browser.follow(await log_in(browser, page, means="document"))
    assert home.location.startswith(f"{lc.world.cluster_front}/acs?SAMLart=")
    return (await lc.resolve(home.query("SAMLart"))).root


async def declined(lc: Supplier, browser, request: etree._Element) -> tuple[str | None, str | None, str | None]:
    """What the supplier is told when it does not get through."""
    page = await lc.send(browser, lc.signed(request))
    assert page.status == 303
    root = (await lc.resolve(page.query("SAMLart"))).root
    assert not root.xpath("//saml:Assertion", namespaces=NS)
    return statuses(root)


def texts(root: etree._Element, path: str) -> list[str]:
    return [str(each) for each in root.xpath(path, namespaces=NS)]


@pytest.mark.eis("AR-08", "AR-11", "AR-12", "AR-21", "AS-05", "AS-08", "ATT-10", "ENC-03", "MD-SP-01", "MD-SP-08")
@pytest.mark.parametrize("party", BEHIND_CLOUD, ids=lambda party: party.folder)
async def test_a_login_for_each_dienstverlener_behind_the_supplier(lc, browser, party):
    """Audience and Recipient of the supplier, the identity for the dienstverlener's own key and for nobody else."""
    root = await collected(lc, browser, lc.request_for(party))
    assert statuses(root)[0] == "Success"
    outer = "//samlp:Response/saml:Assertion"
    assert texts(root, f"{outer}/saml:Conditions//saml:Audience/text()") == [CLOUD.entity_id, party.entity_id]
    confirmed = f"{outer}/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData/@Recipient"
    assert texts(root, confirmed) == [f"{lc.world.cluster_front}/acs"]
    assert set(texts(root, "//xenc:EncryptedKey/@Recipient")) == {party.entity_id}
    assert acting_bsn(root, leaf(party.oin, "encryption").key, party.entity_id) == FENNA


@pytest.mark.eis("ATT-10", "ENC-03")
@pytest.mark.attack("S79")
async def test_neither_the_supplier_nor_we_nor_a_neighbour_can_read_it(lc, browser):
    """No key of theirs opens what was encrypted; the positive twin is above."""
    root = await collected(lc, browser, lc.request_for(HEIDEWOUDE))
    files = lc.world.files
    private = [
        files(CLOUD).key("signing"),
        files(CLOUD).key("tls"),
        files(RV).key("encryption"),
        files(RV).key("signing"),
    ]
    private += [files(DIJKZICHT).key("encryption"), files(PORTAL).key("encryption")]
    for file in private:
        with pytest.raises(Exception):  # noqa: B017 - whatever fails first: padding, key or XML
            acting_bsn(root, load_pem_private_key(file.read_bytes(), None), HEIDEWOUDE.entity_id)
    assert FENNA.encode() not in etree.tostring(root)


@pytest.mark.eis("AR-08")
@pytest.mark.parametrize(
    "changes",
    [
        {"AttributeConsumingServiceIndex": "1"},
        {"AttributeConsumingServiceIndex": "1", "inside": ""},
        {"inside": ""},
    ],
    ids=["both", "index", "neither"],
)
async def test_a_supplier_may_not_use_an_index(chain, lc, browser, changes):
    """It is told why, at its own address."""
    uuid = CLUSTER_SERVICES[DIJKZICHT][0].uuid
    asked = {
        "inside": extensions(IntendedAudience=DIJKZICHT.entity_id, ServiceUUID=uuid),
        "AttributeConsumingServiceIndex": None,
    }
    with chain.refusals() as codes:
        found = await declined(lc, browser, lc.authn_request(**(asked | changes)))
    assert found == ("Responder", "RequestUnsupported", LC_INDEX_TEXT)
    assert codes == ["authn.cluster"]


@pytest.mark.eis("AR-11", "AR-12")
@pytest.mark.parametrize("missing", ["IntendedAudience", "ServiceUUID"])
@pytest.mark.parametrize("value", [None, " "])
async def test_half_of_the_extensions_does_not_do(chain, lc, browser, missing, value):
    """Absent or empty: nothing is guessed, and the message is no request at all."""
    asked = {
        "IntendedAudience": DIJKZICHT.entity_id,
        "ServiceUUID": CLUSTER_SERVICES[DIJKZICHT][0].uuid,
        missing: value,
    }
    request = lc.authn_request(inside=extensions(**asked), AttributeConsumingServiceIndex=None)
    with chain.refusals() as codes:
        page = await lc.send(browser, lc.signed(request))
    assert (page.status, codes) == (400, ["attribute.structure"])


PORTAL_UUID, DIJKZICHT_UUID = PORTAL_SERVICES[0].uuid, CLUSTER_SERVICES[DIJKZICHT][0].uuid


@pytest.mark.eis("AR-20", "AR-21", "ERR-02")
@pytest.mark.parametrize(
    ("behind", "uuid"),
    [
        (PORTAL, PORTAL_UUID),
        (ZORG, PORTAL_UUID),
        (DIJKZICHT, PORTAL_UUID),
        (HEIDEWOUDE, DIJKZICHT_UUID),
        (CLOUD, DIJKZICHT_UUID),
        (DIJKZICHT, "unknown"),
    ],
)
async def test_a_supplier_asks_for_its_own_dienstverleners_and_their_diensten_only(lc, browser, behind, uuid):
    """Not for one that is connected directly, not one's dienst for another, not for itself."""
    assert (await declined(lc, browser, lc.request_for(behind, uuid)))[:2] == ("Requester", "RequestDenied")


@pytest.mark.eis("AR-20", "AR-21")
async def test_a_dienstverlener_behind_a_supplier_cannot_be_asked_for_directly(chain, browser):
    """By another dienstverlener, in the same form."""
    dv = chain.dienstverlener()
    inside = extensions(IntendedAudience=DIJKZICHT.entity_id, ServiceUUID=DIJKZICHT_UUID)
    request = dv.authn_request(inside=inside, AttributeConsumingServiceIndex=None)
    page = await dv.send(browser, dv.signed(request))
    root = (await dv.resolve(page.query("SAMLart"))).root
    assert statuses(root)[:2] == ("Requester", "RequestDenied")


@pytest.mark.eis("ARR-05", "TLS-04")
@pytest.mark.attack("S75")
async def test_only_the_supplier_collects(chain, lc, browser):
    """Another connection gets nothing, and the supplier still does; a stranger's certificate gets a fault."""
    page = await at_digid(browser, await lc.send(browser, lc.signed(lc.request_for())))
    artifact = (await browser.follow(await log_in(browser, page))).query("SAMLart")
    stolen = await chain.dienstverlener().resolve(artifact)
    assert (stolen.status, has_response(stolen.root)) == (200, False)
    assert (await lc.call(lc.signed_resolve(artifact), tls=lc.tls(PORTAL))).status == 400
    assert has_response((await lc.resolve(artifact)).root)


@pytest.mark.eis("MD-LC-08", "AR-04")
async def test_the_answer_goes_to_the_supplier_s_own_address(lc, browser):
    """An index that its entry does not have ends on a page, whatever stands in an entry of a dienstverlener."""
    page = await lc.send(browser, lc.signed(lc.request_for(AssertionConsumerServiceIndex="7")))
    assert (page.status, page.location) == (400, None)


@pytest.mark.eis("MD-SP-01", "MD-SP-08", "MD-SP-09")
async def test_our_metadata_names_who_is_behind_the_supplier(lc):
    """With the very certificate of the supplier's metadata; the supplier itself is not in it."""
    root = etree.fromstring(lc.world.files(RV).sp_metadata.read_bytes())
    named = texts(root, "//md:EntityDescriptor/@entityID")
    assert {each.entity_id for each in BEHIND_CLOUD} <= set(named)
    assert CLOUD.entity_id not in named
    supplied = etree.fromstring(lc.world.files(CLOUD).metadata.read_bytes())
    for party in BEHIND_CLOUD:
        path = f"//md:EntityDescriptor[@entityID='{party.entity_id}']//*[local-name()='X509Certificate']/text()"
        assert [each.strip() for each in texts(root, path)] == [each.strip() for each in texts(supplied, path)]


@pytest.mark.eis("AS-11", "LOA-02")
async def test_the_portal_of_the_supplier_walks_the_whole_way(chain, browser):
    """Choose a municipality, log in, come back: its own component opened the identity."""
    front = chain.world.cluster_front
    home = await browser.get(f"{front}/")
    assert all(party.name in home for party in BEHIND_CLOUD)
    page = await browser.post(f"{front}/login", {"dienstverlener": HEIDEWOUDE.folder, "service": "1"})
    page = await browser.submit(page)
    page = await at_digid(browser, page)
    page = await browser.follow(await log_in(browser, page))
    page = await browser.follow(await browser.follow(page))
    assert FENNA in page
    assert HEIDEWOUDE.name in page
    assert DIGID.entity_id in page
