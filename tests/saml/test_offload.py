"""The pool: results, errors, bounds, deadlines, and workers that hang."""

import asyncio
import contextvars
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from routeringsvoorziening.saml import offload
from routeringsvoorziening.saml.offload import CryptoPool, PoolBusy, PoolTimeout


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Jobs wait for it; it opens at the end of the test, so that no thread stays behind."""
    event = threading.Event()
    yield event
    event.set()


async def until(condition: object, seconds: float = 2) -> None:
    """Let the loop run until something is true."""
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_gives_results_and_errors_back() -> None:
    """With positional and keyword arguments; off the loop's own thread."""
    pool = CryptoPool()
    assert await pool.run(int, "ff", base=16) == 255
    assert await pool.run(threading.get_ident) != threading.get_ident()
    with pytest.raises(ValueError, match="nope"):
        await pool.run(int, "nope")
    assert pool.pending == 0
    pool.close()


async def test_a_timeout_of_the_function_is_its_own() -> None:
    """It does not look like the pool's deadline."""

    def fail() -> None:
        raise TimeoutError("mine")

    pool = CryptoPool()
    with pytest.raises(TimeoutError, match="mine") as info:
        await pool.run(fail)
    assert not isinstance(info.value, PoolTimeout)
    assert pool.lost == 0
    pool.close()


async def test_carries_context_variables() -> None:
    """So that a log line of a worker has the reference of its login; and nothing leaks to the next."""
    variable = contextvars.ContextVar("reference", default="none")
    pool = CryptoPool(workers=1)
    variable.set("R1")
    assert await pool.run(variable.get) == "R1"
    await pool.run(variable.set, "R2")
    assert await pool.run(variable.get) == "R1"
    pool.close()


async def test_the_loop_goes_on_while_workers_work() -> None:
    """Two jobs at once, and the loop beside them."""
    both = threading.Barrier(3, timeout=2)
    pool = CryptoPool(workers=2)
    jobs = [asyncio.create_task(pool.run(both.wait)) for _ in range(2)]
    await until(lambda: both.n_waiting == 2)
    threading.Thread(target=both.wait).start()
    assert len(await asyncio.gather(*jobs)) == 2
    pool.close()


async def test_refuses_work_at_its_bound(gate: threading.Event) -> None:
    """Queued and running together; room again as soon as one is done."""
    pool = CryptoPool(workers=1, max_pending=2)
    jobs = [asyncio.create_task(pool.run(gate.wait)) for _ in range(2)]
    await until(lambda: pool.pending == 2)
    with pytest.raises(PoolBusy):
        await pool.run(int)
    gate.set()
    await asyncio.gather(*jobs)
    assert await pool.run(int) == 0
    pool.close()


async def test_the_deadline_frees_the_caller_and_replaces_the_worker(gate: threading.Event) -> None:
    """A hung call costs its caller the deadline, and nobody else anything."""
    pool = CryptoPool(workers=1, timeout=0.05)
    started = time.perf_counter()
    with pytest.raises(PoolTimeout):
        await pool.run(gate.wait)
    assert time.perf_counter() - started < 1
    assert (pool.lost, pool.pending) == (1, 0)
    assert await pool.run(int, "7") == 7
    gate.set()
    await until(lambda: pool.lost == 0)
    assert await pool.run(int, "8") == 8
    pool.close()


async def test_a_queued_job_that_is_too_late_never_runs(gate: threading.Event) -> None:
    """Its caller has gone. A closed pool replaces no worker, so that the job stays in the queue until its deadline."""
    ran: list[int] = []
    pool = CryptoPool(workers=1, timeout=0.05)
    jobs = [asyncio.create_task(job) for job in (pool.run(gate.wait), pool.run(ran.append, 1))]
    await until(lambda: pool.pending == 2)
    pool.close()
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(each) for each in results] == [PoolTimeout, PoolBusy]
    assert (pool.lost, pool.pending) == (1, 0)
    gate.set()
    await until(lambda: pool.lost == 0)
    assert ran == []


async def test_who_waits_for_a_turn_does_not_hang() -> None:
    """The deadline runs from the start of the call: a queue of slow calls costs no worker."""
    pool = CryptoPool(workers=1, timeout=0.1)
    await asyncio.gather(pool.run(time.sleep, 0.07), pool.run(time.sleep, 0.07))
    assert (pool.lost, pool.pending, pool.healthy) == (0, 0, 1)
    pool.close()


