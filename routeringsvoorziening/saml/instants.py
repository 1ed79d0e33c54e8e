"""xs:dateTime, always with a time zone: what SAML calls an instant (SAML core 1.3.3)."""

import re
from datetime import UTC, datetime
from typing import Final

from routeringsvoorziening.saml.errors import SamlError

_LONGEST: Final = 40
_INSTANT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def parse_instant(text: str) -> datetime:
    """An instant in UTC. Digits beyond the microsecond are dropped; no zone, 24:00 and leap seconds are refused.

    Raises:
        SamlError: `time.format`.
    """
    match = _INSTANT.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise SamlError("time.format", "not an xs:dateTime with a time zone")
    seconds, fraction, zone = match.groups()
    microseconds = (fraction or "")[:6].ljust(6, "0")
    try:
        return datetime.fromisoformat(f"{seconds}.{microseconds}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise SamlError("time.format", "no such date or time") from None


def format_instant(instant: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`: UTC, whole seconds (rounded down), as the national routing service writes it.

    Raises:
        ValueError: for a naive datetime, which is a mistake in our own code.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat(timespec="seconds") + "Z"
