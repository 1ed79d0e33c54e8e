"""How many logins may be open."""

import dataclasses
import itertools
from collections import Counter, deque
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeringsvoorziening.broker.broker import Broker
from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.login import Login, fingerprint
from routeringsvoorziening.broker.occupancy import Occupancy
from routeringsvoorziening.broker.vocabulary import EntityID, LoginId, Reference
from tests.support.core import BROWSER, START, WITH_DIGID, offer, request

LOGIN = Login(
    LoginId("0"),
    Reference("RV-2222-2222"),
    request(),
    offer(WITH_DIGID),
    fingerprint(BROWSER),
    START,
    START + timedelta(seconds=900),
)


def login(number: int, *, connection: str = "urn:dv", after: float = 0) -> Login:
    """A login of a connection that begins so many seconds later."""
    later = timedelta(seconds=after)
    return dataclasses.replace(
        LOGIN,
        id=LoginId(str(number)),
        request=request(connection=EntityID(connection)),
        begun_at=LOGIN.begun_at + later,
        expires_at=LOGIN.expires_at + later,
    )


def enter(occupancy: Occupancy, each: Login) -> None:
    with occupancy.entering(each):
        pass


def test_up_to_the_total_everybody_enters() -> None:
    """The bound itself is still inside."""
    occupancy = Occupancy(total=3, per_connection=3)
    for number in range(3):
        enter(occupancy, login(number))
    assert len(occupancy) == 3


def test_above_the_total_nobody_enters() -> None:
    """One more is refused, with the name of the bound."""
    occupancy = Occupancy(total=3, per_connection=3)
    for number in range(3):
        enter(occupancy, login(number, connection=f"urn:{number}"))
    with pytest.raises(TooBusy) as caught:
        enter(occupancy, login(3))
    assert caught.value.bound == "logins"


def test_one_connection_cannot_fill_the_house() -> None:
    """The bound per connection leaves room for the others."""
    occupancy = Occupancy(total=10, per_connection=1)
    enter(occupancy, login(0))
    with pytest.raises(TooBusy) as caught:
        enter(occupancy, login(1))
    assert caught.value.bound == "connection-logins"
    enter(occupancy, login(2, connection="urn:other"))


def test_a_greedy_connection_leaves_room_for_another() -> None:
    """Ten places, all asked for by one, which gets eight: others still enter, and take what it lets go of."""
    occupancy = Occupancy(total=10, per_connection=10)
    for number in range(8):
        enter(occupancy, login(number))
    with pytest.raises(TooBusy) as caught:
        enter(occupancy, login(9))
    assert caught.value.bound == "connection-logins"
    enter(occupancy, login(10, connection="urn:other"))
    occupancy.leave(LoginId("0"))
    with pytest.raises(TooBusy):
        enter(occupancy, login(11))
    enter(occupancy, login(12, connection="urn:third"))


class Crowd:
    """Connections that come and go, and how many logins each has open; each login as short as the next."""

    def __init__(self, **bounds: int) -> None:
        self.occupancy = Occupancy(**bounds)
        self.queue: deque[tuple[LoginId, str]] = deque()
        self.owned: Counter[str] = Counter()
        self._numbers = itertools.count()

    def ask(self, connection: str) -> str | None:
        """One login; the name of the bound that keeps it out, or None."""
        each = login(next(self._numbers), connection=connection)
        try:
            enter(self.occupancy, each)
        except TooBusy as busy:
            return busy.bound
        self.queue.append((each.id, connection))
        self.owned[connection] += 1
        return None

    def ask_for_all(self, connection: str) -> int:
        """As many as it can get."""
        while self.ask(connection) is None:
            pass
        return self.owned[connection]

    def end_oldest(self) -> None:
        """The login that is open longest ends."""
        if self.queue:
            ended, connection = self.queue.popleft()
            self.occupancy.leave(ended)
            self.owned[connection] -= 1


@pytest.mark.attack("S54")
@settings(max_examples=200, deadline=None)
@given(
    total=st.integers(1, 60),
    per_connection=st.integers(1, 60),
    guaranteed=st.integers(1, 10),
    events=st.lists(st.one_of(st.none(), st.integers(0, 8)), max_size=200),
)
def test_who_has_no_login_is_refused_only_by_a_full_house(total, per_connection, guaranteed, events) -> None:
    """Whatever came and went before; and the bounds themselves are kept."""
    crowd = Crowd(total=total, per_connection=per_connection, guaranteed=guaranteed)
    for event in events:
        if event is None:
            crowd.end_oldest()
            continue
        name, before = f"urn:{event}", crowd.owned.copy()
        full = len(crowd.occupancy) == total
        answer = crowd.ask(name)
        assert len(crowd.occupancy) == sum(crowd.owned.values()) <= total
        assert max(crowd.owned.values()) <= per_connection
        assert (answer == "logins") is full
        if answer == "connection-logins":
            assert before[name] > 0


