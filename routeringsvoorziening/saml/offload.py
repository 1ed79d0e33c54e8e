"""XML cryptography off the event loop, with a deadline and a bound; and what is short, at once (`on_the_spot`).

A native call that hangs cannot be stopped: Python has no way to end a thread. So the waiting side gets its error at
the deadline, which runs from the moment that the call starts: who waits for a turn does not hang. The worker is written
off and replaced, and the number of lost workers is there for a metric and for the health check. Too many lost and the
pool refuses work: then something keeps hanging it, and more threads only hide that.
Threads are daemons, so that a lost one does not keep the process from ending.

No locks: everything but the call itself happens on the event loop. The two sides share `job.worker` and
`job.abandoned`, and each writes its own before it reads the other's, so that no running job goes unseen.
"""

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Final, ParamSpec, TypeVar

from routeringsvoorziening.saml.on_the_spot import Allowance, OnTheSpot

P = ParamSpec("P")
R = TypeVar("R")

MAXIMUM_LOST: Final = 8
SHORT: Final = 24_000
"""Work, as `on_the_spot.work_in` counts it, up to which a call is short. Messages of real parties are, and take one or
two milliseconds; the costliest one that is takes some three, and one full of mistakes of schema twice that."""


class PoolBusy(Exception):
    """Too much is pending, for too long, too many workers are lost, or the pool is closed. The job will not run."""


class PoolTimeout(Exception):
    """The call hung past its deadline, and is written off. No `TimeoutError`: nothing out there was slow."""


@dataclass(slots=True, eq=False)
class _Job:
    """One call, and the future that waits for it in its event loop."""

    call: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    timer: asyncio.TimerHandle | None = None
    earned: bool = False
    started: float | None = None
    worker: "_Worker | None" = None
    abandoned: bool = False
    released: bool = False


