"""A supplier made of pysaml2 and the xmlsec1 program, for three dienstverleners, over HTTP and mutual TLS.

Nothing of the RV's own code is on its side. pysaml2 is synchronous, so these tests are too.
"""

import asyncio

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from saml2 import BINDING_HTTP_ARTIFACT, BINDING_HTTP_POST, element_to_extension_element
from saml2.client import Saml2Client
from saml2.saml import Attribute, AttributeValue
from saml2.samlp import Extensions

from routeringsvoorziening.simulators.world.layout import BEHIND_CLOUD, CLOUD, CLUSTER_SERVICES, DIGID, RV, Party
from tests.support.chain.browser import Browser
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.independent import SIGNED, XMLSEC1, opened, resolve, service_provider
from tests.support.chain.reading import acting_bsn
from tests.support.chain.supplier import NAME, Supplier
from tests.support.pki import leaf

FENNA = "954214304"
pytestmark = [
    pytest.mark.usefixtures("localhost_names"),
    pytest.mark.skipif(XMLSEC1 is None, reason="the xmlsec1 program is not installed"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture
def client(chain) -> Saml2Client:
    """One technical connection: one entity, one address, one pair of keys for three dienstverleners."""
    return service_provider(chain.world, CLOUD, chain.world.cluster_front)


def asked(client: Saml2Client, chain, party: Party) -> tuple[str, str]:
    """A signed AuthnRequest with Extensions, and its ID."""
    values = {"IntendedAudience": party.entity_id, "ServiceUUID": CLUSTER_SERVICES[party][0].uuid}
    attributes = []
    for name, text in values.items():
        value = AttributeValue(text=text)
        value.extension_attributes = {}
        attributes.append(element_to_extension_element(Attribute(name=NAME + name, attribute_value=[value])))
    return client.create_authn_request(
        f"{chain.world.rv_front}/saml/sso",
        binding=BINDING_HTTP_POST,
        **SIGNED,
        nameid_format="",
        extensions=Extensions(extension_elements=attributes),
        assertion_consumer_service_index="0",
    )


def walk(chain, xml: str) -> str:
    """What a browser does meanwhile; the artifact."""

    async def go() -> str:
        async with Browser() as browser:
            sent = await Supplier(chain.world, clock=chain.clock).send(browser, xml.encode())
            home = await browser.follow(await log_in(browser, await at_digid(browser, sent), means="document"))
            return home.query("SAMLart")

    return asyncio.run(go())


@pytest.mark.eis("AR-08", "AR-11", "AR-12", "AS-05", "AS-08", "ATT-10", "ENC-03", "MD-LC-01")
@pytest.mark.parametrize("party", BEHIND_CLOUD, ids=lambda party: party.folder)
def test_it_logs_in_for_each_of_three_dienstverleners(client, chain, party):
    """It verifies everything; only the dienstverlener's own key opens the identity."""
    request_id, xml = asked(client, chain, party)
    envelope = resolve(client, walk(chain, str(xml)))
    message, inner = opened(envelope)
    verified = client.sec.correctly_signed_message(message, "artifact_response", must=True, origdoc=message)
    assert verified.issuer.text == RV.entity_id
    answer = client.parse_authn_request_response(inner, BINDING_HTTP_ARTIFACT, outstanding={request_id: "/"})
    assert (answer.issuer(), answer.in_response_to) == (RV.entity_id, request_id)
    assert answer.authn_info()[0][1] == [DIGID.entity_id]
    audiences = answer.assertion.conditions.audience_restriction[0].audience
    assert [each.text for each in audiences] == [CLOUD.entity_id, party.entity_id]
    root = etree.fromstring(envelope.encode())
    assert acting_bsn(root, leaf(party.oin, "encryption").key, party.entity_id) == FENNA
    own = load_pem_private_key(chain.world.files(CLOUD).key("signing").read_bytes(), None)
    with pytest.raises(ValueError):
        acting_bsn(root, own, party.entity_id)
