"""The committed list of what is proven: a requirement that stands in it may not lose its tests."""

from collections.abc import Iterable
from pathlib import Path

FILE = Path(__file__).with_name("covered.txt")


def read(file: Path = FILE) -> list[str]:
    """The ids that were proven before."""
    return file.read_text(encoding="utf-8").split() if file.exists() else []


def write(proven: Iterable[str], file: Path = FILE) -> None:
    """Replace the list."""
    file.write_text("".join(f"{name}\n" for name in proven), encoding="utf-8")


def lost(before: Iterable[str], proven: Iterable[str]) -> list[str]:
    """What was proven and is not any more."""
    now = set(proven)
    return [name for name in before if name not in now]
