"""Lines reach their place, in order, or their writer hears that they did not."""

import asyncio
import errno
import os
import resource
import threading
from pathlib import Path

import pytest

from routeringsvoorziening.observability.lines import LineWriter


@pytest.fixture
def make_writer():
    """A function that makes writers which end with the test."""
    made: list[LineWriter] = []

    def make(target, **settings) -> LineWriter:
        made.append(LineWriter(target, **settings))
        return made[-1]

    yield make
    for writer in made:
        writer.close()


@pytest.fixture
def full_pipe():
    """The writing end of a pipe that nobody reads: whoever writes much to it, waits."""
    reading, writing = os.pipe()
    yield writing, reading
    os.close(writing)
    os.close(reading)


async def test_a_written_line_is_in_the_file(make_writer, tmp_path):
    """When `write` returns, the line is there."""
    writer = make_writer(tmp_path / "audit", durable=True)
    await writer.write("one")
    assert await asyncio.to_thread((tmp_path / "audit").read_text) == "one\n"


async def test_order_is_kept_and_nothing_is_lost(make_writer, tmp_path):
    """Many at once come out in the order given, more than one batch of them."""
    writer = make_writer(tmp_path / "audit")
    await asyncio.gather(*(writer.write(str(number)) for number in range(1000)))
    lines = (await asyncio.to_thread((tmp_path / "audit").read_text)).split()
    assert lines == [str(number) for number in range(1000)]


async def test_a_line_that_is_not_written_is_an_os_error(make_writer, tmp_path):
    """No directory, no file, no promise."""
    writer = make_writer(tmp_path / "missing" / "audit")
    with pytest.raises(OSError, match="not written"):
        await writer.write("one")


async def test_writing_recovers(make_writer, tmp_path):
    """When the place is back, so is the writing."""
    writer = make_writer(tmp_path / "later" / "audit")
    with pytest.raises(OSError, match="not written"):
        await writer.write("one")
    (tmp_path / "later").mkdir()
    await writer.write("two")
    assert await asyncio.to_thread((tmp_path / "later" / "audit").read_text) == "two\n"


async def test_a_full_disk_is_an_os_error(make_writer):
    """The device that is always full."""
    full = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(OSError, match="not written") as problem:
        await make_writer(full).write("one")
    assert problem.value.errno == errno.ENOSPC


async def test_a_line_is_on_the_disk_before_anybody_is_told(make_writer, tmp_path, monkeypatch):
    """`write` returns after the disk has the line; without `durable` the disk is not waited for."""
    synced: list[str] = []
    path = tmp_path / "audit"
    monkeypatch.setattr(os, "fdatasync", lambda _descriptor: synced.append(path.read_text()))
    await make_writer(tmp_path / "log").write("not waited for")
    assert synced == []
    await make_writer(path, durable=True).write("one")
    assert synced == ["one\n"]


async def test_the_name_of_a_new_file_is_on_the_disk_too(make_writer, tmp_path, monkeypatch):
    """A file of which the directory was lost is lost: its directory is brought to the disk, once per file."""
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.path.samestat(os.fstat(descriptor), here)))
    here = tmp_path.stat()
    writer = make_writer(tmp_path / "audit", durable=True)
    await writer.write("one")
    await writer.write("two")
    assert synced == [True]


async def test_lines_that_wait_share_one_visit_to_the_disk(make_writer, tmp_path, monkeypatch):
    """While the disk is busy with the first line a hundred others come: they take one visit, not a hundred."""
    visits: list[int] = []
    busy, free = threading.Event(), threading.Event()

    def slow(descriptor: int) -> None:
        visits.append(descriptor)
        busy.set()
        free.wait(5)

    monkeypatch.setattr(os, "fdatasync", slow)
    writer = make_writer(tmp_path / "audit", durable=True)
    first = asyncio.create_task(writer.write("first"))
    await asyncio.to_thread(busy.wait, 5)
    others = [asyncio.create_task(writer.write(str(number))) for number in range(100)]
    await asyncio.sleep(0)
    assert not first.done()
    free.set()
    await asyncio.gather(first, *others)
    assert len(visits) == 2


