"""The judgement of a service's answer: one accepted, and every rule broken once."""

from datetime import timedelta
from typing import Any

import pytest

from routeringsvoorziening.backends.saml_service.judging import Proven, Question, judge
from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.backends.saml_service.resolving import Resolved
from routeringsvoorziening.broker.failures import FailureKind, LoginFailed
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, build_artifact_response
from routeringsvoorziening.saml.messages.assertion import build_assertion
from routeringsvoorziening.saml.messages.response import build_response
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.names import (
    CANCELLED_MESSAGE,
    PREFIXES,
    STATUS_AUTHN_FAILED,
    STATUS_NO_AUTHN_CONTEXT,
    STATUS_NO_SUPPORTED_IDP,
    STATUS_REQUEST_DENIED,
    STATUS_REQUEST_UNSUPPORTED,
    STATUS_REQUESTER,
    STATUS_RESPONDER,
)
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.soap import wrap
from routeringsvoorziening.saml.verifying import verify
from tests.support import federation as fed
from tests.support.federation import MINUTE, NOW

OWN = Requester(fed.RD, fed.signing_key(fed.RD_OIN), fed.RV_ACS, 0, skew=MINUTE, message_age=5 * MINUTE)
SECOND = timedelta(seconds=1)


def judged(body: bytes, **changed: Any) -> Proven:
    question = Question(fed.identity_provider(**changed), OWN, fed.LEG_ID, fed.SERVICE)
    return judge(Resolved(fed.RESOLVE_ID, body), question, now=NOW)


def refused(body: bytes, **changed: Any) -> str:
    with pytest.raises(SamlError) as caught:
        judged(body, **changed)
    return caught.value.code


def failed(body: bytes) -> LoginFailed:
    with pytest.raises(LoginFailed) as caught:
        judged(body)
    return caught.value


@pytest.mark.eis("AS-22", "ARR-08", "RSP-08", "AS-20")
def test_a_good_answer_is_proven() -> None:
    """An answer that keeps every rule gives the Assertion that it holds."""
    assertion = judged(fed.ad_answer()).assertion
    assert (assertion.issuer, assertion.service_uuid) == (fed.AD, fed.SERVICE)


@pytest.mark.eis("AS-14")
def test_the_evidence_still_verifies() -> None:
    """What is kept of the Assertion is the service's own, with a signature that holds wherever it is parsed again."""
    proven = judged(fed.ad_answer())
    assert verify(parse(proven.evidence), fed.identity_provider().signing_keys, at=NOW).canonical == proven.evidence


@pytest.mark.eis("AS-15", "AS-20", "AS-05", "AS-22", "ATT-05")
@pytest.mark.attack("S63", "S66", "S67")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"issuer": fed.DV}, "issuer.mismatch"),
        ({"audiences": (fed.DV,)}, "audience"),
        ({"audiences": (fed.RD + "0",)}, "audience"),
        ({"confirmation": {"recipient": fed.DV_ACS}}, "recipient"),
        ({"confirmation": {"recipient": fed.RV_ACS + "/"}}, "recipient"),
        ({"confirmation": {"in_response_to": fed.REQUEST_ID}}, "irt.mismatch"),
        ({"service_uuid": fed.SECOND_SERVICE}, "attribute.service"),
        ({"not_on_or_after": NOW - MINUTE}, "time.past"),
        ({"confirmation": {"not_on_or_after": NOW - MINUTE}}, "time.past"),
        ({"not_before": NOW + MINUTE + SECOND}, "time.future"),
        ({"issue_instant": NOW + MINUTE + SECOND}, "time.future"),
        ({"authn_instant": NOW + MINUTE + SECOND}, "time.future"),
        (
            {
                "advice": (
                    b"<saml:AssertionURIRef xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'>x</saml:AssertionURIRef>",
                )
            },
            "advice.forbidden",
        ),
    ],
)
def test_a_wrong_assertion_is_refused(changed: dict[str, Any], code: str) -> None:
    """Each field of the Assertion that does not match our question has its own code."""
    assert refused(fed.ad_answer(**changed)) == code


@pytest.mark.parametrize(
    "changed",
    [
        {"audiences": (fed.RD, fed.DV)},
        {"not_on_or_after": NOW - MINUTE + SECOND},
        {"confirmation": {"not_on_or_after": NOW - MINUTE + SECOND}},
        {"not_before": NOW + MINUTE},
        {"issue_instant": NOW + MINUTE},
    ],
)
def test_the_edges_are_inside(changed: dict[str, Any]) -> None:
    """More audiences than us, and times at the edge of the skew, are accepted (AMB-06, AMB-25)."""
    judged(fed.ad_answer(**changed))


@pytest.mark.eis("RSP-08", "ARR-08")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"in_response_to": fed.REQUEST_ID}, "irt.mismatch"),
        ({"destination": fed.RV_ACS + "x"}, "destination"),
        ({"issuer": fed.DV}, "issuer.mismatch"),
        ({"issue_instant": NOW + MINUTE + SECOND}, "time.future"),
    ],
)
def test_a_wrong_response_is_refused(changed: dict[str, Any], code: str) -> None:
    """The Response around the Assertion must match our question as well."""
    assertion = fed.signed(build_assertion(fed.ad_assertion()), fed.signing_key(fed.AD_OIN))
    assert refused(fed.ad_envelope(build_response(fed.ad_response(assertion, **changed)))) == code


