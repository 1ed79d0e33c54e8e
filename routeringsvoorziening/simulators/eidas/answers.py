"""What the eIDAS-berichtenservice declares: who came from abroad, how surely, and what the service may know of them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.eidas.encrypted_value import encrypt_value
from routeringsvoorziening.saml.encryption import NameId, Recipient, encrypt_id
from routeringsvoorziening.saml.loa import uri_of
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.parsing import canonical
from routeringsvoorziening.simulators.declaring.answers import new_assertion
from routeringsvoorziening.simulators.declaring.scene import Scene
from routeringsvoorziening.simulators.eidas.abroad import Arrived
from routeringsvoorziening.simulators.eidas.catalogue import EuropeanService
from routeringsvoorziening.simulators.eidas.requests import EuropeanLogin
from routeringsvoorziening.simulators.world.bsnk_keys import KEY_SET_VERSION

BSN_TYPE = "B"
EIDAS_TYPE = "E"
"""Of an identifier in a structure of BSNk: a BSN, or one that another country gave."""


@dataclass(frozen=True, slots=True)
class Identified:
    """As whom somebody is declared.

    Args:
        arrived: what another country says.
        bsn: who that is here; None when they are not known, or may only be known by a pseudonym.
    """

    arrived: Arrived
    bsn: str | None = field(default=None, repr=False)


def identified(arrived: Arrived, bsn: str | None, service: EuropeanService) -> Identified | None:
    """As whom a service may know somebody: by BSN, else by a pseudonym when it takes that; None when it may not at all.

    A company has no BSN, and gets in by a pseudonym where companies may. Where the routeringsdienst makes a plain BSN
    of what we declare, nobody gets in without one: of a pseudonym nobody can make it.
    """
    if bsn is not None and not arrived.legal:
        return Identified(arrived, bsn)
    allowed = service.rights.legal_persons if arrived.legal else service.rights.pseudonym
    return Identified(arrived) if allowed and not service.decrypted else None


def assertion_of(login: EuropeanLogin, who: Identified, scene: Scene) -> Assertion:
    """AS-15, ATT-19, ATT-23: for the routeringsdienst; the identity and each attribute for the dienstverlener alone."""
    service, arrived = login.service, who.arrived
    recipients = scene.routing.dienstverleners[service.dienstverlener]
    readers = scene.routing.service_provider.recipients if service.decrypted else recipients
    subject = encrypt_id(_name_id(service, who, scene.settings.scheme), readers)
    assertion = new_assertion(
        scene,
        audiences=(login.requester,),
        class_ref=uri_of(arrived.level),
        service_uuid=service.uuid,
        acting_subject=(canonical(subject),),
    )
    return replace(assertion, other_attributes=_attributes(service, arrived, recipients))


def _attributes(
    service: EuropeanService, arrived: Arrived, recipients: Sequence[Recipient]
) -> dict[str, tuple[bytes, ...]]:
    """Only what the service may have, whatever else came along."""
    return {
        kind.name: encrypt_value(kind, arrived.values[kind], recipients)
        for kind in service.may_have(legal=arrived.legal)
        if kind in arrived.values
    }


def _name_id(service: EuropeanService, who: Identified, scheme: Scheme | None) -> NameId:
    """ATT-20: a structure that BSNk made for the dienstverlener: of a BSN, or of what another country calls them.

    Raises:
        ValueError: there is no scheme.
    """
    if scheme is None:
        raise ValueError("a scheme of BSNk is needed")
    oin = service.dienstverlener_oin
    if who.bsn is not None and service.identity != "Pseudonym":
        return _structure(scheme.encrypted_identity(who.bsn, oin, KEY_SET_VERSION), names.ID_BSN)
    value, kind = (who.bsn, BSN_TYPE) if who.bsn is not None else (who.arrived.identifier, EIDAS_TYPE)
    return _structure(scheme.encrypted_pseudonym(value, oin, KEY_SET_VERSION, type_=kind), names.ID_PSEUDONYM)


def _structure(der: bytes, kind: str) -> NameId:
    return NameId(base64.b64encode(der).decode("ascii"), kind)
