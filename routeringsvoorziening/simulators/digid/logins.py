"""What the simulator remembers of a login, and for how long."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.simulators.digid.catalogue import KnownService
from routeringsvoorziening.simulators.world.persons import Means, Person

LOGIN_LIFE: Final = timedelta(minutes=15)
ANSWER_LIFE: Final = timedelta(minutes=15)
"""The answer behind an artifact is available for at most 15 minutes, and once (ART-07)."""
SEEN_LIFE: Final = timedelta(minutes=20)
"""How long a message ID is remembered: longer than a message of that age is accepted."""


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What is kept of an AuthnRequest that passed every check.

    Args:
        id: of the AuthnRequest; InResponseTo of the answer.
        requester: entity ID of the routeringsdienst.
        acs_url: from its metadata, chosen by index.
        relay_state: returned unchanged; None when absent.
        service: the service asked for, known in the catalogue.
        force_authn: credentials must be asked; always so, as there is no SSO here.
    """

    id: str
    requester: str
    acs_url: str
    relay_state: str | None
    service: KnownService | None
    force_authn: bool = False


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody proved who they are."""

    person: Person
    means: Means


@dataclass(frozen=True, slots=True)
class Answer:
    """What waits behind an artifact."""

    request: LoginRequest
    outcome: LoggedIn | Status
    faults: frozenset[str] = frozenset()
