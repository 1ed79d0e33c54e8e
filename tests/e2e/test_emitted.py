"""Every message that the RV sends, before other eyes: pysaml2's schemas, the xmlsec1 program, and the profile."""

import base64
import re
from datetime import datetime

import pytest
from cryptography import x509
from lxml import etree
from saml2.xml.schema import validate

from routeringsvoorziening.simulators.world.layout import DIGID, RV
from tests.support.attackgen.genuine import ARTIFACT_RESPONSE as ANSWER
from tests.support.attackgen.genuine import Scene, genuine, on_stage
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.hostile import new_artifact
from tests.support.chain.reading import NS, find, value, xmlsec1_verifies

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
TOP_LEVEL = {f"urn:oasis:names:tc:SAML:2.0:status:{name}" for name in ("Success", "Requester", "Responder")}
DS = "{http://www.w3.org/2000/09/xmldsig#}"


def instant(text: str) -> datetime:
    """Seconds precision, UTC, as connected software expects."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")


def signing_certificate(chain) -> x509.Certificate:
    """The RV's."""
    return x509.load_pem_x509_certificate(chain.world.files(RV).certificate("signing").read_bytes())


def key_names(chain, path: str) -> list[str]:
    """The KeyNames of signing keys in our metadata."""
    root = etree.parse(chain.world.files(RV).metadata).getroot()
    return root.xpath(f"{path}/md:KeyDescriptor[@use='signing']/ds:KeyInfo/ds:KeyName/text()", namespaces=NS)


def check_signature(chain, xml: bytes, element: etree._Element) -> None:
    """SIG-01 to SIG-04, SIG-09 of one signed element; and xmlsec1 agrees."""
    signature = element.find(f"{DS}Signature")
    assert signature is not None, element.tag
    algorithms = [each.get("Algorithm").rsplit("#", 1)[1] for each in signature.iter() if each.get("Algorithm")]
    assert algorithms == ["", "rsa-sha256", "enveloped-signature", "", "sha256"]
    assert signature.find(f".//{DS}Reference").get("URI") == f"#{element.get('ID')}"
    assert signature.getparent().index(signature) == 1
    assert [child.tag for child in signature.find(f"{DS}KeyInfo")] == [f"{DS}KeyName"]
    assert signature.findtext(f".//{DS}KeyName") in key_names(chain, "md:IDPSSODescriptor")
    xmlsec1_verifies(xml, signing_certificate(chain), etree.QName(element).localname)


def check_profile(element: etree._Element, since: datetime, until: datetime) -> None:
    """GEN-01 to GEN-04, GEN-06: of a message or an Assertion that we made between two moments, in whole seconds."""
    validate(etree.tostring(element).decode())
    assert re.fullmatch(r"_[0-9a-f]{32,}", element.get("ID"))
    assert element.get("Version") == "2.0"
    assert since.replace(microsecond=0) <= instant(element.get("IssueInstant")) <= until
    assert [each.text for each in element.findall("{*}Issuer")] == [RV.entity_id]


def alone(element: etree._Element) -> bytes:
    """An element as a document of its own."""
    return etree.tostring(element, method="c14n", exclusive=True)


@pytest.mark.eis("RAD-01", "RAD-02", "RAD-03", "RAD-04", "GEN-01", "GEN-02", "GEN-03", "GEN-04", "GEN-05", "GEN-06")
@pytest.mark.eis("SIG-01", "SIG-02", "SIG-03", "SIG-04", "SIG-06", "SIG-09", "AR-07", "ARR-08")
async def test_our_authn_request(chain, dv, browser):
    """For DigiD: Destination, our ACS by index, the dienstverlener and the dienst in Extensions; nothing else."""
    since = chain.clock()
    form = (await dv.begin(browser, service="2")).form()
    xml = base64.b64decode(form.fields["SAMLRequest"])
    request = etree.fromstring(xml)
    check_profile(request, since, chain.clock())
    check_signature(chain, xml, request)
    assert request.get("Destination") == form.action == f"{chain.world.digid_front}/saml/sso"
    assert request.get("AssertionConsumerServiceIndex") == "0"
    assert request.get("AttributeConsumingServiceIndex") is None
    assert request.get("AssertionConsumerServiceURL") is None
    asked = {
        value(each, "@Name"): value(each, "saml:AttributeValue/text()")
        for each in request.xpath("samlp:Extensions/saml:Attribute", namespaces=NS)
    }
    assert asked == {
        "urn:nl-eid-gdi:1.0:IntendedAudience": dv.party.entity_id,
        "urn:nl-eid-gdi:1.0:ServiceUUID": "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1002",
    }
    assert [etree.QName(child).localname for child in request] == ["Issuer", "Signature", "Extensions"]


