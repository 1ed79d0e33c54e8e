"""The dienstencatalogus: who may ask what, and what is open for it, at that very moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.broker.failures import FailureKind, LoginFailed
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    AuthenticationServiceId,
    Choice,
    EntityID,
    LoA,
    LocalizedText,
    Preselection,
    ServiceUUID,
)
from routeringsvoorziening.configuration.catalogue import ConfiguredCatalogue
from routeringsvoorziening.configuration.model.methods import AuthenticationMethod, Calls
from routeringsvoorziening.configuration.result import (
    AuthenticationServiceSettings,
    Connection,
    Dienst,
    Dienstverlener,
    Relation,
    Window,
)
from routeringsvoorziening.saml.metadata.model import IdentityProvider, ServiceProvider

AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DV, OTHER = EntityID("dv"), EntityID("other")
DIENST, THEIRS = ServiceUUID("dienst"), ServiceUUID("theirs")
NAME = LocalizedText("Naam", "Name")
METHODS = {"digid": LoA.HOOG, "eidas": LoA.SUBSTANTIEEL, "zwak": LoA.BASIS}


def method(name: str, max_loa: LoA) -> AuthenticationServiceSettings:
    entity_id = EntityID(f"ad-{name}")
    metadata = IdentityProvider(entity_id, ())
    return AuthenticationServiceSettings(
        AuthenticationServiceId(name),
        "digid",
        NAME,
        entity_id,
        metadata,
        max_loa,
        Calls(),
        AuthenticationMethod.model_construct(),
    )


def catalogue(*, dienst=None, connection=None, dienstverlener=None, methods=METHODS) -> ConfiguredCatalogue:
    """Two dienstverleners with a dienst each; parts of the first can be changed."""

    def connected(entity_id: EntityID) -> Connection:
        return Connection(entity_id, NAME, ServiceProvider(entity_id, ()))

    def offered(uuid: ServiceUUID, owner: EntityID) -> Dienst:
        return Dienst(uuid, owner, NAME, LoA.LAAG, None)

    return ConfiguredCatalogue(
        connections={DV: replace(connected(DV), **(connection or {})), OTHER: connected(OTHER)},
        dienstverleners={DV: replace(Dienstverlener(DV, NAME), **(dienstverlener or {})), OTHER: Dienstverlener(OTHER, NAME)},
        diensten={DIENST: replace(offered(DIENST, DV), **(dienst or {})), THEIRS: offered(THEIRS, OTHER)},
        methods={AuthenticationServiceId(name): method(name, level) for name, level in methods.items()},
    )  # fmt: skip


def request(**changed) -> AuthenticationRequest:
    usual = {
        "frontend": "saml",
        "connection": DV,
        "dienstverlener": DV,
        "service": DIENST,
        "received_at": AT,
        "reply": {},
    }
    return AuthenticationRequest(**(usual | changed))


def refusal(asked: ConfiguredCatalogue, at: datetime = AT, **changed) -> tuple[FailureKind, str]:
    with pytest.raises(LoginFailed) as caught:
        asked.offer(request(**changed), at)
    return caught.value.failure.kind, caught.value.failure.code


def names(asked: ConfiguredCatalogue, at: datetime = AT, **changed) -> list[str]:
    return [choice.authentication for choice in asked.offer(request(**changed), at).choices]


@pytest.mark.eis("LOA-07")
def test_it_offers_what_reaches_the_minimum() -> None:
    """In the order of their names, with the names for the pages."""
    offer = catalogue().offer(request(), AT)
    assert offer.choices == (Choice(AuthenticationServiceId("digid")), Choice(AuthenticationServiceId("eidas")))
    assert (offer.minimum_loa, offer.service_name, offer.dienstverlener_name) == (LoA.LAAG, NAME, NAME)


@pytest.mark.eis("LOA-07")
@pytest.mark.parametrize(
    ("minimum", "open_methods"),
    [
        (LoA.BASIS, ["digid", "eidas", "zwak"]),
        (LoA.LAAG, ["digid", "eidas"]),
        (LoA.SUBSTANTIEEL, ["digid", "eidas"]),
        (LoA.HOOG, ["digid"]),
    ],
)
def test_the_higher_minimum_counts(minimum, open_methods) -> None:
    """That of the dienst, or that of the request: the same methods are open."""
    assert names(catalogue(dienst={"minimum_loa": minimum})) == open_methods
    assert names(catalogue(dienst={"minimum_loa": LoA.BASIS}), minimum_loa=minimum) == open_methods


def test_a_level_that_no_method_reaches() -> None:
    """Asked on top of the dienst's own minimum."""
    weak = catalogue(methods={"eidas": LoA.SUBSTANTIEEL})
    assert refusal(weak, minimum_loa=LoA.HOOG) == (FailureKind.NO_SUPPORTED_SERVICE, "loa.unreachable")
    assert names(weak, minimum_loa=LoA.SUBSTANTIEEL) == ["eidas"]


