"""The portal in the role DV: everything that it must refuse, each for its own reason, and never a session."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.artifact import new_artifact
from routeringsvoorziening.saml.encryption import encrypt_bytes
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.attributes import ENCRYPTED_ATTRIBUTES
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.parsing import Element, canonical
from routeringsvoorziening.simulators.portal.portal import BROWSER_COOKIE, SESSION_COOKIE
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.transport.client import Answer
from routeringsvoorziening.transport.errors import BadAnswer, Unreachable
from tests.simulators.conftest import NewVisit, PortalVisit
from tests.support import simulated
from tests.support.simulated import BSN, DV, MINUTE, NOW, RD, AnsweringRd, Clock, encrypted, recipient, signing_key

HOUR = timedelta(hours=1)
LOW = "http://eidas.europa.eu/LoA/low"
CANCELLED = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, names.CANCELLED_MESSAGE)
Change = Callable[[AnsweringRd], None]


def field(part: str, **changed: Any) -> Change:
    """The answer with other values in one of its parts."""
    return lambda rd: setattr(rd, part, changed)


def bend(part: str, how: Callable[[Element], object]) -> Change:
    """The answer with one of its parts bent by hand."""
    return lambda rd: setattr(rd, f"bend_{part}", how)


def answer(reply: Answer | Exception) -> Change:
    """Another answer altogether."""
    return lambda rd: setattr(rd, "answer", reply)


def break_signature(element: Element) -> None:
    """One letter of its own signature changed."""
    value = element.find(f"{names.ds('Signature')}/{names.ds('SignatureValue')}")
    assert value is not None
    assert value.text
    text = value.text.strip()
    value.text = ("A" if text[0] != "A" else "B") + text[1:]


def remove_signature(element: Element) -> None:
    """Unsigned."""
    signature = element.find(names.ds("Signature"))
    assert signature is not None
    element.remove(signature)


def raise_level(element: Element) -> None:
    """A value changed after signing."""
    level = element.find(f"{names.saml('AuthnStatement')}//{names.saml('AuthnContextClassRef')}")
    assert level is not None
    level.text = LOW


def add_encrypted_assertion(response: Element) -> None:
    """An EncryptedAssertion in place of the Assertion."""
    for assertion in response.findall(names.saml("Assertion")):
        response.remove(assertion)
    wrapper = etree.SubElement(response, names.saml("EncryptedAssertion"))
    wrapper.append(etree.fromstring(encrypted(BSN, recipient(DV)))[0])


def drop_recipient(rd: AnsweringRd) -> None:
    """EncryptedKeys that do not say for whom they are."""
    tree = etree.fromstring(encrypted(BSN, recipient(DV)))
    for key in tree.iter(names.xenc("EncryptedKey")):
        del key.attrib["Recipient"]
    rd.assertion = {"acting_subject": (etree.tostring(tree),)}


def other_algorithm(tag: str, algorithm: str) -> Change:
    """An identity that says it was encrypted in a forbidden way."""

    def change(rd: AnsweringRd) -> None:
        tree = etree.fromstring(encrypted(BSN, recipient(DV)))
        method = tree.find(f".//{names.xenc(tag)}/{names.xenc('EncryptionMethod')}")
        assert method is not None
        method.set("Algorithm", algorithm)
        rd.assertion = {"acting_subject": (etree.tostring(tree),)}

    return change


def name_id(text: str, **attributes: str) -> Change:
    """An identity with another NameID in its ciphertext."""
    given = {"Format": names.NAMEID_PERSISTENT, "NameQualifier": names.ID_LEGACY_BSN} | attributes
    element = etree.Element(names.saml("NameID"), {name: value for name, value in given.items() if value})
    element.text = text
    encrypted_id = encrypt_bytes(etree.tostring(element), [recipient(DV)])
    return field("assertion", acting_subject=(canonical(encrypted_id),))


def sealed_attribute(rd: AnsweringRd) -> None:
    """What only a makelaar may declare, in a declaration with DigiD's authority (AMB-24)."""
    sealed = etree.fromstring(encrypted(BSN, recipient(DV)))
    sealed.tag = names.saml("EncryptedAttribute")
    rd.assertion = {"other_attributes": {ENCRYPTED_ATTRIBUTES: (canonical(sealed),)}}


