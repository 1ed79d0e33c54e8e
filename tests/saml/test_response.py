"""Response, ArtifactResponse and their Status."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.messages.artifact_response import build_artifact_response, read_artifact_response
from routeringsvoorziening.saml.messages.response import build_response, read_response
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.verifying import verify
from tests.support.wire import (
    AD,
    NOW,
    artifact_response,
    bent,
    drop,
    drop_attribute,
    find,
    insert,
    over_the_wire,
    put,
    refused,
    response,
    signed_assertion,
    signing_key,
    twice,
    write,
)

CANCELLED = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, names.CANCELLED_MESSAGE)
INNER = "samlp:Response/"


def resolved(*bends, **changes):
    """What the receiver of an ArtifactResponse reads."""
    element = bent(build_artifact_response(artifact_response(**changes)), *bends)
    return read_artifact_response(over_the_wire(element, AD))


def answered(*bends, **changes):
    """What the receiver reads of the Response inside."""
    inside = bent(build_response(response(**changes)), *bends)
    outer = resolved(response=inside)
    assert outer.response is not None
    return read_response(outer.response)


@pytest.mark.eis("ARR-02", "ARR-06")
def test_an_artifact_response_comes_back():
    """Every field survives, and the Response inside to the byte."""
    sent = artifact_response()
    element = build_artifact_response(sent)
    found = read_artifact_response(over_the_wire(element, AD))
    assert (found.id, found.in_response_to, found.issuer, found.issue_instant, found.status) == (
        sent.id,
        "_resolve",
        AD,
        NOW,
        sent.status,
    )
    assert canonical(found.response) == canonical(sent.response)


@pytest.mark.eis("ARR-05", "ARR-07")
def test_an_artifact_response_without_a_response_comes_back():
    """Success with nothing in it: the artifact gave nothing."""
    found = resolved(response=None)
    assert (found.response, found.status.success) == (None, True)


@pytest.mark.eis("RSP-01", "RSP-02", "RSP-06")
def test_a_response_comes_back():
    """Every field survives, and the Assertion inside still verifies on its own."""
    found = answered()
    assert (found.in_response_to, found.destination, found.issuer) == ("_request", "https://portal.example/acs", AD)
    assert verify(found.assertion, [signing_key(AD).verification_key], at=NOW).element.tag == names.saml("Assertion")


@pytest.mark.eis("RSP-04", "RSP-05", "RSP-06")
def test_a_failure_comes_back():
    """Both codes and the message survive, and there is no Assertion."""
    found = answered(status=CANCELLED, assertion=None)
    assert (found.status, found.assertion) == (CANCELLED, None)


@pytest.mark.eis("ARR-04", "RSP-04")
@pytest.mark.attack("S45")
@given(
    st.builds(
        Status,
        st.sampled_from([names.STATUS_REQUESTER, names.STATUS_RESPONDER, names.STATUS_VERSION_MISMATCH]),
        st.none() | st.sampled_from([names.STATUS_AUTHN_FAILED, names.STATUS_NO_SUPPORTED_IDP, "urn:x:y"]),
        st.none() | st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1),
    )
)
def test_any_status_survives(status):
    """Codes and message come back as they were, markup included."""
    assert answered(status=status, assertion=None).status == status


@pytest.mark.eis("ARR-04", "RSP-04")
@pytest.mark.attack("S68")
@pytest.mark.parametrize(
    "bend",
    [
        put("samlp:Status/samlp:StatusCode", "Value", "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"),
        put("samlp:Status/samlp:StatusCode", "Value", ""),
        put("samlp:Status/samlp:StatusCode", "Value", "urn:oasis:names:tc:saml:2.0:status:Requester"),
        insert("samlp:Status/samlp:StatusCode", 0, f"<samlp:StatusCode Value='{names.STATUS_AUTHN_FAILED}'/>"),
        insert("samlp:Status", 1, "<samlp:StatusMessage>ok</samlp:StatusMessage>"),
    ],
)
def test_a_status_outside_the_list_is_refused(bend):
    """The top-level code is one of four, and a success has nothing more to say."""
    refused("status", lambda: resolved(bend, response=None))
    refused("status", lambda: answered(bend))


@pytest.mark.attack("S68")
def test_three_levels_of_codes_are_refused():
    """There are two levels at most."""
    third = insert("samlp:Status/samlp:StatusCode/samlp:StatusCode", 0, "<samlp:StatusCode Value='urn:x'/>")
    refused("status", lambda: answered(third, status=CANCELLED, assertion=None))


@pytest.mark.attack("S68")
@pytest.mark.parametrize("path", ["samlp:Status/samlp:StatusCode", "samlp:Status"])
def test_two_statuses_are_refused(path):
    """The schema knows one Status with one code."""
    refused("msg.schema", lambda: answered(twice(path)))


@pytest.mark.attack("S12")
def test_status_detail_is_not_looked_at():
    """What hides in StatusDetail changes nothing."""
    detail = insert("samlp:Status", 2, "<samlp:StatusDetail><samlp:StatusCode Value='x'/></samlp:StatusDetail>")
    assert answered(detail, status=CANCELLED, assertion=None).status == CANCELLED


@pytest.mark.eis("RSP-06")
@pytest.mark.attack("S68")
def test_an_assertion_with_a_failure_is_refused():
    """Who failed gets no Assertion."""
    refused("status", lambda: answered(status=CANCELLED, assertion=signed_assertion()))


@pytest.mark.eis("RSP-06")
@pytest.mark.attack("S03", "S20")
def test_another_number_of_assertions_is_refused():
    """A success has one Assertion: not none, not two."""
    refused("assertion.count", lambda: answered(drop("saml:Assertion")))
    refused("assertion.count", lambda: answered(twice("saml:Assertion")))


ENCRYPTED = (
    "<saml:EncryptedAssertion><xenc:EncryptedData><xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue>"
    "</xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"
)


@pytest.mark.eis("RSP-07")
@pytest.mark.attack("S18")
@pytest.mark.parametrize("index", [2, 3])
def test_an_encrypted_assertion_is_refused(index):
    """Before the Assertion, after it, or instead of it."""
    refused("assertion.encrypted", lambda: answered(insert(".", index, ENCRYPTED)))
    refused("assertion.encrypted", lambda: answered(insert(".", 2, ENCRYPTED), assertion=None))


@pytest.mark.eis("RSP-03")
def test_a_signed_response_must_be_verified_first():
    """A Response with a signature is read only after that signature was verified; then it reads well."""
    inside = build_response(response())
    sign(inside, signing_key(AD))
    outer = resolved(response=inside)
    refused("sig.structure", lambda: read_response(outer.response))
    verified = verify(outer.response, [signing_key(AD).verification_key], at=NOW)
    assert read_response(verified.element).assertion is not None


@pytest.mark.eis("RSP-03")
def test_a_bad_signature_on_a_response_is_refused():
    """The optional signature must verify."""
    inside = build_response(response())
    sign(inside, signing_key(AD))
    inside.set("Destination", "https://evil.example/acs")
    outer = resolved(response=inside)
    refused("sig.invalid", lambda: verify(outer.response, [signing_key(AD).verification_key], at=NOW))


@pytest.mark.eis("RSP-01", "ARR-02")
@pytest.mark.attack("S63")
def test_in_response_to_is_needed():
    """Nothing is unsolicited."""
    refused("irt.missing", lambda: resolved(drop_attribute(".", "InResponseTo")))
    refused("irt.missing", lambda: answered(drop_attribute(".", "InResponseTo")))


@pytest.mark.eis("RSP-02")
@pytest.mark.attack("S65")
def test_a_response_needs_a_destination():
    """Destination is there and says something."""
    refused("destination", lambda: answered(drop_attribute(".", "Destination")))
    refused("destination", lambda: answered(put(".", "Destination", "")))


@pytest.mark.attack("S16", "S17")
@pytest.mark.parametrize(
    "bend",
    [
        twice("samlp:Response"),
        insert(".", 2, "<samlp:Artifact>x</samlp:Artifact>"),
        insert(".", 3, "<x xmlns='urn:x'/>"),
        write(".", "text"),
    ],
)
def test_only_one_response_fits_in_an_artifact_response(bend):
    """Two Responses, another message, foreign elements or text are refused."""
    with pytest.raises(Exception, match=r"msg\.(structure|schema)"):
        resolved(bend)


def test_another_message_in_an_artifact_response_is_refused():
    """The schema would allow any message there; the koppelvlak knows one."""
    from routeringsvoorziening.saml.messages.authn_request import build_authn_request
    from tests.support.wire import authn_request

    refused("msg.structure", lambda: resolved(response=build_authn_request(authn_request())))


@pytest.mark.attack("S68")
def test_a_response_in_a_failed_artifact_response_is_refused():
    """When resolving failed there is nothing to resolve."""
    refused("status", lambda: resolved(status=Status(names.STATUS_REQUESTER)))


@pytest.mark.eis("GEN-02", "GEN-03")
def test_the_header_rules_hold_for_both():
    """Version and IssueInstant, inside and outside."""
    refused("msg.version", lambda: resolved(put(".", "Version", "2.1")))
    refused("msg.version", lambda: answered(put(".", "Version", "2.1")))
    refused("time.missing", lambda: resolved(drop_attribute(".", "IssueInstant")))
    refused("time.format", lambda: resolved(put(".", "IssueInstant", "2026")))


@pytest.mark.attack("S51")
def test_each_is_not_the_other():
    """A Response is no ArtifactResponse, nor the reverse."""
    refused("msg.type", lambda: read_artifact_response(over_the_wire(build_response(response()), AD)))
    refused("msg.type", lambda: read_response(build_artifact_response(artifact_response())))


@pytest.mark.eis("AS-01", "ARR-03")
def test_building_leaves_signatures_inside_intact():
    """An Assertion with other prefixes than ours keeps its own, and its signature verifies where it was put."""
    foreign = signed_assertion()
    raw = canonical(foreign).replace(b"saml:", b"a:").replace(b"xmlns:saml=", b"xmlns:a=")
    renamed = parse(raw)
    renamed.remove(find(renamed, "ds:Signature"))
    sign(renamed, signing_key(AD))
    found = answered(assertion=renamed)
    assert b"<a:Assertion" in canonical(found.assertion)
    verify(found.assertion, [signing_key(AD).verification_key], at=NOW)


@pytest.mark.attack("S07")
def test_an_assertion_in_another_place_is_refused():
    """Extensions holds no Assertion for another reader to find; what is in Advice is evidence."""
    hidden = canonical(signed_assertion()).decode()
    refused("assertion.count", lambda: answered(insert(".", 1, f"<samlp:Extensions>{hidden}</samlp:Extensions>")))
    evidence = canonical(signed_assertion())
    assert answered(assertion=signed_assertion(advice=(evidence,))).assertion is not None
