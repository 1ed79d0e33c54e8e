"""Faults of content: declarations that a careful receiver must refuse."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import NameId, Recipient, encrypt_bytes, encrypt_id
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.loa import uri_of
from routeringsvoorziening.saml.messages.assertion import Assertion, build_assertion
from routeringsvoorziening.saml.messages.response import Response, build_response
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.parsing import Element, canonical
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.simulators.declaring.scene import Scene

SOMEBODY_ELSE: Final = "urn:nl-eid-gdi:1.0:DV:00000009999999999009:entities:9099"
SOMEBODY: Final = "999999990"
ELSEWHERE: Final = "https://elsewhere.example/acs"
OTHER_SERVICE: Final = "00000000-0000-4000-8000-000000000000"
RECOVERABLE_TEXT: Final = "This function is not supported"
_SIGNATURE: Final = names.ds("Signature")


def expired(assertion: Assertion, scene: Scene) -> Assertion:
    """Every window ended an hour ago (AS-22)."""
    return _shifted(assertion, scene, -timedelta(hours=1))


def not_yet_valid(assertion: Assertion, scene: Scene) -> Assertion:
    """Every window opens tomorrow."""
    return _shifted(assertion, scene, timedelta(days=1))


def _shifted(assertion: Assertion, scene: Scene, by: timedelta) -> Assertion:
    until = scene.at + by + timedelta(minutes=2)
    return replace(
        assertion,
        confirmation=replace(assertion.confirmation, not_on_or_after=until),
        not_before=scene.at + by - timedelta(minutes=2),
        not_on_or_after=until,
    )


def other_issuer(assertion: Assertion, _: Scene) -> Assertion:
    """An authenticatiedienst that nobody asked (SIG-12)."""
    return replace(assertion, issuer=SOMEBODY_ELSE.replace(":DV:", ":AD:"))


def other_audience(assertion: Assertion, _: Scene) -> Assertion:
    """Meant for another party (AS-15, AS-20)."""
    return replace(assertion, audiences=(SOMEBODY_ELSE,))


def other_recipient(assertion: Assertion, _: Scene) -> Assertion:
    """Delivered at another ACS (AS-05)."""
    return replace(assertion, confirmation=replace(assertion.confirmation, recipient=ELSEWHERE))


def other_in_response_to(assertion: Assertion, _: Scene) -> Assertion:
    """In answer to another request (AS-05)."""
    return replace(assertion, confirmation=replace(assertion.confirmation, in_response_to=new_message_id()))


def other_service(assertion: Assertion, _: Scene) -> Assertion:
    """For another service (ATT-05)."""
    return replace(assertion, service_uuid=OTHER_SERVICE)


def with_advice(assertion: Assertion, scene: Scene) -> Assertion:
    """With an Advice, which an authenticatiedienst never sends (AS-16)."""
    acting, legal = (tuple(map(fresh_ids, each)) for each in (assertion.acting_subject, assertion.legal_subject))
    subjects = replace(assertion, acting_subject=acting, legal_subject=legal, other_attributes={})
    inner = build_assertion(replace(subjects, id=new_message_id()))
    sign(inner, scene.settings.signing)
    return replace(assertion, advice=(canonical(inner),))


def with_authority(assertion: Assertion, scene: Scene) -> Assertion:
    """With an AuthenticatingAuthority (AS-16)."""
    return replace(assertion, authenticating_authorities=(scene.settings.entity_id,))


def no_acting_subject(assertion: Assertion, _: Scene) -> Assertion:
    """Nobody (ATT-01)."""
    return replace(assertion, acting_subject=())


def no_recipient(assertion: Assertion, _: Scene) -> Assertion:
    """An EncryptedKey that does not say for whom it is (ATT-11)."""
    tree = etree.fromstring(assertion.acting_subject[0])
    for key in tree.iter(names.xenc("EncryptedKey")):
        del key.attrib["Recipient"]
    return replace(assertion, acting_subject=(canonical(tree),))


def for_another(assertion: Assertion, scene: Scene) -> Assertion:
    """Encrypted for a party that did not ask (ATT-04)."""
    return replace(assertion, acting_subject=(encrypted_for_another(scene),))


def encrypted_for_another(scene: Scene) -> bytes:
    """Somebody's identity, for a party that did not ask. Nobody can open it, so it does not matter whose."""
    signing = scene.settings.signing
    recipient = Recipient(SOMEBODY_ELSE, signing.key_name, signing.certificate)
    return canonical(encrypt_id(NameId(SOMEBODY, names.ID_LEGACY_BSN), [recipient]))


def same_id(assertion: Assertion, scene: Scene) -> Assertion:
    """An ID that an earlier Assertion had (GEN-01)."""
    scene.memory.repeated_assertion_id = scene.memory.repeated_assertion_id or assertion.id
    return replace(assertion, id=scene.memory.repeated_assertion_id)


