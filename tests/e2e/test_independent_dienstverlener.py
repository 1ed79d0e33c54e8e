"""A dienstverlener made of pysaml2 and the xmlsec1 program: it accepts our metadata, logs in, resolves and verifies.

Nothing of the RV's own code is on its side. pysaml2 is synchronous, so these tests are too.
"""

import asyncio

import pytest
from lxml import etree
from saml2 import BINDING_HTTP_ARTIFACT, BINDING_HTTP_POST, BINDING_SOAP
from saml2.client import Saml2Client
from saml2.response import StatusAuthnFailed
from saml2.sigver import SignatureError

from routeringsvoorziening.simulators.world.layout import DIGID, PORTAL, RV
from tests.support.chain.browser import Browser
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.independent import SIGNED, XMLSEC1, opened, resolve, service_provider
from tests.support.chain.reading import acting_bsn
from tests.support.pki import leaf

FENNA = "954214304"
pytestmark = [
    pytest.mark.usefixtures("localhost_names"),
    pytest.mark.skipif(XMLSEC1 is None, reason="the xmlsec1 program is not installed"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture
def client(chain) -> Saml2Client:
    """Configured from files, as any other service provider."""
    return service_provider(chain.world, PORTAL, chain.world.portal_front)


def authn_request(client: Saml2Client, chain) -> tuple[str, str]:
    """A signed AuthnRequest, and its ID."""
    return client.create_authn_request(
        f"{chain.world.rv_front}/saml/sso",
        binding=BINDING_HTTP_POST,
        **SIGNED,
        nameid_format="",
        assertion_consumer_service_index="0",
        attribute_consuming_service_index="3",
    )


def walk(chain, xml: str, action: str = "login") -> str:
    """What a browser does meanwhile; the artifact."""

    async def go() -> str:
        async with Browser() as browser:
            page = await at_digid(browser, await chain.dienstverlener().send(browser, xml.encode()))
            home = await browser.follow(await log_in(browser, page, action=action))
            return home.query("SAMLart")

    return asyncio.run(go())


@pytest.mark.eis("MD-RD-01", "MD-RD-02", "MD-RD-03", "MD-RD-04", "MD-RD-05")
def test_it_accepts_our_metadata(client, chain):
    """Addresses, bindings and keys are where a service provider looks for them."""
    metadata = client.metadata
    assert list(metadata.identity_providers()) == [RV.entity_id]
    assert (
        metadata.single_sign_on_service(RV.entity_id, BINDING_HTTP_POST)[0]["location"]
        == f"{chain.world.rv_front}/saml/sso"
    )
    assert (
        metadata.artifact_resolution_service(RV.entity_id, BINDING_SOAP, "idpsso")[0]["location"]
        == f"{chain.world.rv_back}/saml/artifact"
    )
    assert metadata.single_logout_service(RV.entity_id, BINDING_HTTP_POST, "idpsso")[0]["location"].endswith(
        "/saml/logout"
    )
    assert len(metadata.certs(RV.entity_id, "idpsso", "signing")) == 2


@pytest.mark.eis("ARR-03", "AS-01", "AS-02", "AS-03", "AS-05", "AS-06", "AS-08", "AS-09", "RSP-01", "RSP-06", "SIG-09")
def test_it_logs_in_resolves_and_verifies(client, chain):
    """Both signatures by xmlsec1, and every check that pysaml2 makes of an assertion; the identity opens by hand."""
    request_id, xml = authn_request(client, chain)
    envelope = resolve(client, walk(chain, str(xml)))
    message, inner = opened(envelope)
    verified = client.sec.correctly_signed_message(message, "artifact_response", must=True, origdoc=message)
    assert verified.issuer.text == RV.entity_id
    answer = client.parse_authn_request_response(inner, BINDING_HTTP_ARTIFACT, outstanding={request_id: "/"})
    assert answer.issuer() == RV.entity_id
    assert answer.in_response_to == request_id
    assert answer.authn_info()[0][:2] == ("http://eidas.europa.eu/LoA/substantial", [DIGID.entity_id])
    assert answer.assertion.subject.name_id.text
    root = etree.fromstring(envelope.encode())
    assert acting_bsn(root, leaf(PORTAL.oin, "encryption").key, PORTAL.entity_id) == FENNA


@pytest.mark.eis("RSP-04", "RSP-05", "ERR-03")
def test_it_understands_a_cancellation(client, chain):
    """A status that it knows by its own name."""
    request_id, xml = authn_request(client, chain)
    _, inner = opened(resolve(client, walk(chain, str(xml), "cancel")))
    with pytest.raises(StatusAuthnFailed, match="Authentication cancelled"):
        client.parse_authn_request_response(inner, BINDING_HTTP_ARTIFACT, outstanding={request_id: "/"})


def test_it_refuses_what_was_changed_on_the_way(client, chain):
    """The negative twin: its verification is real, of the message and of the Assertion."""
    request_id, xml = authn_request(client, chain)
    message, inner = opened(resolve(client, walk(chain, str(xml))).replace("LoA/substantial", "LoA/high"))
    with pytest.raises(SignatureError):
        client.sec.correctly_signed_message(message, "artifact_response", must=True, origdoc=message)
    with pytest.raises(SignatureError):
        client.parse_authn_request_response(inner, BINDING_HTTP_ARTIFACT, outstanding={request_id: "/"})
