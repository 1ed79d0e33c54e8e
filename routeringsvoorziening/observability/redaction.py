"""What never gets into a line, whoever wrote it: defence in depth, not a licence to log.

Two things happen to every text of a log line and of the audit trail: digits that could be a burgerservicenummer are
taken out, and characters that could make one line look like two, or steer a terminal, are spelled out (S91).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

REMOVED: Final = "[removed]"
LONGEST: Final = 2000
"""Characters of one value; what is longer is cut, for it is no longer a fact but a document."""
DEEPEST: Final = 6

_DIGITS: Final = 9
_NINE_DIGITS: Final = re.compile(r"(?<!\d)\d{9}(?!\d)", re.ASCII)
_TOO_SHORT: Final = 10**7
"""Numbers below it have fewer than eight digits, with which there is no BSN."""
_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_CONTROLS: Final = {
    code: f"\\u{code:04x}"
    for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def safe_text(text: str) -> str:
    """A text that can stand in a line."""
    if len(text) < _DIGITS and text.isprintable():
        return text
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    plain = _NINE_DIGITS.sub(_unless_plain, cut)
    return plain if plain.isprintable() else plain.translate(_CONTROLS)  # every control is unprintable


safe_name: Final = lru_cache(1024)(safe_text)
"""The same for the names of fields, of which there are few."""


def safe_value(value: Any, depth: int = 0) -> Any:
    """The same for everything that a value holds, names of fields too; anything unknown becomes its text."""
    if type(value) is str:  # nearly always
        return safe_text(value)
    if depth > DEEPEST:
        return REMOVED
    if value is None or isinstance(value, bool | float) or _is_plain_number(value):
        return value
    if isinstance(value, str | bytes):
        return safe_text(value if isinstance(value, str) else value.decode(errors="replace"))
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _safe_parts(value, depth + 1)
    return safe_text(str(value))


def _safe_parts(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {
            safe_name(str(name)): safe_text(part) if type(part) is str else safe_value(part, depth)
            for name, part in value.items()
        }
    return [safe_value(part, depth) for part in value]


def _is_plain_number(value: Any) -> bool:
    return isinstance(value, int) and (abs(value) < _TOO_SHORT or safe_text(str(value)) == str(value))


def _unless_plain(found: re.Match[str]) -> str:
    """Only what passes the 11-proof is taken out: the rest cannot be a BSN."""
    digits = found.group()
    proof = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return REMOVED if proof % 11 == 0 else digits