def signed_by(assertion: str = "", envelope: str = "") -> Change:
    """Other keys of the Routeringsdienst, that its metadata does not list."""
    return lambda rd: setattr(rd, "keys", (signing_key(RD, assertion), signing_key(RD, envelope)))


ANOTHER = layout.ZORG.entity_id
REFUSALS = {
    # the back channel
    "timeout": (answer(Unreachable("timeout")), "mutual-tls", "back-channel.timeout", ["TLS-03"]),
    "untrusted server": (answer(Unreachable("tls")), "mutual-tls", "back-channel.tls", ["TLS-01", "TLS-02", "TLS-03"]),
    "redirected": (answer(BadAnswer("redirect")), "http-answer", "http.status", ["ARR-01"]),
    "http error": (answer(Answer(500, "text/xml", b"")), "http-answer", "http.status", ["ARR-01"]),
    "a web page": (answer(Answer(200, "text/html", b"<p>")), "http-answer", "http.content-type", ["ARR-01"]),
    "garbage": (answer(Answer(200, "text/xml", b"<<<")), "strict-xml", "xml.malformed", ["ERR-11"]),
    "doctype": (answer(Answer(200, "text/xml", b"<!DOCTYPE x><x/>")), "strict-xml", "xml.doctype", ["ERR-11"]),
    "no envelope": (answer(Answer(200, "text/xml", b"<x/>")), "strict-xml", "soap.structure", ["ARR-01"]),
    # ArtifactResponse
    "envelope unsigned": (bend("envelope", remove_signature), "envelope-signature", "sig.missing", ["SIG-06", "AS-17"]),
    "envelope broken": (bend("envelope", break_signature), "envelope-signature", "sig.invalid", ["AS-17", "ARR-03"]),
    "envelope by a stranger": (signed_by(envelope="x"), "envelope-signature", "key.unknown", ["SIG-11", "SIG-09"]),
    "envelope of another": (field("envelope", issuer=ANOTHER), "envelope-issuer", "issuer.mismatch", ["GEN-04"]),
    "envelope for another": (field("envelope", in_response_to="_x"), "envelope-answer", "irt.mismatch", ["ARR-02"]),
    "envelope old": (field("envelope", issue_instant=NOW - HOUR), "envelope-fresh", "time.past", ["GEN-03"]),
    "envelope of tomorrow": (field("envelope", issue_instant=NOW + HOUR), "envelope-fresh", "time.future", ["GEN-03"]),
    "no response": (field("envelope", response=None), "has-response", "response.missing", ["ARR-07", "SES-07"]),
    "resolve failed": (
        field("envelope", response=None, status=Status(names.STATUS_REQUESTER, names.STATUS_REQUEST_DENIED)),
        "has-response",
        "status",
        ["ARR-04"],
    ),
    # Response
    "encrypted assertion": (
        bend("response", add_encrypted_assertion),
        "response-form",
        "assertion.encrypted",
        ["RSP-07"],
    ),
    "success without": (field("response", assertion=None), "response-form", "assertion.count", ["RSP-06", "ARR-07"]),
    "response of another": (field("response", issuer=ANOTHER), "response-issuer", "issuer.mismatch", ["GEN-04"]),
    "response to another": (field("response", in_response_to="_x"), "response-answer", "irt.mismatch", ["RSP-01"]),
    "response elsewhere": (
        field("response", destination="https://elsewhere.example/acs"),
        "response-destination",
        "destination",
        ["RSP-02"],
    ),
    "cancelled": (field("response", status=CANCELLED), "status", "not-logged-in", ["ERR-05", "ERR-14"]),
    # Assertion
    "assertion unsigned": (bend("assertion", remove_signature), "assertion-signature", "sig.missing", ["AS-01"]),
    "assertion broken": (bend("assertion", break_signature), "assertion-signature", "sig.invalid", ["AS-17"]),
    "assertion altered": (bend("assertion", raise_level), "assertion-signature", "sig.invalid", ["AS-17", "AS-01"]),
    "assertion by a stranger": (signed_by(assertion="x"), "assertion-signature", "key.unknown", ["SIG-11"]),
    "an attribute encrypted whole": (sealed_attribute, "assertion-form", "attribute.structure", ["ATT-03"]),
    "assertion of another": (field("assertion", issuer=ANOTHER), "assertion-issuer", "issuer.mismatch", ["SIG-12"]),
    "confirmation to another": (
        field("confirmation", in_response_to=new_message_id()),
        "confirmation-answer",
        "irt.mismatch",
        ["AS-18"],
    ),
    "other recipient": (
        field("confirmation", recipient="https://elsewhere.example/acs"),
        "recipient",
        "recipient",
        ["AS-18"],
    ),
    "prefix of the recipient": (
        field("confirmation", recipient=f"{simulated.PORTAL_URL}/ac"),
        "recipient",
        "recipient",
        ["AS-18"],
    ),
    "confirmation expired": (
        field("confirmation", not_on_or_after=NOW - MINUTE),
        "confirmation-time",
        "time.past",
        ["AS-19"],
    ),
    "conditions expired": (
        field("assertion", not_before=NOW - HOUR, not_on_or_after=NOW - MINUTE),
        "conditions-time",
        "time.past",
        ["AS-19"],
    ),
    "conditions of later": (
        field("assertion", not_before=NOW + 2 * MINUTE, not_on_or_after=NOW + HOUR),
        "conditions-time",
        "time.future",
        ["AS-19"],
    ),
    "for another audience": (field("assertion", audiences=(ANOTHER,)), "audience", "audience", ["AS-20"]),
    "another service": (field("assertion", service_uuid="another"), "service", "attribute.service", ["ATT-05"]),
    "unknown level": (field("assertion", class_ref="urn:high"), "loa-known", "loa", ["LOA-01"]),
    "level too low": (field("assertion", class_ref=LOW), "loa-enough", "loa.too-low", ["LOA-03", "ERR-14"]),
    "unknown authority": (
        field("assertion", authenticating_authorities=(ANOTHER,)),
        "authority",
        "authority",
        ["AS-11"],
    ),
    "no authority": (field("assertion", authenticating_authorities=()), "authority", "authority", ["AS-11"]),
    "somebody represented": (
        field("assertion", legal_subject=(encrypted(BSN, recipient(DV)),)),
        "on-own-behalf",
        "legal-subject",
        ["ATT-02"],
    ),
    "no evidence": (field("assertion", advice=()), "advice", "advice.missing", ["AS-13"]),
    # identity
    "no recipient": (drop_recipient, "for-us", "enc.recipient", ["ATT-11"]),
    "for somebody else": (
        field("assertion", acting_subject=(encrypted(BSN, recipient(layout.ZORG)),)),
        "for-us",
        "enc.recipient",
        ["ATT-16"],
    ),
    "aes128": (
        other_algorithm("EncryptedData", "http://www.w3.org/2001/04/xmlenc#aes128-cbc"),
        "for-us",
        "alg.forbidden",
        ["ENC-01"],
    ),
    "rsa-1_5": (
        other_algorithm("EncryptedKey", "http://www.w3.org/2001/04/xmlenc#rsa-1_5"),
        "for-us",
        "alg.forbidden",
        ["ENC-02"],
    ),
    "recipient not in audience": (
        field("assertion", acting_subject=(encrypted(BSN, recipient(DV), recipient(layout.ZORG)),)),
        "recipients",
        "recipient.not-in-audience",
        ["ATT-04"],
    ),
    "a key that is not ours": (
        field("assertion", acting_subject=(encrypted(BSN, recipient(DV, "old")),)),
        "decrypted",
        "enc.recipient",
        ["ATT-13"],
    ),
    "no real bsn": (name_id("954214305"), "decrypted", "subject.identifier", ["ATT-20"]),
    "eight digits": (name_id("95421430"), "decrypted", "subject.identifier", ["ATT-20"]),
    "another format": (
        name_id(BSN, Format=names.NAMEID_TRANSIENT),
        "decrypted",
        "subject.identifier",
        ["ATT-12"],
    ),
    "unknown kind": (name_id(BSN, NameQualifier="urn:x"), "decrypted", "subject.identifier", ["ATT-12"]),
    "a qualifier too many": (name_id(BSN, SPNameQualifier="x"), "decrypted", "subject.identifier", ["ATT-12"]),
    "a pseudonym": (name_id("AAAA", NameQualifier=names.ID_PSEUDONYM), "bsn", "identifier.kind", ["ATT-12", "ATT-20"]),
}


