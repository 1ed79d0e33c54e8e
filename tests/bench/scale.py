"""Ten dienstverleners and ten thousand: how long loading takes, how much memory, and what a login costs with each.

Both RVs run at the same time and are measured in turns, so that whatever else the machine does counts for both.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import uvloop

from routeringsvoorziening.simulators.world.layout import DIJKZICHT, Ports, World
from tests.bench.clusters import LARGE, SMALL, Size, generate
from tests.bench.logins import Driver
from tests.bench.parties import PROJECT, Measured, all_parties, prepare
from tests.bench.phases import run_phase
from tests.support.ports import free_ports

TURNS: Final = 4
WARM_UP: Final = 20


@dataclass(frozen=True, slots=True)
class Site:
    """A world with a configuration of some size."""

    world: World
    file: Path

    @classmethod
    def made(cls, directory: Path, size: Size) -> "Site":
        """Generate everything."""
        world = World(directory, Ports(*free_ports(len(Ports().as_mapping()))))
        prepare(world)
        return cls(world, generate(world, size, at=datetime.now(UTC)))

    def load(self) -> dict[str, float]:
        """Load it in a process of its own: seconds, CPU seconds and MB at most."""
        settings = [f"{name}={value}" for name, value in self.world.variables.items()]
        command = [sys.executable, "-m", "tests.bench.loading", str(self.file), *settings]
        ran = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True, timeout=300)
        found: dict[str, float] = json.loads(ran.stdout)
        return found


def measure(directory: Path, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """The figures of `scale`; logins take `seconds` with each."""
    say(f"Making {LARGE.suppliers} suppliers with {LARGE.members} dienstverleners each ...")
    small, large = Site.made(directory / "small", SMALL), Site.made(directory / "large", LARGE)
    loaded = large.load()
    say(f"Loading them takes {loaded['load_s']} s ({loaded['load_cpu_s']} s CPU) and {loaded['rss_mb']} MB.")
    with all_parties(small.world, small.file) as few, all_parties(large.world, large.file) as many:
        cost = uvloop.run(_in_turns(((small.world, few), (large.world, many)), seconds / TURNS))
        rss = many.rss_mb
    say(f"A login costs {cost[0]:.2f} ms of CPU with {SMALL.members} of them and {cost[1]:.2f} ms with all.")
    return {
        "dienstverleners": LARGE.suppliers * LARGE.members,
        "clusters": LARGE.suppliers,
        **loaded,
        "serving_rss_mb": round(rss, 1),
        "cpu_ms_small": round(cost[0], 2),
        "cpu_ms_large": round(cost[1], 2),
        "cpu_ratio": round(cost[1] / cost[0], 3),
    }


async def _in_turns(sites: tuple[tuple[World, Measured], ...], seconds: float) -> list[float]:
    """CPU milliseconds per login of each."""
    async with contextlib.AsyncExitStack() as stack:
        drivers = [await stack.enter_async_context(Driver(world, DIJKZICHT)) for world, _ in sites]
        for driver in drivers:
            for _ in range(WARM_UP):
                await driver.log_in()
        spent, logins = [0.0] * len(sites), [0] * len(sites)
        for _ in range(TURNS):
            for number, (world, rv) in enumerate(sites):
                metrics = f"{world.rv_management}/metrics"
                phase = await run_phase(drivers[number], rv, metrics, at_once=4, seconds=seconds)
                spent[number] += phase.cpu_ms
                logins[number] += phase.logins
    return [cpu / count for cpu, count in zip(spent, logins, strict=True)]
