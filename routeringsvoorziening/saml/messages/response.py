"""Response: the answer to an AuthnRequest (ST-SAML, DV AuthN-response)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from saml2 import samlp

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import Verbatim, element_of, verbatim
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.messages.building import header
from routeringsvoorziening.saml.messages.status import Status, build_status, read_status
from routeringsvoorziening.saml.parsing import Element


@dataclass(frozen=True, slots=True)
class Response:
    """What the message says.

    Args:
        id: NCName.
        in_response_to: ID of the AuthnRequest (RSP-01).
        issuer: entityID of the sender.
        destination: URL of the receiver's AssertionConsumerService (RSP-02).
        issue_instant: UTC.
        status: of the login.
        assertion: there exactly when the status is a success; its own signature is still to be verified (AS-01).
    """

    id: str
    in_response_to: str
    issuer: str
    destination: str
    issue_instant: datetime
    status: Status
    assertion: Element | None = field(default=None, repr=False)


def build_response(response: Response) -> Element:
    """The message, which is not signed itself (RSP-03). The Assertion is taken in as it is, with its signature."""
    return element_of(response_node(response, None if response.assertion is None else verbatim(response.assertion)))


def response_node(response: Response, assertion: Verbatim | None) -> samlp.Response:
    """The pysaml2 element, for within an ArtifactResponse.

    Args:
        response: what it says.
        assertion: the Assertion with its signature; the one of `response` is not looked at.
    """
    return samlp.Response(
        **header(message_id=response.id, issuer=response.issuer, issue_instant=response.issue_instant),
        in_response_to=response.in_response_to,
        destination=response.destination,
        status=build_status(response.status),
        extension_elements=[] if assertion is None else [assertion],
    )


def read_response(element: Element, *, validated: bool = False) -> Response:
    """What a Response says that is covered by a verified signature: that of its ArtifactResponse, or its own.

    A Response that is signed itself must be verified first; then give the `element` of what came out (RSP-03).

    Args:
        element: the Response.
        validated: the message around it was valid against its schema, which covers every Response in it too.

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `irt.missing`, `destination`, `status`, `assertion.count`, `assertion.encrypted`,
            `sig.structure`.
    """
    reading.check_message(element, names.samlp("Response"), None if validated else "protocol")
    if element.find(names.ds("Signature")) is not None:
        raise SamlError("sig.structure", "the signature of this Response has not been verified")
    status = read_status(element)
    return Response(
        id=element.attrib["ID"],
        in_response_to=reading.in_response_to(element),
        issuer=reading.issuer(element),
        destination=reading.destination(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        status=status,
        assertion=_assertion(element, status),
    )


def _assertion(element: Element, status: Status) -> Element | None:
    """One Assertion with a success, none without (RSP-06); never an encrypted one (RSP-07)."""
    if element.find(names.saml("EncryptedAssertion")) is not None:
        raise SamlError("assertion.encrypted", "an EncryptedAssertion")
    found = element.findall(names.saml("Assertion"))
    if not status.success and found:
        raise SamlError("status", "an Assertion although the login failed")
    if status.success and len(found) != 1:
        raise SamlError("assertion.count", "not exactly one Assertion")
    _check_nowhere_else(element, found)
    return found[0] if found else None


def _check_nowhere_else(element: Element, found: list[Element]) -> None:
    """No Assertion hides elsewhere, as in Extensions, for another reader to find (S07). Advice is evidence (AS-13)."""
    allowed = [*found, *(inside for each in found for inside in each.iterfind(_EVIDENCE, names.PREFIXES))]
    if any(assertion not in allowed for assertion in element.iter(names.saml("Assertion"))):
        raise SamlError("assertion.count", "an Assertion in another place")


_EVIDENCE: Final = "saml:Advice//saml:Assertion"
