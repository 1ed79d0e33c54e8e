"""Everything of one login that the portal sent and received, kept so that its page can show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from routeringsvoorziening.saml.artifact import Artifact
from routeringsvoorziening.simulators.portal.behind import Behind
from routeringsvoorziening.simulators.portal.checks import Checklist
from routeringsvoorziening.simulators.portal.europeans import Given
from routeringsvoorziening.simulators.portal.opening import Opened
from routeringsvoorziening.simulators.portal.organisations import Organisation
from routeringsvoorziening.simulators.portal.representing import FOR_MYSELF, Representation, Wish
from routeringsvoorziening.simulators.world.layout import DemoService


@dataclass(frozen=True, slots=True)
class Attempt:
    """A login under way, from the button to the artifact.

    Args:
        request_id: ID of our AuthnRequest; what every InResponseTo must equal.
        service: what was asked for.
        exchange: the record so far.
    """

    request_id: str
    service: DemoService
    exchange: "Exchange"


@dataclass(slots=True)
class Exchange:
    """The record of one login. Bytes are those that travelled; None is what did not come to be.

    Args:
        started: UTC.
        service: what was asked for.
        sso_url: where the AuthnRequest went.
        authn_request: the signed AuthnRequest.
        form_fields: as posted: SAMLRequest and RelayState.
        checklist: what was verified.
        behind: for whom a supplier asked; None when the portal asked for itself.
        wish: what was asked about acting for somebody else.
        method: how the citizen chose to log in, by our short name; empty when that was left open.
    """

    started: datetime
    service: DemoService
    sso_url: str
    authn_request: bytes
    form_fields: Mapping[str, str]
    checklist: Checklist = field(default_factory=Checklist)
    behind: Behind | None = None
    wish: Wish = FOR_MYSELF
    method: str = ""
    returned: datetime | None = None
    redirect: str | None = None
    artifact: Artifact | None = None
    resolve_url: str | None = None
    resolve: bytes | None = None
    resolve_seconds: float | None = None
    answer: bytes | None = field(default=None, repr=False)
    name_id: bytes | None = field(default=None, repr=False)
    legal_name_id: bytes | None = field(default=None, repr=False)
    status_codes: tuple[str, ...] = ()
    status_message: str | None = None

    def bytes_of(self, name: str) -> bytes | None:
        """A message as it travelled, by the name of its file."""
        return {"authnrequest": self.authn_request, "artifactresolve": self.resolve, "antwoord": self.answer}.get(name)


@dataclass(frozen=True, slots=True)
class Represented:
    """For whom somebody acts.

    Args:
        identity: opened by us.
        through: which BVD says so; None when the makelaar does, of an organisation.
        types: the RepresentationTypes that it declared.
        name: from our own register; None when it does not know.
    """

    identity: Opened
    through: Representation | None
    types: tuple[str, ...]
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Citizen:
    """Who is logged in, and what the declaration says besides.

    Args:
        identity: opened by us.
        loa: 10, 20, 25 or 30.
        authorities: entity IDs of who vouched.
        service: for which the login holds.
        exchange: how it came about.
        since: UTC.
        represented: for whom they act; None for themselves.
        organisation: for which they work, or which they represent; None unless by eHerkenning.
        name_id: TransientID of the declaration; names the session when it must end (SLO-04).
        session_index: of the declaration; None when there is no single sign-on.
        given: what another country says of them.
    """

    identity: Opened
    loa: int
    authorities: tuple[str, ...]
    service: DemoService
    exchange: Exchange
    since: datetime
    name_id: str = field(default="", repr=False)
    session_index: str | None = field(default=None, repr=False)
    represented: Represented | None = None
    given: tuple[Given, ...] = ()
    organisation: Organisation | None = None
