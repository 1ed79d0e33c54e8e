"""The CSV of organisations: 11 columns. An OIN is not an entityID: only who is connected already is updated."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Final

from routeringsvoorziening.configuration.importing.cells import CellInvalid, oin_of, text_of
from routeringsvoorziening.configuration.importing.lines import Line, Mistake, Reader
from routeringsvoorziening.configuration.importing.table import FileRefused, Row

HEADINGS: Final = (
    "OIN",
    "Naam",
    "Omschrijving",
    "Actief",
    "Datum ingang",
    "Datum einde",
    "Rol type",
    "Rol actief",
    "Datum ingang rol",
    "Datum einde rol",
    "Diensten",
)
WIDTH: Final = len(HEADINGS)
_OIN_COLUMN, _NAME, _WINDOW, _ROLE, _ROLE_WINDOW, _SERVICES = 0, 1, 3, 6, 7, 10
_ROLES: Final = {"0": "DV", "1": "DV", "2": "LC"}
"""Dienstaanbieder, zelfstandige aansluithouder, leverancier clusteraansluiting; 3, a routeringsvoorziening, is us."""
_PART: Final = re.compile(r"[0-9a-fA-F-]{36}#[01]?#[^#,]*#[^#,]*")


def is_heading(row: Row) -> bool:
    """Whether a row names columns."""
    return row.cells[_OIN_COLUMN].lower() == "oin"


def organisation_lines(rows: list[Row], entities: Mapping[tuple[str, str], str]) -> list[Line]:
    """Every line of the file.

    Args:
        rows: without a heading.
        entities: OIN and role (`DV`, `LC`) to the entityID that has a file.

    Raises:
        FileRefused: `csv.duplicate`, when an OIN occurs twice in the same role.
    """
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.cells[_OIN_COLUMN], row.cells[_ROLE])
        if key[0] and key in seen:
            raise FileRefused("csv.duplicate", f"lines {seen[key]} and {row.number} have the same OIN and role")
        seen[key] = row.number
    return [_line(row, entities) for row in rows]


def _line(row: Row, entities: Mapping[tuple[str, str], str]) -> Line:
    if not any(row.cells):
        return Line(row.number, "", mistakes=(Mistake("row.empty", "every column is empty"),))
    reader = Reader(row, HEADINGS)
    oin, role = reader.take(_OIN_COLUMN, oin_of), reader.take(_ROLE, _role_of)
    name = reader.take(_NAME, partial(text_of, at_most=200))
    owner = entities.get((oin, role), "") if oin and role else ""
    if oin and role and not owner:
        reader.refuse(
            "row.unknown", _OIN_COLUMN, "is of nobody who has a file there: connect them first, rv aansluiten"
        )
    values = {"name": {"nl": name, "en": name}, **reader.window(_WINDOW), "role": reader.window(_ROLE_WINDOW)}
    parts = [part.strip() for part in reader.cell(_SERVICES).split(",") if part.strip()]
    if any(not _PART.fullmatch(part) for part in parts):
        reader.refuse("cell.set", _SERVICES, "is not a list of uuid#active#from#until")
    elif parts:
        reader.remarks.append("its Diensten are not taken over: import the CSV of diensten")
    return reader.line(row.cells[_OIN_COLUMN], owner, values)


def _role_of(cell: str) -> str:
    if text_of(cell) not in _ROLES:
        raise CellInvalid("cell.role", "is not one of 0, 1 and 2")
    return _ROLES[cell]
