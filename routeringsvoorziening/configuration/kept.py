"""The last good copy of every document that was fetched from a URL, on disk.

A copy is not trusted for where it stands: whoever reads it judges it again, as if it had just been fetched.
"""

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

MOST_BYTES: Final = 16 * 1_048_576
_PLAIN: Final = re.compile(r"[^a-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Copy:
    """A document, and when it was last found good at its URL (UTC)."""

    data: bytes = field(repr=False)
    fetched_at: datetime


class KeptCopies:
    """One directory with a file per URL. Everything here blocks: call it off the event loop."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path_of(self, url: str) -> Path:
        """Where the copy of a URL is: a file that names the host, for people, and the whole URL, as a digest."""
        host = _PLAIN.sub("-", (urlsplit(url).hostname or "").lower())[:100]
        return self._directory / f"{host}-{sha256(url.encode()).hexdigest()[:32]}.xml"

    def read(self, url: str) -> Copy | None:
        """The copy; None when there is none that can be read."""
        try:
            with self.path_of(url).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
                written = os.fstat(file.fileno()).st_mtime
        except OSError:
            return None
        return None if len(data) > MOST_BYTES else Copy(data, datetime.fromtimestamp(written, UTC))

    def write(self, url: str, data: bytes, at: datetime) -> None:
        """Replace the copy in one step, for our eyes only: who reads meets the old one or the new one, whole.

        Raises:
            OSError: it cannot be written; the old copy is untouched.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._directory / f".{uuid4().hex}"
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.utime(fresh, (at.timestamp(), at.timestamp()))
            fresh.replace(self.path_of(url))
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def confirm(self, url: str, at: datetime) -> bool:
        """What is at the URL is still what the copy says; False when there is no copy.

        Raises:
            OSError: it cannot be written.
        """
        try:
            os.utime(self.path_of(url), (at.timestamp(), at.timestamp()))
        except FileNotFoundError:
            return False
        return True
