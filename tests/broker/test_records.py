"""What the core keeps, there and back."""

import dataclasses
import timeit
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.broker import records
from routeringsvoorziening.broker.failures import Failure, FailureKind
from routeringsvoorziening.broker.login import Attempt, Login, Trip, fingerprint
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    EntityID,
    Federation,
    Identity,
    Leg,
    LegId,
    LoA,
    LoginId,
    Preselection,
    Reference,
    ServiceSession,
    ServiceUUID,
    Session,
    SessionKey,
    SingleSignOn,
    SubjectIdentifier,
)
from tests.support.core import BROWSER, DIGID, FOR_ANOTHER, START, WITH_DIGID, offer, request

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ENTITIES = st.frozensets(TEXT.map(EntityID), max_size=3)
MOMENTS = st.datetimes(timezones=st.just(UTC)) | st.datetimes(timezones=st.just(timezone(timedelta(hours=2))))
SUBJECTS = st.lists(st.builds(SubjectIdentifier, ENTITIES, st.binary(max_size=40)), max_size=2).map(tuple)
PRESELECTIONS = st.builds(Preselection, st.none() | ENTITIES, st.none() | ENTITIES, st.booleans())
SERVICE_SESSIONS = st.builds(ServiceSession, TEXT, st.none() | TEXT)
FEDERATION = Federation("town/1", timedelta(minutes=15), timedelta(hours=2))
SESSIONS = st.lists(
    st.builds(Session, TEXT, st.just(DIGID), st.sampled_from(LoA), SERVICE_SESSIONS, MOMENTS, MOMENTS), max_size=2
).map(tuple)
REQUESTS = st.builds(
    AuthenticationRequest,
    frontend=st.just("saml"),
    connection=TEXT.map(EntityID),
    dienstverlener=TEXT.map(EntityID),
    service=TEXT.map(ServiceUUID),
    received_at=MOMENTS,
    reply=st.dictionaries(TEXT, TEXT, max_size=3),
    minimum_loa=st.sampled_from(LoA),
    force_authn=st.booleans(),
    preselection=PRESELECTIONS,
    language=st.sampled_from(["nl", "en"]),
    sso=st.none() | st.builds(SingleSignOn, st.just(FEDERATION), TEXT.map(SessionKey), SESSIONS),
)
IDENTITIES = st.builds(
    Identity,
    service=st.just(DIGID),
    authority=TEXT.map(EntityID),
    loa=st.sampled_from(LoA),
    acting_subject=SUBJECTS,
    evidence=st.binary(max_size=100),
    authenticated_at=MOMENTS,
    attributes=st.dictionaries(TEXT, st.lists(st.binary(max_size=9), max_size=2).map(tuple), max_size=2),
    session=st.none() | SERVICE_SESSIONS,
    credentials_asked=st.booleans(),
)
FAILURES = st.builds(Failure, st.sampled_from(FailureKind), TEXT, TEXT, TEXT)
LOGINS = st.builds(
    Login,
    id=TEXT.map(LoginId),
    reference=TEXT.map(Reference),
    request=REQUESTS,
    offer=st.just(offer(WITH_DIGID, FOR_ANOTHER)),
    browser=st.binary(min_size=32, max_size=32),
    begun_at=MOMENTS,
    expires_at=MOMENTS,
)
LEGS = st.builds(
    Leg, TEXT.map(LegId), TEXT.map(LoginId), st.just(DIGID), st.none(), MOMENTS, st.dictionaries(TEXT, TEXT)
)
TRIPS = st.builds(Trip, LEGS, st.builds(Attempt, st.just(FOR_ANOTHER), st.none() | IDENTITIES))

A_LOGIN = Login(
    LoginId("login"),
    Reference("RV-2222-2222"),
    request(),
    offer(WITH_DIGID, FOR_ANOTHER),
    fingerprint(BROWSER),
    START,
    START + timedelta(seconds=900),
)


@given(LOGINS)
def test_a_login_survives(login: Login) -> None:
    """A login comes back as it was."""
    assert records.LOGIN.decode(records.LOGIN.encode(login)) == login


@given(TRIPS)
def test_a_trip_survives(trip: Trip) -> None:
    """A leg that is out comes back with its attempt, every byte of evidence included."""
    assert records.TRIP.decode(records.TRIP.encode(trip)) == trip


@given(FAILURES)
def test_a_set_back_survives(failure: Failure) -> None:
    """A failure comes back as it was."""
    assert records.SET_BACK.decode(records.SET_BACK.encode(failure)) == failure


def test_levels_come_back_as_levels() -> None:
    """A level is a `LoA` again, not a number that equals one."""
    login = records.LOGIN.decode(records.LOGIN.encode(A_LOGIN))
    assert login is not None
    assert isinstance(login.offer.minimum_loa, LoA)


def test_an_absent_record_is_nothing() -> None:
    """Nothing in, nothing out."""
    assert records.LOGIN.decode(None) is None


@given(st.binary(max_size=60))
def test_noise_is_nothing(noise: bytes) -> None:
    """What is no record reads as absent, without an error that holds it."""
    assert records.LOGIN.decode(noise) is None
    assert records.TRIP.decode(noise) is None


def test_a_record_of_another_version_is_nothing() -> None:
    """A process of another release leaves alone what it cannot judge."""
    record = records.LOGIN.encode(A_LOGIN)
    assert record.startswith(b"[1,")
    assert records.LOGIN.decode(b"[2," + record[3:]) is None


def test_a_record_of_another_kind_is_nothing() -> None:
    """A trip is not read as a login."""
    trip = Trip(Leg(LegId("_1"), LoginId("login"), DIGID, None, START), Attempt(WITH_DIGID))
    assert records.LOGIN.decode(records.TRIP.encode(trip)) is None


@pytest.mark.parametrize("size", [0, 10_000])
def test_records_are_fast(size: int) -> None:
    """There and back within 0.2 ms, with 10 kB of evidence as well."""
    identity = Identity(DIGID, EntityID("urn:digid"), LoA.HOOG, (), bytes(size), START)
    leg = Leg(LegId("_1"), LoginId("login"), DIGID, None, START)
    trip = Trip(leg, Attempt(FOR_ANOTHER, identity if size else None))

    def there_and_back() -> None:
        records.LOGIN.decode(records.LOGIN.encode(A_LOGIN))
        records.TRIP.decode(records.TRIP.encode(trip))

    assert min(timeit.repeat(there_and_back, number=20, repeat=10)) / 20 < 0.0004


def test_frozen_values_stay_frozen() -> None:
    """What comes back cannot be altered either."""
    login = records.LOGIN.decode(records.LOGIN.encode(A_LOGIN))
    with pytest.raises(dataclasses.FrozenInstanceError):
        login.id = "other"  # type: ignore[misc,union-attr,assignment]