def test_a_dienst_may_name_its_methods() -> None:
    """The others are not offered."""
    assert names(catalogue(dienst={"methods": frozenset({"eidas"})})) == ["eidas"]


def test_the_order_is_neutral() -> None:
    """It does not depend on the order of the configuration."""
    turned = dict(reversed(METHODS.items()))
    assert names(catalogue(methods=turned)) == names(catalogue())


@pytest.mark.eis("AR-12", "AR-20")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"service": ServiceUUID("nowhere")}, "service.unknown"),
        ({"service": THEIRS}, "service.not-registered"),
        ({"connection": OTHER, "dienstverlener": OTHER}, "service.not-registered"),
        ({"connection": OTHER}, "service.not-registered"),
        ({"dienstverlener": OTHER}, "service.not-registered"),
        ({"connection": EntityID("stranger")}, "connection.inactive"),
    ],
)
def test_what_is_not_registered_is_denied(changed, code) -> None:
    """Unknown, of another dienstverlener, or through another's connection."""
    assert refusal(catalogue(), **changed) == (FailureKind.DENIED, code)
    assert names(catalogue())


@pytest.mark.eis("AR-20")
@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("dienst", "service.inactive"),
        ("connection", "connection.inactive"),
        ("dienstverlener", "organisation.inactive"),
    ],
)
def test_windows_begin_inclusive_and_end_exclusive(part, code) -> None:
    """Judged at the moment of the request, to the microsecond."""
    moment = timedelta(microseconds=1)
    asked = catalogue(**{part: {"window": Window(begins=AT, ends=AT + SECOND)}})
    assert refusal(asked, AT - moment) == (FailureKind.DENIED, code)
    assert names(asked, AT)
    assert names(asked, AT + SECOND - moment)
    assert refusal(asked, AT + SECOND) == (FailureKind.DENIED, code)


@pytest.mark.eis("AR-20")
@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("dienst", "service.inactive"),
        ("connection", "connection.inactive"),
        ("dienstverlener", "organisation.inactive"),
    ],
)
def test_what_is_switched_off_is_denied(part, code) -> None:
    """Whatever its window says."""
    assert refusal(catalogue(**{part: {"window": Window(active=False)}})) == (FailureKind.DENIED, code)


LC1, LC2 = EntityID("lc1"), EntityID("lc2")


def clustered(*, relation=None, supplier=None, dienst=None, dienstverlener=None) -> ConfiguredCatalogue:
    """The first dienstverlener through two suppliers besides directly, the second through the second only."""

    def of(entity_id: EntityID, members) -> Connection:
        return Connection(entity_id, NAME, ServiceProvider(entity_id, ()), members=members)

    direct = Connection(DV, NAME, ServiceProvider(DV, ()))
    first = of(LC1, {DV: replace(Relation(diensten={DIENST: Window(), MORE: Window()}), **(relation or {}))})
    second = of(LC2, {DV: Relation(diensten={MORE: Window()}), OTHER: Relation()})
    return ConfiguredCatalogue(
        connections={DV: direct, LC1: replace(first, **(supplier or {})), LC2: second},
        dienstverleners={DV: replace(Dienstverlener(DV, NAME), **(dienstverlener or {})), OTHER: Dienstverlener(OTHER, NAME)},
        diensten={
            DIENST: replace(Dienst(DIENST, DV, NAME, LoA.LAAG, None), **(dienst or {})),
            MORE: Dienst(MORE, DV, NAME, LoA.LAAG, None),
            THEIRS: Dienst(THEIRS, OTHER, NAME, LoA.LAAG, None),
        },
        methods={AuthenticationServiceId("digid"): method("digid", LoA.HOOG)},
    )  # fmt: skip


