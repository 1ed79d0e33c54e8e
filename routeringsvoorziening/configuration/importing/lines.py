"""What came of one line: what it makes, or every mistake in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from routeringsvoorziening.configuration.importing.cells import CellInvalid, flag_of, moment_of
from routeringsvoorziening.configuration.importing.table import Row

Outcome = Literal["new", "changed", "same", "refused"]
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a line is refused: a stable code, and plain words with the column."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file.

    Args:
        number: in the file, from 1.
        key: the ServiceUUID or OIN, as far as it could be read.
        owner: the entityID that it is about.
        values: what it makes, as the YAML says it; empty when it is refused.
        mistakes: all of them.
        remarks: what is not taken over, and what somebody should look at.
    """

    number: int
    key: str
    owner: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Nothing is wrong with it."""
        return not self.mistakes


class Reader:
    """Reads the cells of one row by their column, and gathers the mistakes."""

    def __init__(self, row: Row, headings: tuple[str, ...]) -> None:
        self.row = row
        self._headings = headings
        self.mistakes: list[Mistake] = []
        self.remarks: list[str] = []

    def cell(self, column: int) -> str:
        """As it stands."""
        return self.row.cells[column]

    def take(self, column: int, parse: Callable[[str], ValueT]) -> ValueT | None:
        """What the parser makes of a cell; None, and a mistake, when it refuses."""
        try:
            return parse(self.cell(column))
        except CellInvalid as problem:
            self.refuse(problem.code, column, str(problem))
            return None

    def window(self, first: int) -> dict[str, Any]:
        """Three columns: whether it is active, from when, until when. Code: `cell.window`."""
        active = self.take(first, flag_of)
        begins, ends = self.take(first + 1, moment_of), self.take(first + 2, moment_of)
        if begins and ends and begins >= ends:
            self.refuse("cell.window", first + 2, "is not after its beginning")
        if not self.cell(first):
            self.remarks.append(f"{self._headings[first]} is empty: it is not active")
        return {"active": bool(active), "active_from": _written(begins), "active_until": _written(ends)}

    def refuse(self, code: str, column: int, text: str) -> None:
        """Note a mistake in a column."""
        self.mistakes.append(Mistake(code, f"column {column + 1}, {self._headings[column]}, {text}"))

    def line(self, key: str, owner: str = "", values: Mapping[str, Any] | None = None) -> Line:
        """What came of it."""
        good = {} if self.mistakes else dict(values or {})
        return Line(self.row.number, key, owner, good, tuple(self.mistakes), tuple(self.remarks))


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