@pytest.mark.attack("S54")
@pytest.mark.parametrize("greedy", [1, 2, 5, 10])
def test_what_many_want_is_divided_evenly(greedy) -> None:
    """Greedy connections have filled the house; one that comes later and asks once for every ten times that each of
    them asks has as much as they have, after each login in the house ended a few times.
    """
    crowd = Crowd(total=200, per_connection=200, guaranteed=10)
    names = [f"urn:greedy-{number}" for number in range(greedy)]
    for _ in range(200):
        for name in names:
            crowd.ask(name)
    assert len(crowd.occupancy) >= 140
    for _ in range(800):
        for name in names * 10:
            crowd.ask(name)
        crowd.ask("urn:late")
        crowd.end_oldest()
    most = max(crowd.owned[name] for name in names)
    assert crowd.owned["urn:late"] >= most * 0.8 - 1
    assert len(crowd.occupancy) >= 140


@pytest.mark.attack("S54")
def test_it_takes_very_many_to_fill_the_house_for_a_newcomer() -> None:
    """One after the other, each as greedy as it can be: thirty connections do not fill the house."""
    crowd = Crowd(total=2_000, per_connection=1_000, guaranteed=10)
    for number in range(30):
        crowd.ask_for_all(f"urn:greedy-{number}")
    assert crowd.ask("urn:late") is None


def test_a_browser_that_never_comes_back_holds_no_place() -> None:
    """A login of which nobody proved who they are is counted for minutes; another for as long as it lives."""
    occupancy = Occupancy(total=2, per_connection=2, unproven=timedelta(seconds=180))
    enter(occupancy, login(0))
    enter(occupancy, login(1))
    occupancy.stay(login(1))
    with pytest.raises(TooBusy):
        enter(occupancy, login(2, after=179))
    enter(occupancy, login(2, after=180))
    with pytest.raises(TooBusy):
        enter(occupancy, login(3, after=359))
    enter(occupancy, login(3, after=360))
    enter(occupancy, login(4, after=900))
    assert len(occupancy) == 1


def test_who_is_not_counted_any_more_stays_so() -> None:
    """A proof that comes late takes nobody else's place."""
    occupancy = Occupancy(total=1, per_connection=1, unproven=timedelta(seconds=180))
    enter(occupancy, login(0))
    enter(occupancy, login(1, after=180))
    occupancy.stay(login(0))
    assert len(occupancy) == 1
    occupancy.leave(LoginId("0"))
    occupancy.leave(LoginId("1"))
    assert len(occupancy) == 0


def test_who_leaves_makes_room() -> None:
    """A login that ended is not counted, and leaves once."""
    occupancy = Occupancy(total=1, per_connection=1)
    enter(occupancy, login(0))
    occupancy.leave(LoginId("0"))
    occupancy.leave(LoginId("0"))
    enter(occupancy, login(1))
    assert len(occupancy) == 1


def test_an_expired_login_makes_room() -> None:
    """A login that nobody ends is counted until it expires, and no longer."""
    occupancy = Occupancy(total=1, per_connection=1)
    enter(occupancy, login(0))
    with pytest.raises(TooBusy):
        enter(occupancy, login(1, after=899))
    enter(occupancy, login(2, after=900))
    assert len(occupancy) == 1


def test_a_login_that_could_not_begin_is_not_counted() -> None:
    """When the store refuses, the place is free again."""
    occupancy = Occupancy(total=1, per_connection=1)

    def fail() -> None:
        with occupancy.entering(login(0)):
            raise OSError

    with pytest.raises(OSError):
        fail()
    assert len(occupancy) == 0
    enter(occupancy, login(1))


def test_a_login_of_another_process_leaves_unnoticed() -> None:
    """What did not begin here was not counted here."""
    occupancy = Occupancy(total=1, per_connection=1)
    enter(occupancy, login(0))
    occupancy.leave(LoginId("elsewhere"))
    assert len(occupancy) == 1


def test_brokers_in_turn_share_one_count() -> None:
    """Also one in which nobody is yet: what one broker opens, the next one counts."""
    shared = Occupancy(total=7, per_connection=7)
    rooms = dict.fromkeys(("store", "catalogue", "audit", "meter", "clock"))
    first, second = (Broker(authentication={}, mandates={}, occupancy=shared, **rooms) for _ in range(2))
    enter(shared, login(1))
    assert (first.open_logins, second.open_logins) == (1, 1)
