"""From a verified AuthnRequest to what the core understands (AR-03 to AR-21).

Without a place to answer to, a request ends on a page: `chosen_acs` raises `MessageRefused`. Once the place is known,
what breaks a rule is answered there through an artifact (ERR-07, AMB-17): the other functions raise `LoginFailed`.
"""

from datetime import datetime
from typing import Final

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    EntityID,
    Language,
    Preselection,
    ServiceUUID,
)
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.answers import NAME, reply_note
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd.identifiers import parse_etd_entity_id
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest
from routeringsvoorziening.saml.names import BINDING_ARTIFACT

RELAY_STATE_MAX: Final = 80
"""Bytes that the koppelvlak allows (SES-05)."""
CONTRADICTION: Final = Failure(
    FailureKind.NOT_SUPPORTED,
    "authn.service",
    message="Exactly one of AttributeConsumingServiceIndex and Extensions must name the service",
)
INDEX_OF_SUPPLIER: Final = Failure(
    FailureKind.NOT_SUPPORTED,
    "authn.cluster",
    message="A supplier names the dienstverlener and the service in Extensions, never by index",
)
PASSIVE: Final = Failure(FailureKind.NOT_SUPPORTED, "authn.passive", message="IsPassive is not supported")


def check_relay_state(relay_state: bytes | None, connection: Connection) -> None:
    """No longer than 80 bytes, or what was agreed with this connection (SES-05).

    Raises:
        MessageRefused: `relaystate`.
    """
    if relay_state is not None and len(relay_state) > connection.compat.relay_state_max:
        raise MessageRefused("relaystate", f"{len(relay_state)} bytes")


def chosen_acs(request: AuthnRequest, connection: Connection) -> str:
    """The URL of the AssertionConsumerService that the request points at in the sender's metadata (AR-04).

    Raises:
        MessageRefused: `authn.acs` for no index, an unknown one, one of another binding, or a URL instead.
    """
    if request.acs_url is not None:
        return _acs_by_url(request, connection)
    for endpoint in connection.metadata.acs:
        if endpoint.index == request.acs_index and endpoint.binding == BINDING_ARTIFACT:
            return endpoint.location
    raise MessageRefused("authn.acs", "no AssertionConsumerService with this index")


def _acs_by_url(request: AuthnRequest, connection: Connection) -> str:
    """Only where agreed, and only an address that the metadata lists."""
    if connection.compat.acs_url != "must-match-metadata" or request.acs_index is not None:
        raise MessageRefused("authn.acs", "AssertionConsumerServiceURL is not allowed")
    if request.protocol_binding not in {None, BINDING_ARTIFACT}:
        raise MessageRefused("authn.acs", "ProtocolBinding is not HTTP-Artifact")
    for endpoint in connection.metadata.acs:
        if endpoint.location == request.acs_url and endpoint.binding == BINDING_ARTIFACT:
            return endpoint.location
    raise MessageRefused("authn.acs", "AssertionConsumerServiceURL is not in the metadata")


def understand(
    request: AuthnRequest,
    connection: Connection,
    *,
    note: dict[str, str],
    received_at: datetime,
    language: Language,
) -> AuthenticationRequest:
    """The core's form of a request that is trusted and can be answered.

    Raises:
        LoginFailed: `authn.passive`, `authn.cluster`, `authn.service`, `authn.scoping`.
    """
    if request.is_passive:
        raise LoginFailed(PASSIVE)
    dienstverlener, service = asked_service(request, connection)
    return AuthenticationRequest(
        frontend=NAME,
        connection=EntityID(connection.entity_id),
        dienstverlener=dienstverlener,
        service=service,
        received_at=received_at,
        reply=note,
        force_authn=request.force_authn,
        preselection=preselection(request),
        language=language,
    )


