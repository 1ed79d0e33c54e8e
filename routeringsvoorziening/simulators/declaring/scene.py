"""One answer, waiting and in the making: everything that building it needs, and everything that a fault may spoil."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.simulators.declaring.settings import DeclaringSettings

Declare = Callable[["Scene"], Assertion]
"""Makes the Assertion when the artifact is resolved, so that its times are fresh (AMB-19)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What every answer needs of the AuthnRequest, which passed every check.

    Args:
        id: of the AuthnRequest; InResponseTo of the answer.
        requester: entity ID of the routeringsdienst.
        acs_url: from its metadata, chosen by index.
        relay_state: returned unchanged; None when absent.
    """

    id: str
    requester: str
    acs_url: str
    relay_state: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What waits behind an artifact.

    Args:
        asked: what it answers.
        status: Success, or why not.
        declare: makes the Assertion; None when there is nothing to declare.
        faults: names of the faults of this answer alone.
    """

    asked: Asked
    status: Status
    declare: Declare | None = field(default=None, repr=False)
    faults: frozenset[str] = frozenset()


@dataclass(slots=True)
class Memory:
    """What faults remember between answers."""

    repeated_assertion_id: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """One ArtifactResolve that found its answer.

    Args:
        settings: of this simulator.
        routing: the routeringsdienst's metadata.
        answer: what waited behind the artifact.
        resolve_id: ID of the ArtifactResolve.
        at: now.
        seconds: how long slow faults wait per step.
        memory: shared by all answers of one simulator.
    """

    settings: DeclaringSettings
    routing: RoutingDienst
    answer: Answer
    resolve_id: str
    at: datetime
    seconds: float = 5.0
    memory: Memory = field(default_factory=Memory)