@pytest.mark.eis("ARR-08")
@pytest.mark.attack("S79")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"in_response_to": "_another"}, "irt.mismatch"),
        ({"issuer": fed.DV}, "issuer.mismatch"),
        ({"issue_instant": NOW - 6 * MINUTE - SECOND}, "time.past"),
        ({"issue_instant": NOW + MINUTE + SECOND}, "time.future"),
        ({"status": Status(STATUS_REQUESTER, STATUS_REQUEST_DENIED)}, "status"),
    ],
)
def test_a_wrong_artifact_response_is_refused(changed: dict[str, Any], code: str) -> None:
    """The envelope's message must answer our own ArtifactResolve, now, from the service that was asked."""
    assert refused(fed.ad_envelope(None, **changed)) == code


@pytest.mark.eis("AS-01", "AS-22", "SIG-05", "SIG-12")
def test_each_signature_must_be_the_service_s() -> None:
    """A key of another party under the ArtifactResponse or the Assertion is refused: neither can stand in."""
    assertion = build_assertion(fed.ad_assertion())
    theirs, other = fed.signing_key(fed.AD_OIN), fed.signing_key(fed.DV_OIN)
    good = build_response(fed.ad_response(fed.signed(build_assertion(fed.ad_assertion()), theirs)))
    assert refused(fed.ad_envelope(good, other)) == "key.unknown"
    forged = build_response(fed.ad_response(fed.signed(assertion, other)))
    assert refused(fed.ad_envelope(forged)) == "key.unknown"


@pytest.mark.eis("SIG-09")
@pytest.mark.parametrize("bare", ["ArtifactResponse", "Response", "Assertion"])
def test_each_signature_must_name_its_key(bare: str) -> None:
    """A service sends a KeyName: with its own certificate alone, on any of the three, the answer is refused (SIG-09)."""

    def nameless(element: Element, place: str) -> Element:
        sign(element, fed.signing_key(fed.AD_OIN), include_certificate=True)
        if place == bare:
            (name,) = element.xpath("ds:Signature/ds:KeyInfo/ds:KeyName", namespaces=PREFIXES)
            name.getparent().remove(name)
        return element

    def answer() -> bytes:
        assertion = nameless(build_assertion(fed.ad_assertion()), "Assertion")
        response = nameless(build_response(fed.ad_response(assertion)), "Response")
        envelope = ArtifactResponse(new_message_id(), fed.RESOLVE_ID, fed.AD, NOW, fed.SUCCESS, response)
        return wrap(nameless(build_artifact_response(envelope), "ArtifactResponse"))

    assert refused(answer()) == "keyinfo.form"
    bare = "none"
    assert judged(answer()).assertion.issuer == fed.AD


@pytest.mark.eis("AS-01", "SIG-06")
def test_an_unsigned_assertion_is_refused() -> None:
    """The signature of the ArtifactResponse is not enough."""
    bare = build_response(fed.ad_response(build_assertion(fed.ad_assertion())))
    assert refused(fed.ad_envelope(bare)) == "sig.missing"


@pytest.mark.eis("RSP-03")
def test_a_signed_response_must_verify() -> None:
    """A Response need not be signed; with the service's signature it is accepted, with another's it is not."""
    theirs, other = fed.signing_key(fed.AD_OIN), fed.signing_key(fed.DV_OIN)
    assertion = fed.signed(build_assertion(fed.ad_assertion()), theirs)
    judged(fed.ad_envelope(fed.signed(build_response(fed.ad_response(assertion)), theirs)))
    assert refused(fed.ad_envelope(fed.signed(build_response(fed.ad_response(assertion)), other))) == "key.unknown"


@pytest.mark.eis("ARR-07")
def test_success_without_a_response_is_no_login() -> None:
    """An artifact that gives nothing is a failed authentication."""
    failure = failed(fed.ad_envelope(None)).failure
    assert (failure.kind, failure.code) == (FailureKind.AUTHENTICATION_FAILED, "backend.no-response")


@pytest.mark.eis("ERR-04", "ERR-08", "ERR-09")
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, CANCELLED_MESSAGE), FailureKind.CANCELLED),
        (Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED), FailureKind.AUTHENTICATION_FAILED),
        (Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, "authentication cancelled!"), FailureKind.AUTHENTICATION_FAILED),
        (Status(STATUS_RESPONDER, STATUS_NO_AUTHN_CONTEXT), FailureKind.LOA_NOT_REACHED),
        (Status(STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED, "Not today"), FailureKind.NOT_SUPPORTED),
        (Status(STATUS_REQUESTER, STATUS_REQUEST_DENIED), FailureKind.DENIED),
        (Status(STATUS_REQUESTER, STATUS_NO_SUPPORTED_IDP), FailureKind.NO_SUPPORTED_SERVICE),
        (Status(STATUS_RESPONDER), FailureKind.AUTHENTICATION_FAILED),
        (Status(STATUS_RESPONDER, "urn:something-new"), FailureKind.AUTHENTICATION_FAILED),
    ],
)
def test_each_status_means_one_failure(status: Status, kind: FailureKind) -> None:
    """What the service says in good order is a failure of the table, with its text for the person."""
    failure = failed(fed.ad_refusal(status)).failure
    assert failure.kind is kind
    assert failure.message in {"", status.message}


def test_a_long_text_is_cut() -> None:
    """A StatusMessage that a person must read is kept short."""
    failure = failed(fed.ad_refusal(Status(STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED, "x" * 5000))).failure
    assert failure.message == "x" * 300
