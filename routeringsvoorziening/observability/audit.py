"""The audit trail: what must be provable afterwards, one JSON object per line, in a file of its own or on stdout."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from routeringsvoorziening.broker.ports import Clock
from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.observability.lines import LineWriter
from routeringsvoorziening.observability.redaction import safe_value

STDOUT: Final = 1


class LineAuditTrail:
    """Implements the core's `AuditTrail`. Close it when done.

    Args:
        target: a path (rotated ones are left alone and a new one is begun), or a file descriptor.
        clock: now, UTC.
        pending: how many events may wait to be written; above it nothing is promised.
        durable: wait for the disk itself, when the target is a path of a file; many events share one wait.
    """

    def __init__(self, target: Path | int, *, clock: Clock, pending: int = 2000, durable: bool = False) -> None:
        self._clock = clock
        self._writer = LineWriter(target, pending=pending, durable=durable)

    async def record(self, event: str, reference: Reference, facts: Mapping[str, str]) -> None:
        """Write one event, and return when it is written.

        Raises:
            OSError: it is not.
        """
        line = {"time": _instant(self._clock()), "reference": reference, "event": event, "facts": dict(facts)}
        await self._writer.write(json.dumps(safe_value(line)))

    def close(self) -> None:
        """Write what waits; blocks for a moment."""
        self._writer.close()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
