"""The CSV of diensten: 21 columns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from routeringsvoorziening.configuration.importing.cells import (
    encryption_of,
    entity_of,
    flag_of,
    level_of,
    moment_of,
    text_of,
    uuid_of,
)
from routeringsvoorziening.configuration.importing.lines import Line, Mistake, Reader
from routeringsvoorziening.configuration.importing.table import FileRefused, Row
from routeringsvoorziening.saml.identifiers import Role

HEADINGS: Final = (
    "Aansluiting entity ID",
    "Entity ID dienst",
    "Service UUID",
    "Naam",
    "Minimum betrouwbaarheidsniveau",
    "Soort encryptie",
    "Nieuw niveau",
    "Datum ingang",
    "Wijzigingsbericht",
    "Indicatie DigiD",
    "Toestemmingsvraag",
    "Indicatie Machtigen",
    "Weergavevolgorde",
    "Soort gemachtigde",
    "Looptijd",
    "Omschrijving",
    "Toelichting",
    "Geldigheid",
    "Datum ingang",
    "Datum einde",
    "Dienstenset",
)
WIDTH: Final = len(HEADINGS)
_CONNECTION, _OWNER, _UUID, _NAME, _LEVEL, _ENCRYPTION, _NEW_LEVEL, _NEW_FROM = range(8)
_DIGID, _QUESTION, _MANDATES = 9, 10, 11
_FOR_MANDATES: Final = {12: 10, 13: 100, 14: 100, 15: 300, 16: 2_000}
"""Columns that must be filled in when somebody may act for somebody else, with their longest text."""
_WINDOW, _SET = 17, 20
_SET_PART: Final = re.compile(r"[0-9a-fA-F-]{36}#[A-Z]+#[01]?#[^#,]*#[^#,]*")


@dataclass(frozen=True, slots=True)
class Names:
    """Our own short names for what the CSV calls DigiD and Machtigen; no mandate services: it is not taken over."""

    method: str = "digid"
    mandates: tuple[str, ...] = ()


def is_heading(row: Row) -> bool:
    """Whether a row names columns."""
    return "uuid" in row.cells[_UUID].lower() and not row.cells[_LEVEL].isdigit()


def service_lines(rows: list[Row], names: Names, owners: Mapping[str, str]) -> list[Line]:
    """Every line of the file.

    Args:
        rows: without a heading.
        names: see `Names`.
        owners: ServiceUUID to the entityID of whose it is already.

    Raises:
        FileRefused: `csv.duplicate`, when a ServiceUUID occurs twice.
    """
    _check_once(rows)
    return [_line(row, names, owners) for row in rows]


def _check_once(rows: list[Row]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        uuid = row.cells[_UUID].lower()
        if uuid and uuid in seen:
            text = f"lines {seen[uuid]} and {row.number} have the same Service UUID"
            raise FileRefused("csv.duplicate", text)
        seen[uuid] = row.number


def _line(row: Row, names: Names, owners: Mapping[str, str]) -> Line:
    if not any(row.cells):
        return Line(row.number, "", mistakes=(Mistake("row.empty", "every column is empty"),))
    reader = Reader(row, HEADINGS)
    owner = reader.take(_OWNER, partial(_entity, roles=("DV",))) or ""
    uuid = reader.take(_UUID, uuid_of) or ""
    if uuid and owners.get(uuid, owner) != owner:
        reader.refuse("row.owner", _UUID, "is of a dienst of another dienstverlener")
    name = reader.take(_NAME, partial(text_of, at_most=200))
    values = {
        "uuid": uuid,
        "name": {"nl": name, "en": name},
        "minimum_loa": reader.take(_LEVEL, level_of),
        "identity": reader.take(_ENCRYPTION, encryption_of),
        **_access(reader, names),
        **reader.window(_WINDOW),
    }
    _check_new_level(reader)
    _check_set(reader)
    if not values["methods"]:
        values["active"] = False
        reader.remarks.append("it has no Indicatie DigiD: it is not active, because nobody could log in")
    return reader.line(row.cells[_UUID], owner, values)


def _access(reader: Reader, names: Names) -> dict[str, list[str]]:
    """By which login methods, and through which BVDs; with what must then be filled in."""
    methods: list[str] = []
    mandates: list[str] = []
    if reader.take(_DIGID, flag_of):
        methods.append(names.method)
        reader.take(_CONNECTION, partial(_entity, roles=("DV", "LC")))
        reader.take(_QUESTION, text_of)
    if reader.take(_MANDATES, flag_of):
        mandates += names.mandates
        for column, at_most in _FOR_MANDATES.items():
            reader.take(column, partial(text_of, at_most=at_most))
        if not names.mandates:
            reader.remarks.append("its Indicatie Machtigen is not taken over: say through which BVDs with --machtigen")
    return {"methods": methods, "mandates": mandates}


def _entity(cell: str, roles: tuple[Role, ...]) -> str:
    return entity_of(cell, *roles)


def _check_new_level(reader: Reader) -> None:
    """A level that is announced: nobody applies it by itself."""
    if reader.cell(_NEW_LEVEL):
        level, begins = reader.take(_NEW_LEVEL, level_of), reader.take(_NEW_FROM, moment_of)
        when = "later" if begins is None else f"on {begins:%Y-%m-%d}"
        reader.remarks.append(f"its new level, {level} {when}, is not taken over: change minimum_loa then")


def _check_set(reader: Reader) -> None:
    parts = [part.strip() for part in reader.cell(_SET).split(",") if part.strip()]
    if any(not _SET_PART.fullmatch(part) for part in parts):
        reader.refuse("cell.set", _SET, "is not a list of uuid#type#active#from#until")
    elif parts:
        reader.remarks.append("its Dienstenset is not taken over")
