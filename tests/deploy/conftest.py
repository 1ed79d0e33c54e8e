"""The whole chain behind the real HAProxy, with the configuration that we ship, on loopback."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from routeringsvoorziening.simulators.world.layout import PORTAL, RV, Party
from tests.support.chain.browser import Browser, Page
from tests.support.chain.dienstverlener import Dienstverlener
from tests.support.chain.running import Chain, running_chain
from tests.support.ports import free_ports

DEPLOY = Path(__file__).parents[2] / "deploy"
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Ports:
    """Where HAProxy listens."""

    browsers: int
    servers: int


@dataclass
class Proxied:
    """A chain, and HAProxy before it."""

    chain: Chain
    ports: Ports

    def dienstverlener(self, party: Party = PORTAL) -> "ProxiedDienstverlener":
        """A driver that knows no other address than HAProxy's."""
        found = ProxiedDienstverlener(self.chain.world, party, self.chain.clock)
        found.ports = self.ports
        return found


class ProxiedDienstverlener(Dienstverlener):
    """Sends its messages to HAProxy."""

    ports: Ports

    @property
    def sso_url(self) -> str:
        """Where requests go."""
        return f"https://rv.localhost:{self.ports.browsers}/saml/sso"

    @property
    def artifact_url(self) -> str:
        """Where artifacts are resolved."""
        return f"https://rv.localhost:{self.ports.servers}/saml/artifact"


class SecureBrowser(Browser):
    """Trusts the authority of the test world, for what it asks by https."""

    trust: str

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.trust)

    async def ask(self, method: str, url: str, **options: object) -> Page:
        """As a browser does."""
        if url.startswith("https:"):
            options["ssl"] = self._tls
        return await super().ask(method, url, **options)


@contextmanager
def haproxy(directory: Path, chain: Chain, ports: Ports, back: str) -> Iterator[None]:
    """HAProxy with the files of `deploy/`, until the context ends."""
    files, world = chain.world.files(RV), chain.world
    pem = directory / "rv.pem"
    pem.write_bytes(files.certificate("tls").read_bytes() + files.key("tls").read_bytes())
    environment = {
        "BROWSERS_BIND": f"127.0.0.1:{ports.browsers}",
        "BROWSERS_CRT": str(pem),
        "SERVERS_BIND": f"127.0.0.1:{ports.servers}",
        "SERVERS_CRT": str(pem),
        "SERVERS_CA": str(world.trust_bundle),
        "RV_FRONT": f"127.0.0.1:{world.ports.rv_front}",
        "RV_BACK": f"127.0.0.1:{world.ports.rv_back}",
        "RV_HEALTH_PORT": str(chain.listening.management_port),
    }
    command = [HAPROXY, "-db", "-f", str(DEPLOY / "haproxy.cfg"), "-f", str(DEPLOY / f"haproxy-back-{back}.cfg")]
    with (directory / "haproxy.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(ports, process, directory / "haproxy.log")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_for(ports: Ports, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    waiting = [ports.browsers, ports.servers]
    while waiting:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < ends, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", waiting[0]), 1).close()
            waiting.pop(0)
        except OSError:
            time.sleep(0.05)


@contextmanager
def proxied(directory: Path, back: str) -> Iterator[Proxied]:
    """Everybody, with HAProxy in front of the RV."""
    ports = Ports(*free_ports(2))
    proxy = {"addresses": ["127.0.0.1/32"]}
    front = {"base_url": f"https://rv.localhost:{ports.browsers}", "proxy": proxy}
    servers = {"base_url": f"https://rv.localhost:{ports.servers}"} | ({"proxy": proxy} if back == "terminate" else {})
    with (
        running_chain(directory / "world", front_channel=front, back_channel=servers) as chain,
        haproxy(directory, chain, ports, back),
    ):
        yield Proxied(chain, ports)


@pytest.fixture(scope="module")
def terminating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """Mutual TLS ends at HAProxy."""
    with proxied(tmp_path_factory.mktemp("terminate"), "terminate") as found:
        yield found


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """Mutual TLS ends at the RV."""
    with proxied(tmp_path_factory.mktemp("passthrough"), "passthrough") as found:
        yield found
