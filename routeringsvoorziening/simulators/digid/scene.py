"""One answer in the making: everything that building it needs, and everything that a fault may spoil."""

from dataclasses import dataclass, field
from datetime import datetime

from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.simulators.digid.logins import Answer, LoggedIn
from routeringsvoorziening.simulators.digid.settings import DigidSettings


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

    settings: DigidSettings
    routing: RoutingDienst
    answer: Answer
    resolve_id: str
    at: datetime
    seconds: float = 5.0
    memory: Memory = field(default_factory=Memory)

    @property
    def login(self) -> LoggedIn | None:
        """Who logged in, if anybody."""
        return self.answer.outcome if isinstance(self.answer.outcome, LoggedIn) else None
