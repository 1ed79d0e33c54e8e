"""The running chain, once per module, and a browser per test."""

import socket

import pytest

from routeringsvoorziening.simulators.world.layout import BELASTINGEN, PORTAL, ZORG
from tests.support.chain.browser import Browser
from tests.support.chain.running import running_chain


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """RV, DigiD simulator and portals, over real sockets."""
    with running_chain(tmp_path_factory.mktemp("chain") / "world") as running:
        yield running


@pytest.fixture(scope="module")
def hostile_chain(tmp_path_factory):
    """The RV, and an AD that answers what a test wants."""
    with running_chain(tmp_path_factory.mktemp("hostile") / "world", hostile=True) as running:
        yield running


@pytest.fixture
def dv(chain):
    """The demo's first dienstverlener, made of bytes."""
    return chain.dienstverlener()


def website(chain, party):
    """A website whose visitors DigiD may know again."""
    found = chain.dienstverlener(party)
    found.single_sign_on = True
    return found


@pytest.fixture
def town(chain):
    """The municipality's own website, with single sign-on."""
    return website(chain, PORTAL)


@pytest.fixture
def taxes(chain):
    """Its second one: the same organisation, the same federation."""
    return website(chain, BELASTINGEN)


@pytest.fixture
def hospital(chain):
    """Another organisation, without single sign-on."""
    return website(chain, ZORG)


@pytest.fixture(autouse=True)
def behaves(request):
    """DigiD behaves again after every test."""
    yield
    if "chain" in request.fixturenames:
        request.getfixturevalue("chain").faults.clear()
        request.getfixturevalue("chain").logout_faults.clear()


@pytest.fixture
async def browser():
    """A browser without cookies."""
    async with Browser() as fresh:
        yield fresh


@pytest.fixture
def localhost_names(monkeypatch):
    """Requests asks the system for *.localhost, which not every system knows."""
    original = socket.getaddrinfo

    def resolve(host, *arguments, **options):
        return original("127.0.0.1" if str(host).endswith(".localhost") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