class _Worker:
    """A thread that takes jobs until the queue says None. A lost one ends when its call returns, if it ever does."""

    def __init__(self, jobs: "queue.SimpleQueue[_Job | None]", settle: Callable[[_Job, Any, Any], None]) -> None:
        self.lost = False
        self._jobs = jobs
        self._settle = settle
        self._thread = threading.Thread(target=self._work, name="crypto", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """False when the thread has ended."""
        return self._thread.is_alive()

    def _work(self) -> None:
        while not self.lost and (job := self._jobs.get()) is not None:
            job.worker = self
            job.started = monotonic()
            result, error = (None, None) if job.abandoned else _outcome(job.call)
            job.worker = None
            try:
                job.loop.call_soon_threadsafe(self._settle, job, result, error)
            except RuntimeError:  # the loop has closed: nobody waits any more
                continue


class CryptoPool:
    """A few threads for calls that would hold up the event loop.

    Args:
        workers: threads; nothing is gained by more than there are processors.
        timeout: seconds that one call may last; the wait for its turn may last as long besides.
        max_pending: calls queued or running; at the bound: `PoolBusy`.
        share: of the event loop's time, for short calls.
    """

    def __init__(
        self,
        workers: int = 2,
        timeout: float = 5.0,
        max_pending: int = 64,
        share: float = 0.5,
    ) -> None:
        self._timeout = timeout
        self._max_pending = max_pending
        self._allowance = Allowance(share)
        self._on_the_spot = OnTheSpot(self._allowance)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._pending = 0
        self._closed = False
        self._workers = [self._hire() for _ in range(workers)]

    @property
    def pending(self) -> int:
        """Calls queued or running, those of callers that went away included."""
        return self._pending

    @property
    def lost(self) -> int:
        """Workers that hung past a deadline and have not come back. More than none is reason for an alarm."""
        return sum(worker.lost and worker.alive for worker in self._workers)

    @property
    def healthy(self) -> int:
        """Workers that can take the next job."""
        return sum(worker.alive and not worker.lost for worker in self._workers)

    @property
    def _hopeless(self) -> bool:
        """So many workers lost that it is no use to try; there are few workers at all as long as none is."""
        return len(self._workers) > MAXIMUM_LOST and self.lost >= MAXIMUM_LOST

    def check_room(self) -> None:
        """For whoever is about to fetch what can be fetched only once: there is room for what will be made of it.

        Raises:
            PoolBusy: at a bound.
        """
        if self._closed or self._pending >= self._max_pending or self._hopeless:
            raise PoolBusy

    def for_work(self, work: int) -> "CryptoPool | OnTheSpot":
        """Who best makes a call that is so much work: this pool, or the caller at once when it is short.

        Nothing is done at once while a worker hangs: whatever it hangs on may have come again. Where all that can be
        done at once has been done, the pool with its bounds is what is left.
        """
        if work > SHORT or self._closed or self.lost or self._allowance.left <= 0:
            return self
        return self._on_the_spot

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function in the pool, within the caller's context variables; what it raises comes through.

        Raises:
            PoolBusy: at a bound, or its turn did not come; answer 503.
            PoolTimeout: at the deadline.
        """
        self.check_room()
        return await self._run(partial(function, *args, **kwargs), earned=False)

    async def run_earned(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `run`, for what cannot be had again: it waits its turn whatever else is pending.

        Its caller sees to it that there are not too many: by `check_room` before, and a bound on what it fetches.

        Raises:
            PoolBusy: the pool is closed, or too many workers are lost.
            PoolTimeout: at the deadline.
        """
        if self._closed or self._hopeless:
            raise PoolBusy
        return await self._run(partial(function, *args, **kwargs), earned=True)

    async def _run(self, function: Callable[[], R], *, earned: bool) -> R:
        loop = asyncio.get_running_loop()
        job = _Job(partial(contextvars.copy_context().run, function), loop, loop.create_future(), earned=earned)
        self._look_after(job, self._timeout)
        self._pending += 1
        self._jobs.put(job)
        try:
            return await job.future  # type: ignore[no-any-return]
        finally:
            job.abandoned = True

    def close(self) -> None:
        """Take no more work; the workers end after what is queued. Does not wait for them."""
        if not self._closed:
            self._closed = True
            for _ in self._workers:
                self._jobs.put(None)

    def _hire(self) -> _Worker:
        return _Worker(self._jobs, self._settle)

    def _settle(self, job: _Job, result: Any, error: BaseException | None) -> None:
        """On the loop, after the call: wake up whoever waits."""
        if job.timer is not None:
            job.timer.cancel()
        self._release(job)
        if job.future.done():
            return
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)

    def _look_after(self, job: _Job, seconds: float) -> None:
        job.timer = job.loop.call_later(seconds, self._look, job)

    def _look(self, job: _Job) -> None:
        """On the loop: also when the caller has gone, for the worker may hang all the same."""
        if job.started is None:
            self._tire(job)
        elif (left := job.started + self._timeout - monotonic()) > 0:
            self._look_after(job, left)
        else:
            self._expire(job)

    def _tire(self, job: _Job) -> None:
        """It was not its turn yet. What was earned waits on, as long as there is somebody to do it."""
        if not (job.earned and self.healthy):
            job.abandoned = True
            self._give_up(job, PoolBusy())
        if not job.abandoned or job.worker is not None:
            self._look_after(job, self._timeout)

    def _expire(self, job: _Job) -> None:
        job.abandoned = True
        worker = job.worker
        if worker is not None and not worker.lost:
            worker.lost = True
            self._workers = [kept for kept in self._workers if kept.alive]
            if not self._closed:
                self._workers.append(self._hire())
        self._give_up(job, PoolTimeout())

    def _give_up(self, job: _Job, error: Exception) -> None:
        self._release(job)
        if not job.future.done():
            job.future.set_exception(error)

    def _release(self, job: _Job) -> None:
        self._pending -= not job.released
        job.released = True


def _outcome(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - the edge of the thread: it travels to the caller, whatever it is
        return None, error
