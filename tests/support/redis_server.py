"""A real Redis on the loopback interface: started, stopped and started again by a test."""

import shutil
import subprocess
import time
from pathlib import Path

import redis

from tests.support.ports import free_ports

PATIENCE = 10.0
"""Seconds that a server may take to start or stop."""


def redis_program() -> str:
    """Where the server is.

    Raises:
        RuntimeError: when it is missing: a test never passes by not being run.
    """
    found = shutil.which("redis-server")
    if found is None:
        raise RuntimeError("redis-server is missing: install the package redis-server")
    return found


class RedisServer:
    """One server without persistence; with `sentinel_for`, a sentinel that watches another one as `house`."""

    def __init__(self, directory: Path, *arguments: str, sentinel_for: "RedisServer | None" = None) -> None:
        self.port = free_ports(1)[0]
        self._directory = directory
        self._arguments = arguments
        self._watched = sentinel_for
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For `open_store`."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._directory.mkdir(exist_ok=True)
        command = [redis_program(), *self._options(), *self._arguments]
        self._process = subprocess.Popen(command, cwd=self._directory, stdout=subprocess.DEVNULL)
        self._await(self._answers)

    def stop(self) -> None:
        """Stop at once, as in an outage."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def connect(self) -> "redis.Redis":
        """A plain client, to look at what is really kept."""
        return redis.Redis(port=self.port, protocol=2)

    def _options(self) -> list[str]:
        common = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._directory)]
        if self._watched is None:
            return [*common, "--save", "", "--appendonly", "no"]
        file = self._directory / "sentinel.conf"
        file.write_text(f"sentinel monitor house 127.0.0.1 {self._watched.port} 1\n")
        return [str(file), *common, "--sentinel"]

    def _answers(self) -> bool:
        try:
            with self.connect() as client:
                return bool(client.ping())
        except redis.exceptions.RedisError:
            return False

    def _await(self, condition: "object") -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():  # type: ignore[operator]
            if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                raise RuntimeError("redis-server did not start")
            time.sleep(0.02)
