"""The answer to an ArtifactResolve: made and signed at the moment it is asked for (AMB-19). Waits for nothing."""

import re
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from routeringsvoorziening.broker.failures import Failure
from routeringsvoorziening.frontends.saml.dienst import Routeringsdienst
from routeringsvoorziening.frontends.saml.pending import PendingAnswer, Statement
from routeringsvoorziening.frontends.saml.statuses import status_of
from routeringsvoorziening.saml.copying import copy_attribute_value, copy_encrypted_id
from routeringsvoorziening.saml.identifiers import new_message_id, new_transient_id
from routeringsvoorziening.saml.loa import uri_of
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, write_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, SubjectConfirmation, write_assertion
from routeringsvoorziening.saml.messages.response import Response
from routeringsvoorziening.saml.messages.status import SUCCESS
from routeringsvoorziening.saml.parsing import canonical
from routeringsvoorziening.saml.signing import signed
from routeringsvoorziening.saml.soap import wrap_written

NOT_BEFORE: Final = timedelta(minutes=2)
"""How far the Conditions reach back, as the recordings of real answers do (AMB-18)."""


def build_answer(dienst: Routeringsdienst, resolve_id: str, pending: PendingAnswer | None, *, now: datetime) -> bytes:
    """The whole SOAP body: an ArtifactResponse, with the Response when there is one (ARR-01 to ARR-06).

    The ArtifactResponse and the Assertion are signed, the Response is not (RSP-03).
    """
    answer = ArtifactResponse(
        id=new_message_id(),
        in_response_to=resolve_id,
        issuer=dienst.entity_id,
        issue_instant=now,
        status=SUCCESS,
    )
    return wrap_written(signed(_answer(dienst, answer, pending, now), answer.id, dienst.signing))


def _answer(dienst: Routeringsdienst, answer: ArtifactResponse, pending: PendingAnswer | None, now: datetime) -> bytes:
    """Success with exactly one Assertion, or another status with none (RSP-04, RSP-06)."""
    if pending is None:
        return write_artifact_response(answer)
    outcome = pending.outcome
    response = Response(
        id=new_message_id(),
        in_response_to=pending.in_response_to,
        issuer=dienst.entity_id,
        destination=pending.destination,
        issue_instant=now,
        status=status_of(outcome) if isinstance(outcome, Failure) else SUCCESS,
    )
    if isinstance(outcome, Failure):
        return write_artifact_response(answer, response)
    return write_artifact_response(answer, response, _signed_assertion(dienst, pending, outcome, now))


def _signed_assertion(dienst: Routeringsdienst, pending: PendingAnswer, statement: Statement, now: datetime) -> bytes:
    assertion = assertion_of(dienst, pending, statement, now=now)
    return signed(write_assertion(assertion), assertion.id, dienst.signing)


def assertion_of(dienst: Routeringsdienst, pending: PendingAnswer, statement: Statement, *, now: datetime) -> Assertion:
    """What we declare, to whom, and for how long (AS-02 to AS-13). Who asked is the first of the audience (AS-08)."""
    times = dienst.times
    confirmed_until = now + times.assertion_validity
    audiences = tuple(dict.fromkeys((pending.connection, statement.dienstverlener)))
    readers, suffix = (statement.dienstverlener,), _unused_suffix(statement.evidence)
    return Assertion(
        id=new_message_id(),
        issuer=dienst.entity_id,
        issue_instant=now,
        name_id=statement.name_id or new_transient_id(),
        confirmation=SubjectConfirmation(
            in_response_to=pending.in_response_to,
            recipient=pending.destination,
            not_on_or_after=confirmed_until,
        ),
        not_before=now - NOT_BEFORE,
        not_on_or_after=max(confirmed_until, now + times.conditions[statement.loa]),
        audiences=audiences,
        authn_instant=now,
        session_index=statement.name_id,
        class_ref=uri_of(statement.loa),
        authenticating_authorities=statement.authorities,
        service_uuid=statement.service,
        acting_subject=_copies(statement.acting_subject, readers, suffix),
        legal_subject=_copies(statement.legal_subject, readers, suffix),
        representation_types=statement.representation_types,
        other_attributes={
            name: tuple(copy_attribute_value(value, suffix=suffix) for value in values)
            for name, values in statement.attributes.items()
        },
        advice=statement.evidence,
    )


def _copies(encrypted: tuple[bytes, ...], readers: tuple[str, ...], suffix: str) -> tuple[bytes, ...]:
    """EncryptedIDs with Ids of their own, and only the keys of who may read them (ATT-04, ATT-09, ATT-17; AMB-10).

    That is the dienstverlener alone: a supplier is in the audience and reads nothing (ATT-10, ENC-03).
    """
    return tuple(canonical(copy_encrypted_id(element, keep_recipients=readers, suffix=suffix)) for element in encrypted)


def _unused_suffix(evidence: tuple[bytes, ...]) -> str:
    """`-1`, or the next number with which no attribute in the evidence ends, so that no new Id is an old one."""
    used = {number for xml in evidence for number in _SUFFIX.findall(xml)}
    return next(f"-{number}" for number in count(1) if b"%d" % number not in used)


_SUFFIX: Final = re.compile(rb'-([1-9][0-9]*)"')