def asked_service(request: AuthnRequest, connection: Connection) -> tuple[EntityID, ServiceUUID]:
    """For which dienstverlener and which dienst (AR-05, AR-06, AR-07, AR-08, AR-11, AR-12).

    Whether this connection may ask for them is the catalogue's question (AR-20, AR-21).

    Raises:
        LoginFailed: `authn.cluster` for a supplier that uses an index, or has no Extensions; `authn.service` for both
            forms, neither, half of one, or an index that names no dienst.
    """
    if connection.is_cluster and (request.attribute_index is not None or not request.has_extensions):
        raise LoginFailed(INDEX_OF_SUPPLIER)
    if request.has_extensions == (request.attribute_index is not None):
        return EntityID(connection.entity_id), _default_service(request, connection)
    if request.attribute_index is not None:
        return EntityID(connection.entity_id), _service_by_index(request.attribute_index, connection)
    if not request.intended_audience or not request.service_uuid:
        raise LoginFailed(CONTRADICTION)
    return EntityID(request.intended_audience), ServiceUUID(request.service_uuid)


def _service_by_index(index: int, connection: Connection) -> ServiceUUID:
    """The ServiceUUID of the metadata; where that names none, the one that was agreed for the index (AR-06, AR-07)."""
    for entry in connection.metadata.attribute_services:
        uuid = entry.service_uuid or connection.compat.service_index.get(entry.index)
        if entry.index == index and uuid:
            return ServiceUUID(uuid)
    raise LoginFailed(Failure(CONTRADICTION.kind, CONTRADICTION.code, message="Unknown AttributeConsumingServiceIndex"))


def _default_service(request: AuthnRequest, connection: Connection) -> ServiceUUID:
    """With neither form, where agreed: the entry that the metadata marks as default (AMB-03). Both: a contradiction."""
    if not request.has_extensions and connection.compat.default_service:
        for entry in connection.metadata.attribute_services:
            if entry.is_default:
                return _service_by_index(entry.index, connection)
    raise LoginFailed(CONTRADICTION)


def preselection(request: AuthnRequest) -> Preselection:
    """What the dienstverlener already chose (AR-14 to AR-19, AMB-04).

    Whether a service that it names is connected is the catalogue's question; here only its form counts.

    Raises:
        LoginFailed: `authn.scoping`, answered with NoSupportedIDP (AR-16, ERR-15).
    """
    wanted = _of_role(request.requester_ids, "BVD")
    if len(wanted) < len(set(request.requester_ids)):
        raise LoginFailed(Failure(FailureKind.NO_SUPPORTED_SERVICE, "authn.scoping", "RequesterID that is not a BVD"))
    if not request.idp_list:
        return Preselection(None, wanted or None, mandate_required=bool(wanted))
    authentication = _of_role(request.idp_list, "AD")
    mandates = _of_role(request.idp_list, "BVD")
    if not authentication:
        raise LoginFailed(Failure(FailureKind.NO_SUPPORTED_SERVICE, "authn.scoping", "IDPList without an AD"))
    if not wanted <= mandates:
        raise LoginFailed(Failure(FailureKind.NO_SUPPORTED_SERVICE, "authn.scoping", "RequesterID not in IDPList"))
    return Preselection(authentication, wanted or mandates, mandate_required=bool(wanted))


def _of_role(names: tuple[str, ...], role: str) -> frozenset[EntityID]:
    """Those of one role; an entry of another role, or that is no EntityID, does not count (AR-15)."""
    return frozenset(EntityID(name) for name in names if _role(name) == role)


def _role(name: str) -> str | None:
    try:
        return parse_entity_id(name).role
    except SamlError:
        return _role_at_etd(name)


def _role_at_etd(name: str) -> str | None:
    """A makelaar of eTD says who somebody is, as an authenticatiedienst does."""
    try:
        return "AD" if parse_etd_entity_id(name).role == "HM" else None
    except SamlError:
        return None


def note_for(request: AuthnRequest, acs: str, quoted_relay_state: str | None) -> dict[str, str]:
    """What the answer will need of this request."""
    return reply_note(request_id=request.id, acs=acs, quoted_relay_state=quoted_relay_state)
