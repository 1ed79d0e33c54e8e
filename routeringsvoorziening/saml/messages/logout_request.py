"""LogoutRequest: a dienstverlener ends a session at the RV, and the RV at an authenticatiedienst (ST-SAML, DV logout).

Issuer, Signature, saml:NameID and at most one samlp:SessionIndex, in the order of the OASIS schema. The example of the
koppelvlak, with a saml:SessionIndex before the NameID, is invalid by that schema and refused (AMB-20).
"""

from dataclasses import dataclass, field
from datetime import datetime

from saml2 import saml, samlp

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import element_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.messages.building import header
from routeringsvoorziening.saml.messages.subject import read_name_id
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.verifying import Verified


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What the message says.

    Args:
        id: NCName.
        issuer: entityID of the sender.
        destination: URL of the receiver's SingleLogoutService (SLO-02).
        issue_instant: UTC.
        name_id: of the Assertion with which the session began (SLO-04).
        session_index: of that Assertion; None when it is not named.
        not_on_or_after: UTC; from then on the sender no longer wants it. None: always.
    """

    id: str
    issuer: str
    destination: str
    issue_instant: datetime
    name_id: str = field(repr=False)
    session_index: str | None = field(default=None, repr=False)
    not_on_or_after: datetime | None = None


def build_logout_request(request: LogoutRequest) -> Element:
    """The message, unsigned; without NotOnOrAfter, which the koppelvlak does not know."""
    indexes = [] if request.session_index is None else [samlp.SessionIndex(text=request.session_index)]
    return element_of(
        samlp.LogoutRequest(
            **header(message_id=request.id, issuer=request.issuer, issue_instant=request.issue_instant),
            destination=request.destination,
            name_id=saml.NameID(format=names.NAMEID_TRANSIENT, text=request.name_id),
            session_index=indexes,
        )
    )


def read_logout_request(verified: Verified) -> LogoutRequest:
    """What a verified LogoutRequest says. Reason and Extensions are not looked at (GEN-05).

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `destination`, `subject.structure`, `logout.session`, `node.forbidden`.
    """
    element = verified.element
    reading.check_message(element, names.samlp("LogoutRequest"))
    until = element.get("NotOnOrAfter")
    return LogoutRequest(
        id=element.attrib["ID"],
        issuer=reading.issuer(element),
        destination=reading.destination(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        name_id=read_name_id(element),
        session_index=_session_index(element),
        not_on_or_after=None if until is None else reading.instant(element, "NotOnOrAfter"),
    )


def _session_index(element: Element) -> str | None:
    """At most one: a session of the koppelvlak has one index (SLO-04, AMB-20)."""
    found = element.findall(names.samlp("SessionIndex"))
    if len(found) > 1:
        raise SamlError("logout.session", "more than one SessionIndex")
    return reading.filled(found[0], "logout.session") if found else None
