"""The back channel: an artifact gives its answer once, to its own party, in time; and hostile ArtifactResolves nothing."""

import asyncio
import base64
import secrets
import ssl

import aiohttp
import pytest
from lxml import etree

from routeringsvoorziening.simulators.world.layout import DIGID, ZORG
from tests.support.attackgen import corpus, wrapping
from tests.support.attackgen.genuine import ARTIFACT_RESOLVE, Scene, genuine, on_stage
from tests.support.attackgen.handmade import DS, MORE
from tests.support.chain.reading import acting_bsn, find, has_response, statuses, value
from tests.support.pki import leaf, pki, rsa_key

FENNA = "954214304"


async def artifact_of(dv, browser) -> str:
    """A fresh artifact of a finished login."""
    page = await dv.artifact(browser)
    assert page.status == 303, page.text
    return page.query("SAMLart")


def delivers(answer) -> bool:
    """True when a Response came back."""
    assert answer.status == 200
    return has_response(answer.root)


def empty(answer) -> None:
    """ARR-05: Success, without a Response."""
    assert answer.status == 200, answer.body
    assert not has_response(answer.root)
    code = value(answer.root, "//samlp:ArtifactResponse/samlp:Status/samlp:StatusCode/@Value")
    assert code == "urn:oasis:names:tc:SAML:2.0:status:Success"


@pytest.mark.eis("ARR-01", "ARR-06", "RES-01", "RES-04", "ENC-03", "ATT-01", "TLS-03", "RSP-06")
async def test_an_artifact_gives_a_declaration_that_only_the_dienstverlener_reads(dv, browser):
    """The positive twin: a Success with an Assertion; the DV's key opens the BSN."""
    answer = await dv.resolve(await artifact_of(dv, browser))
    assert answer.content_type == "text/xml"
    assert statuses(answer.root) == ("Success", None, None)
    assert acting_bsn(answer.root, leaf(dv.party.oin, "encryption").key, dv.party.entity_id) == FENNA


@pytest.mark.eis("ART-04")
async def test_the_artifact_is_of_type_four(dv, browser):
    """Type 4, our index, our SourceID, and twenty bytes that nobody guesses."""
    first, second = [base64.b64decode(await artifact_of(dv, browser)) for _ in range(2)]
    assert len(first) == 44
    assert first[:4] == b"\0\4\0\0"
    assert first[4:24] == second[4:24]
    assert first[24:] != second[24:]


@pytest.mark.eis("ART-05", "ARR-05")
@pytest.mark.attack("S74")
async def test_an_artifact_is_used_once(chain, dv, browser):
    """The second time there is nothing any more, and that is noted."""
    artifact = await artifact_of(dv, browser)
    assert delivers(await dv.resolve(artifact))
    with chain.refusals() as codes:
        empty(await dv.resolve(artifact))
    assert codes == ["artifact.used"]


@pytest.mark.eis("ART-05")
@pytest.mark.attack("S74")
async def test_of_fifty_at_once_exactly_one_wins(dv, browser):
    """Taking is atomic."""
    artifact = await artifact_of(dv, browser)
    answers = await asyncio.gather(*(dv.resolve(artifact) for _ in range(50)))
    assert sum(delivers(answer) for answer in answers) == 1


@pytest.mark.eis("ARR-05", "RES-03", "SIG-12")
@pytest.mark.attack("S75")
async def test_another_dienstverlener_gets_nothing_and_spoils_nothing(chain, dv, browser):
    """A known party, its own signature and certificate, the artifact of another; its owner still gets it."""
    artifact = await artifact_of(dv, browser)
    with chain.refusals() as codes:
        empty(await chain.dienstverlener(ZORG).resolve(artifact))
    assert codes == ["artifact.requester"]
    assert delivers(await dv.resolve(artifact))


