"""A CSV file to its rows, or the one reason why all of it is refused."""

import csv
import io
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 16 * 1_048_576
MOST_ROWS: Final = 100_000
MOST_CELL: Final = 10_000
SEPARATORS: Final = (";", ",", "\t")


class FileRefused(Exception):
    """Nothing of the file is taken.

    Args:
        code: stable: `csv.size`, `csv.encoding`, `csv.form`, `csv.width`, `csv.empty`, `csv.duplicate`.
        text: why, in plain words.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: its number in the file, from 1, and its cells without space around them."""

    number: int
    cells: tuple[str, ...]


def read_table(data: bytes, widths: tuple[int, ...]) -> list[Row]:
    """Every row, a heading included; blank lines are skipped.

    Args:
        data: UTF-8, with or without a byte order mark; separated by semicolons, commas or tabs.
        widths: numbers of columns, of which one must hold for the whole file.

    Raises:
        FileRefused: `csv.size`, `csv.encoding`, `csv.form`, `csv.width`, `csv.empty`.
    """
    text = _decoded(data)
    rows = _rows(text, _separator(text, widths))
    if not rows:
        raise FileRefused("csv.empty", "the file is empty")
    width = len(rows[0].cells)
    wanted = " or ".join(map(str, widths))
    for row in rows:
        if len(row.cells) != width or width not in widths:
            text = (
                f"line {row.number} has {len(row.cells)} columns; {width if width in widths else wanted} are expected"
            )
            raise FileRefused("csv.width", text)
    return rows


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise FileRefused("csv.size", f"the file is larger than {MOST_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise FileRefused("csv.encoding", f"the file is not UTF-8, at byte {problem.start}") from None
    if "\x00" in text:
        raise FileRefused("csv.encoding", "the file holds a NUL")
    return text


def _separator(text: str, widths: tuple[int, ...]) -> str:
    """The one with which the first line that is not blank has a known width; else the one that occurs most in it."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    for separator in SEPARATORS:
        with suppress(csv.Error):  # a cell too long: another separator may do, and else the rows say what is wrong
            if len(next(csv.reader([first], delimiter=separator), [])) in widths:
                return separator
    return max(SEPARATORS, key=first.count)


def _rows(text: str, separator: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, begins = [], 1
    try:
        for cells in reader:
            if cells:
                rows.append(Row(begins, tuple(cell.strip() for cell in cells)))
            begins = reader.line_num + 1
            if len(rows) > MOST_ROWS:
                raise FileRefused("csv.size", f"the file has more than {MOST_ROWS} lines")
    except csv.Error as problem:
        raise FileRefused("csv.form", f"line {reader.line_num}: {problem}") from None
    return rows
