"""Logins one after the other, and many at a time, for a bounded time."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

import aiohttp

from tests.bench.logins import Driver
from tests.bench.parties import Measured


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase gave.

    Args:
        own: milliseconds of the RV's own time per step; the authenticatiedienst's part of `acs` is taken off.
    """

    logins: int
    seconds: float
    cpu_ms: float
    own: Sequence[float]

    @property
    def per_second(self) -> float:
        """Logins per second."""
        return self.logins / self.seconds

    @property
    def cpu_per_login(self) -> float:
        """Milliseconds of CPU of the RV."""
        return self.cpu_ms / self.logins

    def percentile(self, percent: int) -> float:
        """Of the RV's own time per step, in milliseconds."""
        return quantiles(self.own, n=100)[percent - 1]


async def run_phase(driver: Driver, rv: Measured, metrics_url: str, *, at_once: int, seconds: float) -> Phase:
    """As many logins as fit in the time, so many at once."""
    first, cpu, calls = (
        {name: len(each) for name, each in driver.steps.seconds.items()},
        rv.cpu_ms,
        await _calls(metrics_url),
    )
    started = time.perf_counter()
    done = await asyncio.gather(*(_keep_going(driver, started + seconds) for _ in range(at_once)))
    elapsed, spent, after = time.perf_counter() - started, rv.cpu_ms - cpu, await _calls(metrics_url)
    waited = (after[0] - calls[0]) / max(1, after[1] - calls[1])
    own = [
        max(0.0, taken - (waited if step == "acs" else 0.0)) * 1000
        for step, each in driver.steps.seconds.items()
        for taken in each[first[step] :]
    ]
    return Phase(sum(done), elapsed, spent, own)


async def _keep_going(driver: Driver, until: float) -> int:
    count = 0
    while time.perf_counter() < until:
        await driver.log_in()
        count += 1
    return count


async def _calls(url: str) -> tuple[float, float]:
    """Seconds and number of the RV's calls to authenticatiediensten, by its own metrics."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        lines = (await answer.text()).splitlines()
    found = {"sum": 0.0, "count": 0.0}
    for line in lines:
        for part in found:
            if line.startswith(f"rv_backend_call_seconds_{part}"):
                found[part] += float(line.rsplit(" ", 1)[1])
    return found["sum"], found["count"]
