"""LogoutResponse: how a logout went (ST-SAML, DV logout response; SLO-09, SLO-11)."""

from dataclasses import dataclass
from datetime import datetime

from saml2 import samlp

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import element_of
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.messages.building import header
from routeringsvoorziening.saml.messages.status import Status, build_status, read_status
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.verifying import Verified


@dataclass(frozen=True, slots=True)
class LogoutResponse:
    """What the message says.

    Args:
        id: NCName.
        in_response_to: ID of the LogoutRequest.
        issuer: entityID of the sender.
        destination: URL of the receiver's SingleLogoutService.
        issue_instant: UTC.
        status: a success only when the session has ended at everybody who was asked (SLO-10).
    """

    id: str
    in_response_to: str
    issuer: str
    destination: str
    issue_instant: datetime
    status: Status


def build_logout_response(response: LogoutResponse) -> Element:
    """The message, unsigned."""
    return element_of(
        samlp.LogoutResponse(
            **header(message_id=response.id, issuer=response.issuer, issue_instant=response.issue_instant),
            in_response_to=response.in_response_to,
            destination=response.destination,
            status=build_status(response.status),
        )
    )


def read_logout_response(verified: Verified) -> LogoutResponse:
    """What a verified LogoutResponse says.

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `irt.missing`, `destination`, `status`, `node.forbidden`.
    """
    element = verified.element
    reading.check_message(element, names.samlp("LogoutResponse"))
    return LogoutResponse(
        id=element.attrib["ID"],
        in_response_to=reading.in_response_to(element),
        issuer=reading.issuer(element),
        destination=reading.destination(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        status=read_status(element),
    )
