"""Named checks behind two questions: is this process alive, and can it serve?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

DEGRADED: Final = "degraded"
SERVING: Final = frozenset({"ok", DEGRADED})
Check = Callable[[], Awaitable[None]]
"""Returns when all is well, raises when not."""


class CheckFailed(Exception):
    """What a check raises when something is not well; its text is for the log."""


class PartlyWell(Exception):
    """What a check raises when a part does not work, and sending people elsewhere would not help them."""


@dataclass(frozen=True, slots=True)
class Report:
    """How the checks went: per name `ok`, `degraded`, `failed` or `timeout`. No details: they are in the log."""

    checks: Mapping[str, str]

    @property
    def well(self) -> bool:
        """True when this process can serve: most of it at least."""
        return all(outcome in SERVING for outcome in self.checks.values())

    @property
    def status(self) -> str:
        """In one word: `ok`, `degraded` when a part does not work, or `unavailable`."""
        if not self.well:
            return "unavailable"
        return "degraded" if DEGRADED in self.checks.values() else "ok"


class Health:
    """Alive as long as it answers; ready when every check passes and nobody has told it to stop.

    Args:
        checks: by name, what must be well to serve: the store, the configuration.
        timeout: for one check, in seconds; they run at the same time.
    """

    def __init__(self, checks: Mapping[str, Check] | None = None, *, timeout: float = 2.0) -> None:
        self._checks = dict(checks or {})
        self._timeout = timeout
        self._stopping = False

    def stop(self) -> None:
        """From now on not ready, so that no new work is sent here."""
        self._stopping = True

    async def ready(self) -> Report:
        """Run every check."""
        outcomes = await asyncio.gather(*(self._run(check) for check in self._checks.values()))
        running = {"running": "failed" if self._stopping else "ok"}
        return Report(running | dict(zip(self._checks, outcomes, strict=True)))

    async def _run(self, check: Check) -> str:
        try:
            async with asyncio.timeout(self._timeout):
                await check()
        except TimeoutError:
            return "timeout"
        except PartlyWell:
            return DEGRADED
        except (OSError, CheckFailed):
            return "failed"
        return "ok"
