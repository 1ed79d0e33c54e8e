"""What an Assertion of the eIDAS-berichtenservice must hold to be an identity, and which attributes may come along.

Whether the identity inside is a BSN or a pseudonym we cannot see, and neither what the attributes say: everything is
encrypted for the dienstverlener. What we can see, we check: for whom it is encrypted, and that the dienst may have it.
"""

from collections.abc import Mapping
from typing import Final

from routeringsvoorziening.backends.saml_service.judging import Proven
from routeringsvoorziening.backends.saml_service.subjects import Opens, for_dienstverlener
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, EntityID, Identity, LoA, SubjectIdentifier
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.eidas.encrypted_value import readers_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.loa import level_of

MOST_VALUES: Final = 2
"""Of one attribute: in Latin script, and in the original."""


def identity_of(
    proven: Proven,
    task: AuthenticationTask,
    service: AuthenticationServiceId,
    *,
    own_entity_id: str,
    allowed: frozenset[str],
    opener: Opens | None = None,
) -> Identity:
    """The identity in a verified Assertion. A LegalSubjectID or RepresentationType in it is left behind (ATT-23).

    Args:
        proven: the Assertion.
        task: what was asked.
        service: our name of the authenticatiedienst.
        own_entity_id: ours; nobody may encrypt for it.
        allowed: Names of the attributes that the dienst may have.
        opener: for a dienstverlener that has us open its identities.

    Raises:
        SamlError: `loa` for a level that eIDAS does not have or one below what was asked (LOA-01, LOA-05);
            `attribute.structure` for an attribute that the dienst may not have or that is not encrypted for it alone;
            `subject.identifier` for one that we cannot open where that is ours to do, and what `for_dienstverlener`
            raises (ATT-01, ATT-10).
    """
    assertion = proven.assertion
    return Identity(
        service=service,
        authority=EntityID(assertion.issuer),
        loa=_sufficient(assertion.class_ref, task),
        acting_subject=_subject(assertion.acting_subject, task, own_entity_id, opener),
        evidence=proven.evidence,
        authenticated_at=assertion.authn_instant,
        attributes=permitted(assertion.other_attributes, allowed, task.dienstverlener),
    )


def _subject(
    encrypted: tuple[bytes, ...], task: AuthenticationTask, own_entity_id: str, opener: Opens | None
) -> tuple[SubjectIdentifier, ...]:
    """Who acts. Where we open identities, one that only the dienstverlener can read is refused.

    eIDAS knows no plain BSN, so what is inside is a structure or, for somebody without a BSN, a pseudonym. The
    dienstverlener has us open them because it cannot, and its dienst is registered for a plain BSN.
    """
    name = names.ACTING_SUBJECT_ID
    if opener is not None and not any(own_entity_id in recipients_of(each) for each in encrypted):
        raise SamlError("subject.identifier", f"{name} is not encrypted for us, who open it for this dienst")
    return for_dienstverlener(encrypted, task, own_entity_id=own_entity_id, name=name, opener=opener)


def _sufficient(class_ref: str, task: AuthenticationTask) -> LoA:
    """The level of the login: low, substantial or high, and enough."""
    level = LoA(level_of(class_ref))
    if level < LoA.LAAG:
        raise SamlError("loa", "not a level of eIDAS")
    if level < task.minimum_loa:
        raise SamlError("loa", "below the minimum of the dienst")
    return level


def permitted(
    attributes: Mapping[str, tuple[bytes, ...]], allowed: frozenset[str], dienstverlener: EntityID
) -> Mapping[str, tuple[bytes, ...]]:
    """The attributes, when the dienst may have each of them and can alone read it.

    One too many is not left out but refuses the login: the declaration goes along as evidence, byte for byte, so what
    is left out of ours would reach the dienstverlener all the same.

    Raises:
        SamlError: `attribute.structure`; `enc.structure`, `enc.recipient`, `alg.forbidden` for a form that is not
            allowed.
    """
    for name, values in attributes.items():
        if name not in allowed:
            raise SamlError("attribute.structure", "an attribute that the dienst may not have")
        if not 0 < len(values) <= MOST_VALUES:
            raise SamlError("attribute.structure", "an attribute with no value, or with too many")
        if any(readers_of(value) != {dienstverlener} for value in values):
            raise SamlError("attribute.structure", "an attribute that others than the dienstverlener can read")
    return attributes
