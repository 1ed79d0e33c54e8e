"""The identifiers in an Assertion: those that the dienstverlener has a key for, none that a supplier can read.

One that we can read is refused too, but for a dienstverlener that has us open it (`backends.decryption`).
"""

from collections.abc import Sequence
from typing import Protocol

from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import EntityID, SubjectIdentifier
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.assertion import Assertion


class Opens(Protocol):
    """Makes what was encrypted for us into what the dienstverlener can read."""

    def open(self, encrypted: bytes, name: str) -> SubjectIdentifier:
        """The same person, for the dienstverlener alone.

        Raises:
            SamlError: it cannot be opened, or is not what it must be.
        """
        ...


def for_dienstverlener(
    encrypted: tuple[bytes, ...],
    task: AuthenticationTask,
    *,
    own_entity_id: str,
    name: str,
    opener: Opens | None = None,
) -> tuple[SubjectIdentifier, ...]:
    """The values of one identifier that the dienstverlener can read; at least one (ATT-01, ATT-02, ATT-16).

    What is for others alone, such as the BVD's own copy of a polymorphic identity, is left behind (ATT-19, AMB-10).

    Args:
        encrypted: EncryptedID elements.
        task: says which dienstverlener.
        own_entity_id: ours; nobody may encrypt for it, nor for any supplier (ATT-10).
        name: of the attribute, for the log.
        opener: for a dienstverlener that has us open its identities, one of which may be for us alone.

    Raises:
        SamlError: `subject.identifier` when there is none, none can be read by the dienstverlener, or one can be read
            by us or by a supplier; `enc.structure`, `enc.recipient`, `alg.forbidden` for a form that is not allowed;
            what `Opens.open` raises.
    """
    chosen = _chosen(encrypted, task, own_entity_id, name, may_open=opener is not None)
    return tuple(
        opener.open(each.encrypted, name) if opener is not None and own_entity_id in each.recipients else each
        for each in chosen
    )


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
    check_readable_by(bvd, assertion.acting_subject, names.ACTING_SUBJECT_ID)


def check_readable_by(bvd: EntityID, encrypted: tuple[bytes, ...], name: str) -> None:
    """One of the values of an identifier has a key for the BVD (ATT-22).

    Raises:
        SamlError: as `check_usable_by`.
    """
    if not any(bvd in recipients_of(each) for each in encrypted):
        raise SamlError("subject.identifier", f"no {name} is encrypted for the BVD")


def check_for_dienstverlener(
    encrypted: tuple[bytes, ...],
    task: AuthenticationTask,
    *,
    own_entity_id: str,
    name: str,
    opener: Opens | None = None,
) -> None:
    """As `for_dienstverlener`, for what is not used: nothing is opened.

    Raises:
        SamlError: the same, for what can be seen from the outside.
    """
    _chosen(encrypted, task, own_entity_id, name, may_open=opener is not None)


def _chosen(
    encrypted: tuple[bytes, ...], task: AuthenticationTask, own_entity_id: str, name: str, *, may_open: bool
) -> Sequence[SubjectIdentifier]:
    """Those for the dienstverlener; or, when that may be, the one for us."""
    subjects = [_subject(element, name) for element in encrypted]
    readable = [each for each in subjects if task.dienstverlener in each.recipients]
    ours = [each for each in subjects if own_entity_id in each.recipients]
    alone = not readable and len(ours) == 1 and ours[0].recipients == {own_entity_id}
    if ours and not (may_open and alone):
        raise SamlError("subject.identifier", f"{name} is encrypted for the Routeringsdienst")
    if not readable and not ours:
        raise SamlError("subject.identifier", f"no {name} is encrypted for the dienstverlener")
    return readable or ours


def _subject(encrypted: bytes, name: str) -> SubjectIdentifier:
    recipients = recipients_of(encrypted)
    if any(":LC:" in each for each in recipients):
        raise SamlError("subject.identifier", f"{name} is encrypted for a supplier")
    return SubjectIdentifier(frozenset(EntityID(each) for each in recipients), encrypted)
