"""What an Assertion of DigiD must hold to be an identity that a dienstverlener can use."""

from routeringsvoorziening.backends.saml_service.judging import Proven
from routeringsvoorziening.backends.saml_service.subjects import Opens, check_usable_by, for_dienstverlener
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, EntityID, Identity, LoA
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.loa import level_of


def identity_of(
    proven: Proven,
    task: AuthenticationTask,
    service: AuthenticationServiceId,
    *,
    own_entity_id: str,
    bvd: EntityID | None = None,
    opener: Opens | None = None,
) -> Identity:
    """The identity in a verified Assertion. A LegalSubjectID or RepresentationType in it is left behind (ATT-23).

    Args:
        proven: the Assertion.
        task: what it must be enough for.
        service: our short name of who declares it.
        own_entity_id: ours.
        bvd: to which the login goes on with it; None without representation.
        opener: for a dienstverlener that has us open its identities.

    Raises:
        SamlError: `loa` for an unknown level or one below what was asked (LOA-01, LOA-05); what `for_dienstverlener`
            and `check_usable_by` raise (ATT-01, ATT-10, ATT-22, AS-15).
    """
    assertion = proven.assertion
    if bvd is not None:
        check_usable_by(bvd, assertion)
    return Identity(
        service=service,
        authority=EntityID(assertion.issuer),
        loa=_sufficient(assertion.class_ref, task),
        acting_subject=for_dienstverlener(
            assertion.acting_subject, task, own_entity_id=own_entity_id, name=names.ACTING_SUBJECT_ID, opener=opener
        ),
        evidence=proven.evidence,
        authenticated_at=assertion.authn_instant,
    )


def _sufficient(class_ref: str, task: AuthenticationTask) -> LoA:
    """The level of the login. An AD never delivers less than the dienst needs (LOA-04): less is not to be trusted."""
    level = LoA(level_of(class_ref))
    if level < task.minimum_loa:
        raise SamlError("loa", "below the minimum of the dienst")
    return level
