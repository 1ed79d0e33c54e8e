"""Judging an AuthnRequest: nothing is believed before the signature, nothing is answered before the ACS is known."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, read_authn_request
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.saml.parsing import decode_base64, parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.digid.catalogue import Catalogue, KnownService
from routeringsvoorziening.simulators.digid.logins import LoginRequest
from routeringsvoorziening.simulators.short_lived import ShortLived

SKEW: Final = timedelta(seconds=60)
OLDEST_REQUEST: Final = timedelta(minutes=5)
LONGEST_RELAY_STATE: Final = 80


class Refused(Exception):
    """A request of a verified requester that cannot be honoured: the answer is a Response without Assertion.

    Args:
        request: enough to answer.
        status: what the Response will say.
    """

    def __init__(self, request: LoginRequest, status: Status) -> None:
        super().__init__(status.message or status.second or status.code)
        self.request = request
        self.status = status


@dataclass(frozen=True, slots=True)
class RequestJudge:
    """Knows whom to believe and what may be asked.

    Args:
        routing: the routeringsdienst's verified metadata.
        sso_url: our own address, that Destination must equal.
        catalogue: the services that we know.
        seen: message IDs that came before.
    """

    routing: RoutingDienst
    sso_url: str
    catalogue: Catalogue
    seen: ShortLived[bool]

    def judge(self, saml_request: str, relay_state: str | None, at: datetime) -> LoginRequest:
        """From form fields to a request that may be shown to a person.

        Raises:
            SamlError: not trustworthy; the person gets an error page, the sender gets nothing (ERR-11).
            Refused: trustworthy, but it cannot be honoured.
        """
        root = parse(decode_base64(saml_request))
        check_issuer(claimed_issuer(root), self.routing)
        check_not_expired(self.routing, at)
        request = read_authn_request(verify(root, self.routing.service_provider.signing_keys, at=at))
        check_destination(request, self.sso_url)
        check_age(request.issue_instant, at)
        check_relay_state(relay_state)
        acs_url = acs_of(request, self.routing)
        check_not_replayed(request.id, self.seen)
        accepted = LoginRequest(request.id, request.issuer, acs_url, relay_state, None, request.force_authn)
        return self._honour(request, accepted)

    def _honour(self, request: AuthnRequest, accepted: LoginRequest) -> LoginRequest:
        if request.is_passive:
            raise Refused(accepted, _unsupported("IsPassive is not supported"))
        if request.requester_ids:
            raise Refused(accepted, Status(names.STATUS_REQUESTER, names.STATUS_NO_SUPPORTED_IDP))
        service = self._service_of(request, accepted)
        return LoginRequest(
            accepted.id, accepted.requester, accepted.acs_url, accepted.relay_state, service, accepted.force_authn
        )

    def _service_of(self, request: AuthnRequest, accepted: LoginRequest) -> KnownService:
        """RAD-03, RAD-07: the pair IntendedAudience + ServiceUUID stands in our catalogue and the RD's metadata."""
        audience, service_uuid = request.intended_audience, request.service_uuid
        if audience is None or service_uuid is None:
            raise Refused(accepted, _denied("IntendedAudience and ServiceUUID are mandatory"))
        service = self.catalogue.get((audience, service_uuid))
        if service is None or audience not in self.routing.dienstverleners:
            raise Refused(accepted, _denied("The service is not registered"))
        return service


def check_issuer(issuer: str, routing: RoutingDienst) -> None:
    """GEN-04: the sender is the routeringsdienst whose metadata we hold."""
    if issuer != routing.service_provider.entity_id:
        raise SamlError("issuer.unknown", "not the connected routeringsdienst")


def check_not_expired(routing: RoutingDienst, at: datetime) -> None:
    """MD-SP-02: metadata after its validUntil is as good as none."""
    until = routing.valid_until
    if until is not None and until <= at:
        raise SamlError("md.expired", "metadata of the routeringsdienst")


def check_destination(request: AuthnRequest, sso_url: str) -> None:
    """RAD-02: Destination is our own SingleSignOnService, character by character."""
    if request.destination != sso_url:
        raise SamlError("destination", "not our SingleSignOnService")


def check_age(issued: datetime, at: datetime) -> None:
    """GEN-03: made now, give or take the skew of clocks."""
    if issued > at + SKEW:
        raise SamlError("time.future", "IssueInstant")
    if issued < at - OLDEST_REQUEST - SKEW:
        raise SamlError("time.past", "IssueInstant")


def check_relay_state(relay_state: str | None) -> None:
    """At most 80 bytes."""
    if relay_state is not None and len(relay_state.encode()) > LONGEST_RELAY_STATE:
        raise SamlError("msg.size", "RelayState above 80 bytes")


def acs_of(request: AuthnRequest, routing: RoutingDienst) -> str:
    """RAD-02, MD-SP-09: the ACS is chosen by index from the RD's own entry, never given as URL."""
    if request.acs_url is not None or request.acs_index is None:
        raise SamlError("msg.structure", "AssertionConsumerServiceIndex must be there and the URL must not")
    return routing.service_provider.acs_by_index(request.acs_index).location


def check_not_replayed(message_id: str, seen: ShortLived[bool]) -> None:
    """GEN-01: an ID comes once."""
    if not seen.add_once(message_id, True):
        raise SamlError("id.duplicate", "message seen before")


def _denied(text: str) -> Status:
    return Status(names.STATUS_REQUESTER, names.STATUS_REQUEST_DENIED, text)


def _unsupported(text: str) -> Status:
    return Status(names.STATUS_RESPONDER, names.STATUS_REQUEST_UNSUPPORTED, text)
