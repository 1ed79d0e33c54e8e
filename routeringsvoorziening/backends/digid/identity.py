"""What an Assertion of DigiD must hold to be an identity that a dienstverlener can use."""

from routeringsvoorziening.backends.saml_service.judging import Proven
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    EntityID,
    Identity,
    LoA,
    SubjectIdentifier,
)
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.loa import level_of


def identity_of(
    proven: Proven, task: AuthenticationTask, service: AuthenticationServiceId, *, own_entity_id: str
) -> Identity:
    """The identity in a verified Assertion. A LegalSubjectID or RepresentationType in it is left behind (ATT-23).

    Raises:
        SamlError: `loa` for an unknown level or one below what was asked (LOA-01, LOA-05); `subject.identifier` when
            no identifier can be read by the dienstverlener, or one can be read by us (ATT-01, ATT-10).
    """
    assertion = proven.assertion
    return Identity(
        service=service,
        authority=EntityID(assertion.issuer),
        loa=_sufficient(assertion.class_ref, task),
        acting_subject=_for_dienstverlener(assertion.acting_subject, task, own_entity_id),
        evidence=proven.evidence,
        authenticated_at=assertion.authn_instant,
    )


def _sufficient(class_ref: str, task: AuthenticationTask) -> LoA:
    """The level of the login. An AD never delivers less than the dienst needs (LOA-04): less is not to be trusted."""
    level = LoA(level_of(class_ref))
    if level < task.minimum_loa:
        raise SamlError("loa", "below the minimum of the dienst")
    return level


def _for_dienstverlener(
    encrypted: tuple[bytes, ...], task: AuthenticationTask, own_entity_id: str
) -> tuple[SubjectIdentifier, ...]:
    """The identifiers that the dienstverlener has a key for; at least one."""
    subjects = tuple(_subject(element, own_entity_id) for element in encrypted)
    readable = tuple(subject for subject in subjects if task.dienstverlener in subject.recipients)
    if not readable:
        raise SamlError("subject.identifier", "not encrypted for the dienstverlener")
    return readable


def _subject(encrypted: bytes, own_entity_id: str) -> SubjectIdentifier:
    recipients = recipients_of(encrypted)
    if own_entity_id in recipients:
        raise SamlError("subject.identifier", "encrypted for the Routeringsdienst")
    return SubjectIdentifier(frozenset(EntityID(name) for name in recipients), encrypted)
