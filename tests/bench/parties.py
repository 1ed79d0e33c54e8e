"""The processes that are measured, and those around them."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from routeringsvoorziening.simulators.preparing import prepare_parties, save_routing_metadata
from routeringsvoorziening.simulators.world.layout import METADATA_PATH, SP_METADATA_PATH, World

PROJECT: Final = Path(__file__).resolve().parents[2]
PATIENCE: Final = 120.0
TICKS: Final = os.sysconf("SC_CLK_TCK")
RUN: Final = "from routeringsvoorziening.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Measured:
    """A process, by its own account in /proc."""

    pid: int

    @property
    def cpu_ms(self) -> float:
        """CPU that all its threads have used, user and system, in milliseconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / TICKS

    @property
    def rss_mb(self) -> float:
        """Resident memory now, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


def prepare(world: World) -> None:
    """Keys and metadata of everybody but the RV."""
    prepare_parties(world, at=datetime.now(UTC))


@contextlib.contextmanager
def all_parties(world: World, file: Path = PROJECT / "config" / "routeringsvoorziening.yaml") -> Iterator[Measured]:
    """The RV and the DigiD simulator, each in a process of its own, for as long as the context lasts; yields the RV.

    The world is prepared; `file` is the RV's main file.
    """
    settings = [part for name, value in world.variables.items() for part in ("--set", f"{name}={value}")]
    config = ["--config", str(file)]
    with _process(world, "rv", ["-c", RUN, "serve", *config, *settings]) as rv:
        _wait_for(f"{world.rv_management}/health/ready", rv, world.directory / "rv.out")
        _hand_out_metadata(world)
        ports = [str(port) for port in world.ports.as_mapping().values()]
        with _process(world, "digid", ["-m", "tests.bench.digid", str(world.directory), *ports]) as digid:
            _wait_for(
                f"http://127.0.0.1:{world.ports.digid_front}{METADATA_PATH}", digid, world.directory / "digid.out"
            )
            yield Measured(rv.pid)


@contextlib.contextmanager
def _process(world: World, name: str, arguments: list[str]) -> Iterator[subprocess.Popen]:
    log = world.directory / f"{name}.out"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, *arguments], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    """Until somebody answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"a process ended too early: {process.args[1:5]}\n{log.read_text('utf-8')[-2000:]}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, socket.timeout):
            urllib.request.urlopen(url, timeout=2).close()
            return
        time.sleep(0.05)
    raise SystemExit(f"nobody answers at {url}")


def _hand_out_metadata(world: World) -> None:
    """What the RV publishes, to those who need it. Names under .localhost need not be known to this machine."""
    documents = []
    for path in (METADATA_PATH, SP_METADATA_PATH):
        request = urllib.request.Request(
            f"http://127.0.0.1:{world.ports.rv_front}{path}", headers={"Host": "rv.localhost"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            documents.append(answer.read())
    save_routing_metadata(world, for_dienstverleners=documents[0], for_services=documents[1])
