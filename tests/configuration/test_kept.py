"""Copies on disk: whole or not at all, for our eyes only."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routeringsvoorziening.configuration.kept import MOST_BYTES, KeptCopies

AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

URL = "https://metadata.example.nl/dv?x=1"


@pytest.fixture
def kept(tmp_path: Path) -> KeptCopies:
    return KeptCopies(tmp_path / "kept")


def test_what_was_written_is_read(kept) -> None:
    """With the moment at which it was fetched; other URLs have none."""
    kept.write(URL, b"<md/>", AT)
    assert kept.read(URL).data == b"<md/>"
    assert kept.read(URL).fetched_at == AT
    assert kept.read(URL + "2") is None


def test_a_confirmed_copy_is_younger(kept) -> None:
    """The same bytes, found good later; without a copy nothing happens."""
    kept.write(URL, b"<md/>", AT)
    assert kept.confirm(URL, AT + timedelta(hours=1))
    assert not kept.confirm("https://other.example/", AT)
    assert kept.read(URL).fetched_at == AT + timedelta(hours=1)


def test_nobody_else_can_read_or_write_it(kept) -> None:
    """Neither the file nor the directory."""
    kept.write(URL, b"<md/>", AT)
    path = kept.path_of(URL)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_failed_write_leaves_the_copy(kept, monkeypatch) -> None:
    """And no rest of itself."""
    kept.write(URL, b"old", AT)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.write(URL, b"new", AT)
    assert kept.read(URL).data == b"old"
    assert [each.name for each in kept.path_of(URL).parent.iterdir()] == [kept.path_of(URL).name]


@pytest.mark.attack("S84")
@pytest.mark.parametrize(
    "url", ["https://h/../../etc/passwd", "https://../x", "https://h/" + "a" * 5000, "https://[::1]/", "x"]
)
def test_a_url_never_leaves_the_directory(kept, url) -> None:
    """Whatever is in it."""
    assert kept.path_of(url).parent == kept.path_of(URL).parent
    kept.write(url, b"1", AT)
    assert kept.read(url).data == b"1"


def test_a_copy_that_is_too_large_is_none(kept) -> None:
    """It was not written by us."""
    kept.write(URL, b"x" * (MOST_BYTES + 1), AT)
    assert kept.read(URL) is None