def two_subjects(assertion: Element, scene: Scene) -> list[Element]:
    """The attribute ActingSubjectID twice (ATT-01)."""
    unsigned(assertion, scene)
    for attribute in list(assertion.iter(names.saml("Attribute"))):
        if attribute.get("Name") == names.ACTING_SUBJECT_ID:
            attribute.addnext(etree.fromstring(fresh_ids(canonical(attribute))))
    sign(assertion, scene.settings.signing)
    return [assertion]


def broken(assertion: Element, _: Scene) -> list[Element]:
    """One letter of the signature value changed (AS-01)."""
    value = assertion.find(f"{_SIGNATURE}/{names.ds('SignatureValue')}")
    if value is not None and value.text:
        text = value.text.lstrip()
        value.text = ("A" if text[0] != "A" else "B") + text[1:]
    return [assertion]


def altered(assertion: Element, _: Scene) -> list[Element]:
    """The level raised after signing (AS-01)."""
    for level in assertion.iter(names.saml("AuthnContextClassRef")):
        level.text = uri_of(30) if level.text != uri_of(30) else uri_of(25)
    return [assertion]


def other_key(assertion: Element, scene: Scene) -> list[Element]:
    """Signed by a key that only bears the right KeyName (SIG-11)."""
    unsigned(assertion, scene)
    sign(assertion, stranger(scene.settings.signing.key_name))
    return [assertion]


@cache
def stranger(key_name: str) -> SigningKey:
    """A key of nobody, under a name that somebody else's key has."""
    return new_stranger(key_name)


def new_stranger(key_name: str) -> SigningKey:
    """A key that no metadata knows; about 0.1 s."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stranger")])
    today = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(today).not_valid_after(today + timedelta(days=1))
    return SigningKey(key_name, builder.sign(key, SHA256()), key)


def unsigned(assertion: Element, _: Scene) -> list[Element]:
    """Without Signature (SIG-06)."""
    for signature in assertion.findall(_SIGNATURE):
        assertion.remove(signature)
    return [assertion]


def no_assertion(_: Element, __: Scene) -> list[Element]:
    """Success, and nothing declared (ARR-07)."""
    return []


def two_assertions(assertion: Element, scene: Scene) -> list[Element]:
    """A second one beside the first (RSP-06)."""
    second = etree.fromstring(fresh_ids(canonical(assertion)))
    unsigned(second, scene)
    second.set("ID", new_message_id())
    sign(second, scene.settings.signing)
    return [assertion, second]


def encrypted_assertion(assertion: Element, scene: Scene) -> list[Element]:
    """An EncryptedAssertion in place of the Assertion (RSP-07)."""
    wrapper = etree.Element(names.saml("EncryptedAssertion"), nsmap={"saml": names.SAML})
    recipients = next(iter(scene.routing.dienstverleners.values()))
    for child in list(encrypt_bytes(canonical(assertion), recipients)):
        wrapper.append(child)
    return [wrapper]


def no_response(_: Element, __: Scene) -> None:
    """ArtifactResponse Success without a Response (ARR-07)."""


def recoverable(response: Element, scene: Scene) -> Element:
    """A function that this AD does not support, with the reason in words (ERR-07)."""
    asked = scene.answer.asked
    status = Status(names.STATUS_RESPONDER, names.STATUS_REQUEST_UNSUPPORTED, RECOVERABLE_TEXT)
    issuer = scene.settings.entity_id
    return build_response(Response(response.get("ID", ""), asked.id, issuer, asked.acs_url, scene.at, status, None))


def other_destination(response: Element, _: Scene) -> Element:
    """Meant for another address (RSP-08)."""
    response.set("Destination", ELSEWHERE)
    return response


def response_in_response_to(response: Element, _: Scene) -> Element:
    """In answer to another request (RSP-08)."""
    response.set("InResponseTo", new_message_id())
    return response


def unsigned_envelope(envelope: Element, scene: Scene) -> None:
    """ArtifactResponse without Signature (ARR-08)."""
    unsigned(envelope, scene)


def altered_envelope(envelope: Element, _: Scene) -> None:
    """ArtifactResponse altered after signing (ARR-08)."""
    envelope.set("InResponseTo", new_message_id())


def fresh_ids(element: bytes) -> bytes:
    """A copy whose encryption Ids are new, with the references to them."""
    tree = etree.fromstring(element)
    renamed = {node.get("Id"): new_message_id() for node in tree.iter() if node.get("Id")}
    for node in tree.iter():
        for name in ("Id", "URI"):
            value = node.get(name)
            bare = value.removeprefix("#") if value else None
            if value and bare in renamed:
                node.set(name, value.replace(str(bare), renamed[bare]))
    return etree.tostring(tree)
