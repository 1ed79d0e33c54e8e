"""The circuit breaker, on a clock of the test's own."""

import pytest

from routeringsvoorziening.transport.breaker import Breaker
from routeringsvoorziening.transport.errors import Unreachable


class Clock:
    """Monotonic seconds that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """What time it is."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(clock) -> Breaker:
    """A breaker that has just opened."""
    breaker = Breaker(failures=3, pause=10, clock=clock)
    for _ in range(3):
        breaker.failed(breaker.enter())
    return breaker


def refuses(breaker: Breaker) -> bool:
    """Whether a call is refused."""
    try:
        breaker.enter()
    except Unreachable as refused:
        return refused.reason == "breaker-open"
    return False


def test_fewer_failures_leave_it_closed(clock):
    """A success in between starts the count again."""
    breaker = Breaker(failures=3, clock=clock)
    for outcome in ("failed", "failed", "succeeded", "failed", "failed"):
        getattr(breaker, outcome)(breaker.enter())
    assert breaker.state == "closed"
    breaker.check_open_for_calls()


def test_failures_in_a_row_open_it(opened):
    """From then on nobody asks."""
    assert opened.state == "open"
    assert refuses(opened)
    with pytest.raises(Unreachable, match="breaker-open"):
        opened.check_open_for_calls()


def test_after_the_pause_one_call_tries(opened, clock):
    """One trial, and no second one beside it."""
    clock.now = 10
    assert opened.state == "half-open"
    assert not refuses(opened)
    assert refuses(opened)


def test_a_good_trial_closes_it(opened, clock):
    """The service is back: everybody may ask."""
    clock.now = 10
    opened.succeeded(opened.enter())
    assert opened.state == "closed"
    assert not refuses(opened)
    assert not refuses(opened)


def test_a_bad_trial_opens_it_again(opened, clock):
    """For another whole pause."""
    clock.now = 10
    opened.failed(opened.enter())
    clock.now = 19
    assert refuses(opened)
    clock.now = 20
    assert not refuses(opened)


def test_an_abandoned_trial_leaves_room_for_another(opened, clock):
    """A caller that gave up does not block the way."""
    clock.now = 10
    opened.abandoned(opened.enter())
    assert not refuses(opened)


@pytest.mark.parametrize("outcome", ["failed", "abandoned"])
def test_a_call_from_before_makes_no_room_for_a_second_trial(clock, outcome):
    """What entered while it was closed and ends during the trial says nothing about the trial."""
    breaker = Breaker(failures=1, pause=10, clock=clock)
    before, last = breaker.enter(), breaker.enter()
    breaker.failed(last)
    clock.now = 10
    breaker.enter()
    getattr(breaker, outcome)(before)
    clock.now = 20
    assert breaker.state == "half-open"
    assert refuses(breaker)
