"""Short work: done at once, within its share of the event loop's time, and by threads beyond it."""

import asyncio
import contextvars
import threading
from collections.abc import Iterator

import pytest

from routeringsvoorziening.saml.offload import SHORT, CryptoPool, PoolTimeout
from routeringsvoorziening.saml.on_the_spot import Allowance, OnTheSpot, work_in


class Watch:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now

    def work(self, seconds: float) -> float:
        """Takes so long."""
        self.now += seconds
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pool() -> Iterator[CryptoPool]:
    made = CryptoPool(workers=1, timeout=0.05)
    yield made
    made.close()


async def test_what_is_short_is_done_by_who_asks(pool: CryptoPool) -> None:
    """With its arguments, its result and its errors; nothing is handed over."""
    short = pool.for_work(SHORT)
    assert await short.run(threading.get_ident) == threading.get_ident()
    assert await short.run_earned(int, "ff", base=16) == 255
    with pytest.raises(ValueError, match="nope"):
        await short.run(int, "nope")


async def test_it_leaves_no_trace_in_the_context(pool: CryptoPool) -> None:
    """As with a thread: it sees the reference of its login, and what it sets is gone afterwards."""
    variable = contextvars.ContextVar("reference", default="none")
    variable.set("R1")
    short = pool.for_work(0)
    assert await short.run(variable.get) == "R1"
    await short.run(variable.set, "R2")
    assert variable.get() == "R1"


@pytest.mark.attack("S48")
def test_tags_and_attributes_are_work() -> None:
    """A message of nothing but small elements is no short one, however small; base64 may hide as much."""
    assert work_in(b"<a/>" * 1000) > SHORT > work_in(b"a" * 20_000)
    assert work_in(b' a=""' * 1500) > SHORT
    assert work_in("A" * 10_000) > SHORT > work_in("A" * 5_000)
    assert work_in(b'<a b="">c</a>') == 13 + 2 * 64 + 16


async def test_what_is_longer_is_done_by_a_thread(pool: CryptoPool) -> None:
    """By a byte."""
    assert await pool.for_work(SHORT + 1).run(threading.get_ident) != threading.get_ident()


def test_an_allowance_is_a_share_of_the_time_that_passes(watch: Watch) -> None:
    """What was spent comes back slower than it went."""
    allowance = Allowance(0.25, saved=0.04, clock=watch)
    assert allowance.left == pytest.approx(0.04)
    allowance.spend(0.06)
    assert allowance.left == pytest.approx(-0.02)
    watch.work(0.06)
    assert allowance.left == pytest.approx(-0.005)
    watch.work(0.04)
    assert allowance.left == pytest.approx(0.005)


def test_no_more_is_saved_up_than_a_bound(watch: Watch) -> None:
    """A quiet hour buys nobody a second of everybody's time."""
    allowance = Allowance(0.25, saved=0.04, clock=watch)
    watch.work(3600)
    assert allowance.left == pytest.approx(0.04)


async def test_who_asks_pays_for_what_it_took(watch: Watch) -> None:
    """Also when the call fails."""
    allowance = Allowance(0.25, saved=0.04, clock=watch)
    spot = OnTheSpot(allowance, clock=watch)
    await spot.run(watch.work, 0.008)
    assert allowance.left == pytest.approx(0.04 - 0.008 + 0.002)

    def fail() -> None:
        watch.work(0.008)
        raise ValueError("nope")

    with pytest.raises(ValueError, match="nope"):
        await spot.run(fail)
    assert allowance.left == pytest.approx(0.04 - 2 * (0.008 - 0.002))


@pytest.mark.attack("S48")
async def test_a_flood_gets_its_share_and_then_the_threads(watch: Watch) -> None:
    """However many messages come: of ten seconds of them, a quarter of the time is spent at once."""
    pool = CryptoPool(workers=1, share=0.25)
    pool._allowance = Allowance(0.25, clock=watch)
    pool._on_the_spot = OnTheSpot(pool._allowance, clock=watch)
    started, at_once, refused = watch.now, 0.0, 0
    while watch.now < started + 10:
        doing = pool.for_work(1)
        if doing is pool:
            refused += 1
            watch.work(0.001)
            continue
        await doing.run(watch.work, 0.002)
        at_once += 0.002
    assert 2.4 < at_once < 2.6
    assert refused > 1000
    pool.close()


async def test_nothing_is_done_at_once_while_a_worker_hangs(pool: CryptoPool) -> None:
    """What it hangs on may have come again; when it is back, all is as before."""
    gate = threading.Event()
    with pytest.raises(PoolTimeout):
        await pool.run(gate.wait)
    assert pool.for_work(1) is pool
    gate.set()
    async with asyncio.timeout(2):
        while pool.lost:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert pool.for_work(1) is not pool


async def test_a_closed_pool_does_nothing_at_once(pool: CryptoPool) -> None:
    """It is `run` that says so."""
    pool.close()
    assert pool.for_work(1) is pool
