"""`rv serve` as a process of its own, and the lines of its log."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RV = Path(sys.executable).with_name("rv")
PATIENCE = 60.0
"""Seconds, on a busy machine."""


class Process:
    """`rv serve`, and the lines of its log."""

    def __init__(self, main: Path, variables: Mapping[str, str], log: Path) -> None:
        self.log = log
        settings = [f"--set={name}={value}" for name, value in variables.items()]
        command = [str(RV), "serve", "--config", str(main), *settings]
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)

    def lines(self) -> list[dict[str, Any]]:
        """The whole lines so far."""
        return [json.loads(line) for line in self.log.read_bytes().split(b"\n")[:-1]]

    def wait_for(self, event: str, count: int = 1) -> dict[str, Any]:
        """The line with that event, for the `count`th time."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            found = [line for line in self.lines() if line["event"] == event]
            if len(found) >= count:
                return found[count - 1]
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(f"no {event!r} in {self.log.read_text()}")
