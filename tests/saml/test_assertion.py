"""Assertion: what is built is read back, and every rule has its code."""

from dataclasses import replace
from datetime import timedelta

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.messages.assertion import SubjectConfirmation, build_assertion, read_assertion
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.saml.schema import validate
from routeringsvoorziening.saml.verifying import verify
from tests.support.wire import (
    AD,
    BVD,
    DV,
    NOW,
    RD,
    SERVICE,
    assertion,
    bent,
    drop,
    drop_attribute,
    encrypted,
    insert,
    over_the_wire,
    put,
    recipient,
    refused,
    signed_assertion,
    signing_key,
    twice,
    write,
)

NAME = "saml:Subject/saml:NameID"
CONFIRMATION = "saml:Subject/saml:SubjectConfirmation"
DATA = f"{CONFIRMATION}/saml:SubjectConfirmationData"
RESTRICTION = "saml:Conditions/saml:AudienceRestriction"
CLASS_REF = "saml:AuthnStatement/saml:AuthnContext/saml:AuthnContextClassRef"
ACTING = f"saml:AttributeStatement/saml:Attribute[@Name='{names.ACTING_SUBJECT_ID}']"
UUID = f"saml:AttributeStatement/saml:Attribute[@Name='{names.SERVICE_UUID}']"
VALUE = "/saml:AttributeValue"


def read(*bends, **changes):
    return read_assertion(over_the_wire(bent(build_assertion(assertion(**changes)), *bends), AD))


def refuse(code, *bends, **changes):
    refused(code, lambda: read(*bends, **changes))


def test_an_assertion_comes_back():
    """Every field of an authenticatiedienst's assertion survives."""
    sent = assertion()
    assert read_assertion(over_the_wire(build_assertion(sent), AD)) == sent


@pytest.mark.eis("AS-11", "AS-13", "AS-14", "ATT-02", "ATT-06")
def test_a_full_assertion_comes_back():
    """With representation, evidence and attributes of others, every field survives to the byte."""
    sent = assertion(
        issuer=RD,
        audiences=(DV, BVD),
        session_index="session",
        authenticating_authorities=(AD, BVD),
        acting_subject=(encrypted(), encrypted()),
        legal_subject=(encrypted(recipient(DV), recipient(BVD)),),
        representation_types=("urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind", "urn:x"),
        other_attributes={
            "urn:x:y": (f'<saml:AttributeValue xmlns:saml="{names.SAML}">v</saml:AttributeValue>'.encode(),)
        },
        has_advice=True,
        advice=(canonical(signed_assertion()), canonical(signed_assertion())),
    )
    assert read_assertion(over_the_wire(build_assertion(sent), RD)) == sent


@pytest.mark.eis("AS-14")
@pytest.mark.attack("S43")
def test_evidence_still_verifies():
    """The authority's signature verifies in what was read from Advice, also when it used other prefixes."""
    foreign = canonical(signed_assertion())
    found = read(advice=(foreign,))
    assert found.advice == (foreign,)
    verify(parse(found.advice[0]), [signing_key(AD).verification_key], at=NOW)


@pytest.mark.eis("GEN-06")
def test_an_assertion_is_valid():
    """What is built validates against the assertion schema."""
    validate(build_assertion(assertion()), "assertion")


@pytest.mark.eis("ATT-17")
@pytest.mark.attack("S40")
def test_the_same_id_twice_is_not_built():
    """An EncryptedID beside its original in Advice needs new Ids."""
    sent = assertion()
    evidence = canonical(build_assertion(replace(sent, id="_evidence")))
    refused("id.duplicate", lambda: build_assertion(replace(sent, advice=(evidence,))))


def test_nothing_encrypted_is_shown():
    """No identity, encrypted or not, is in the repr."""
    assert "Encrypted" not in repr(assertion())


@pytest.mark.eis("AS-16")
@pytest.mark.attack("S10")
def test_advice_is_reported_and_not_read():
    """An assertion within Advice changes nothing but that its presence is known."""
    evil = canonical(signed_assertion(class_ref="http://evil", service_uuid="evil"))
    found = read(advice=(evil,))
    assert (found.has_advice, found.service_uuid) == (True, SERVICE)
    assert not read().has_advice


