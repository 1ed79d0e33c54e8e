"""Lines to a file or a stream, written by one thread, so that a slow disk or terminal never holds the event loop.

Lines that come while the thread is busy wait together, and are written, and brought to the disk, together: the slower
the disk, the more lines share one visit to it.
"""

import asyncio
import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

BATCH: Final = 256
MODE: Final = 0o640


@dataclass(frozen=True, slots=True)
class _Entry:
    data: bytes
    done: "asyncio.Future[None] | None"


class LineWriter:
    """Appends lines to one place, in the order given.

    Args:
        target: a path, opened for appending and reopened when it was rotated away, or an open file descriptor.
        pending: how many lines may wait to be written.
        durable: wait for the disk itself, not only for the operating system. A pipe or terminal has none.
        linger: seconds to rest after each visit, so that what comes meanwhile shares the next one and wakes nobody.
    """

    def __init__(
        self, target: Path | int, *, pending: int = 10_000, durable: bool = False, linger: float = 0.0
    ) -> None:
        self._target = target
        self._pending = pending
        self._durable = durable
        self._linger = linger
        self._ending = threading.Event()
        self._queue: SimpleQueue[_Entry | None] = SimpleQueue()
        self._dropped = 0
        self._torn = False
        self._on_disk = False
        self._descriptor: int | None = target if isinstance(target, int) else None
        self._thread = threading.Thread(target=self._run, name="lines", daemon=True)
        self._thread.start()

    async def write(self, line: str) -> None:
        """Write a line and wait until it is written.

        Raises:
            OSError: it is not written, or too many lines wait; what the caller wants to prove is then not proven.
        """
        if self._queue.qsize() >= self._pending or not self._thread.is_alive():
            raise OSError("too many lines wait to be written")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put(_Entry(_encoded(line), done))
        await done

    def offer(self, line: str) -> None:
        """Write a line some time; when too many wait it is dropped, and the next one that fits says how many were."""
        if self._queue.qsize() >= self._pending:
            self._dropped += 1
            return
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self._queue.put(_Entry(_encoded(f'{{"event": "log lines dropped", "count": {dropped}}}'), None))
        self._queue.put(_Entry(_encoded(line), None))

    def close(self) -> None:
        """Write what waits and end; blocks until done, for at most five seconds. Safe to call twice."""
        self._ending.set()
        self._queue.put(None)
        self._thread.join(5)

    def _run(self) -> None:
        try:
            while batch := list(self._next_batch()):
                self._write_batch(batch)
                if self._linger:
                    self._ending.wait(self._linger)
        finally:
            if isinstance(self._target, Path) and self._descriptor is not None:
                os.close(self._descriptor)

    def _next_batch(self) -> Iterator[_Entry]:
        """What waits now, at least one; nothing when it is time to end."""
        entry = self._queue.get()
        for _ in range(BATCH):
            if entry is None:
                self._queue.put(None)
                return
            yield entry
            try:
                entry = self._queue.get_nowait()
            except Empty:
                return
        if entry is not None:
            yield entry
        else:
            self._queue.put(None)

    def _write_batch(self, batch: list[_Entry]) -> None:
        problem: OSError | None = None
        try:
            self._write_all(b"".join(entry.data for entry in batch))
        except OSError as error:
            problem = error
        for entry in batch:
            if entry.done is not None:
                _settle(entry.done, problem)

    def _write_all(self, data: bytes) -> None:
        """Write everything; after a failure half-way, the next write starts a line of its own."""
        descriptor = self._open()
        left = memoryview(b"\n" + data if self._torn else data)
        self._torn = True
        while left:
            left = left[os.write(descriptor, left) :]
        if self._durable and self._on_disk:
            os.fdatasync(descriptor)
        self._torn = False

    def _open(self) -> int:
        if isinstance(self._target, int):
            return self._target
        if self._descriptor is not None and not _same_file(self._descriptor, self._target):
            os.close(self._descriptor)
            self._descriptor = None
        if self._descriptor is None:
            descriptor = os.open(self._target, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
            self._descriptor, self._torn, self._on_disk = descriptor, False, False
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                self._begin_file(self._target)
        return self._descriptor

    def _begin_file(self, path: Path) -> None:
        """What a crash left half-written spoils no line that comes after it."""
        self._on_disk, self._torn = True, _ends_torn(path)
        if self._durable:
            _keep_name(path)


def _encoded(line: str) -> bytes:
    return line.encode("utf-8", "backslashreplace") + b"\n"


def _keep_name(path: Path) -> None:
    """Bring the directory to the disk too: a file of which the name is lost is lost."""
    directory = os.open(path.absolute().parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _ends_torn(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        return size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _settle(done: "asyncio.Future[None]", problem: OSError | None) -> None:
    """Tell the waiting task; when its loop is gone, nobody waits."""

    def tell() -> None:
        if done.done():
            return
        if problem is None:
            done.set_result(None)
        else:
            done.set_exception(OSError(problem.errno, "not written"))

    with contextlib.suppress(RuntimeError):
        done.get_loop().call_soon_threadsafe(tell)