@pytest.mark.eis("TLS-03", "TLS-04")
@pytest.mark.attack("S75")
async def test_a_signature_of_one_over_the_certificate_of_another(chain, dv, browser):
    """The TLS certificate must be in the metadata of the Issuer; a failed attempt spoils nothing."""
    artifact = await artifact_of(dv, browser)
    with chain.refusals() as codes:
        answer = await dv.call(dv.signed_resolve(artifact), tls=dv.tls(ZORG))
    assert codes == ["tls.client"]
    assert answer.status in (400, 403)
    assert not has_response(answer.root)
    assert delivers(await dv.resolve(artifact))


@pytest.mark.eis("ART-05", "ARR-05")
@pytest.mark.attack("S74")
async def test_an_artifact_expires(chain, dv, browser):
    """After its life there is nothing; just before there is."""
    early, late = await artifact_of(dv, browser), await artifact_of(dv, browser)
    chain.clock.push(60)
    assert delivers(await dv.resolve(early))
    chain.clock.push(70)
    empty(await dv.resolve(late))


@pytest.mark.eis("ARR-05", "RES-04")
@pytest.mark.attack("S76")
@pytest.mark.parametrize("guess", ["random", "flipped", "other source", "other type", "other index", "short", "text"])
async def test_a_guessed_artifact_gives_nothing(chain, dv, browser, guess):
    """Whatever is wrong with it, the answer is the same, and the real one still works."""
    artifact = await artifact_of(dv, browser)
    raw = base64.b64decode(artifact)
    guesses = {
        "random": raw[:24] + secrets.token_bytes(20),
        "flipped": raw[:-1] + bytes([raw[-1] ^ 1]),
        "other source": raw[:4] + secrets.token_bytes(20) + raw[24:],
        "other type": b"\0\3" + raw[2:],
        "other index": raw[:2] + b"\0\7" + raw[4:],
        "short": raw[:30],
    }
    text = base64.b64encode(guesses[guess]).decode() if guess in guesses else "hello"
    with chain.refusals() as codes:
        empty(await dv.resolve(text))
    assert codes == ["artifact.unknown"]
    assert delivers(await dv.resolve(artifact))


def refused(answer) -> None:
    """An HTTP error, or a status; never a Response."""
    assert answer.status == 400, answer.body
    assert not has_response(answer.root)


def signed_as(**changes):
    """Signed in another way."""
    return lambda dv, artifact: dv.signed_resolve(artifact, dv.recipe.with_(**changes))


def asking(**changes):
    """With other attributes."""
    return lambda dv, artifact: dv.signed_resolve(artifact, **changes)


def soap(change):
    """With another envelope."""

    def make(dv, artifact):
        root = etree.fromstring(dv.signed_resolve(artifact))
        return change(root)

    return make


def header(root):
    """The signed message in a Header as well."""
    ns = etree.QName(root).namespace
    head = etree.Element(f"{{{ns}}}Header")
    etree.SubElement(head, "{urn:x}y")
    root.insert(0, head)
    return etree.tostring(root)


CASES = {
    "not XML": (lambda *_: b"hello", "xml.malformed"),
    "bare message": (soap(lambda root: etree.tostring(root[0][0])), "soap.structure"),
    "two bodies": (
        soap(lambda root: etree.tostring(root).replace(b"</soap:Body>", b"</soap:Body><soap:Body/>")),
        "soap.structure",
    ),
    "header with content": (soap(header), "soap.structure"),
    "DTD": (lambda dv, artifact: b"<!DOCTYPE x>" + dv.signed_resolve(artifact), "xml.doctype"),
    "UTF-16": (soap(lambda root: etree.tostring(root, encoding="utf-16")), "xml.encoding"),
    "unsigned": (lambda dv, artifact: etree.tostring(dv.artifact_resolve(artifact)), "sig.missing"),
    "another key": (signed_as(key=rsa_key("stranger"), key_name="stranger"), "key.unknown"),
    "another key, same name": (signed_as(key=rsa_key("stranger")), "sig.invalid"),
    "SHA-1": (signed_as(algorithm=DS + "rsa-sha1"), "alg.forbidden"),
    "HMAC": (signed_as(algorithm=MORE + "hmac-sha256", key=b"x"), "alg.forbidden"),
    "/dev/zero": (signed_as(uri="/dev/zero"), "sig.reference"),
    "unknown issuer": (asking(Issuer="urn:nl-eid-gdi:1.0:DV:00000009999999999009:entities:9009"), "issuer.unknown"),
    "old": (asking(IssueInstant="2020-01-01T00:00:00Z"), "time.past"),
    "future": (asking(IssueInstant="2048-01-01T00:00:00Z"), "time.future"),
    "other Destination": (asking(Destination="https://rv.localhost/saml/artifact"), "destination"),
    "version 1.1": (asking(Version="1.1"), "msg.version"),
    "no ID": (asking(ID=None), "msg.schema"),
}


