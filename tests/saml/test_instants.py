"""Instants."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.saml.instants import format_instant, parse_instant
from tests.support.signed import refused


@pytest.mark.eis("GEN-03")
@pytest.mark.parametrize(
    "text",
    [
        "2026-06-01T12:00:00Z",
        "2026-06-01T14:00:00+02:00",
        "2026-06-01T12:00:00.000Z",
        "2026-06-01T12:00:00.0000009Z",
        "2026-06-01T12:00:00-00:00",
    ],
)
def test_reads_an_instant_as_utc(text: str) -> None:
    """With Z or an offset; digits beyond the microsecond are dropped."""
    instant = parse_instant(text)
    assert instant == datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert instant.utcoffset() == timedelta(0)


def test_keeps_the_fraction() -> None:
    """A fraction of one digit is tenths."""
    assert parse_instant("2026-06-01T12:00:00.5Z").microsecond == 500_000


@pytest.mark.eis("GEN-03")
@pytest.mark.attack("S67")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-01T12:00:00",
        "2026-06-01 12:00:00Z",
        "2026-06-01T24:00:00Z",
        "2026-06-01T23:59:60Z",
        "2026-02-30T12:00:00Z",
        "2026-06-01T12:00Z",
        "2026-06-01",
        "20260601T120000Z",
        "2026-W23-1T12:00:00Z",
        "-2026-06-01T12:00:00Z",
        "0000-06-01T12:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2026-06-01T12:00:00z",
        "2026-06-01T12:00:00+0200",
        "2026-06-01T12:00:00+24:00",
        "2026-06-01T12:00:00.Z",
        " 2026-06-01T12:00:00Z",
        "2026-06-01T12:00:00Z\n",
        "\u0662026-06-01T12:00:00Z",
        "2026-06-01T12:00:00." + "0" * 100_000 + "Z",
    ],
)
def test_refuses_what_is_no_zoned_instant(text: str) -> None:
    """No zone, 24:00, leap seconds, other notations, years outside the calendar."""
    with refused("time.format"):
        parse_instant(text)


@pytest.mark.eis("GEN-03")
def test_writes_whole_seconds_in_utc() -> None:
    """As the national routing service does; rounded down, so never in the future."""
    instant = datetime(2026, 6, 1, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert format_instant(instant) == "2026-06-01T12:00:00Z"


def test_writes_no_naive_time() -> None:
    """A mistake of our own shows at once."""
    with pytest.raises(ValueError, match="aware"):
        format_instant(datetime(2026, 6, 1, 12))  # noqa: DTZ001


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_reads_what_it_writes(instant: datetime) -> None:
    """Whatever the moment, to the second."""
    assert parse_instant(format_instant(instant)) == instant.replace(microsecond=0)
