"""How many logins may be open."""

import dataclasses
from datetime import timedelta

import pytest

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
    """Ten places, all asked for by one: another still enters; and one of its own that ends makes room for the next."""
    occupancy = Occupancy(total=10, per_connection=10)
    for number in range(9):
        enter(occupancy, login(number))
    with pytest.raises(TooBusy) as caught:
        enter(occupancy, login(9))
    assert caught.value.bound == "connection-logins"
    enter(occupancy, login(10, connection="urn:other"))
    occupancy.leave(LoginId("0"))
    with pytest.raises(TooBusy):
        enter(occupancy, login(11))
    enter(occupancy, login(12, connection="urn:third"))


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