@pytest.mark.parametrize(
    ("change", "check", "code"),
    [pytest.param(*each[:3], id=name, marks=pytest.mark.eis(*each[3])) for name, each in REFUSALS.items()],
)
@pytest.mark.eis("AS-21", "SES-07")
async def test_whatever_is_wrong_is_refused(visit: PortalVisit, change: Change, check: str, code: str) -> None:
    """One thing differs from a right answer: its own check fails with its own code, and no session comes of it."""
    change(visit.rd)
    assert await visit.refused_for() == (check, code)


@pytest.mark.eis("ERR-05", "ERR-08")
async def test_a_cancelled_login_is_told(visit: PortalVisit) -> None:
    """The page says that nobody is logged in, what the login facility reported, and what the codes mean."""
    visit.rd.response = {"status": CANCELLED}
    page = await visit.come_back()
    assert "<h1>U bent niet ingelogd</h1>" in page
    assert "U hebt het inloggen geannuleerd." in page
    assert names.STATUS_AUTHN_FAILED in page
    assert "Het inloggen is mislukt of afgebroken." in page
    assert "<strong>17</strong> controles geslaagd; de status zegt nee; 24 niet nodig (er is geen verklaring)" in page
    assert "antwoord: geannuleerd" in page
    assert "Response: geannuleerd" in page
    assert ">BVD<" not in page
    assert ">sessie<" not in page


