"""Subject of an Assertion: a TransientID and one bearer confirmation (AS-02 to AS-05)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from saml2 import saml

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.instants import format_instant
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.parsing import Element

_FORMATS: Final = frozenset({names.NAMEID_TRANSIENT, names.NAMEID_UNSPECIFIED})
"""Besides no Format at all, which is what connected parties really send."""


@dataclass(frozen=True, slots=True)
class SubjectConfirmation:
    """Who may hand over the assertion, and until when.

    Args:
        in_response_to: ID of the AuthnRequest of the immediate requester (AS-05).
        recipient: URL of the AssertionConsumerService of the immediate requester (AS-05).
        not_on_or_after: UTC (AS-04).
    """

    in_response_to: str
    recipient: str
    not_on_or_after: datetime


def build_subject(name_id: str, confirmation: SubjectConfirmation) -> saml.Subject:
    """The pysaml2 element, for within an Assertion."""
    data = saml.SubjectConfirmationData(
        in_response_to=confirmation.in_response_to,
        recipient=confirmation.recipient,
        not_on_or_after=format_instant(confirmation.not_on_or_after),
    )
    return saml.Subject(
        name_id=saml.NameID(format=names.NAMEID_TRANSIENT, text=name_id),
        subject_confirmation=[saml.SubjectConfirmation(method=names.BEARER, subject_confirmation_data=data)],
    )


def read_name_id(subject: Element) -> str:
    """The TransientID: one NameID, not encrypted, of no other kind (AS-02, S44).

    Raises:
        SamlError: `subject.structure`, `node.forbidden`.
    """
    for other in ("EncryptedID", "BaseID"):
        if subject.find(names.saml(other)) is not None:
            raise SamlError("subject.structure", f"{other} in Subject")
    name_id = reading.one(subject, names.saml("NameID"), "subject.structure")
    if name_id.get("Format", names.NAMEID_TRANSIENT) not in _FORMATS:
        raise SamlError("subject.structure", "the NameID is not transient")
    return reading.filled(name_id, "subject.structure")


def read_subject_confirmation(subject: Element) -> SubjectConfirmation:
    """The one confirmation: bearer, with all three of its data and no NotBefore (AS-03, AS-04, S70).

    Raises:
        SamlError: `subject.confirmation`, `recipient`, `irt.missing`, `time.missing`, `time.format`.
    """
    confirmation = reading.one(subject, names.saml("SubjectConfirmation"), "subject.confirmation")
    if confirmation.get("Method") != names.BEARER:
        raise SamlError("subject.confirmation", "the Method is not bearer")
    children = reading.only_elements(confirmation, "subject.confirmation")
    if [child.tag for child in children] != [names.saml("SubjectConfirmationData")]:
        raise SamlError("subject.confirmation", "not exactly one SubjectConfirmationData")
    return _data(children[0])


def _data(data: Element) -> SubjectConfirmation:
    if reading.only_elements(data, "subject.confirmation"):
        raise SamlError("subject.confirmation", "elements in SubjectConfirmationData")
    if data.get("NotBefore") is not None:
        raise SamlError("subject.confirmation", "NotBefore in SubjectConfirmationData")
    recipient = reading.optional(data, "Recipient")
    if not recipient:
        raise SamlError("recipient", "no Recipient in SubjectConfirmationData")
    return SubjectConfirmation(
        in_response_to=reading.in_response_to(data),
        recipient=recipient,
        not_on_or_after=reading.instant(data, "NotOnOrAfter"),
    )
