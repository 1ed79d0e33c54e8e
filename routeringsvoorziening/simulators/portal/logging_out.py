"""Logging out everywhere: our LogoutRequest, and what must be true of the LogoutResponse before we believe it."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lxml import etree

from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.logout_request import LogoutRequest, build_logout_request
from routeringsvoorziening.saml.messages.logout_response import LogoutResponse, read_logout_response
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.parsing import decode_base64, parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.verifying import check_only_signatures_at, verify
from routeringsvoorziening.simulators.portal.checks import Check, Checklist, LoginRefused, require
from routeringsvoorziening.simulators.portal.exchange import Citizen
from routeringsvoorziening.simulators.portal.resolving import FRESH, SKEW
from routeringsvoorziening.simulators.portal.settings import PortalSettings

CHECKS: Final = (
    Check(
        "logout-xml",
        "logout",
        ("ERR-11", "GEN-06"),
        "Het is veilige XML: geen DTD, entiteiten of commentaar; elke ID één keer.",
        "It is safe XML: no DTD, entities or comments; every ID once.",
    ),
    Check(
        "logout-signature",
        "logout",
        ("SLO-11", "SIG-01", "SIG-11", "SIG-12"),
        "De handtekening dekt de hele LogoutResponse en is van een sleutel uit de metadata van de RV.",
        "The signature covers the whole LogoutResponse and was made with a key from the RV's metadata.",
    ),
    Check(
        "logout-issuer",
        "logout",
        ("SLO-11", "GEN-04"),
        "Issuer is de Routeringsvoorziening.",
        "Issuer is the Routeringsvoorziening.",
    ),
    Check(
        "logout-answer",
        "logout",
        ("SLO-11",),
        "InResponseTo is de ID van onze LogoutRequest.",
        "InResponseTo is the ID of our LogoutRequest.",
    ),
    Check(
        "logout-destination",
        "logout",
        ("SLO-11",),
        "Destination is het adres waarop het antwoord binnenkwam.",
        "Destination is the address where the answer arrived.",
    ),
    Check("logout-fresh", "logout", ("GEN-03",), "Het bericht is van nu.", "The message was made just now."),
)


@dataclass(slots=True)
class Logout:
    """A logout under way, kept for its page.

    Args:
        request_id: ID of our LogoutRequest.
        action: where it goes.
        request: the signed message.
        fields: as posted.
        answer: the LogoutResponse as it came; None until then.
        status: what it says, once it is believed.
        refused: the code for which it is not.
    """

    request_id: str
    action: str
    request: bytes = field(repr=False)
    fields: dict[str, str] = field(repr=False)
    checklist: Checklist = field(default_factory=lambda: Checklist(CHECKS))
    answer: bytes | None = field(default=None, repr=False)
    status: Status | None = None
    refused: str | None = None


def new_key() -> str:
    """Names a logout in RelayState."""
    return secrets.token_urlsafe(16)


def new_logout(
    settings: PortalSettings, rd: IdentityProvider, citizen: Citizen, relay_state: str, *, at: datetime
) -> Logout:
    """SLO-01 to SLO-04: by POST to the routeringsdienst, with the names of the declaration with which this began."""
    action = rd.single_logout[0].location
    request = LogoutRequest(new_message_id(), settings.entity_id, action, at, citizen.name_id, citizen.session_index)
    element = build_logout_request(request)
    sign(element, settings.signing)
    xml = etree.tostring(element, encoding="UTF-8", xml_declaration=False)
    fields = {"SAMLRequest": base64.b64encode(xml).decode("ascii"), "RelayState": relay_state}
    return Logout(request.id, action, xml, fields)


@dataclass(frozen=True, slots=True)
class LogoutJudge:
    """Decides whether an answer is to be believed.

    Args:
        settings: of the portal.
        rd: metadata of the routeringsdienst.
    """

    settings: PortalSettings
    rd: IdentityProvider

    def judge(self, saml_response: str, logout: Logout, at: datetime) -> None:
        """SLO-11: note on the logout what the answer says, or why it is not believed."""
        try:
            logout.status = self._judge(saml_response, logout, at).status
        except LoginRefused as refusal:
            logout.refused = refusal.code

    def _judge(self, saml_response: str, logout: Logout, at: datetime) -> LogoutResponse:
        checklist = logout.checklist
        with checklist.check("logout-xml"):
            logout.answer = decode_base64(saml_response)
            message = parse(logout.answer)
        with checklist.check("logout-signature"):
            check_only_signatures_at(message, (".",))
            response = read_logout_response(verify(message, self.rd.signing_keys, at=at))
        with checklist.check("logout-issuer"):
            require(response.issuer == self.rd.entity_id, "issuer.mismatch")
        with checklist.check("logout-answer"):
            require(response.in_response_to == logout.request_id, "irt.mismatch")
        with checklist.check("logout-destination"):
            require(response.destination == self.settings.logout_url, "destination")
        with checklist.check("logout-fresh"):
            require(at - FRESH - SKEW <= response.issue_instant <= at + SKEW, "time")
        return response
