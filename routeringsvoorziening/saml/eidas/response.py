"""Response between nodes: a status, and with a success exactly one EncryptedAssertion."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from saml2 import samlp

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import element_of, verbatim
from routeringsvoorziening.saml.eidas.building import header
from routeringsvoorziening.saml.eidas.schema import validate
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.messages.status import Status, build_status, read_status
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.verifying import Verified

DENIED: Final = Status(names.STATUS_REQUESTER, names.STATUS_REQUEST_DENIED, "The citizen gave no consent")
"""The person did not want their data to go abroad."""
FAILED: Final = Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, "The authentication failed")


@dataclass(frozen=True, slots=True)
class EidasResponse:
    """What the message says.

    Args:
        id: NCName.
        in_response_to: ID of the AuthnRequest.
        issuer: entity ID of the node that answers.
        destination: URL of the node that asked.
        issue_instant: UTC.
        status: of the login.
        encrypted_assertion: there exactly when the status is a success.
    """

    id: str
    in_response_to: str
    issuer: str
    destination: str
    issue_instant: datetime
    status: Status
    encrypted_assertion: Element | None = field(default=None, repr=False)


def build_eidas_response(response: EidasResponse) -> Element:
    """The message, unsigned; between nodes it is the Response that is signed."""
    encrypted = response.encrypted_assertion
    return element_of(
        samlp.Response(
            **header(message_id=response.id, issuer=response.issuer, issue_instant=response.issue_instant),
            in_response_to=response.in_response_to,
            destination=response.destination,
            status=build_status(response.status),
            extension_elements=[] if encrypted is None else [verbatim(encrypted)],
        )
    )


def read_eidas_response(verified: Verified) -> EidasResponse:
    """What a verified Response says.

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `irt.missing`, `destination`, `status`, `assertion.count`, `assertion.encrypted`.
    """
    element = verified.element
    reading.check_message(element, names.samlp("Response"), None)
    validate(element)
    status = read_status(element)
    return EidasResponse(
        id=element.attrib["ID"],
        in_response_to=reading.in_response_to(element),
        issuer=reading.issuer(element),
        destination=reading.destination(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        status=status,
        encrypted_assertion=_encrypted(element, status),
    )


def _encrypted(element: Element, status: Status) -> Element | None:
    """One with a success, none without; never one in clear, wherever it stands (S07)."""
    if next(element.iter(names.saml("Assertion")), None) is not None:
        raise SamlError("assertion.encrypted", "an Assertion in clear")
    found = element.findall(names.saml("EncryptedAssertion"))
    if not status.success and found:
        raise SamlError("status", "an assertion although the login failed")
    if status.success and len(found) != 1:
        raise SamlError("assertion.count", "not exactly one EncryptedAssertion")
    return found[0] if found else None