@pytest.mark.eis("ERR-08")
async def test_a_status_message_is_shown_as_text(visit: PortalVisit) -> None:
    """What comes from outside is text on the page, never markup."""
    message = "<script>alert(1)</script>"
    visit.rd.response = {"status": Status(names.STATUS_RESPONDER, names.STATUS_REQUEST_UNSUPPORTED, message)}
    page = await visit.come_back()
    assert message not in page
    assert "&lt;script&gt;" in page


@pytest.mark.eis("ERR-14", "SSO-03")
@pytest.mark.parametrize("change", [field("response", status=CANCELLED), field("assertion", class_ref=LOW)])
async def test_a_login_that_fails_ends_the_session_before_it(visit: PortalVisit, change: Change) -> None:
    """Who logs in again and fails, or comes back at too low a level, is logged in no more."""
    await visit.come_back()
    assert SESSION_COOKIE in visit.cookies
    change(visit.rd)
    await visit.refused_for()
    assert BSN not in await visit.arrive("/sessie")


@pytest.mark.eis("SES-02", "AS-18")
async def test_a_redirect_works_once(visit: PortalVisit) -> None:
    """The same artifact and RelayState a second time give no session, and ask nothing of the RV."""
    path = visit.rd.redirect(await visit.leave())
    await visit.arrive(path)
    await visit.client.post("/logout")
    assert "niet ingelogd" in await visit.arrive(path)
    assert SESSION_COOKIE not in visit.cookies
    assert len(visit.rd.resolves) == 1


