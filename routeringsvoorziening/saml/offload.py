"""XML cryptography off the event loop, with a deadline and a bound.

A native call that hangs cannot be stopped: Python has no way to end a thread. So the waiting side gets its error at
the deadline, the worker is written off and replaced, and the number of lost workers is there for a metric and for the
health check. Too many lost and the pool refuses work: then something keeps hanging it, and more threads only hide that.
Threads are daemons, so that a lost one does not keep the process from ending.
"""

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

MAXIMUM_LOST: Final = 8


class PoolBusy(Exception):
    """The queue is full, too many workers are lost, or the pool is closed. The job has not run and will not."""


class PoolTimeout(TimeoutError):
    """The deadline passed. A job that was still queued will not run; one that ran already is written off."""


@dataclass(slots=True, eq=False)
class _Job:
    """One call: what to run, and the future that waits for it in its own event loop."""

    call: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    worker: "_Worker | None" = None
    abandoned: bool = False


@dataclass(slots=True, eq=False)
class _Worker:
    """A thread of the pool. A lost one ends as soon as its call returns, if it ever does."""

    thread: threading.Thread | None = None
    lost: bool = field(default=False)


class CryptoPool:
    """A few threads for calls of more than a millisecond.

    Args:
        workers: threads; libxmlsec gains nothing from more than two.
        timeout: seconds that a caller waits at most, queueing included.
        max_pending: calls queued or running; at the bound: `PoolBusy`.
    """

    def __init__(self, workers: int = 2, timeout: float = 5.0, max_pending: int = 64) -> None:
        self._timeout = timeout
        self._max_pending = max_pending
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._workers: set[_Worker] = set()
        self._pending = 0
        self._lost = 0
        self._closed = False
        for _ in range(workers):
            self._hire()

    @property
    def pending(self) -> int:
        """Calls queued or running."""
        return self._pending

    @property
    def lost(self) -> int:
        """Workers that hung past a deadline and have not come back. More than none is reason for an alarm."""
        return self._lost

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function in the pool, within the caller's context variables; what it raises comes through.

        Raises:
            PoolBusy: at a bound; answer 503.
            PoolTimeout: at the deadline.
        """
        if self._closed or self._pending >= self._max_pending or self._lost >= MAXIMUM_LOST:
            raise PoolBusy
        loop = asyncio.get_running_loop()
        call = partial(contextvars.copy_context().run, partial(function, *args, **kwargs))
        job = _Job(call, loop, loop.create_future())
        self._pending += 1
        self._queue.put(job)
        try:
            async with asyncio.timeout(self._timeout):
                return await job.future  # type: ignore[no-any-return]
        except TimeoutError:
            if job.future.done() and not job.future.cancelled():
                raise  # the function's own
            self._write_off(job)
            raise PoolTimeout from None
        finally:
            job.abandoned = True
            self._pending -= 1

    def close(self) -> None:
        """Take no more work and let the workers end after what is queued. Does not wait for them."""
        if not self._closed:
            self._closed = True
            for _ in self._workers:
                self._queue.put(None)

    def _hire(self) -> None:
        worker = _Worker()
        worker.thread = threading.Thread(target=self._work, args=(worker,), name="crypto", daemon=True)
        self._workers.add(worker)
        worker.thread.start()

    def _write_off(self, job: _Job) -> None:
        with self._lock:
            job.abandoned = True
            worker = job.worker
            if worker is None or worker.lost:
                return
            worker.lost = True
            self._lost += 1
            self._workers.discard(worker)
            if not self._closed:
                self._hire()

    def _work(self, worker: _Worker) -> None:
        while not worker.lost and (job := self._queue.get()) is not None:
            with self._lock:
                if job.abandoned:
                    continue
                job.worker = worker
            _answer(job, *_outcome(job.call))
            with self._lock:
                job.worker = None
        with self._lock:
            self._lost -= worker.lost
            self._workers.discard(worker)


def _outcome(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - it travels to the caller, whatever it is
        return None, error


def _answer(job: _Job, result: Any, error: BaseException | None) -> None:
    try:
        job.loop.call_soon_threadsafe(_settle, job.future, result, error)
    except RuntimeError:
        """The loop has closed: nobody waits any more."""


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
