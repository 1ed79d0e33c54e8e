"""Our LogoutResponse to a dienstverlener, as a form for the browser (SLO-10, SLO-11)."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from lxml import etree

from routeringsvoorziening.broker.logout import LogoutOutcome
from routeringsvoorziening.broker.vocabulary import PostForm
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.dienst import Routeringsdienst
from routeringsvoorziening.frontends.saml.forms import PostedMessage
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.logout_request import LogoutRequest
from routeringsvoorziening.saml.messages.logout_response import LogoutResponse, build_logout_response
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.names import (
    BINDING_POST,
    STATUS_PARTIAL_LOGOUT,
    STATUS_REQUESTER,
    STATUS_RESPONDER,
    STATUS_UNKNOWN_PRINCIPAL,
)
from routeringsvoorziening.saml.signing import sign

STATUSES: Final[Mapping[LogoutOutcome, Status]] = {
    LogoutOutcome.ENDED: SUCCESS,
    LogoutOutcome.PARTIAL: Status(STATUS_RESPONDER, STATUS_PARTIAL_LOGOUT),
    LogoutOutcome.UNKNOWN: Status(STATUS_REQUESTER, STATUS_UNKNOWN_PRINCIPAL),
}
"""Never a success for what did not end everywhere (AMB-20)."""


def note_for(request: LogoutRequest, connection: Connection, form: PostedMessage) -> dict[str, str]:
    """What the answer will need of this request.

    Raises:
        MessageRefused: `logout.endpoint` for a connection that has nowhere to be answered, `relaystate` for bytes that
            a page cannot give back as they came.
    """
    note = {"request": request.id, "destination": single_logout_url(connection)}
    relay_state = _as_text(form.relay_state)
    return note if relay_state is None else {**note, "relay_state": relay_state}


def single_logout_url(connection: Connection) -> str:
    """Where a connection is answered (MD-DV-03, MD-LC-05).

    Raises:
        MessageRefused: `logout.endpoint`.
    """
    for endpoint in connection.metadata.slo:
        if endpoint.binding == BINDING_POST:
            return endpoint.location
    raise MessageRefused("logout.endpoint", "no SingleLogoutService by HTTP-POST")


def build_answer(
    dienst: Routeringsdienst, note: Mapping[str, str], outcome: LogoutOutcome, *, now: datetime
) -> PostForm:
    """A signed LogoutResponse with the RelayState of the request; `note` is a `note_for`."""
    element = build_logout_response(
        LogoutResponse(
            id=new_message_id(),
            in_response_to=note["request"],
            issuer=dienst.entity_id,
            destination=note["destination"],
            issue_instant=now,
            status=STATUSES[outcome],
        )
    )
    sign(element, dienst.signing)
    message = etree.tostring(element, encoding="UTF-8", xml_declaration=False)
    fields = {"SAMLResponse": base64.b64encode(message).decode("ascii")}
    if "relay_state" in note:
        fields["RelayState"] = note["relay_state"]
    return PostForm(note["destination"], fields)


def _as_text(relay_state: bytes | None) -> str | None:
    """As it will stand in a form; a browser would change line ends, and bytes that are no text."""
    try:
        text = None if relay_state is None else relay_state.decode()
    except UnicodeDecodeError:
        raise MessageRefused("relaystate", "not UTF-8") from None
    if text is not None and any(character < " " for character in text):
        raise MessageRefused("relaystate", "control characters")
    return text
