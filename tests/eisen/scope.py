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
    """

    id: str
    roles: tuple[str, ...]
    level: str
    about: str
    later: str | None

    @property
    def required(self) -> bool:
        """True when a test must exist by now."""
        return self.level == "MUST" and self.later is None


def read_scope(file: Path = FILE) -> dict[str, Requirement]:
    """Every requirement by id, in the order of the file."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {
        name: Requirement(name, tuple(entry["roles"]), entry["level"], entry["about"], entry.get("later"))
        for name, entry in entries.items()
    }
