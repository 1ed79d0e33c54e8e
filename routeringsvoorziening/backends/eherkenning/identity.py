"""What a makelaar's summary must hold to be an identity, and what of it is handed on (ATT-21, AMB-24)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.backends.eherkenning.settings import EHerkenningDienst
from routeringsvoorziening.backends.saml_service.judging import Proven
from routeringsvoorziening.backends.saml_service.subjects import check_readable_by, check_usable_by, for_dienstverlener
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    EntityID,
    Identity,
    LoA,
    SubjectIdentifier,
)
from routeringsvoorziening.saml import names as st
from routeringsvoorziening.saml.copying import copy_encrypted_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.etd.recipients import check_no_other, readdressed
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.messages.attributes import ENCRYPTED_ATTRIBUTES, value_holding, values_in_clear
from routeringsvoorziening.saml.parsing import canonical

MOST_RESTRICTIONS: Final = 16
"""Branches, or other parts, for which one mandate holds."""
_FORMS: Final = {names.VESTIGINGSNR: re.compile("[0-9]{12}"), names.SUBDOSSIER_NR: re.compile("[0-9]{4}")}
"""Of restrictions in clear: digits."""
_NAME: Final = re.compile("[!-~]{1,256}")
_OURS: Final = "urn:nl-eid-gdi:"
"""What we say ourselves, as the names of ST-SAML begin."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a summary must fit.

    Args:
        service: our short name of the method.
        service_id: of the dienst asked for.
        dienst: what it says for eTD.
        levels: AuthnContextClassRef to our level.
        own_entity_id: ours at eTD; nobody may encrypt for it.
        bvd: to which the login goes on with it; None when somebody acts for the organisation alone.
    """

    service: AuthenticationServiceId
    service_id: str
    dienst: EHerkenningDienst
    levels: Mapping[str, LoA]
    own_entity_id: str
    bvd: EntityID | None = None


def identity_of(proven: Proven, task: AuthenticationTask, expected: Expected) -> Identity:
    """The identity in a verified summary: two attributes get the names of ST-SAML, the rest is copied unaltered.

    When the login goes on to a BVD, the organisation becomes the intermediary: an attribute by eTD's name for that.

    Raises:
        SamlError: `loa`, `attribute.service`, `attribute.restriction`, `attribute.structure`; what `for_dienstverlener`
            and `check_usable_by` raise (ATT-22, AS-15).
    """
    assertion = proven.assertion
    if expected.bvd is not None:
        _check_for_bvd(assertion, expected.bvd)
    _check_service(assertion, expected)
    _check_names(assertion)
    _check_restrictions(assertion, expected.dienst)
    acting = _subjects(assertion.acting_subject, task, expected, st.ACTING_SUBJECT_ID)
    legal = _subjects(assertion.legal_subject, task, expected, st.LEGAL_SUBJECT_ID) if assertion.legal_subject else ()
    _check_representation(assertion, legal)
    attributes = dict(assertion.other_attributes)
    if expected.bvd is not None:
        attributes |= _as_intermediary(legal, attributes, task)
    return Identity(
        service=expected.service,
        authority=EntityID(assertion.issuer),
        loa=_sufficient(assertion.class_ref, task, expected.levels),
        acting_subject=acting,
        legal_subject=legal,
        evidence=proven.evidence,
        authenticated_at=assertion.authn_instant,
        attributes=attributes,
    )


def _check_for_bvd(assertion: Assertion, bvd: EntityID) -> None:
    """It must know who acts, and for which organisation: by that it finds the clients."""
    check_usable_by(bvd, assertion)
    check_readable_by(bvd, assertion.legal_subject, st.LEGAL_SUBJECT_ID)


def _sufficient(class_ref: str, task: AuthenticationTask, levels: Mapping[str, LoA]) -> LoA:
    """By the table of the configuration; a makelaar never delivers less than the service catalogue demands (S69)."""
    level = levels.get(class_ref)
    if level is None:
        raise SamlError("loa", "not in the table of levels")
    if level < task.minimum_loa:
        raise SamlError("loa", "below the minimum of the dienst")
    return level


def _check_service(assertion: Assertion, expected: Expected) -> None:
    """The ServiceID is that of the dienst; its ServiceUUID was compared already (ATT-05)."""
    values = assertion.other_attributes.get(names.SERVICE_ID, ())
    if len(values) != 1 or values_in_clear(values) != (expected.service_id,):
        raise SamlError("attribute.service", "another ServiceID than was asked for")


def _check_names(assertion: Assertion) -> None:
    """Nothing that is copied unaltered can be taken for what we declare ourselves, however it is spelled (S70)."""
    for name in assertion.other_attributes.keys() - {ENCRYPTED_ATTRIBUTES}:
        if _NAME.fullmatch(name) is None or name.lower().startswith(_OURS):
            raise SamlError("attribute.structure", "a name that only we give, or that is none")


def _check_restrictions(assertion: Assertion, dienst: EHerkenningDienst) -> None:
    """A mandate for a part of the organisation is only for a dienst that looks at it; else it would count in full."""
    for name, values in assertion.other_attributes.items():
        if ":ServiceRestriction:" not in name:
            continue
        if name not in dienst.restriction_names:
            raise SamlError("attribute.restriction", "a mandate for a part, which the dienst cannot handle")
        form = _FORMS[name]
        if not 0 < len(values) <= MOST_RESTRICTIONS or any(
            value is not None and form.fullmatch(value) is None for value in values_in_clear(values)
        ):
            raise SamlError("attribute.restriction", "not the form of such a number")


def _check_representation(assertion: Assertion, legal: tuple[SubjectIdentifier, ...]) -> None:
    """Representation, when it is said, is true exactly when somebody is represented (S70)."""
    values = assertion.other_attributes.get(names.REPRESENTATION, ())
    said = values_in_clear(values[:2])  # one too many is enough to see
    if len(said) > 1 or any(value not in {"true", "false", "1", "0"} for value in said):
        raise SamlError("attribute.structure", "Representation is not one boolean")
    if said and (said[0] in {"true", "1"}) != bool(legal):
        raise SamlError("attribute.structure", "Representation contradicts LegalSubjectID")


def _subjects(
    encrypted: tuple[bytes, ...], task: AuthenticationTask, expected: Expected, name: str
) -> tuple[SubjectIdentifier, ...]:
    addressed = tuple(readdressed(each, task.dienstverlener) for each in encrypted)
    found = for_dienstverlener(addressed, task, own_entity_id=expected.own_entity_id, name=name)
    for each in encrypted:
        check_no_other(each, task.dienstverlener)
    return found


def _as_intermediary(
    legal: tuple[SubjectIdentifier, ...], attributes: Mapping[str, tuple[bytes, ...]], task: AuthenticationTask
) -> dict[str, tuple[bytes, ...]]:
    """Who logged in acts for an organisation, and that for the client of whom the BVD will tell."""
    readers = (task.dienstverlener,)
    copies = (canonical(copy_encrypted_id(each.encrypted, keep_recipients=readers, suffix="")) for each in legal)
    chain = attributes.get(names.INTERMEDIATE_KVK, ())
    return {names.INTERMEDIATE_KVK: (*chain, *map(value_holding, copies))}
