"""The management listener: numbers and health over HTTP."""

import asyncio
import json

import pytest

from routeringsvoorziening.observability.health import CheckFailed, Health, PartlyWell
from routeringsvoorziening.observability.management import management_application
from routeringsvoorziening.transport.client import BoundedClient
from routeringsvoorziening.transport.listeners import Listener


async def passes() -> None:
    """A check that passes."""


async def fails() -> None:
    """A check that fails by the word."""
    raise CheckFailed("no")


async def unreachable() -> None:
    """A check whose service is away."""
    raise OSError("no")


async def partly() -> None:
    """A check of which a part fails."""
    raise PartlyWell("one of many")


async def hangs() -> None:
    """A check that never ends."""
    await asyncio.sleep(60)


@pytest.fixture
async def ask(registry):
    """A function that asks one path of a management listener with these checks."""
    client = BoundedClient()

    async def get(path: str, health: Health):
        async with Listener(management_application(registry, health)) as listener:
            return await client.get(f"http://localhost:{listener.port}{path}")

    yield get
    await client.close()


async def test_metrics(ask, metrics):
    """The text format of Prometheus."""
    metrics.bound_reached("logins")
    answer = await ask("/metrics", Health())
    assert answer.content_type == "text/plain"
    assert b'rv_bound_reached_total{bound="logins"} 1.0' in answer.body


async def test_alive_whatever_the_checks_say(ask):
    """A process that answers is alive; a restart would not bring the store back."""
    answer = await ask("/health/live", Health({"store": fails}))
    assert (answer.status, json.loads(answer.body)["status"]) == (200, "ok")


async def test_ready_when_every_check_passes(ask):
    """Each check by its name."""
    answer = await ask("/health/ready", Health({"store": passes}))
    assert answer.status == 200
    assert json.loads(answer.body) == {"status": "ok", "checks": {"running": "ok", "store": "ok"}}


@pytest.mark.parametrize(("check", "outcome"), [(fails, "failed"), (unreachable, "failed"), (hangs, "timeout")])
async def test_not_ready_when_one_does_not(ask, check, outcome):
    """503, and which one; a check that hangs ends at its deadline."""
    answer = await ask("/health/ready", Health({"store": check, "other": passes}, timeout=0.05))
    assert answer.status == 503
    assert json.loads(answer.body)["checks"] == {"running": "ok", "store": outcome, "other": "ok"}


async def test_a_part_that_fails_leaves_it_ready(ask):
    """Degraded, and which check; other processes have the same part missing, so that nobody is sent there."""
    answer = await ask("/health/ready", Health({"metadata": partly, "store": passes}))
    assert answer.status == 200
    checks = {"running": "ok", "metadata": "degraded", "store": "ok"}
    assert json.loads(answer.body) == {"status": "degraded", "checks": checks}
    worse = await ask("/health/ready", Health({"metadata": partly, "store": fails}))
    assert (worse.status, json.loads(worse.body)["status"]) == (503, "unavailable")


async def test_not_ready_while_stopping(ask):
    """So that a load balancer sends no new work."""
    health = Health({"store": passes})
    health.stop()
    assert (await ask("/health/ready", health)).status == 503