@pytest.mark.eis("RES-01", "RES-02", "RES-03", "ERR-11", "ERR-12", "SIG-06")
@pytest.mark.attack("S16", "S21", "S23", "S25", "S26", "S31", "S65", "S67")
@pytest.mark.parametrize("name", CASES)
async def test_a_bad_resolve_gets_nothing_and_spoils_nothing(chain, dv, browser, name):
    """Each to its own code; afterwards the artifact still works."""
    make, code = CASES[name]
    artifact = await artifact_of(dv, browser)
    body = make(dv, artifact)
    with chain.refusals() as codes:
        answer = await dv.call(body)
    if name == "no ID":
        assert codes in (["msg.schema"], ["sig.reference"])
    else:
        assert codes == [code]
    refused(answer)
    assert delivers(await dv.resolve(artifact))


@pytest.mark.eis("GEN-01", "SES-02")
@pytest.mark.attack("S62")
async def test_a_resolve_is_accepted_once(chain, dv, browser):
    """The same bytes again are a replay, before the artifact is even looked at."""
    body = dv.signed_resolve(await artifact_of(dv, browser))
    assert delivers(await dv.call(body))
    with chain.refusals() as codes:
        refused(await dv.call(body))
    assert codes == ["msg.replay"]


@pytest.mark.eis("RES-02")
async def test_destination_may_be_absent(dv, browser):
    """The positive twin of another Destination."""
    assert delivers(await dv.resolve(await artifact_of(dv, browser), Destination=None))


@pytest.mark.eis("RES-01", "ARR-01")
async def test_soap_1_2_comes_in_and_1_1_goes_out(dv, browser):
    """As connected software does it."""
    body = dv.signed_resolve(await artifact_of(dv, browser))
    body = body.replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope")
    answer = await dv.call(body)
    assert delivers(answer)
    assert etree.QName(answer.root).namespace == "http://schemas.xmlsoap.org/soap/envelope/"


@pytest.mark.eis("TLS-03")
@pytest.mark.attack("S77")
@pytest.mark.parametrize("who", ["nobody", "self-signed", "other authority"])
async def test_without_a_certificate_of_the_pki_there_is_no_back_channel(chain, dv, tmp_path, who):
    """Mutual TLS is not optional."""
    context = ssl.create_default_context(cafile=str(chain.world.trust_bundle))
    if who != "nobody":
        pair = pki("attacker").issue(dv.party.oin, "tls", hosts=(dv.party.host,))
        pair = pki("attacker").root if who == "self-signed" else pair
        (tmp_path / "c.pem").write_bytes(pair.certificate_pem)
        (tmp_path / "k.pem").write_bytes(pair.key_pem)
        context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
        await dv.call(dv.signed_resolve("AAAA"), tls=context)


@pytest.mark.eis("TLS-04")
@pytest.mark.attack("S77")
async def test_a_good_certificate_of_a_party_that_does_not_ask_here(chain, dv):
    """The PKI alone is not enough: the authenticatiedienst's certificate is nobody's here."""
    with chain.refusals() as codes:
        refused(await dv.call(dv.signed_resolve("AAAA"), tls=dv.tls(DIGID)))
    assert codes == ["tls.client"]