@pytest.mark.eis("SES-02")
async def test_an_artifact_is_taken_once(visit: PortalVisit) -> None:
    """The artifact of one login is of no use in the next."""
    artifact = new_artifact(RD.entity_id, 0).text
    await visit.arrive(visit.rd.redirect(await visit.leave(), artifact))
    await visit.client.post("/logout")
    await visit.arrive(visit.rd.redirect(await visit.leave(), artifact))
    assert visit.failure == ("artifact-new", "artifact.used")


@pytest.mark.eis("SES-02", "GEN-01")
async def test_an_assertion_is_taken_once(visit: PortalVisit) -> None:
    """An Assertion ID that was used before gives no session."""
    visit.rd.assertion = {"id": new_message_id()}
    await visit.come_back()
    await visit.client.post("/logout")
    assert await visit.refused_for() == ("assertion-new", "assertion.used")


@pytest.mark.eis("SES-05")
@pytest.mark.parametrize("how", ["altered", "of another browser", "made up"])
async def test_a_tampered_relay_state_is_refused(visit: PortalVisit, new_visit: NewVisit, how: str) -> None:
    """RelayState that is not ours, not of this browser or altered leads nowhere."""
    relay_state = await visit.leave()
    visitor = visit
    if how == "altered":
        relay_state = ("A" if relay_state[0] != "A" else "B") + relay_state[1:]
    elif how == "of another browser":
        visit.client.session.cookie_jar.clear()
    else:
        relay_state = "https://elsewhere.example/"
    page = await visitor.arrive(visit.rd.redirect(relay_state))
    assert "<code>relay-state</code>" in page
    assert visit.rd.resolves == []
    assert SESSION_COOKIE not in visit.cookies


@pytest.mark.eis("SES-07", "AS-18")
@pytest.mark.parametrize(
    "path", ["/acs", "/acs?SAMLart=x", "/acs?RelayState=x", "/acs?SAMLart=a&SAMLart=b&RelayState=c"]
)
async def test_arriving_without_an_attempt_gives_nothing(visit: PortalVisit, path: str) -> None:
    """An arrival that nobody asked for opens no session."""
    answer = await visit.client.get(path)
    assert answer.status == 400
    assert SESSION_COOKIE not in visit.cookies


async def test_a_stray_arrival_does_not_end_a_session(visit: PortalVisit) -> None:
    """Otherwise any website could log people out."""
    await visit.come_back()
    await visit.arrive("/acs?SAMLart=x&RelayState=y")
    assert BSN in await visit.arrive("/sessie")


@pytest.mark.eis("ART-04")
@pytest.mark.parametrize(
    ("artifact", "check", "code"),
    [
        ("nonsense", "artifact-form", "artifact.form"),
        (new_artifact(RD.entity_id, 7).text, "artifact-form", "md.endpoint"),
        (new_artifact(layout.DIGID.entity_id, 0).text, "artifact-source", "artifact.source"),
    ],
)
async def test_an_artifact_must_be_the_rvs(visit: PortalVisit, artifact: str, check: str, code: str) -> None:
    """Its form, its endpoint index and its source are checked before anything is asked."""
    await visit.arrive(visit.rd.redirect(await visit.leave(), artifact))
    assert visit.failure == (check, code)
    assert visit.rd.resolves == []


@pytest.mark.eis("GEN-07")
async def test_a_response_by_post_is_refused(visit: PortalVisit) -> None:
    """Only artifacts are taken."""
    await visit.leave()
    answer = await visit.client.post("/acs", data={"SAMLResponse": "x"})
    assert answer.status == 405


@pytest.mark.eis("SES-02")
async def test_an_attempt_expires(visit: PortalVisit, clock: Clock) -> None:
    """After twenty minutes an attempt is over."""
    path = visit.rd.redirect(await visit.leave())
    clock.advance(timedelta(minutes=21))
    assert "<code>attempt</code>" in await visit.arrive(path)
    assert BROWSER_COOKIE in visit.cookies


async def test_an_unknown_service_is_refused(visit: PortalVisit) -> None:
    """No request goes out for what the portal does not offer."""
    for service in ("9", "", "x", "²"):
        assert (await visit.client.post("/login", data={"service": service})).status == 400
