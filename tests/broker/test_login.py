"""A login's facts and the checks that guard them."""

from datetime import timedelta

import pytest

from routeringsvoorziening.broker.failures import LoginUnknown
from routeringsvoorziening.broker.login import Attempt, Login, Trip, fingerprint
from routeringsvoorziening.broker.vocabulary import BrowserKey, Leg, LegId, LoA, LoginId, Reference
from tests.support.core import BROWSER, BVD, DIGID, DV, FOR_ANOTHER, OTHER_BROWSER, START, WITH_DIGID, offer, request

LOGIN = Login(
    LoginId("login"),
    Reference("RV-2222-2222"),
    request(minimum_loa=LoA.SUBSTANTIEEL),
    offer(WITH_DIGID, minimum_loa=LoA.LAAG),
    fingerprint(BROWSER),
    START,
    START + timedelta(seconds=900),
)


def test_a_task_holds_what_a_backend_may_know() -> None:
    """The task of a choice: for whom, what for, how high; not who asked how."""
    task = LOGIN.task(FOR_ANOTHER, START)
    assert (task.reference, task.dienstverlener, task.service) == ("RV-2222-2222", DV, LOGIN.request.service)
    assert (task.minimum_loa, task.force_authn, task.choice) == (LoA.SUBSTANTIEEL, False, FOR_ANOTHER)


@pytest.mark.parametrize(("seconds", "left"), [(0, 900.0), (899.5, 0.5)])
def test_a_login_lives_until_its_moment(seconds: float, left: float) -> None:
    """Until it expires, a login knows how long it has."""
    assert LOGIN.seconds_left(START + timedelta(seconds=seconds)) == left


@pytest.mark.parametrize("seconds", [900, 901, 86_400])
def test_an_expired_login_is_unknown(seconds: float) -> None:
    """From its moment on a login does not exist."""
    with pytest.raises(LoginUnknown) as caught:
        LOGIN.seconds_left(START + timedelta(seconds=seconds))
    assert caught.value.code == "login.unknown"


def test_the_browser_that_began_is_welcome() -> None:
    """The key that began the login opens it."""
    LOGIN.check_browser(BROWSER)


@pytest.mark.attack("S87")
@pytest.mark.parametrize("key", [OTHER_BROWSER, BrowserKey(""), BrowserKey(BROWSER + "x"), BrowserKey("é\udc80")])
def test_another_browser_is_not(key: BrowserKey) -> None:
    """Any other key, or none, is refused."""
    with pytest.raises(LoginUnknown) as caught:
        LOGIN.check_browser(key)
    assert caught.value.code == "login.other-browser"


def test_a_login_does_not_hold_the_browser_s_key() -> None:
    """Whoever reads the record cannot play the browser."""
    assert BROWSER.encode() not in LOGIN.browser
    assert "browser" not in repr(LOGIN)


def test_a_short_browser_key_is_a_mistake() -> None:
    """A login cannot be bound to a key that can be guessed."""
    with pytest.raises(ValueError, match="128 bits"):
        fingerprint(BrowserKey("short"))


@pytest.mark.parametrize(
    ("leg", "door"),
    [
        (Leg(LegId("_1"), LOGIN.id, DIGID, None, START), "digid"),
        (Leg(LegId("_1"), LOGIN.id, None, BVD, START), "machtigen"),
    ],
)
@pytest.mark.attack("S63")
def test_an_answer_comes_in_by_the_door_its_leg_went_out_by(leg: Leg, door: str) -> None:
    """An answer at another service's address is not looked at (mix-up)."""
    trip = Trip(leg, Attempt(FOR_ANOTHER))
    trip.check_destination(door)
    with pytest.raises(LoginUnknown) as caught:
        trip.check_destination("eidas")
    assert caught.value.code == "leg.unknown"
