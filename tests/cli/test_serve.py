"""`rv serve`: a process that takes signals."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from routeringsvoorziening.cli.serve import _reload_when_asked
from routeringsvoorziening.simulators.world.layout import World
from tests.support.chain.clock import PushedClock
from tests.support.chain.world import configured, new_world, publish
from tests.support.serving import PATIENCE, Process


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Keys, metadata and configuration of its own."""
    world, clock = new_world(tmp_path / "demo-world"), PushedClock()
    publish(world, clock)
    configured(world, clock)
    return world


@pytest.fixture
def served(world: World, tmp_path: Path) -> Iterator[Process]:
    """A running one."""
    main = world.directory / "config" / "routeringsvoorziening.yaml"
    process = Process(main, world.variables, tmp_path / "log")
    try:
        process.wait_for("listening")
        yield process
    finally:
        process.process.kill()
        process.process.wait()


def test_a_signal_reloads_and_another_one_stops(world: World, served: Process) -> None:
    """SIGHUP takes a good configuration over and refuses a bad one; SIGTERM ends it with status 0."""
    file = world.directory / "config" / "dienstverleners" / "zonneveld.yaml"
    text = file.read_text()
    file.write_text(text.rpartition("connection:")[0])
    served.process.send_signal(signal.SIGHUP)
    first = served.wait_for("configuration reloaded")
    assert (first["needs_restart"], first["level"]) == ([], "info")
    file.write_text("entity_id: nonsense\n")
    served.process.send_signal(signal.SIGHUP)
    refused = served.wait_for("configuration refused, nothing has changed")
    assert refused["level"] == "error"
    mistakes = [line for line in served.lines() if line["event"] == "configuration" and line["level"] == "error"]
    assert {"field.value", "field.missing"} <= {line["code"] for line in mistakes}
    assert any(line["place"].endswith("zonneveld.yaml:1") for line in mistakes)
    file.write_text(text)
    served.process.send_signal(signal.SIGHUP)
    assert served.wait_for("configuration reloaded", 2)["connections"] == first["connections"] + 1
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("channel", ["front", "back", "management"])
def test_a_taken_port_is_named_with_the_way_out(world: World, tmp_path: Path, channel: str) -> None:
    """Which listener, which address, which variable; and no traceback."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        main = world.directory / "config" / "routeringsvoorziening.yaml"
        process = Process(main, world.variables | {f"rv_{channel}_port": str(port)}, tmp_path / "log")
        assert process.process.wait(PATIENCE) == 1
    told = process.log.read_text()
    assert f":{port}: address already in use" in told
    assert f"--set rv_{channel}_port=" in told
    assert "Traceback" not in told


def test_a_mistake_is_told_as_rv_check_tells_it(world: World, tmp_path: Path) -> None:
    """Place, what is wrong, what to do, and how many; no traceback."""
    file = world.directory / "config" / "dienstverleners" / "zonneveld.yaml"
    file.write_text(file.read_text().replace("connection:", "conection:"))
    main = world.directory / "config" / "routeringsvoorziening.yaml"
    process = Process(main, world.variables, tmp_path / "log")
    assert process.process.wait(PATIENCE) == 1
    told = process.log.read_text()
    for words in ("the configuration cannot be used", f"ERROR     {file}:", "Did you mean `connection`?", "x ERROR"):
        assert words in told
    assert "Traceback" not in told


async def test_a_mistake_of_ours_is_not_the_last_reload() -> None:
    """What nobody foresaw ends one reload, is told, and does not end the listening for the next."""
    asked, failed, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Succession:
        current = SimpleNamespace(warnings=(), connections={})

        async def reload(self, _load: object) -> tuple[str, ...]:
            if not failed.is_set():
                failed.set()
                raise RuntimeError("unforeseen")
            done.set()
            return ()

    with structlog.testing.capture_logs() as told:
        task = asyncio.create_task(_reload_when_asked(Succession(), lambda current: current, asked))
        for each in (failed, done):
            asked.set()
            await asyncio.wait_for(each.wait(), 5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert told[0]["event"] == "configuration refused, nothing has changed"
