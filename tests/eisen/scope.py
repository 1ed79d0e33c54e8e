"""Which requirements are in scope: reading `scope.yaml`."""

from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("scope.yaml")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of the koppelvlak, in our own words.

    Args:
        id: as the checklist names it: `AR-07`.
        roles: RD, AD, DV.
        level: MUST, SHOULD or MAY.
        about: what a test of it shows.
        later: why it is not in scope yet; None when it is.
        untestable: why no test can show it; None when one can.
    """

    id: str
    roles: tuple[str, ...]
    level: str
    about: str
    later: str | None = None
    untestable: str | None = None

    @property
    def in_scope(self) -> bool:
        """True when a test must exist by now, whatever the level."""
        return self.later is None and self.untestable is None

    @property
    def required(self) -> bool:
        """True for a MUST in scope."""
        return self.level == "MUST" and self.in_scope


def read_scope(file: Path = FILE) -> dict[str, Requirement]:
    """Every requirement by id, in the order of the file."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {name: _requirement(name, **entry) for name, entry in entries.items()}


def _requirement(name: str, *, roles: list[str], **words: str) -> Requirement:
    return Requirement(name, tuple(roles), **words)