@pytest.mark.eis("ARR-01", "ARR-02", "ARR-03", "ARR-04", "RSP-01", "RSP-02", "RSP-03", "RSP-04", "RSP-06", "RSP-07")
@pytest.mark.eis("AS-01", "AS-02", "AS-03", "AS-04", "AS-05", "AS-06", "AS-07", "AS-08", "AS-09", "AS-10", "AS-11")
@pytest.mark.eis("AS-12", "AS-13", "AS-14", "ATT-01", "ATT-03", "ATT-04", "ATT-05", "ATT-09", "ATT-10", "ATT-17")
@pytest.mark.eis("ENC-01", "ENC-02", "LOA-02", "GEN-01", "GEN-02", "GEN-03", "GEN-04", "GEN-06", "SIG-06", "SIG-09")
async def test_our_declaration(chain, dv, browser):
    """Envelope, ArtifactResponse, Response, Assertion and the evidence in it."""
    since = chain.clock()
    home = await dv.artifact(browser)
    answer = await dv.resolve(home.query("SAMLart"))
    now = chain.clock()
    assert answer.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    message = find(answer.root, "/soap:Envelope/soap:Body/samlp:ArtifactResponse")
    response, assertion = find(message, "samlp:Response"), find(message, "samlp:Response/saml:Assertion")
    for element in (message, response, assertion):
        check_profile(element, since, now)
    check_signature(chain, answer.body, message)
    check_signature(chain, alone(assertion), assertion)
    assert response.find(f"{DS}Signature") is None
    for each in (message, response):
        assert each.xpath("samlp:Status/samlp:StatusCode/@Value", namespaces=NS) == [SUCCESS]
        assert (
            each.xpath(
                "samlp:Status//samlp:StatusCode/samlp:StatusCode | samlp:Status/samlp:StatusMessage", namespaces=NS
            )
            == []
        )
    _check_assertion(assertion, dv)
    _check_identity(assertion, dv)
    _check_evidence(chain, assertion)
    identifiers = answer.root.xpath("//@ID | //@Id")
    assert len(identifiers) == len(set(identifiers))


def _check_assertion(assertion: etree._Element, dv) -> None:
    issued = instant(assertion.get("IssueInstant"))
    name_id = find(assertion, "saml:Subject/saml:NameID")
    assert re.fullmatch(r"[0-9a-f]{32,}", name_id.text)
    data = find(assertion, "saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData")
    assert value(assertion, "saml:Subject/saml:SubjectConfirmation/@Method") == "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    assert (instant(data.get("NotOnOrAfter")) - issued).total_seconds() == 120
    assert data.get("NotBefore") is None
    conditions = find(assertion, "saml:Conditions")
    assert instant(conditions.get("NotBefore")) <= issued
    assert (instant(conditions.get("NotOnOrAfter")) - issued).total_seconds() == 900
    assert conditions.xpath(".//saml:Audience/text()", namespaces=NS) == [dv.party.entity_id]
    assert instant(value(assertion, "saml:AuthnStatement/@AuthnInstant")) == issued
    assert value(assertion, "saml:AuthnStatement/@SessionIndex") in (None, name_id.text)
    assert assertion.xpath(".//saml:AuthenticatingAuthority/text()", namespaces=NS)[-1] == DIGID.entity_id
    assert len(assertion.findall("{*}AttributeStatement")) == 1


