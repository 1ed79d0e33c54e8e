"""A running server takes another configuration over, whole or not at all."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from routeringsvoorziening.backends.configuring import load_configuration, reload_configuration
from routeringsvoorziening.configuration.findings import ConfigurationInvalid
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.server import RunningServer, running
from routeringsvoorziening.simulators.world.layout import ZORG, World
from tests.support.chain.clock import PushedClock
from tests.support.chain.world import configured, new_world, publish

ZONNEVELD = "dienstverleners/zonneveld.yaml"
Load = Callable[[Configuration], Configuration]


@pytest.fixture(scope="module")
def own_world(tmp_path_factory: pytest.TempPathFactory, clock: PushedClock) -> World:
    """A world whose files these tests may change."""
    world = new_world(tmp_path_factory.mktemp("reload") / "demo-world")
    publish(world, clock)
    return world


@pytest.fixture(scope="module")
def overrides(own_world: World) -> dict[str, str]:
    """Where its files are, and on which ports it listens."""
    return own_world.variables


@pytest.fixture
async def folder(own_world: World, clock: PushedClock) -> Path:
    """The configuration's directory, as it should be."""
    await asyncio.to_thread(configured, own_world, clock)
    return own_world.directory / "config"


@pytest.fixture
def load(folder: Path, overrides: dict[str, str], clock: PushedClock) -> Load:
    """Reads the files again."""
    main = folder / "routeringsvoorziening.yaml"

    def again(current: Configuration) -> Configuration:
        return reload_configuration(current, main, at=clock(), overrides=overrides)

    return again


@pytest.fixture
async def serving(folder: Path, overrides: dict[str, str], clock: PushedClock):
    """A server of these files."""
    main = folder / "routeringsvoorziening.yaml"
    load = partial(load_configuration, main, at=clock(), overrides=overrides)
    async with running(await asyncio.to_thread(load), clock=clock) as server:
        yield server


def counted(server: RunningServer, outcome: str) -> float | None:
    return server.metrics.registry.get_sample_value("rv_configuration_reload_total", {"outcome": outcome})


async def entities(http: aiohttp.ClientSession, world: World) -> bool:
    """Whether the hospital stands in what authenticatiediensten get."""
    async with http.get(f"{world.rv_front}/saml/metadata/sp") as answer:
        return ZORG.entity_id.encode() in await answer.read()


async def test_a_reload_changes_what_is_served(
    serving: RunningServer, http: aiohttp.ClientSession, own_world: World, folder: Path, load: Load
) -> None:
    """A dienstverlener that was taken away is gone from our metadata, on the same sockets; and comes back."""
    file = folder / ZONNEVELD
    text = file.read_text()
    assert await entities(http, own_world)
    file.write_text(text.rpartition("connection:")[0])
    assert await serving.succession.reload(load) == ()
    assert not await entities(http, own_world)
    file.write_text(text)
    await serving.succession.reload(load)
    assert await entities(http, own_world)
    assert counted(serving, "done") == 2


async def test_a_mistake_changes_nothing(
    serving: RunningServer, http: aiohttp.ClientSession, own_world: World, folder: Path, load: Load
) -> None:
    """The reload is refused with every mistake, and counted; the same configuration goes on."""
    before = serving.succession.current
    (folder / ZONNEVELD).write_text("entity_id: nonsense\n")
    with pytest.raises(ConfigurationInvalid) as refused:
        await serving.succession.reload(load)
    assert {each.code for each in refused.value.findings} >= {"field.value", "field.missing"}
    assert serving.succession.current is before
    assert await entities(http, own_world)
    assert counted(serving, "refused") == 1


async def test_what_takes_a_restart_is_told(serving: RunningServer, folder: Path, load: Load) -> None:
    """Sockets and tables stay as they were; everything else is taken over."""
    main = folder / "routeringsvoorziening.yaml"
    data = json.loads(main.read_text())
    data["management"]["host"] = "127.0.0.2"
    data["limits"] = {"logins": 11}
    data["times"] = {"clock_skew": 30}
    main.write_text(json.dumps(data))
    assert await serving.succession.reload(load) == ("management", "limits")
    current = serving.succession.current
    assert (current.management.host, current.limits.logins) == ("127.0.0.1", 20_000)
    assert current.times.clock_skew.total_seconds() == 30


async def test_what_cannot_be_made_changes_nothing(
    serving: RunningServer, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own certificate cannot be read any more when the clients are made anew."""
    before = serving.succession.current

    async def unreadable(_configuration: Configuration) -> Callable[[], None]:
        raise OSError(2, "gone")

    monkeypatch.setattr(serving.succession, "_prepare", unreadable)
    with pytest.raises(OSError, match="gone"):
        await serving.succession.reload(load)
    assert serving.succession.current is before
    assert counted(serving, "refused") == 1


async def test_many_reloads_leave_nothing_behind(serving: RunningServer, load: Load) -> None:
    """Clients are shared, so that no connection pool is made per reload."""
    before = len(asyncio.all_tasks())
    for _ in range(3):
        await serving.succession.reload(load)
    await asyncio.sleep(0.05)
    assert len(asyncio.all_tasks()) <= before
