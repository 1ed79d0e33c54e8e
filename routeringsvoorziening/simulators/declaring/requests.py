"""The rules of every AuthnRequest: nothing is believed before the signature, nor answered before the ACS is known."""

from collections.abc import Callable
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
from routeringsvoorziening.simulators.declaring.scene import Asked
from routeringsvoorziening.simulators.short_lived import ShortLived

SKEW: Final = timedelta(seconds=60)
OLDEST_REQUEST: Final = timedelta(minutes=5)
LONGEST_RELAY_STATE: Final = 80


class Refused(Exception):
    """A request of a verified requester that cannot be honoured: the answer is a Response without Assertion.

    Args:
        asked: enough to answer.
        status: what the Response will say.
    """

    def __init__(self, asked: Asked, status: Status) -> None:
        super().__init__(status.message or status.second or status.code)
        self.asked = asked
        self.status = status


def acs_of(request: AuthnRequest, routing: RoutingDienst) -> str:
    """RAD-02, MD-SP-09: the ACS is chosen by index from the RD's own entry, never given as URL."""
    if request.acs_url is not None or request.acs_index is None:
        raise SamlError("msg.structure", "AssertionConsumerServiceIndex must be there and the URL must not")
    return routing.service_provider.acs_by_index(request.acs_index).location


@dataclass(frozen=True, slots=True)
class Gate:
    """Knows whom to believe.

    Args:
        routing: the routeringsdienst's verified metadata.
        sso_url: our own address, that Destination must equal.
        seen: message IDs that came before.
        acs: where the answer goes; `acs_of` is the rule of ST-SAML.
    """

    routing: RoutingDienst
    sso_url: str
    seen: ShortLived[bool]
    acs: Callable[[AuthnRequest, RoutingDienst], str] = acs_of

    def admit(
        self, saml_request: str, relay_state: str | None, at: datetime, *, with_idp_assertion: bool = False
    ) -> tuple[AuthnRequest, Asked]:
        """From form fields to a request that deserves an answer, and what that answer needs.

        Args:
            saml_request: as posted, base64.
            relay_state: as posted.
            at: now.
            with_idp_assertion: read IdpAssertion too, as a BVD does.

        Raises:
            SamlError: not trustworthy; the person gets an error page, the sender gets nothing (ERR-11).
            Refused: trustworthy, but nobody can honour it.
        """
        root = parse(decode_base64(saml_request))
        check_issuer(claimed_issuer(root), self.routing)
        check_not_expired(self.routing, at)
        verified = verify(root, self.routing.service_provider.signing_keys, at=at)
        request = read_authn_request(verified, with_idp_assertion=with_idp_assertion)
        check_destination(request, self.sso_url)
        check_age(request.issue_instant, at)
        check_relay_state(relay_state)
        acs_url = self.acs(request, self.routing)
        check_not_replayed(request.id, self.seen)
        asked = Asked(request.id, request.issuer, acs_url, relay_state)
        if request.is_passive:
            raise Refused(asked, unsupported("IsPassive is not supported"))
        return request, asked

    def pair_of(self, request: AuthnRequest, asked: Asked) -> tuple[str, str]:
        """RAD-03, MD-SP-01: IntendedAudience and ServiceUUID, of a dienstverlener that the RD serves.

        Raises:
            Refused: one is absent, or the routeringsdienst does not serve that dienstverlener.
        """
        audience, service_uuid = request.intended_audience, request.service_uuid
        if audience is None or service_uuid is None:
            raise Refused(asked, denied("IntendedAudience and ServiceUUID are mandatory"))
        if audience not in self.routing.dienstverleners:
            raise Refused(asked, denied(NOT_REGISTERED))
        return audience, service_uuid


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


def check_not_replayed(message_id: str, seen: ShortLived[bool]) -> None:
    """GEN-01: an ID comes once."""
    if not seen.add_once(message_id, True):
        raise SamlError("id.duplicate", "message seen before")


NOT_REGISTERED: Final = "The service is not registered"


def denied(text: str) -> Status:
    """An exchange that is refused, by a fault of the requester."""
    return Status(names.STATUS_REQUESTER, names.STATUS_REQUEST_DENIED, text)


def unsupported(text: str) -> Status:
    """A function that we do not have; somebody else may (ERR-07)."""
    return Status(names.STATUS_RESPONDER, names.STATUS_REQUEST_UNSUPPORTED, text)