def _check_identity(assertion: etree._Element, dv) -> None:
    attributes = assertion.xpath("saml:AttributeStatement/saml:Attribute", namespaces=NS)
    assert [each.get("Name") for each in attributes] == [
        "urn:nl-eid-gdi:1.0:ActingSubjectID",
        "urn:nl-eid-gdi:1.0:ServiceUUID",
    ]
    for held in attributes[0].findall("{*}AttributeValue"):
        assert [etree.QName(child).localname for child in held] == ["EncryptedID"]
    keys = attributes[0].findall(".//{*}EncryptedKey")
    assert {key.get("Recipient") for key in keys} == {dv.party.entity_id}
    methods = attributes[0].xpath(".//xenc:EncryptionMethod/@Algorithm", namespaces=NS)
    assert {each.rsplit("#", 1)[1] for each in methods} == {"aes256-cbc", "rsa-oaep-mgf1p"}


def _check_evidence(chain, assertion: etree._Element) -> None:
    """The AD's own Assertion still verifies with the AD's key, and its identity is the one that we copied."""
    evidence = assertion.xpath("saml:Advice/saml:Assertion", namespaces=NS)
    assert [value(each, "saml:Issuer/text()") for each in evidence] == [DIGID.entity_id]
    certificate = x509.load_pem_x509_certificate(chain.world.files(DIGID).certificate("signing").read_bytes())
    xmlsec1_verifies(alone(evidence[0]), certificate, "Assertion")
    ciphers = [
        each.xpath("saml:AttributeStatement//xenc:CipherValue/text()", namespaces=NS) for each in (assertion, *evidence)
    ]
    assert ["".join(text.split()) for text in ciphers[0]] == ["".join(text.split()) for text in ciphers[1]]


@pytest.mark.eis("ARR-04", "RSP-04", "RSP-05", "ERR-01", "ERR-02", "ERR-03", "GEN-06")
@pytest.mark.parametrize("action", ["cancel", "fail"])
async def test_our_failures(chain, dv, browser, action):
    """As well formed and signed as our declarations."""
    since = chain.clock()
    page = await log_in(browser, await at_digid(browser, await dv.begin(browser)), action=action)
    answer = await dv.resolve((await browser.follow(page)).query("SAMLart"))
    message = find(answer.root, "//samlp:ArtifactResponse")
    check_profile(message, since, chain.clock())
    check_profile(find(message, "samlp:Response"), since, chain.clock())
    check_signature(chain, answer.body, message)
    assert value(message, "samlp:Response/samlp:Status/samlp:StatusCode/@Value") in TOP_LEVEL - {SUCCESS}
    assert find(message, "samlp:Response/samlp:Status/samlp:StatusCode/samlp:StatusCode") is not None
    assert find(message, "samlp:Response/saml:Assertion") is None


@pytest.mark.eis("ARR-05", "ARR-04")
async def test_our_answer_when_there_is_nothing(chain, dv):
    """Also signed, and Success without more."""
    since = chain.clock()
    answer = await dv.resolve("AAQAA" + "A" * 54 + "=")
    message = find(answer.root, "//samlp:ArtifactResponse")
    check_profile(message, since, chain.clock())
    check_signature(chain, answer.body, message)
    assert [etree.QName(child).localname for child in message] == ["Issuer", "Signature", "Status"]


@pytest.mark.eis("RES-05", "TLS-03", "GEN-06", "SIG-06", "SIG-09")
async def test_our_artifact_resolve(hostile_chain, browser):
    """Over mutual TLS, signed, for the AD's address, with the artifact as it came."""
    chain, dv = hostile_chain, hostile_chain.dienstverlener()
    since = chain.clock()
    form = (await dv.begin(browser)).form().fields
    chain.hostile.answer = lambda _: genuine(ANSWER)
    artifact = new_artifact()
    with on_stage(Scene(at=chain.clock())):
        query = {"SAMLart": artifact, "RelayState": form["RelayState"]}
        await browser.get(f"{chain.world.rv_front}/saml/acs/digid", params=query)
    body = chain.hostile.seen[-1]
    resolve = find(etree.fromstring(body), "/soap:Envelope/soap:Body/samlp:ArtifactResolve")
    check_profile(resolve, since, chain.clock())
    check_signature(chain, body, resolve)
    assert resolve.get("Destination") == f"{chain.world.digid_back}/saml/artifact"
    assert value(resolve, "samlp:Artifact/text()") == artifact


