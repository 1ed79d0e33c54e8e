"""What an Assertion of a BVD must hold to be a mandate that a dienstverlener can use."""

from collections.abc import Iterable
from dataclasses import dataclass

from routeringsvoorziening.backends.saml_service.judging import Proven
from routeringsvoorziening.backends.saml_service.subjects import Opens, check_for_dienstverlener, for_dienstverlener
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import EntityID, Identity, Mandate, MandateServiceId
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import check_ids_differ
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.assertion import Assertion


@dataclass(frozen=True, slots=True)
class Representation:
    """What a BVD may declare.

    Args:
        types: the URNs that it may use, from the koppelvlak's table (ATT-07).
        mandatory: it must use at least one: always with legal representation, never with a voluntary mandate (AMB-07).
    """

    types: frozenset[str]
    mandatory: bool


def mandate_of(
    proven: Proven,
    task: AuthenticationTask,
    identity: Identity,
    service: MandateServiceId,
    *,
    representation: Representation,
    own_entity_id: str,
    opener: Opens | None = None,
) -> Mandate:
    """The mandate in a verified Assertion.

    Raises:
        SamlError: `loa` for a level where there must be none (LOA-06); `attribute.representation` for a type that is
            missing or not in the table (ATT-06, ATT-07, ATT-24); `id.duplicate` when it cannot stand in one document
            with the identity's own Assertion (AS-13); what `for_dienstverlener` raises, for who acts as well as for
            who is represented (ATT-24, ATT-10).
    """
    assertion = proven.assertion
    _check_class(assertion)
    _check_types(assertion.representation_types, representation)
    check_ids_differ(identity.evidence, proven.evidence)
    check_for_dienstverlener(
        assertion.acting_subject, task, own_entity_id=own_entity_id, name=names.ACTING_SUBJECT_ID, opener=opener
    )
    return Mandate(
        service=service,
        authority=EntityID(assertion.issuer),
        legal_subject=for_dienstverlener(
            assertion.legal_subject, task, own_entity_id=own_entity_id, name=names.LEGAL_SUBJECT_ID, opener=opener
        ),
        representation_types=assertion.representation_types,
        evidence=proven.evidence,
    )


def _check_class(assertion: Assertion) -> None:
    """LOA-06: a BVD does not say at which level somebody logged in; only the AD can."""
    if assertion.class_ref != names.CLASS_UNSPECIFIED:
        raise SamlError("loa", "a BVD declares no level")


def _check_types(types: Iterable[str], representation: Representation) -> None:
    """ATT-06, ATT-07, ATT-24."""
    used = frozenset(types)
    if not used <= representation.types:
        raise SamlError("attribute.representation", "a type that this BVD may not use")
    if representation.mandatory and not used:
        raise SamlError("attribute.representation", "no RepresentationType")
