"""Single sign-on at a service: whether it may answer from a session, and what it tells of that session (AMB-21)."""

from collections.abc import Mapping
from typing import Final

from routeringsvoorziening.backends.saml_service.judging import Proven
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import Leg, ServiceSession
from routeringsvoorziening.saml.metadata.model import IdentityProvider

_ASKED: Final = "credentials_asked"
"""In the state of a leg: our request had ForceAuthn."""


def keeps_sessions(service: IdentityProvider) -> bool:
    """A service that supports single sign-on says where to log out (MD-AD-04)."""
    return bool(service.single_logout)


def must_ask(service: IdentityProvider, task: AuthenticationTask) -> bool:
    """Whether our request has ForceAuthn: as the dienstverlener asked (AR-03), or as the rules of a session demand.

    We do not see the sessions of a service. So unless we know one that may answer, of this browser and federation, high
    enough and not expired, credentials are asked (SSO-02).
    """
    return task.force_authn or (keeps_sessions(service) and not task.session_may_answer)


def note(*, credentials_asked: bool) -> Mapping[str, str]:
    """For the state of a leg."""
    return {_ASKED: str(credentials_asked).lower()}


def credentials_asked(leg: Leg) -> bool:
    """Whether a session could not have answered on this leg."""
    return leg.state.get(_ASKED) == "true"


def session_in(proven: Proven, service: IdentityProvider) -> ServiceSession | None:
    """How the service knows the session in which it made an Assertion; None when it keeps none (AMB-20)."""
    if not keeps_sessions(service):
        return None
    return ServiceSession(proven.assertion.name_id, proven.assertion.session_index)