MORE = ServiceUUID("more")


@pytest.mark.eis("AR-20", "AR-21")
@pytest.mark.parametrize(
    ("connection", "dienstverlener", "service", "code"),
    [
        (LC1, DV, DIENST, None),
        (LC2, DV, MORE, None),
        (LC2, OTHER, THEIRS, None),
        (DV, DV, DIENST, None),
        (LC1, OTHER, THEIRS, "cluster.not-registered"),
        (LC2, DV, DIENST, "service.not-registered"),
        (LC1, DV, THEIRS, "service.not-registered"),
        (LC1, OTHER, DIENST, "service.not-registered"),
        (LC1, LC1, DIENST, "service.not-registered"),
        (DV, OTHER, THEIRS, "service.not-registered"),
        (OTHER, OTHER, THEIRS, "connection.inactive"),
        (LC1, DV, ServiceUUID("nowhere"), "service.unknown"),
    ],
)
def test_who_may_ask_what_for_whom(connection, dienstverlener, service, code) -> None:
    """Each connection for its own dienstverleners and diensten; a dienstverlener may have several connections."""
    asked = {"connection": connection, "dienstverlener": dienstverlener, "service": service}
    if code is None:
        assert names(clustered(), **asked) == ["digid"]
    else:
        assert refusal(clustered(), **asked) == (FailureKind.DENIED, code)


WINDOWED = [
    ("supplier", "window", "connection.inactive"),
    ("supplier", "organisation", "organisation.inactive"),
    ("supplier", "role", "role.inactive"),
    ("relation", "window", "cluster.inactive"),
    ("dienstverlener", "window", "organisation.inactive"),
    ("dienstverlener", "role", "role.inactive"),
    ("dienst", "window", "service.inactive"),
]


@pytest.mark.eis("AR-20", "AR-21")
@pytest.mark.parametrize(("part", "name", "code"), WINDOWED)
def test_every_window_of_a_cluster_counts(part, name, code) -> None:
    """Connection, supplier, role, relation, dienstverlener and dienst: all of them, at the moment of the request."""
    moment, asking = timedelta(microseconds=1), {"connection": LC1}
    asked = clustered(**{part: {name: Window(begins=AT, ends=AT + SECOND)}})
    assert refusal(asked, AT - moment, **asking) == (FailureKind.DENIED, code)
    assert names(asked, AT, **asking)
    assert names(asked, AT + SECOND - moment, **asking)
    assert refusal(asked, AT + SECOND, **asking) == (FailureKind.DENIED, code)
    assert refusal(clustered(**{part: {name: Window(active=False)}}), **asking) == (FailureKind.DENIED, code)


@pytest.mark.eis("AR-21")
def test_a_dienst_has_a_window_of_its_own_at_a_supplier() -> None:
    """The same dienst may still be asked for directly, and other diensten through the supplier."""
    asked = clustered(relation={"diensten": {DIENST: Window(begins=AT, ends=AT + SECOND), MORE: Window()}})
    assert names(asked, AT, connection=LC1)
    for at in (AT - SECOND, AT + SECOND):
        assert refusal(asked, at, connection=LC1) == (FailureKind.DENIED, "service.inactive")
        assert names(asked, at)
        assert names(asked, at, connection=LC1, service=MORE)


@pytest.mark.eis("AR-21", "MD-LC-02", "MD-03")
def test_an_expired_entry_ends_one_relation() -> None:
    """What the supplier's metadata says of one dienstverlener holds until its own validUntil, for nobody else."""
    asked = clustered(relation={"valid_until": AT})
    assert names(asked, AT - SECOND, connection=LC1)
    assert refusal(asked, AT, connection=LC1) == (FailureKind.DENIED, "cluster.inactive")
    assert names(asked, AT, connection=LC2, service=MORE)
    expired = clustered(supplier={"metadata": ServiceProvider(LC1, (), valid_until=AT)})
    assert refusal(expired, AT, connection=LC1) == (FailureKind.DENIED, "connection.inactive")