@pytest.mark.eis("GEN-02", "GEN-03", "GEN-04")
def test_the_header_rules_hold():
    """Version, IssueInstant and Issuer."""
    refuse("msg.version", put(".", "Version", "1.1"))
    refuse("time.missing", drop_attribute(".", "IssueInstant"))
    refuse("time.format", put(".", "IssueInstant", "2026-03-01T12:00:00"))
    refuse("msg.value", write("saml:Issuer", ""))


@pytest.mark.eis("AS-02")
@pytest.mark.attack("S44", "S70")
def test_subject_holds_one_transient_name():
    """No Subject, no NameID, an encrypted one, or one of another kind."""
    refuse("subject.structure", drop("saml:Subject"))
    refuse("subject.structure", drop(NAME))
    refuse("subject.structure", put(NAME, "Format", names.NAMEID_PERSISTENT))
    refuse("subject.structure", write(NAME, "  "))
    encrypted_name = encrypted().decode()
    refuse("subject.structure", drop(NAME), insert("saml:Subject", 0, encrypted_name))
    refuse("msg.schema", twice(NAME))


@pytest.mark.eis("AS-02")
@pytest.mark.parametrize("bend", [drop_attribute(NAME, "Format"), put(NAME, "Format", names.NAMEID_UNSPECIFIED)])
def test_a_name_without_a_format_is_read(bend):
    """Connected parties really send no Format."""
    assert read(bend, name_id="0123").name_id == "0123"


@pytest.mark.eis("AS-03")
@pytest.mark.attack("S70")
def test_there_is_one_bearer_confirmation():
    """None, two, another Method, no data, or an identifier of its own."""
    refuse("subject.confirmation", drop(CONFIRMATION))
    refuse("subject.confirmation", twice(CONFIRMATION))
    refuse("subject.confirmation", put(CONFIRMATION, "Method", "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"))
    refuse("subject.confirmation", drop(DATA))
    refuse("subject.confirmation", insert(CONFIRMATION, 0, "<saml:NameID>x</saml:NameID>"))


@pytest.mark.eis("AS-03")
@pytest.mark.attack("S63", "S66", "S67")
def test_the_confirmation_needs_all_its_data():
    """Recipient, InResponseTo and NotOnOrAfter."""
    refuse("recipient", drop_attribute(DATA, "Recipient"))
    refuse("irt.missing", drop_attribute(DATA, "InResponseTo"))
    refuse("time.missing", drop_attribute(DATA, "NotOnOrAfter"))
    refuse("time.format", put(DATA, "NotOnOrAfter", "2026-03-01T12:00:00"))


@pytest.mark.eis("AS-04")
def test_the_confirmation_has_no_not_before():
    """NotBefore is not used there."""
    refuse("subject.confirmation", put(DATA, "NotBefore", "2026-03-01T12:00:00Z"))


@pytest.mark.attack("S11")
def test_nothing_hides_in_the_confirmation():
    """Its open content model is closed."""
    refuse("subject.confirmation", insert(DATA, 0, canonical(signed_assertion()).decode()))


@pytest.mark.eis("AS-06")
@pytest.mark.attack("S67")
def test_conditions_has_both_ends_in_order():
    """Missing, unreadable and inverted."""
    refuse("msg.structure", drop("saml:Conditions"))
    refuse("time.missing", drop_attribute("saml:Conditions", "NotBefore"))
    refuse("time.missing", drop_attribute("saml:Conditions", "NotOnOrAfter"))
    refuse("time.format", put("saml:Conditions", "NotBefore", "2026-03-01T12:00:00"))
    refuse("time.format", not_before=NOW, not_on_or_after=NOW)
    refuse("time.format", not_before=NOW, not_on_or_after=NOW - timedelta(seconds=1))


@pytest.mark.eis("AS-20")
@pytest.mark.attack("S66")
def test_somebody_must_be_addressed():
    """No AudienceRestriction, an empty Audience, or two restrictions that nobody meets."""
    refuse("audience", drop(RESTRICTION))
    refuse("msg.value", write(f"{RESTRICTION}/saml:Audience", ""))
    other = f"<saml:AudienceRestriction><saml:Audience>{DV}</saml:Audience></saml:AudienceRestriction>"
    refuse("audience", insert("saml:Conditions", 1, other))


@pytest.mark.eis("AS-20")
@pytest.mark.attack("S66")
def test_every_restriction_holds():
    """Admitted is who is in all of them, in the order of the first."""
    other = f"<saml:AudienceRestriction><saml:Audience>{DV}</saml:Audience><saml:Audience>{RD}</saml:Audience></saml:AudienceRestriction>"
    assert read(insert("saml:Conditions", 1, other), audiences=(BVD, RD, AD)).audiences == (RD,)


