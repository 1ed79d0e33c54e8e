"""`make bench`: complete logins through the RV, and what they cost. The last line is JSON.

    rsa_sign_ms  CPU of one RSA-2048 signature, measured in the same run: the measure of what a login may cost
    rss_mb       memory of the RV's process at the end
    logins       per kind of login: cpu_ms of the RV's process per login, its ratio to a signature, logins per second
                 at 16 at a time, and percentiles of the RV's own time per step (AD's time taken off), also at 16
    scale        10,000 dienstverleners behind 100 suppliers: seconds and CPU seconds that loading takes, memory at
                 most, and what a login costs with them and with ten; cpu_ratio is the one over the other
    bsnk         CPU milliseconds of verifying and decrypting one polymorphic identity, and one pseudonym

RV_BENCH_SECONDS sets the length of a phase.
"""

import json
import os
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

import uvloop

from routeringsvoorziening.simulators.world.layout import DIJKZICHT, MACHTIGEN, Party, Ports, World
from tests.bench import bsnk, scale
from tests.bench.logins import Driver
from tests.bench.parties import Measured, all_parties, prepare
from tests.bench.phases import Phase, run_phase
from tests.support.ports import free_ports

SECONDS: Final = float(os.environ.get("RV_BENCH_SECONDS", "10"))
AT_ONCE: Final = 16
WARM_UP: Final = 20
KINDS: Final[dict[str, tuple[Party | None, Party | None]]] = {
    "saml-digid": (None, None),
    "saml-digid-bvd": (None, MACHTIGEN),
    "saml-cluster-digid": (DIJKZICHT, None),
}
"""Kinds of login: for whom a supplier asks, if one does; through which BVD somebody acts for somebody else, if any."""


def say(text: str) -> None:
    """A line of progress."""
    print(text, flush=True)


def tell(name: str, phase: Phase) -> None:
    """What a phase gave."""
    steps = ", ".join(f"p{percent} {phase.percentile(percent):.1f} ms" for percent in (50, 95, 99))
    say(
        f"{name:13} {phase.logins:5} logins in {phase.seconds:.1f} s, {phase.per_second:6.1f} per second, "
        f"{phase.cpu_per_login:5.2f} ms CPU each; own time per step {steps}"
    )


async def measure(
    world: World, rv: Measured, behind: Party | None, through: Party | None = None
) -> tuple[Phase, Phase, float]:
    """Both phases, after a warm-up; and the CPU milliseconds of an RSA-2048 signature.

    Those are of the driver's own signatures, two per login: made at the same time, on the same busy machine.
    """
    metrics = f"{world.rv_management}/metrics"
    async with Driver(world, behind, through) as driver:
        for _ in range(WARM_UP):
            await driver.log_in()
        driver.signer.costs.clear()
        alone = await run_phase(driver, rv, metrics, at_once=1, seconds=SECONDS)
        tell("one by one", alone)
        together = await run_phase(driver, rv, metrics, at_once=AT_ONCE, seconds=SECONDS)
        tell(f"{AT_ONCE} at a time", together)
        return alone, together, median(driver.signer.costs)


def summary(alone: Phase, together: Phase, sign: float) -> dict[str, float]:
    """One kind of login in figures."""
    cpu = (alone.cpu_ms + together.cpu_ms) / (alone.logins + together.logins)
    return {
        "cpu_ms": round(cpu, 2),
        "ratio": round(cpu / sign, 2),
        "per_second": round(together.per_second, 1),
        **{f"p{percent}_ms": round(together.percentile(percent), 1) for percent in (50, 95, 99)},
    }


def main() -> None:
    """Measure, and print the result."""
    logins: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="rv-bench-") as directory:
        world = World(Path(directory) / "world", Ports(*free_ports(len(Ports().as_mapping()))))
        say("Preparing keys and metadata, starting the RV and DigiD ...")
        prepare(world)
        with all_parties(world) as rv:
            for name, (behind, through) in KINDS.items():
                say(f"{name}:")
                alone, together, sign = uvloop.run(measure(world, rv, behind, through))
                logins[name] = summary(alone, together, sign)
                say(
                    f"One RSA-2048 signature costs {sign:.3f} ms of CPU: a login costs {logins[name]['ratio']} of them."
                )
            rss = rv.rss_mb
        large = scale.measure(Path(directory), SECONDS, say)
    figures = {"rsa_sign_ms": round(sign, 3), "rss_mb": round(rss, 1), "logins": logins, "scale": large}
    result = {**figures, "bsnk": bsnk.measure(say)}
    say(json.dumps(result))


if __name__ == "__main__":
    main()
