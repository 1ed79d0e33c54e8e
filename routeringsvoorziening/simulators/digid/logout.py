"""DigiD ends a session when the routeringsdienst says so, and says truthfully how that went (SLO-08, SLO-09)."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.logout_request import LogoutRequest, read_logout_request
from routeringsvoorziening.saml.messages.logout_response import LogoutResponse, build_logout_response
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.saml.parsing import decode_base64, parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.verifying import check_only_signatures_at, verify
from routeringsvoorziening.simulators.declaring.requests import (
    check_age,
    check_issuer,
    check_not_expired,
    check_not_replayed,
    check_relay_state,
)
from routeringsvoorziening.simulators.digid.faults_logout import LogoutFault
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.short_lived import ShortLived

UNKNOWN: Final = Status(names.STATUS_REQUESTER, names.STATUS_UNKNOWN_PRINCIPAL)


@dataclass(frozen=True, slots=True)
class LogoutJudge:
    """Knows whom to believe.

    Args:
        routing: the routeringsdienst's verified metadata.
        logout_url: our own address, that Destination must equal.
        seen: message IDs that came before.
    """

    routing: RoutingDienst
    logout_url: str
    seen: ShortLived[bool]

    def judge(self, saml_request: str, relay_state: str | None, at: datetime) -> LogoutRequest:
        """From form fields to a request that must be carried out (SLO-08: signed, with a KeyName).

        Raises:
            SamlError: not trustworthy; no session ends.
        """
        root = parse(decode_base64(saml_request))
        check_issuer(claimed_issuer(root), self.routing)
        check_not_expired(self.routing, at)
        check_only_signatures_at(root, (".",))
        keys = self.routing.service_provider.signing_keys
        request = read_logout_request(verify(root, keys, at=at, require_key_name=True))
        if request.destination != self.logout_url:
            raise SamlError("destination", "not our SingleLogoutService")
        check_age(request.issue_instant, at)
        check_relay_state(relay_state)
        check_not_replayed(request.id, self.seen)
        return request


def logout_url_of(routing: RoutingDienst) -> str:
    """Where the routeringsdienst wants its answer (MD-SP-06).

    Raises:
        SamlError: it says nowhere.
    """
    for endpoint in routing.service_provider.slo:
        if endpoint.binding == names.BINDING_POST:
            return endpoint.location
    raise SamlError("md.endpoint", "the routeringsdienst has no SingleLogoutService by HTTP-POST")


def answer_of(
    settings: DigidSettings, request: LogoutRequest, destination: str, *, ended: bool, at: datetime, fault: LogoutFault
) -> str:
    """The signed LogoutResponse, in base64; a fault has its say before and after it is signed."""
    response = LogoutResponse(
        id=new_message_id(),
        in_response_to=request.id,
        issuer=settings.entity_id,
        destination=destination,
        issue_instant=at,
        status=SUCCESS if ended else UNKNOWN,
    )
    element = build_logout_response(fault.on_values(response))
    sign(element, fault.signing(settings))
    fault.on_signed(element)
    return base64.b64encode(etree.tostring(element, encoding="UTF-8", xml_declaration=False)).decode("ascii")
