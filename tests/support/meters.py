"""Meters that remember what they were told."""

from dataclasses import dataclass, field


@dataclass
class CountingMeter:
    """What was rejected at which endpoint, what was agreed and used, which calls were made."""

    rejected: list[tuple[str, str]] = field(default_factory=list)
    compat: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    bounds: list[str] = field(default_factory=list)

    def message_rejected(self, endpoint: str, code: str) -> None:
        """Note it."""
        self.rejected.append((endpoint, code))

    def bound_reached(self, bound: str) -> None:
        """Note it."""
        self.bounds.append(bound)

    def compat_used(self, connection: str, switch: str) -> None:
        """Note it."""
        self.compat.append((connection, switch))

    def backend_called(self, backend: str, operation: str, outcome: str, seconds: float) -> None:
        """Note it."""
        self.calls.append((backend, operation, outcome))

    @property
    def codes(self) -> list[str]:
        """Of the rejections, in order."""
        return [code for _, code in self.rejected]


@dataclass
class NotingAudit:
    """An audit trail to read."""

    events: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def record(self, event: str, reference: str, facts: dict[str, str]) -> None:
        """Note it."""
        self.events.append((event, dict(facts)))