@pytest.mark.eis(
    "MD-01", "MD-02", "MD-03", "MD-05", "MD-06", "MD-RD-01", "MD-RD-02", "MD-RD-03", "MD-RD-04", "MD-RD-05"
)
@pytest.mark.eis("TLS-04")
async def test_our_metadata_for_dienstverleners(chain):
    """Valid, signed at the root with a KeyName and a certificate, in schema order; the TLS certificate is in it."""
    data = chain.world.files(RV).metadata.read_bytes()
    root = etree.fromstring(data)
    validate(data.decode())
    xmlsec1_verifies(data, signing_certificate(chain), "EntityDescriptor")
    assert root.get("entityID") == RV.entity_id
    assert instant(root.get("validUntil")) > chain.clock()
    assert [etree.QName(child).localname for child in root[0][2]] == ["KeyName", "X509Data"]
    descriptor = find(root, "md:IDPSSODescriptor")
    assert descriptor.get("WantAuthnRequestsSigned") == "true"
    found = descriptor.xpath("md:*[@Location]", namespaces=NS)
    assert [(etree.QName(each).localname, each.get("Binding").rsplit(":", 1)[1]) for each in found] == [
        ("ArtifactResolutionService", "SOAP"),
        ("SingleLogoutService", "HTTP-POST"),
        ("SingleSignOnService", "HTTP-POST"),
    ]
    tls = x509.load_pem_x509_certificate(chain.world.files(RV).certificate("tls").read_bytes())
    published = descriptor.xpath("md:KeyDescriptor//ds:X509Certificate/text()", namespaces=NS)
    assert tls in [x509.load_der_x509_certificate(base64.b64decode(text)) for text in published]
    for key in descriptor.findall("{*}KeyDescriptor"):
        assert len(key.findall(f".//{DS}KeyName")) == 1


@pytest.mark.eis("MD-SP-01", "MD-SP-02", "MD-SP-03", "MD-SP-04", "MD-SP-05", "MD-SP-07", "MD-SP-08", "MD-SP-09")
async def test_our_metadata_for_services(chain):
    """Ourselves and every dienstverlener, whose encryption keys are in it, with a copy of our ACS."""
    data = chain.world.files(RV).sp_metadata.read_bytes()
    root = etree.fromstring(data)
    validate(data.decode())
    xmlsec1_verifies(data, signing_certificate(chain), "EntitiesDescriptor")
    assert instant(root.get("validUntil")) > chain.clock()
    ours, *others = root.findall("{*}EntityDescriptor")
    assert ours.get("entityID") == RV.entity_id
    assert all(each.get("validUntil") is None and each.find(f"{DS}Signature") is None for each in (ours, *others))
    descriptor = find(ours, "md:SPSSODescriptor")
    assert (descriptor.get("AuthnRequestsSigned"), descriptor.get("WantAssertionsSigned")) == ("true", "true")
    assert {each.get("use") for each in descriptor.findall("{*}KeyDescriptor")} == {"signing", "encryption"}
    doors = descriptor.findall("{*}AssertionConsumerService")
    assert doors[0].get("Location") == f"{chain.world.rv_front}/saml/acs/digid"
    assert [each.get("isDefault") for each in doors] == ["true"] + [None] * (len(doors) - 1)
    assert len({each.get("index") for each in doors}) == len(doors)
    for each in others:
        assert 1 <= len(each.xpath(".//md:KeyDescriptor[@use='encryption']", namespaces=NS)) <= 2
        copied = each.xpath(".//md:AssertionConsumerService/@Location", namespaces=NS)
        assert copied == [doors[0].get("Location")]


@pytest.mark.eis("GEN-01")
async def test_ids_never_repeat(dv, browser):
    """Sixty messages, sixty IDs of at least 128 bits."""
    seen = []
    for _ in range(30):
        form = (await dv.begin(browser)).form().fields
        seen.append(etree.fromstring(base64.b64decode(form["SAMLRequest"])).get("ID"))
        seen.append((await dv.resolve("AAAA")).root[0][0].get("ID"))
    assert len(set(seen)) == 60
    assert all(len(each) >= 33 for each in seen)