@pytest.mark.attack("S78")
@pytest.mark.parametrize("name", ["X-Client-Cert", "X-SSL-Client-Cert", "X-Forwarded-Client-Cert", "Client-Cert"])
async def test_a_certificate_in_a_header_is_not_believed(chain, dv, name):
    """There is no proxy in front of this listener."""
    certificate = leaf(dv.party.oin, "tls").certificate_der
    headers = {name: base64.b64encode(certificate).decode()}
    with chain.refusals() as codes:
        refused(await dv.call(dv.signed_resolve("AAAA"), tls=dv.tls(ZORG), headers=headers))
    assert codes == ["tls.client"]


@pytest.mark.eis("SIG-04", "SIG-05")
@pytest.mark.attack("S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08")
async def test_no_hostile_resolve_gets_anything(chain, dv, browser):
    """XSW1 to XSW8, and every operator of attackgen for this kind, over mutual TLS; and the untouched one."""
    artifact = await artifact_of(dv, browser)
    scene = Scene(at=chain.clock(), value=artifact, artifact_url=dv.artifact_url, token="hostile")
    with on_stage(scene):
        variants = [*wrapping.named(ARTIFACT_RESOLVE), *(v for v in corpus.operated() if v.kind is ARTIFACT_RESOLVE)]
        untouched = genuine(ARTIFACT_RESOLVE)
    wrong = []
    for variant in variants:
        with chain.refusals() as codes:
            answer = await dv.call(variant.data)
        if answer.status != 400 or b"Response" in answer.body or not set(codes) <= variant.codes | {"issuer.unknown"}:
            wrong.append((variant.id, answer.status, codes))
    assert wrong == []
    assert delivers(await dv.call(untouched))


@pytest.mark.eis(
    "ARR-02", "ARR-03", "RSP-01", "RSP-02", "RSP-04", "AS-05", "AS-08", "AS-10", "AS-11", "AS-13", "ATT-05"
)
async def test_the_answer_fits_the_question(chain, dv, browser):
    """Every identifier of the exchange is where it belongs."""
    request_id, resolve_id = "_request" + secrets.token_hex(8), "_resolve" + secrets.token_hex(8)
    page = await dv.artifact(browser, ID=request_id)
    root = (await dv.resolve(page.query("SAMLart"), ID=resolve_id)).root
    acs = f"{chain.world.portal_front}/acs"
    assert value(root, "//samlp:ArtifactResponse/@InResponseTo") == resolve_id
    assert value(root, "//samlp:Response/@InResponseTo") == request_id
    assert value(root, "//samlp:Response/@Destination") == acs
    assertion = find(root, "//samlp:Response/saml:Assertion")
    assert value(assertion, "saml:Subject//saml:SubjectConfirmationData/@InResponseTo") == request_id
    assert value(assertion, "saml:Subject//saml:SubjectConfirmationData/@Recipient") == acs
    assert assertion.xpath("saml:Conditions//saml:Audience/text()", namespaces={"saml": assertion.nsmap["saml"]}) == [
        dv.party.entity_id
    ]
    assert value(assertion, "saml:AuthnStatement//saml:AuthenticatingAuthority/text()") == DIGID.entity_id
    assert value(assertion, "saml:Advice/saml:Assertion/saml:Issuer/text()") == DIGID.entity_id
    assert find(assertion, "saml:Advice/saml:Assertion/ds:Signature") is not None


@pytest.mark.eis("SES-04", "ART-01")
@pytest.mark.parametrize("state", ["", "a b&c=d", "+%2B/=", "é", "x" * 80, None])
async def test_relay_state_comes_back_as_it_was(dv, browser, state):
    """Unchanged, and absent when it was absent."""
    from tests.support.chain.dienstverlener import at_digid, log_in

    page = await dv.send(browser, dv.signed(dv.authn_request()), relay_state=state)
    back = await browser.follow(await log_in(browser, await at_digid(browser, page)))
    assert back.query("RelayState") == state
