"""The log: one JSON object per line, with the reference number, and nothing that does not belong there."""

import asyncio
import json
import logging

import pytest
import structlog
from aiohttp import web

from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.observability.access import AccessLogger
from routeringsvoorziening.observability.logs import (
    bind_reference,
    bound_reference,
    configure_logging,
    speaking_of,
)
from routeringsvoorziening.transport.client import BoundedClient
from routeringsvoorziening.transport.listeners import Listener


class Log:
    """A log in a file, to be read after it is closed."""

    def __init__(self, path, style: str) -> None:
        self.path = path
        self._writer = configure_logging(style, "INFO", path)

    def text(self) -> str:
        """Everything that was logged; ends the log."""
        self._writer.close()
        return self.path.read_text() if self.path.exists() else ""

    def lines(self) -> list[dict]:
        """Every line, as JSON."""
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def make_log(tmp_path):
    """A function that configures logging; all is as before after the test."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield lambda style="json": Log(tmp_path / "log", style)
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def log(make_log) -> Log:
    return make_log()


def test_a_line_is_one_json_object(log):
    """Event, level, logger, time and the fields given."""
    structlog.get_logger("rv.test").info("artifact resolved", connection="x", seconds=1.5)
    (line,) = log.lines()
    assert line | {"time": ""} == {
        "event": "artifact resolved",
        "level": "info",
        "logger": "rv.test",
        "connection": "x",
        "seconds": 1.5,
        "time": "",
    }
    assert line["time"].endswith("Z")


def test_lower_levels_stay_out(log):
    """Debug is not written at level info."""
    structlog.get_logger().debug("detail")
    assert log.lines() == []


def test_the_reference_is_in_every_line_of_a_task(log):
    """Bound once, in all lines that follow, of libraries too."""
    with speaking_of(Reference("RV-AAAA-BBBB")):
        structlog.get_logger().info("ours")
        logging.getLogger("aiohttp.server").warning("theirs %s", 1)
    structlog.get_logger().info("after")
    assert [(line["event"], line.get("reference")) for line in log.lines()] == [
        ("ours", "RV-AAAA-BBBB"),
        ("theirs 1", "RV-AAAA-BBBB"),
        ("after", None),
    ]


async def test_tasks_do_not_share_a_reference(log):
    """Two requests at a time each keep their own."""

    async def handle(reference: str) -> str | None:
        bind_reference(Reference(reference))
        await asyncio.sleep(0)
        return bound_reference()

    assert await asyncio.gather(handle("a"), handle("b")) == ["a", "b"]
    assert bound_reference() is None


@pytest.mark.attack("S91")
@pytest.mark.parametrize("style", ["json", "pretty"])
def test_a_forged_line_stays_within_its_own(make_log, style):
    """Line ends, ANSI and JSON in a value make no second line and no other field."""
    log = make_log(style)
    evil = 'x\r\n{"event": "login.declared"}\x1b[2J\u2028\x85"}, "level": "critical'
    structlog.get_logger().info("rejected", issuer=evil, **{"a\nb": 1})
    logging.getLogger("library").warning("got %s", evil)
    text = log.text()
    assert len(text.splitlines()) == 2
    assert "\x1b" not in text
    if style == "json":
        assert [json.loads(line)["level"] for line in text.splitlines()] == ["info", "warning"]


@pytest.mark.attack("S91")
@pytest.mark.parametrize("style", ["json", "pretty"])
def test_no_bsn_in_any_field(make_log, bsn, style):
    """In the event, a field, and a library's line."""
    log = make_log(style)
    structlog.get_logger().info(f"person {bsn}", who=bsn, nested={"a": [bsn]})
    logging.getLogger("library").warning("person %s", bsn)
    assert bsn not in log.text()


def test_an_exception_is_in_the_line_without_its_locals(log, bsn):
    """Where it happened, but no values of variables, and its text made safe."""

    def fail() -> None:
        secret = "local-secret"
        raise ValueError(f"no such person: {bsn} {len(secret)}")

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("unexpected")
    text = log.text()
    (line,) = [json.loads(one) for one in text.splitlines()]
    assert line["exception"][0]["exc_type"] == "ValueError"
    assert bsn not in text
    assert "local-secret" not in text


def test_pretty_is_for_people(make_log):
    """No JSON, but the event and its fields."""
    log = make_log("pretty")
    structlog.get_logger("rv").info("listening", port=8080)
    text = log.text()
    assert "listening" in text
    assert "port=8080" in text
    assert not text.startswith("{")


async def test_access_lines_hold_no_query_and_no_path(log):
    """An artifact, a RelayState and a login's id are not in the log; the route is."""

    async def handle(_request: web.Request) -> web.Response:
        bind_reference(Reference("RV-CCCC-DDDD"))
        return web.Response()

    app = web.Application()
    app.router.add_get("/login/{id}", handle)
    client = BoundedClient()
    async with Listener(app, access_logger=AccessLogger) as listener:
        await client.get(f"http://localhost:{listener.port}/login/secret-id?SAMLart=AAQA&RelayState=rs")
        await client.get(f"http://localhost:{listener.port}/nowhere/secret-id")
    await client.close()
    text = await asyncio.to_thread(log.text)
    first, second = (json.loads(line) for line in text.splitlines())
    assert (first["route"], first["status"], first["reference"]) == ("/login/{id}", 200, "RV-CCCC-DDDD")
    assert (second["route"], second["status"]) == ("-", 404)
    assert not [
        word for word in ("secret-id", "SAMLart", "AAQA", "rs", "nowhere") if f"{word}" in text.split('"peer"')[0]
    ]