async def test_a_turn_that_does_not_come_is_no_hang(gate: threading.Event) -> None:
    """Whoever waited as long as one call may last is told that it is busy; its job never runs."""
    ran: list[int] = []
    pool = CryptoPool(workers=1, timeout=0.1)
    first = asyncio.create_task(pool.run(gate.wait))
    await until(lambda: pool.pending == 1)
    await asyncio.sleep(0.03)
    job = pool._run(lambda: ran.append(1), earned=False)
    pool._workers[0].lost = True  # nobody takes over
    with pytest.raises(PoolBusy):
        await job
    gate.set()
    await asyncio.gather(first, return_exceptions=True)
    assert ran == []
    pool.close()


async def test_what_was_earned_is_not_refused(gate: threading.Event) -> None:
    """In a full pool it waits its turn, also longer than one call may last; others are refused at once."""
    pool = CryptoPool(workers=1, timeout=0.1, max_pending=1)
    busy = asyncio.create_task(pool.run(time.sleep, 0.09))
    await until(lambda: pool.pending == 1)
    with pytest.raises(PoolBusy):
        pool.check_room()
    earned = [asyncio.create_task(pool.run_earned(time.sleep, 0.09)) for _ in range(3)]
    with pytest.raises(PoolBusy):
        await pool.run(int)
    await asyncio.gather(busy, *earned)
    pool.check_room()
    pool.close()
    with pytest.raises(PoolBusy):
        await pool.run_earned(int)


async def test_a_worker_that_hangs_is_counted_though_its_caller_left(gate: threading.Event) -> None:
    """A client that hangs up must not hide it."""
    pool = CryptoPool(workers=1, timeout=0.05)
    job = asyncio.create_task(pool.run(gate.wait))
    await until(lambda: pool.pending == 1)
    await asyncio.sleep(0.01)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert pool.pending == 1
    await until(lambda: pool.lost == 1)
    assert pool.pending == 0
    assert await pool.run(int, "7") == 7
    pool.close()


async def test_a_cancelled_job_that_was_queued_never_runs(gate: threading.Event) -> None:
    """And it frees its place."""
    ran: list[int] = []
    pool = CryptoPool(workers=1)
    first = asyncio.create_task(pool.run(gate.wait))
    await until(lambda: pool.pending == 1)
    second = asyncio.create_task(pool.run(ran.append, 1))
    await until(lambda: pool.pending == 2)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    gate.set()
    await first
    await until(lambda: pool.pending == 0)
    assert ran == []
    pool.close()


async def test_too_many_lost_workers_stop_the_pool(gate: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """More threads would only hide that something keeps hanging them."""
    monkeypatch.setattr(offload, "MAXIMUM_LOST", 2)
    pool = CryptoPool(workers=1, timeout=0.02)
    for _ in range(2):
        with pytest.raises(PoolTimeout):
            await pool.run(gate.wait)
    with pytest.raises(PoolBusy):
        await pool.run(int)
    gate.set()
    await until(lambda: pool.lost == 0)
    assert await pool.run(int) == 0
    pool.close()


async def test_a_closed_pool_takes_no_work_and_its_threads_end() -> None:
    """What was queued is still done."""
    pool = CryptoPool(workers=2)
    job = asyncio.create_task(pool.run(int, "7"))
    await asyncio.sleep(0)
    pool.close()
    pool.close()
    assert await job == 7
    with pytest.raises(PoolBusy):
        await pool.run(int)
    await until(lambda: not any(worker.alive for worker in pool._workers))


def test_a_loop_that_closed_does_not_kill_a_worker(gate: threading.Event) -> None:
    """The next loop, as in the next test, is served all the same."""
    pool = CryptoPool(workers=1, timeout=60)
    loop = asyncio.new_event_loop()
    job = loop.create_task(pool.run(gate.wait))
    loop.run_until_complete(asyncio.sleep(0.01))
    job.cancel()
    loop.run_until_complete(asyncio.gather(job, return_exceptions=True))
    loop.close()
    gate.set()
    assert asyncio.run(pool.run(int, "7")) == 7
    pool.close()


async def test_every_kind_of_error_reaches_the_caller() -> None:
    """Also one that is no Exception: the worker goes on."""

    def leave() -> None:
        raise SimpleNamespace(kind=GeneratorExit).kind

    pool = CryptoPool(workers=1)
    with pytest.raises(GeneratorExit):
        await pool.run(leave)
    assert await pool.run(int, "7") == 7
    pool.close()
