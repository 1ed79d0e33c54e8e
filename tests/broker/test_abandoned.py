"""Logins that nobody finished are counted, once, and nothing of a person is kept for it."""

import asyncio

import pytest

from routeringsvoorziening.broker.abandoned import AFTERLIFE, AbandonedLogins
from routeringsvoorziening.broker.broker import Broker
from routeringsvoorziening.broker.failures import LoginUnknown, TooBusy
from routeringsvoorziening.broker.journal import Journal
from routeringsvoorziening.broker.steps import Choose
from tests.support.core import BROWSER, WITH_DIGID, WITH_EIDAS, Core, offer, request

LIFE = 900.0


class Process:
    """One process with a core of its own; several may share a store."""

    def __init__(self, core: Core, *, most: int = 100) -> None:
        self.core = core
        self.abandoned = AbandonedLogins(
            core.store, Journal(core.audit, core.meter, timeout=1.0), core.clock, most=most
        )
        self.broker = Broker(
            store=core.store,
            catalogue=core.catalogue,
            authentication=core.authentication,
            mandates=core.mandates,
            audit=core.audit,
            meter=core.meter,
            clock=core.clock,
            login_ttl=LIFE,
            abandoned=self.abandoned,
        )

    async def begin(self) -> Choose:
        """Somebody has something to choose."""
        step = await self.broker.begin(request(), BROWSER)
        assert isinstance(step, Choose)
        return step


@pytest.fixture
def process(core: Core) -> Process:
    """With two ways to log in."""
    core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    return Process(core)


def outcomes(core: Core) -> list[str]:
    """As they were counted."""
    return [outcome for _, outcome, _ in core.meter.ended]


async def test_a_login_that_nobody_finished_is_counted_once(process: Process) -> None:
    """When its time is up and not before, with how long it took, in the audit trail too."""
    await process.begin()
    process.core.clock.advance(LIFE - 1)
    assert await process.abandoned.count() == 0
    process.core.clock.advance(1)
    assert [await process.abandoned.count() for _ in range(2)] == [1, 0]
    assert process.core.meter.ended == [(None, "abandoned", LIFE)]
    assert process.core.audit.names() == ["login.begun", "login.abandoned"]


async def test_a_login_that_ended_is_not(process: Process) -> None:
    """It has an outcome already."""
    step = await process.begin()
    await process.broker.cancel(step.login.id, BROWSER)
    assert len(process.abandoned) == 0
    process.core.clock.advance(LIFE)
    assert await process.abandoned.count() == 0
    assert outcomes(process.core) == ["cancelled"]


async def test_what_another_process_finished_is_not_counted_here(process: Process) -> None:
    """They share a store, and nothing else; what nobody finished is counted by one."""
    other = Process(process.core)
    ended, left = await process.begin(), await process.begin()
    await other.broker.cancel(ended.login.id, BROWSER)
    process.core.clock.advance(LIFE)
    assert [await each.abandoned.count() for each in (other, process)] == [0, 1]
    assert outcomes(process.core) == ["cancelled", "abandoned"]
    assert left.login.id != ended.login.id


async def test_a_login_does_not_live_on_with_its_record(process: Process) -> None:
    """The record is kept for counting; the login is over."""
    step = await process.begin()
    process.core.clock.advance(LIFE)
    for attempt in (process.broker.show, process.broker.cancel):
        with pytest.raises(LoginUnknown, match=r"login\.unknown"):
            await attempt(step.login.id, BROWSER)
    assert await process.abandoned.count() == 1


async def test_after_its_afterlife_nothing_is_left(process: Process) -> None:
    """A record that nobody came for ends by itself, uncounted."""
    await process.begin()
    process.core.clock.advance(LIFE + AFTERLIFE.total_seconds())
    assert await process.abandoned.count() == 0
    assert len(process.abandoned) == 0


async def test_what_is_remembered_is_bounded(core: Core) -> None:
    """One login too many goes on, and is not looked after."""
    core.catalogue.offered = offer(WITH_DIGID, WITH_EIDAS)
    process = Process(core, most=2)
    for _ in range(3):
        await process.begin()
    assert len(process.abandoned) == 2
    core.clock.advance(LIFE)
    assert await process.abandoned.count() == 2


async def test_an_outage_only_delays_counting(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is out of reach for a while: nothing is lost, and the counting goes on by itself."""
    await process.begin()
    process.core.clock.advance(LIFE)
    take, failures = process.core.store.take, [OSError("down"), TooBusy("store")]
    done = asyncio.Event()

    async def failing(kind: str, key: str) -> bytes | None:
        if failures:
            raise failures.pop()
        done.set()
        return await take(kind, key)

    monkeypatch.setattr(process.core.store, "take", failing)
    async with process.abandoned.counting(every=0.001), asyncio.timeout(5):
        await done.wait()
        await asyncio.sleep(0)
    assert (outcomes(process.core), failures) == (["abandoned"], [])
