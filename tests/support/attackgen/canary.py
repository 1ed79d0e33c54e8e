"""A file and a socket that no hostile message may touch, also not from native code that Python does not see."""

import contextlib
import ctypes
import os
import select
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import cache
from typing import Final

_IN_OPEN: Final = 0x20
_FORBIDDEN: Final = ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec")


class Canary:
    """A watched file, and a listening socket. `disturbed()` says who touched them since the last time."""

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile(prefix="rv-canary-", suffix=".xml")  # noqa: SIM115 - lives on
        self._file.write(b"<canary/>")
        self._file.flush()
        self.path = self._file.name
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/canary"
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_NONBLOCK)
        libc.inotify_add_watch(self._watch, self.path.encode(), _IN_OPEN)

    def disturbed(self) -> list[str]:
        """What was touched; forgets it."""
        found = []
        if select.select([self._watch], [], [], 0)[0]:
            os.read(self._watch, 65536)
            found.append("the file was opened")
        if select.select([self._socket], [], [], 0)[0]:
            self._socket.accept()[0].close()
            found.append("the socket was called")
        return found


@cache
def canary() -> Canary:
    """The one of this process."""
    return Canary()


_watching: list[list[str]] = []
_others: set[int] = set()
"""Threads that were there before, and do what they do."""
_installed: list[bool] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and event in _FORBIDDEN and threading.get_ident() not in _others:
        _watching[-1].append(f"{event} {arguments[:1]!r}")


@contextlib.contextmanager
def nothing_leaves() -> Iterator[list[str]]:
    """Notes every file, socket and process that Python opens meanwhile, and every touch of the canary.

    Threads that were there before are left alone; those that begin meanwhile are not.
    """
    if not _installed:
        sys.addaudithook(_hook)
        _installed.append(True)
    seen: list[str] = []
    canary().disturbed()
    before = {each.ident for each in threading.enumerate() if each.ident} - {threading.get_ident()}
    _others.update(before)
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.pop()
        _others.difference_update(before)
        seen.extend(canary().disturbed())
