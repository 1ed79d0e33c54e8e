"""The demo's configuration with a dienstverlener and DigiD at URLs, a web server for them, and a clock to push."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web

from routeringsvoorziening.backends.configuring import load_configuration
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.simulators.portal.metadata import metadata_of
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.world.layout import DIGID, ZORG, World
from routeringsvoorziening.transport.listeners import Listener
from tests.support.chain.clock import PushedClock
from tests.support.chain.world import configured, new_world, publish


@dataclass
class Website:
    """Hands out documents by path, and remembers what was asked."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        """The document, or 404."""
        self.asked.append(request.path)
        document = self.documents.get(request.path)
        return web.Response(body=document) if document is not None else web.Response(status=404)

    def url(self, path: str) -> str:
        """Of a document."""
        return f"http://metadata.localhost:{self.port}{path}"


@pytest.fixture
async def website() -> AsyncIterator[Website]:
    """On a real socket."""
    site = Website()
    app = web.Application()
    app.router.add_get("/{tail:.*}", site.answer)
    async with Listener(app) as listener:
        site.port = listener.port
        yield site


@pytest.fixture(scope="session")
def clock() -> PushedClock:
    """Now, and what tests added."""
    return PushedClock()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, clock: PushedClock) -> World:
    """Keys and metadata of everybody."""
    world = new_world(tmp_path_factory.mktemp("renewal") / "demo-world")
    publish(world, clock)
    return world


@pytest.fixture(scope="session")
def overrides(world: World) -> dict[str, str]:
    """Where its files are, and on which ports it listens."""
    return world.variables


@dataclass
class Setting:
    """A configuration on disk that tests load, and the documents that it is about."""

    main: Path
    kept: Path
    zorg: bytes
    digid: bytes
    load: Callable[[], Configuration]


@pytest.fixture
async def setting(
    world: World, website: Website, clock: PushedClock, overrides: dict[str, str], tmp_path: Path
) -> Setting:
    """The hospital and DigiD publish at URLs; nothing was fetched yet."""
    await asyncio.to_thread(configured, world, clock, metadata_cache=str(tmp_path / "kept"))
    main = world.directory / "config" / "routeringsvoorziening.yaml"
    data = json.loads(main.read_text())
    data["authentication_services"]["digid"]["metadata"] = website.url("/digid")
    main.write_text(json.dumps(data))
    zonneveld = main.parent / "dienstverleners" / "zonneveld.yaml"
    zonneveld.write_text(zonneveld.read_text().replace("${world}/zorg/metadata.xml", website.url("/zorg")))
    load = partial(load_configuration, main, overrides=overrides)
    return Setting(
        main,
        tmp_path / "kept",
        world.files(ZORG).metadata.read_bytes(),
        world.files(DIGID).metadata.read_bytes(),
        lambda: load(at=clock()),
    )


@pytest.fixture(autouse=True)
def time_stays(clock: PushedClock):
    """What one test pushes is no other test's."""
    before = clock._ahead
    yield
    clock._ahead = before


@pytest.fixture
def zorg_at(world: World, clock: PushedClock) -> Callable[[timedelta], bytes]:
    """The hospital's metadata as it published it so much later than now."""
    settings = PortalSettings.of_world(world, ZORG)
    return lambda later: metadata_of(settings, clock() + later)
