"""A BSN as each recipient gets it: plain for all together, or for each a structure of BSNk that it alone opens.

What a service gets stands in the party's own copy of the dienstencatalogus, and so does for whom the routeringsdienst
decrypts: for nobody else anything is encrypted for it (ATT-10).
"""

import base64
from collections.abc import Sequence
from typing import Final, Protocol

from routeringsvoorziening.bsnk.issuing import Scheme
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import NameId, Recipient, encrypt_for_each, encrypt_id
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.saml.parsing import canonical
from routeringsvoorziening.simulators.world.bsnk_keys import KEY_SET_VERSION
from routeringsvoorziening.simulators.world.layout import IdentityKind

BSN_DIGITS: Final = 9


class Registration(Protocol):
    """What a catalogue says of a service that decides how people are declared to it."""

    @property
    def dienstverlener(self) -> str:
        """Entity ID of who offers it."""
        ...

    @property
    def identity(self) -> IdentityKind:
        """As what people are declared."""
        ...

    @property
    def decrypted(self) -> bool:
        """The routeringsdienst opens it on the dienstverlener's behalf."""
        ...


def identity_values(
    bsn: str,
    registration: Registration,
    routing: RoutingDienst,
    scheme: Scheme | None,
    also: Sequence[Recipient] = (),
    *,
    direct: bool = False,
) -> tuple[bytes, ...]:
    """ATT-10 to ATT-20: one EncryptedID for each AttributeValue, and for nobody else.

    Args:
        bsn: eight or nine digits.
        registration: of the service.
        routing: metadata of the routeringsdienst, with the keys of its dienstverleners.
        scheme: to mint with.
        also: the keys of a BVD, that must know who acts.
        direct: of somebody who did not log in and was never activated at BSNk, such as a child: made of the BSN itself.

    Raises:
        ValueError: a polymorphic identity is needed, and there is no scheme.
    """
    dienstverlener, bsn = registration.dienstverlener, bsn.zfill(BSN_DIGITS)
    readers = routing.dienstverleners[dienstverlener]
    if registration.identity == "legacy-BSN" and not registration.decrypted:
        return (canonical(encrypt_id(NameId(bsn, names.ID_LEGACY_BSN), [*readers, *also])),)
    if scheme is None:
        raise ValueError("a scheme of BSNk is needed")
    identity = _direct_identity if direct else _identity
    pseudonym = _direct_pseudonym if direct else _pseudonym
    values = {each.entity_id: identity(scheme, bsn, each.entity_id) for each in also}
    if registration.decrypted:
        routeringsdienst, readers = routing.service_provider, routing.service_provider.recipients
        first = {routeringsdienst.entity_id: identity(scheme, bsn, dienstverlener)}
    elif registration.identity == "BSN":
        first = {dienstverlener: identity(scheme, bsn, dienstverlener)}
    else:
        first = {dienstverlener: pseudonym(scheme, bsn, dienstverlener)}
    return tuple(map(canonical, encrypt_for_each(first | values, [*readers, *also])))


def _identity(scheme: Scheme, bsn: str, entity_id: str) -> NameId:
    structure = scheme.encrypted_identity(bsn, parse_entity_id(entity_id).oin, KEY_SET_VERSION)
    return NameId(base64.b64encode(structure).decode("ascii"), names.ID_BSN)


def _pseudonym(scheme: Scheme, bsn: str, entity_id: str) -> NameId:
    structure = scheme.encrypted_pseudonym(bsn, parse_entity_id(entity_id).oin, KEY_SET_VERSION)
    return NameId(base64.b64encode(structure).decode("ascii"), names.ID_PSEUDONYM)


def _direct_identity(scheme: Scheme, bsn: str, entity_id: str) -> NameId:
    structure = scheme.direct_encrypted_identity(bsn, parse_entity_id(entity_id).oin, KEY_SET_VERSION)
    return NameId(base64.b64encode(structure).decode("ascii"), names.ID_BSN)


def _direct_pseudonym(scheme: Scheme, bsn: str, entity_id: str) -> NameId:
    structure = scheme.direct_encrypted_pseudonym(bsn, parse_entity_id(entity_id).oin, KEY_SET_VERSION)
    return NameId(base64.b64encode(structure).decode("ascii"), names.ID_PSEUDONYM)
