"""One cell to a value; what it may not hold is a mistake with a stable code and plain words."""

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from routeringsvoorziening.configuration.importing.table import MOST_CELL
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import Role, parse_entity_id

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
LEVELS: Final = {"10": "basis", "20": "laag", "25": "substantieel", "30": "hoog"}
ENCRYPTIONS: Final = {"Legacy BSN": "legacy-BSN", "BSN": "BSN", "Pseudoniem": "Pseudonym"}
_DATE: Final = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4}) ([0-9]{2}):([0-9]{2})")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OIN: Final = re.compile(r"[0-9]{20}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")


class CellInvalid(Exception):
    """A cell that may not hold this. The code is stable, such as `cell.date`; the text does not repeat the cell."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def text_of(cell: str, *, at_most: int = MOST_CELL) -> str:
    """Plain text. Codes: `cell.missing`, `cell.length`, `cell.text`."""
    if not cell:
        raise CellInvalid("cell.missing", "must be filled in")
    if len(cell) > at_most:
        raise CellInvalid("cell.length", f"is longer than {at_most} characters")
    if _CONTROL.search(cell):
        raise CellInvalid("cell.text", "holds characters that cannot be shown")
    return cell


def uuid_of(cell: str) -> str:
    """8-4-4-4-12 hexadecimal, as it stands. Codes: `cell.missing`, `cell.uuid`."""
    if not _UUID.fullmatch(text_of(cell)):
        raise CellInvalid("cell.uuid", "is not a UUID of 8-4-4-4-12 hexadecimal characters")
    return cell


def oin_of(cell: str) -> str:
    """20 digits. Codes: `cell.missing`, `cell.oin`."""
    if not _OIN.fullmatch(text_of(cell)):
        raise CellInvalid("cell.oin", "is not an OIN of 20 digits; a spreadsheet may have dropped its zeros")
    return cell


def entity_of(cell: str, *roles: Role) -> str:
    """An entityID of one of these roles. Codes: `cell.missing`, `cell.entity`."""
    try:
        parsed = parse_entity_id(text_of(cell))
    except SamlError:
        raise CellInvalid("cell.entity", "is not an entityID of the koppelvlak") from None
    if parsed.role not in roles:
        raise CellInvalid("cell.entity", f"is an entityID of role {parsed.role}, not {' or '.join(roles)}")
    return parsed.text


def flag_of(cell: str, *, absent: bool = False) -> bool:
    """0 or 1. Code: `cell.flag`."""
    if not cell:
        return absent
    if cell not in {"0", "1"}:
        raise CellInvalid("cell.flag", "is neither 0 nor 1")
    return cell == "1"


def level_of(cell: str) -> str:
    """10, 20, 25 or 30. Codes: `cell.missing`, `cell.level`."""
    if text_of(cell) not in LEVELS:
        raise CellInvalid("cell.level", "is not one of 10, 20, 25 and 30")
    return LEVELS[cell]


def encryption_of(cell: str) -> str:
    """As what people are declared, in our own words. Codes: `cell.missing`, `cell.encryption`."""
    if text_of(cell) not in ENCRYPTIONS:
        raise CellInvalid("cell.encryption", f"is not one of {', '.join(ENCRYPTIONS)}")
    return ENCRYPTIONS[cell]


def moment_of(cell: str) -> datetime | None:
    """dd-MM-yyyy HH:mm in Amsterdam; None when empty. The first one, when the clock is put back. Code: `cell.date`."""
    if not cell:
        return None
    match = _DATE.fullmatch(cell)
    try:
        day, month, year, hour, minute = (int(each) for each in match.groups()) if match else (0, 0, 0, 0, 0)
        local = datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM)
        there_and_back = local.astimezone(UTC).astimezone(AMSTERDAM)
    except (ValueError, OverflowError):
        raise CellInvalid("cell.date", "is not a moment as dd-MM-yyyy HH:mm") from None
    if there_and_back.replace(tzinfo=None) != local.replace(tzinfo=None):
        raise CellInvalid("cell.date", "does not exist: the clock is put forward then")
    return local
