"""What a BVD declares: who acts, for whom, on what ground, for which service."""

from dataclasses import replace

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import encrypt_id
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.parsing import canonical
from routeringsvoorziening.simulators.bvd.requests import PendingChoice
from routeringsvoorziening.simulators.declaring.answers import new_assertion
from routeringsvoorziening.simulators.declaring.identities import identity_values
from routeringsvoorziening.simulators.declaring.scene import Scene
from routeringsvoorziening.simulators.registers.stelsel import Possibility


def assertion_of(choice: PendingChoice, chosen: Possibility, scene: Scene) -> Assertion:
    """AS-15, LOA-06, ATT-24: for the RD; no level of its own; both persons, for the dienstverlener alone."""
    assertion = new_assertion(
        scene,
        audiences=(choice.requester,),
        class_ref=names.CLASS_UNSPECIFIED,
        service_uuid=choice.service.uuid,
        acting_subject=_acting(choice, scene),
    )
    return replace(
        assertion,
        legal_subject=_identity(chosen.legal.bsn, choice, scene, direct=True),
        representation_types=chosen.representation_types,
    )


def _acting(choice: PendingChoice, scene: Scene) -> tuple[bytes, ...]:
    """A citizen as the service wants it; an employee by the pseudonym that their makelaar gave."""
    acting = choice.acting
    if acting.office is None:
        return _identity(acting.holder, choice, scene)
    recipients = scene.routing.dienstverleners[choice.service.dienstverlener]
    return (canonical(encrypt_id(acting.name_id, recipients)),)


def _identity(bsn: str, choice: PendingChoice, scene: Scene, *, direct: bool = False) -> tuple[bytes, ...]:
    """ATT-10 to ATT-20: for the dienstverlener, as the kind of its service."""
    return identity_values(bsn, choice.service, scene.routing, scene.settings.scheme, direct=direct)