def test_an_unknown_condition_is_refused():
    """A condition that we do not understand makes the assertion invalid (SAML core 2.5.1)."""
    condition = '<saml:Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="saml:OneTimeUseType"/>'
    refuse("msg.structure", insert("saml:Conditions", 1, condition))
    assert read(insert("saml:Conditions", 1, "<saml:OneTimeUse/>")).audiences == (RD,)


@pytest.mark.eis("AS-09")
def test_there_is_one_authn_statement():
    """None and two, and its instant."""
    refuse("msg.structure", drop("saml:AuthnStatement"))
    refuse("msg.structure", twice("saml:AuthnStatement"))
    refuse("time.format", put("saml:AuthnStatement", "AuthnInstant", "2026-03-01T12:00:00"))


@pytest.mark.eis("LOA-01")
@pytest.mark.attack("S69")
def test_there_is_one_level():
    """No AuthnContextClassRef, or an empty one."""
    refuse(
        "loa",
        drop(CLASS_REF),
        insert("saml:AuthnStatement/saml:AuthnContext", 0, "<saml:AuthnContextDeclRef>x</saml:AuthnContextDeclRef>"),
    )
    refuse("loa", write(CLASS_REF, ""))
    refuse("msg.schema", twice(CLASS_REF))


@pytest.mark.eis("AS-12")
@pytest.mark.attack("S44")
def test_there_is_one_attribute_statement():
    """None and two."""
    refuse("attribute.structure", drop("saml:AttributeStatement"))
    refuse("attribute.structure", twice("saml:AttributeStatement"))


@pytest.mark.eis("ATT-01")
@pytest.mark.attack("S44")
def test_there_is_one_acting_subject():
    """No attribute, two of the same Name, or one without a value."""
    refuse("attribute.structure", drop(ACTING))
    refuse("attribute.structure", twice(ACTING))
    refuse("attribute.structure", drop(ACTING + VALUE))


@pytest.mark.eis("ATT-03")
@pytest.mark.attack("S37")
def test_a_value_holds_one_encrypted_id():
    """Text, two EncryptedIDs, another element, or text beside it."""
    refuse("attribute.structure", drop(f"{ACTING}{VALUE}/saml:EncryptedID"), write(ACTING + VALUE, "900070341"))
    refuse("attribute.structure", twice(f"{ACTING}{VALUE}/saml:EncryptedID"))
    refuse("attribute.structure", insert(ACTING + VALUE, 0, "<saml:NameID>x</saml:NameID>"))
    refuse("attribute.structure", write(ACTING + VALUE, "text"))


@pytest.mark.eis("ATT-03")
def test_a_whole_attribute_may_not_be_encrypted():
    """EncryptedAttribute is refused."""
    attribute = (
        "<saml:EncryptedAttribute><xenc:EncryptedData><xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue>"
        "</xenc:CipherData></xenc:EncryptedData></saml:EncryptedAttribute>"
    )
    refuse("attribute.structure", insert("saml:AttributeStatement", 0, attribute))


@pytest.mark.eis("ATT-05")
def test_there_is_one_service():
    """No ServiceUUID, two values, an empty one."""
    refuse("attribute.service", drop(UUID))
    refuse("attribute.service", twice(UUID + VALUE))
    refuse("attribute.service", write(UUID + VALUE, ""))
    refuse("attribute.structure", twice(UUID))


@pytest.mark.eis("LOA-01")
def test_layout_in_values_is_no_part_of_them():
    """Whitespace around LoA, Audience, NameID and ServiceUUID is trimmed (AMB-22)."""
    found = read(
        write(CLASS_REF, "\n x \n"),
        write(f"{RESTRICTION}/saml:Audience", f"\n {RD}\n"),
        write(NAME, " n\n"),
        write(UUID + VALUE, f" {SERVICE} "),
    )
    assert (found.class_ref, found.audiences, found.name_id, found.service_uuid) == ("x", (RD,), "n", SERVICE)


def test_the_confirmation_is_read():
    """All three data of the confirmation."""
    sent = SubjectConfirmation("_irt", "https://x.example/", NOW)
    assert read(confirmation=sent).confirmation == sent
