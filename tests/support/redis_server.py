"""A real Redis on the loopback interface: started, stopped and started again by a test."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.support.certificates import Authority, Issued
from tests.support.ports import free_ports

PATIENCE = 10.0
"""Seconds that a server may take to start or stop."""

DOWN_AFTER = 500
"""Milliseconds of silence after which a sentinel thinks that its server is down."""


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
    """One server without persistence; `arguments` are added to its command line."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.port = free_ports(1)[0]
        self.directory = directory
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For `open_store`."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [redis_program(), *self.options(), *self._arguments]
        self._process = subprocess.Popen(command, cwd=self.directory, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop at once, as in an outage."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    @contextmanager
    def running(self) -> Iterator["RedisServer"]:
        """Started, and stopped in the end."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """A server that holds its connections and says nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def connect(self) -> "redis.Redis":
        """A plain client, to look at what is really kept."""
        return redis.Redis(port=self.port, protocol=2)

    def options(self) -> list[str]:
        """How the server is started."""
        return ["--port", str(self.port), *self.habits(), "--save", "", "--appendonly", "no"]

    def habits(self) -> list[str]:
        """What all servers have in common."""
        return ["--bind", "127.0.0.1", "--dir", str(self.directory)]

    def _answers(self) -> bool:
        try:
            with self.connect() as client:
                return bool(client.ping())
        except redis.exceptions.RedisError:
            return False


class RedisReplica(RedisServer):
    """A server that follows another one."""

    def __init__(self, directory: Path, followed: RedisServer) -> None:
        super().__init__(directory, "--replicaof", f"127.0.0.1 {followed.port}", "--repl-diskless-sync-delay", "0")


class RedisSentinel(RedisServer):
    """A sentinel that watches one server as `house`.

    Args:
        directory: where it keeps its configuration.
        watched: the server.
        quorum: how many sentinels must think that it is down.
    """

    def __init__(self, directory: Path, watched: RedisServer, *, quorum: int = 1) -> None:
        super().__init__(directory)
        self._watched = watched
        self._quorum = quorum

    def wait_for_company(self, *, others: int, replicas: int) -> None:
        """Until it knows this many other sentinels, and replicas of the server.

        Raises:
            RuntimeError: it does not find them.
        """
        deadline = time.monotonic() + PATIENCE
        while self._known() != (others, replicas):
            if time.monotonic() > deadline:
                raise RuntimeError("the sentinels do not find each other")
            time.sleep(0.05)

    def _known(self) -> tuple[int, int]:
        with self.connect() as client:
            words = client.execute_command("SENTINEL", "MASTER", "house")
        found = dict(zip(words[::2], words[1::2], strict=True))
        return int(found[b"num-other-sentinels"]), int(found[b"num-slaves"])

    def options(self) -> list[str]:
        """A sentinel keeps its own configuration file."""
        file = self.directory / "sentinel.conf"
        file.write_text(
            f"sentinel monitor house 127.0.0.1 {self._watched.port} {self._quorum}\n"
            f"sentinel down-after-milliseconds house {DOWN_AFTER}\n"
            "sentinel failover-timeout house 3000\n"
        )
        return [str(file), "--port", str(self.port), *self.habits(), "--sentinel"]


class RedisOverTls(RedisServer):
    """A server that speaks TLS only, and wants a client certificate of the same authority."""

    def __init__(self, directory: Path, authority: Authority, certificate: Issued) -> None:
        super().__init__(directory)
        self._authority, self._certificate = authority, certificate

    @property
    def url(self) -> str:
        """Without any file."""
        return f"rediss://127.0.0.1:{self.port}"

    def connect(self) -> "redis.Redis":
        """A plain client over TLS."""
        return redis.Redis(
            port=self.port,
            protocol=2,
            ssl=True,
            ssl_ca_certs=str(self._authority.bundle),
            ssl_certfile=str(self._certificate.certificate_file),
            ssl_keyfile=str(self._certificate.key_file),
            ssl_check_hostname=False,
        )

    def options(self) -> list[str]:
        """No plain port at all."""
        files = {
            "--tls-cert-file": self._certificate.certificate_file,
            "--tls-key-file": self._certificate.key_file,
            "--tls-ca-cert-file": self._authority.bundle,
        }
        named = [part for name, file in files.items() for part in (name, str(file))]
        return ["--port", "0", "--tls-port", str(self.port), *self.habits(), "--save", "", *named]