@pytest.mark.eis("MD-03")
def test_expired_metadata_ends_a_connection() -> None:
    """Until validUntil, and not at it."""
    asked = catalogue(connection={"metadata": ServiceProvider(DV, (), valid_until=AT)})
    assert names(asked, AT - SECOND)
    assert refusal(asked, AT) == (FailureKind.DENIED, "connection.inactive")


@pytest.mark.eis("AR-14")
@pytest.mark.parametrize(
    ("wanted", "open_methods"),
    [({"ad-digid"}, ["digid"]), ({"ad-eidas", "bvd"}, ["eidas"]), ({"ad-digid", "ad-eidas"}, ["digid", "eidas"])],
)
def test_a_preselection_narrows(wanted, open_methods) -> None:
    """To what it names; entities that are no login method do not matter."""
    assert names(catalogue(), preselection=Preselection(frozenset(map(EntityID, wanted)))) == open_methods


@pytest.mark.eis("AR-14")
@pytest.mark.parametrize("wanted", [{"unknown"}, {"bvd"}, {"ad-zwak"}, set()])
def test_a_preselection_that_leaves_nothing(wanted) -> None:
    """Unknown, a BVD alone, or a method below the minimum."""
    preselection = Preselection(frozenset(map(EntityID, wanted)))
    assert refusal(catalogue(), preselection=preselection) == (FailureKind.NO_SUPPORTED_SERVICE, "preselection.empty")


def test_acting_for_somebody_else_needs_a_mandate_service() -> None:
    """And none is configured yet."""
    preselection = Preselection(mandate_required=True)
    assert refusal(catalogue(), preselection=preselection) == (FailureKind.NO_SUPPORTED_SERVICE, "preselection.empty")


LEVELS = st.sampled_from(LoA)
MOMENTS = st.one_of(st.none(), st.integers(-3, 3).map(lambda days: AT + timedelta(days=days)))
WINDOWS = st.builds(Window, active=st.booleans(), begins=MOMENTS, ends=MOMENTS)


@given(
    minimum=LEVELS,
    asked=LEVELS,
    most=st.dictionaries(st.sampled_from(["a", "b", "c"]), LEVELS, min_size=1),
    allowed=st.one_of(st.none(), st.frozensets(st.sampled_from(["a", "b", "c"]), min_size=1)),
    windows=st.tuples(WINDOWS, WINDOWS, WINDOWS),
    wanted=st.one_of(st.none(), st.frozensets(st.sampled_from(["ad-a", "ad-b", "ad-x"]))),
)
@pytest.mark.eis("AR-14", "AR-20", "LOA-07")
def test_no_choice_below_the_minimum_or_outside_a_window(*, minimum, asked, most, allowed, windows, wanted) -> None:
    """Whatever the configuration and the request: an offer is exactly what may be, and nothing when nothing may."""
    dienst, connection, dienstverlener = windows
    full = catalogue(
        dienst={"minimum_loa": minimum, "methods": allowed, "window": dienst},
        connection={"window": connection},
        dienstverlener={"window": dienstverlener},
        methods=most,
    )
    right = [
        name
        for name in sorted(most)
        if most[name] >= max(minimum, asked)
        and (allowed is None or name in allowed)
        and (wanted is None or f"ad-{name}" in wanted)
    ]
    in_force = all(
        each.active and (each.begins is None or each.begins <= AT) and (each.ends is None or each.ends > AT)
        for each in windows
    )
    asking = {"minimum_loa": asked, "preselection": Preselection(wanted)}
    if in_force and right:
        assert names(full, **asking) == right
    else:
        kind, _ = refusal(full, **asking)
        assert kind is (FailureKind.NO_SUPPORTED_SERVICE if in_force else FailureKind.DENIED)
