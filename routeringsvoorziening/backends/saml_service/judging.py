"""An ArtifactResponse to an Assertion that is proven to answer our question: in one go, on the spot or in a thread.

Two ends besides success: `LoginFailed` when the service says, in good order, that there is no login; `SamlError` when
what it says cannot be trusted (AS-22, ERR-10). Nothing is read before the signature over it is verified.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from routeringsvoorziening.backends.saml_service.dialect import ST_DIALECT, Dialect
from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.backends.saml_service.resolving import Resolved
from routeringsvoorziening.backends.saml_service.statuses import failure_of
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, read_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, read_assertion
from routeringsvoorziening.saml.messages.response import Response, read_response
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.names import ds, saml
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import Verified, check_only_signatures_at, verify

SIGNATURES: Final = (
    ".",
    "samlp:Response",
    "samlp:Response/saml:Assertion",
    "samlp:Response/saml:Assertion/saml:Advice//saml:Assertion",
)
"""Where an ArtifactResponse may hold signatures. Advice is refused later, by its own code."""
NOTHING_BEHIND_IT: Final = Failure(FailureKind.AUTHENTICATION_FAILED, "backend.no-response")
"""Success of the resolve says nothing about a login (ARR-07)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What we asked, and whom: what an answer must match.

    Args:
        service: whose keys count, and which entity must have issued everything.
        own: we.
        request_id: of our AuthnRequest.
        service_uuid: the dienst asked for, as the service knows it.
        dialect: how its messages differ from those of ST-SAML.
    """

    service: IdentityProvider
    own: Requester
    request_id: str
    service_uuid: str
    dialect: Dialect = ST_DIALECT


@dataclass(frozen=True, slots=True)
class Proven:
    """A verified Assertion, and its canonical bytes with the signature: the evidence."""

    assertion: Assertion
    evidence: bytes = field(repr=False)


def judge(resolved: Resolved, question: Question, *, now: datetime) -> Proven:
    """The Assertion in an answer. The schema is checked once, of the ArtifactResponse with everything in it.

    Raises:
        LoginFailed: the service gives no Assertion, and says so properly.
        SamlError: a rule of the koppelvlak is broken.
    """
    answer = _artifact_response(resolved, question, now)
    response = _response(answer, question, now)
    if response.assertion is None:
        raise LoginFailed(failure_of(response.status))
    verified = _verified(response.assertion, question, now)
    assertion = read_assertion(verified, validated=True, vocabulary=question.dialect.vocabulary)
    check_assertion(assertion, question, now=now)
    _check_advice(verified.element, question)
    return Proven(assertion, verified.canonical)


def _artifact_response(resolved: Resolved, question: Question, now: datetime) -> ArtifactResponse:
    """ARR-02, ARR-03, ARR-08: signed by the service, and the answer to this very ArtifactResolve."""
    element = unwrap(parse(resolved.body))
    check_only_signatures_at(element, SIGNATURES)
    answer = read_artifact_response(_verified(element, question, now, keep=False))
    _check_issuer(answer.issuer, question)
    if answer.in_response_to != resolved.resolve_id:
        raise SamlError("irt.mismatch", "ArtifactResponse")
    _check_just_made(answer.issue_instant, question.own, now, "ArtifactResponse")
    if not answer.status.success:
        raise SamlError("status", "the ArtifactResolve was refused")
    return answer


def _response(answer: ArtifactResponse, question: Question, now: datetime) -> Response:
    """RSP-01, RSP-02, RSP-08: the answer to our AuthnRequest, meant for our AssertionConsumerService."""
    if answer.response is None:
        raise LoginFailed(NOTHING_BEHIND_IT)
    response = read_response(_unsigned(answer.response, question, now), validated=True)
    _check_issuer(response.issuer, question)
    if response.in_response_to != question.request_id:
        raise SamlError("irt.mismatch", "Response")
    if response.destination != question.own.acs_url:
        raise SamlError("destination", "Response")
    _check_not_from_the_future(response.issue_instant, question.own, now, "Response")
    return response


def _unsigned(response: Element, question: Question, now: datetime) -> Element:
    """A Response need not be signed; if it is, that signature must hold too (RSP-03)."""
    if response.find(ds("Signature")) is None:
        return response
    return _verified(response, question, now, keep=False).element


def _verified(element: Element, question: Question, now: datetime, *, keep: bool = True) -> Verified:
    """Signed by a key of the service that was asked, which it names (SIG-09)."""
    return verify(element, question.service.signing_keys, at=now, require_key_name=True, keep=keep)


def check_assertion(assertion: Assertion, question: Question, *, now: datetime) -> None:
    """AS-03 to AS-06, AS-15, AS-16, AS-20, ATT-05: from whom, for whom, about what, and now.

    Raises:
        SamlError: `issuer.mismatch`, `irt.mismatch`, `recipient`, `audience`, `attribute.service`, `time.past`,
            `time.future`.
    """
    _check_issuer(assertion.issuer, question)
    if assertion.confirmation.in_response_to != question.request_id:
        raise SamlError("irt.mismatch", "SubjectConfirmationData")
    if assertion.confirmation.recipient != question.own.acs_url:
        raise SamlError("recipient")
    if question.own.entity_id not in assertion.audiences:
        raise SamlError("audience")
    if assertion.service_uuid != question.service_uuid:
        raise SamlError("attribute.service", "another dienst than was asked for")
    check_validity(assertion, question.own, now=now)


def _check_advice(assertion: Element, question: Question) -> None:
    """Nobody reads in it; whether it may be there, and in which form, the kind of service says (AS-16, S10)."""
    advice = assertion.find(saml("Advice"))
    if advice is not None:
        question.dialect.check_advice(advice, question.service.entity_id)


def check_validity(assertion: Assertion, own: Requester, *, now: datetime) -> None:
    """Now lies within every window that the Assertion gives itself, with the allowed skew (AS-04, AS-06).

    Raises:
        SamlError: `time.past`, `time.future`.
    """
    ends = min(assertion.not_on_or_after, assertion.confirmation.not_on_or_after)
    if now >= ends + own.skew:
        raise SamlError("time.past", "Assertion")
    for instant in (assertion.not_before, assertion.issue_instant, assertion.authn_instant):
        _check_not_from_the_future(instant, own, now, "Assertion")


def _check_issuer(issuer: str, question: Question) -> None:
    """Everything in the answer comes from the service that was asked (SIG-12, S64)."""
    if issuer != question.service.entity_id:
        raise SamlError("issuer.mismatch")


def _check_just_made(issued: datetime, own: Requester, now: datetime, place: str) -> None:
    _check_not_from_the_future(issued, own, now, place)
    if issued < now - own.message_age - own.skew:
        raise SamlError("time.past", place)


def _check_not_from_the_future(instant: datetime, own: Requester, now: datetime, place: str) -> None:
    if instant > now + own.skew:
        raise SamlError("time.future", place)