async def test_a_disk_that_fails_is_an_os_error(make_writer, tmp_path, monkeypatch):
    """Handed to the operating system is not written: who waits hears it, and the next line is a line of its own."""
    writer = make_writer(tmp_path / "audit", durable=True)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", fail)
        with pytest.raises(OSError, match="not written") as problem:
            await writer.write("one")
    assert problem.value.errno == errno.EIO
    await writer.write("two")
    assert (await asyncio.to_thread((tmp_path / "audit").read_text)).endswith("\ntwo\n")


def fail(_descriptor: int) -> None:
    raise OSError(errno.EIO, "the disk is broken")


async def test_a_disk_that_fills_up_is_an_os_error(make_writer, tmp_path):
    """A real file that may not grow: the line that does not fit is refused, and what was there stays whole."""
    path = tmp_path / "audit"
    writer = make_writer(path, durable=True)
    await writer.write("fits")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(OSError, match="not written") as problem:
            await writer.write("x" * 2_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert problem.value.errno == errno.EFBIG
    await writer.write("fits again")
    lines = (await asyncio.to_thread(path.read_text)).split()
    assert (lines[0], lines[-1]) == ("fits", "again")


async def test_what_a_crash_left_spoils_no_line(make_writer, tmp_path):
    """A file that ends in half a line: the next one begins on a line of its own."""
    (tmp_path / "audit").write_text('{"half', encoding="utf-8")
    await make_writer(tmp_path / "audit").write("whole")
    assert await asyncio.to_thread((tmp_path / "audit").read_text) == '{"half\nwhole\n'


async def test_a_pipe_has_no_disk(make_writer, full_pipe, tmp_path):
    """Asking for durability of what is no file is not an error."""
    writing, reading = full_pipe
    await make_writer(Path(f"/proc/self/fd/{writing}"), durable=True).write("one")
    assert await asyncio.to_thread(_read_until, reading, b"\n") == "one\n"


async def test_a_rotated_file_is_begun_anew(make_writer, tmp_path):
    """After a rename, lines go to a new file of the old name."""
    path = tmp_path / "audit"
    writer = make_writer(path)
    await writer.write("old")
    path.rename(tmp_path / "audit.1")
    await writer.write("new")
    assert await asyncio.to_thread(path.read_text) == "new\n"
    assert await asyncio.to_thread((tmp_path / "audit.1").read_text) == "old\n"


async def test_too_many_waiting_lines_are_refused(make_writer, full_pipe):
    """When the place takes nothing, the bound is told at once and the loop stays free; what waited is written later."""
    writing, reading = full_pipe
    writer = make_writer(writing, pending=2)
    writer.offer("x" * 100_000)
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(writer.write(line)) for line in "ab"]
    await asyncio.sleep(0)
    with pytest.raises(OSError, match="too many lines"):
        await writer.write("one more")
    assert (await asyncio.to_thread(_read_until, reading, b"a\nb\n")).endswith("x\na\nb\n")
    await asyncio.gather(*waiting)


async def test_offered_lines_are_dropped_at_the_bound_and_counted(make_writer, full_pipe):
    """The log never waits: it says afterwards how many lines are missing."""
    writing, reading = full_pipe
    writer = make_writer(writing, pending=2)
    writer.offer("x" * 100_000)
    await asyncio.sleep(0.05)
    for _ in range(5):
        writer.offer("y")
    text = await asyncio.to_thread(_read_until, reading, b"y\ny\n")
    writer.offer("z")
    text += await asyncio.to_thread(_read_until, reading, b"z\n")
    assert '{"event": "log lines dropped", "count": 3}' in text


def _read_until(reading: int, end: bytes) -> str:
    data = b""
    while not data.endswith(end):
        data += os.read(reading, 65536)
    return data.decode()


async def test_after_closing_nothing_is_promised(make_writer, tmp_path):
    """A writer that has ended refuses."""
    writer = make_writer(tmp_path / "audit")
    await asyncio.to_thread(writer.close)
    with pytest.raises(OSError, match="too many"):
        await writer.write("one")
