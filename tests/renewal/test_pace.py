"""When to look again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.renewal.pace import SPREAD, Pace

AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PACE = Pace(least=5 * MINUTE, most=DAY, usual=HOUR, retry=MINUTE)


def never() -> float:
    return 0.0


@pytest.mark.eis("MD-04")
@pytest.mark.parametrize(
    ("cache_duration", "valid_for", "after"),
    [
        (6 * HOUR, 30 * DAY, 6 * HOUR),
        (None, 30 * DAY, HOUR),
        (MINUTE, None, 5 * MINUTE),
        (30 * DAY, None, DAY),
        (6 * HOUR, 2 * HOUR, HOUR),
        (6 * HOUR, timedelta(), 5 * MINUTE),
        (6 * HOUR, -DAY, 5 * MINUTE),
    ],
)
def test_the_publisher_says_when_within_bounds(cache_duration, valid_for, after) -> None:
    """After cacheDuration, or halfway to the end when that is sooner; never sooner or later than the bounds."""
    ends = None if valid_for is None else AT + valid_for
    assert PACE.after_success(AT, cache_duration, ends, never) == AT + after


@pytest.mark.parametrize(
    ("failures", "after"), [(1, MINUTE), (2, 2 * MINUTE), (4, 8 * MINUTE), (7, HOUR), (10_000, HOUR)]
)
def test_failures_slow_down(failures, after) -> None:
    """Twice as long every time, up to what a success would have given."""
    assert PACE.after_failure(AT, failures, None, never) == AT + after


@given(st.floats(0, 1), st.timedeltas(timedelta(), 400 * DAY), st.integers(1, 100))
def test_nothing_is_sooner_or_later_than_allowed(chance, cache_duration, failures) -> None:
    """Whatever the publisher and chance say."""
    success = PACE.after_success(AT, cache_duration, None, lambda: chance) - AT
    assert PACE.least * (1 - SPREAD) <= success <= PACE.most
    failure = PACE.after_failure(AT, failures, cache_duration, lambda: chance) - AT
    assert PACE.retry * (1 - SPREAD) <= failure <= PACE.most


def test_what_begins_together_does_not_stay_together() -> None:
    """Chance makes intervals shorter by up to a tenth."""
    soonest, latest = PACE.after_success(AT, HOUR, None, lambda: 1.0), PACE.after_success(AT, HOUR, None, never)
    assert (latest - AT, soonest - AT) == (HOUR, HOUR * 0.9)
