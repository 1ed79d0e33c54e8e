"""What is wrong with a configuration, in words that tell where it stands and how to mend it.

Reading and checking never stop at the first mistake: everybody adds to one `Findings`, and only at the end somebody
decides. A finding never repeats a value that may be a secret.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

YamlPath = tuple[str | int, ...]
"""Keys and positions from the top of a file: `("own", "signing", 0, "key")`."""


class Severity(StrEnum):
    """How bad it is, worst first."""

    ERROR = "error"
    """The configuration cannot be used."""
    UNUSABLE = "unusable"
    """One connection cannot be used; at the start it is left out and the rest works. A reload refuses it."""
    WARNING = "warning"
    """It works, but somebody should look."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands.

    Args:
        file: the YAML file.
        path: keys and positions within it.
        line: counted from 1; None for a file that could not be read.
    """

    file: Path
    path: YamlPath = ()
    line: int | None = None

    @property
    def dotted(self) -> str:
        """The path as people write it: `own.signing[0].key`."""
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return text.removeprefix(".")

    def __str__(self) -> str:
        return str(self.file) if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake, or something to look at.

    Args:
        severity: how bad.
        code: stable, dotted, lower case.
        place: where.
        text: what is wrong, in plain words.
        mend: what to do about it.
    """

    severity: Severity
    code: str
    place: Place
    text: str
    mend: str = ""


@dataclass(slots=True)
class Findings:
    """Collects findings while a configuration is read and checked."""

    _found: list[Finding] = field(default_factory=list)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found)

    def error(self, code: str, place: Place, text: str, mend: str = "") -> None:
        """The configuration cannot be used."""
        self._found.append(Finding(Severity.ERROR, code, place, text, mend))

    def unusable(self, code: str, place: Place, text: str, mend: str = "") -> None:
        """One connection cannot be used."""
        self._found.append(Finding(Severity.UNUSABLE, code, place, text, mend))

    def warning(self, code: str, place: Place, text: str, mend: str = "") -> None:
        """It works, but somebody should look."""
        self._found.append(Finding(Severity.WARNING, code, place, text, mend))

    def add(self, severity: Severity, code: str, place: Place, text: str, mend: str = "") -> None:
        """Any of the above."""
        self._found.append(Finding(severity, code, place, text, mend))

    def sorted(self) -> tuple[Finding, ...]:
        """Worst first, then by file and line."""
        order = list(Severity)
        return tuple(
            sorted(
                self._found,
                key=lambda each: (order.index(each.severity), str(each.place.file), each.place.line or 0, each.code),
            )
        )


class ConfigurationInvalid(Exception):
    """A configuration with mistakes; `findings` holds all of them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{each.place}: {each.code}" for each in findings))
        self.findings = tuple(findings)
