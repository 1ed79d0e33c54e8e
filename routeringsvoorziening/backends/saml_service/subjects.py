"""The identifiers in an Assertion: those that the dienstverlener has a key for, none that we or a supplier can read."""

from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import EntityID, SubjectIdentifier
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.assertion import Assertion


def for_dienstverlener(
    encrypted: tuple[bytes, ...], task: AuthenticationTask, *, own_entity_id: str, name: str
) -> tuple[SubjectIdentifier, ...]:
    """The values of one identifier that the dienstverlener can read; at least one (ATT-01, ATT-02, ATT-16).

    Args:
        encrypted: EncryptedID elements.
        task: says which dienstverlener.
        own_entity_id: ours; nobody may encrypt for it, nor for any supplier (ATT-10).
        name: of the attribute, for the log.

    Raises:
        SamlError: `subject.identifier` when there is none, none can be read by the dienstverlener, or one can be read
            by us or by a supplier; `enc.structure`, `enc.recipient`, `alg.forbidden` for a form that is not allowed.
    """
    subjects = tuple(_subject(element, own_entity_id, name) for element in encrypted)
    readable = tuple(subject for subject in subjects if task.dienstverlener in subject.recipients)
    if not readable:
        raise SamlError("subject.identifier", f"no {name} is encrypted for the dienstverlener")
    return readable


def check_usable_by(bvd: EntityID, assertion: Assertion) -> None:
    """The BVD that comes next can do something with this Assertion of an AD (ATT-22, AS-15).

    It is one of the audiences and holds a key for who acts. Where each recipient has a value of its own, one of the
    values is the BVD's; nothing is decrypted to know it.

    Raises:
        SamlError: `audience`, `subject.identifier`; `enc.structure`, `enc.recipient`, `alg.forbidden` for a form that
            is not allowed.
    """
    if bvd not in assertion.audiences:
        raise SamlError("audience", "not meant for the BVD")
    if not any(bvd in recipients_of(each) for each in assertion.acting_subject):
        raise SamlError("subject.identifier", "no ActingSubjectID is encrypted for the BVD")


def _subject(encrypted: bytes, own_entity_id: str, name: str) -> SubjectIdentifier:
    recipients = recipients_of(encrypted)
    if own_entity_id in recipients:
        raise SamlError("subject.identifier", f"{name} is encrypted for the Routeringsdienst")
    if any(":LC:" in each for each in recipients):
        raise SamlError("subject.identifier", f"{name} is encrypted for a supplier")
    return SubjectIdentifier(frozenset(EntityID(each) for each in recipients), encrypted)
