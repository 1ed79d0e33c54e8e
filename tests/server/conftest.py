"""A server of the demo world, on free ports, for one test."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.server import RunningServer, running
from routeringsvoorziening.simulators.world.layout import World
from routeringsvoorziening.transport.resolver import LocalhostResolver
from tests.support.chain.clock import PushedClock
from tests.support.chain.world import configured, new_world, publish


@pytest.fixture(scope="module")
def clock() -> PushedClock:
    """Now."""
    return PushedClock()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, clock: PushedClock) -> World:
    """Keys and metadata of everybody."""
    world = new_world(tmp_path_factory.mktemp("world") / "demo-world")
    publish(world, clock)
    return world


@pytest.fixture(scope="module")
def configuration(world: World, clock: PushedClock) -> Configuration:
    """The demo's configuration in that world."""
    return configured(world, clock)


@pytest.fixture
async def server(configuration: Configuration, tmp_path: Path, clock: PushedClock) -> AsyncIterator[RunningServer]:
    """A server that listens."""
    async with running(configuration, clock=clock) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that knows *.localhost."""
    connector = aiohttp.TCPConnector(resolver=LocalhostResolver())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session
    await asyncio.sleep(0.05)  # TLS connections say goodbye before they are gone
