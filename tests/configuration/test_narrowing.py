"""What a dienstverlener's own choice leaves open: never anything that it, or the dienst, did not allow."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.broker.failures import FailureKind, LoginFailed
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Choice,
    EntityID,
    MandateServiceId,
    Preselection,
)
from routeringsvoorziening.configuration.narrowing import narrowed


@dataclass(frozen=True)
class Method:
    """A login method."""

    id: AuthenticationServiceId
    entity_id: EntityID
    alone: bool = False

    def goes_on_to(self, _: MandateServiceId) -> bool:
        """Not when people who log in with it act for themselves alone."""
        return not self.alone


@dataclass(frozen=True)
class Bvd:
    """A BVD."""

    id: MandateServiceId
    entity_id: EntityID


def method(name: str) -> Method:
    return Method(AuthenticationServiceId(name), EntityID(f"ad-{name}"))


def bvd(name: str) -> Bvd:
    return Bvd(MandateServiceId(name), EntityID(f"bvd-{name}"))


DIGID, EIDAS = method("digid"), method("eidas")
MACHTIGEN, GEZAG, BEWIND = bvd("machtigen"), bvd("gezag"), bvd("bewind")
CONNECTED = frozenset(each.entity_id for each in (MACHTIGEN, GEZAG, BEWIND))


def entities(*names: str) -> frozenset[EntityID]:
    return frozenset(map(EntityID, names))


def ways(preselection: Preselection, methods=(DIGID, EIDAS), mandates=(GEZAG, MACHTIGEN)) -> list[str]:
    choices = narrowed(methods, mandates, preselection, connected=CONNECTED)
    return [f"{each.authentication}+{each.mandate}" if each.mandate else each.authentication for each in choices]


def refusal(preselection: Preselection, **changed) -> tuple[FailureKind, str]:
    with pytest.raises(LoginFailed) as caught:
        ways(preselection, **changed)
    return caught.value.failure.kind, caught.value.failure.code


EMPTY = (FailureKind.NO_SUPPORTED_SERVICE, "preselection.empty")
UNSUPPORTED = (FailureKind.NO_SUPPORTED_SERVICE, "preselection.unsupported")


@pytest.mark.eis("SES-09")
def test_without_a_preselection_everything_is_open() -> None:
    """First for yourself, then for somebody else, in a stable order (AMB-27)."""
    assert ways(Preselection()) == [
        "digid",
        "eidas",
        "digid+gezag",
        "eidas+gezag",
        "digid+machtigen",
        "eidas+machtigen",
    ]


@pytest.mark.eis("AR-14", "AR-17", "SES-10")
def test_a_bvd_beside_an_ad_makes_representation_optional() -> None:
    """IDPList {AD, BVD}: that AD, and that AD with that BVD; nothing else."""
    preselection = Preselection(entities("ad-digid"), entities("bvd-gezag"))
    assert ways(preselection) == ["digid", "digid+gezag"]


@pytest.mark.eis("AR-14", "SES-10")
def test_ads_alone_leave_no_representation() -> None:
    """IDPList {AD}: for yourself only, and with one AD that is one way."""
    assert ways(Preselection(entities("ad-digid"), entities())) == ["digid"]


@pytest.mark.eis("AR-18", "AR-19")
def test_a_requester_id_makes_it_required_and_several_let_choose() -> None:
    """Among exactly those, and never for yourself; without an IDPList all ADs are open (AMB-04)."""
    one = Preselection(entities("ad-digid"), entities("bvd-gezag"), mandate_required=True)
    assert ways(one) == ["digid+gezag"]
    two = Preselection(None, entities("bvd-gezag", "bvd-machtigen"), mandate_required=True)
    assert ways(two, methods=(DIGID,), mandates=(BEWIND, GEZAG, MACHTIGEN)) == ["digid+gezag", "digid+machtigen"]


@pytest.mark.eis("ERR-15", "AR-18")
def test_a_requester_id_that_is_not_connected_is_not_supported() -> None:
    """Alone, or beside one that is."""
    for names in (("bvd-stranger",), ("bvd-gezag", "bvd-stranger")):
        assert refusal(Preselection(None, entities(*names), mandate_required=True)) == UNSUPPORTED


@pytest.mark.eis("ERR-15")
def test_a_dienst_without_mandates_cannot_be_asked_for_somebody_else() -> None:
    """RequesterID of a connected BVD that the dienst does not allow; a BVD in the IDPList only is no matter."""
    required = Preselection(entities("ad-digid"), entities("bvd-gezag"), mandate_required=True)
    assert refusal(required, mandates=()) == EMPTY
    assert refusal(required, mandates=(MACHTIGEN,)) == EMPTY
    assert ways(Preselection(entities("ad-digid"), entities("bvd-gezag")), mandates=()) == ["digid"]


@pytest.mark.eis("AR-15", "AR-16")
def test_unknown_entities_do_not_count() -> None:
    """In the IDPList they are passed over; when nothing else is there, nothing is left."""
    known = Preselection(entities("ad-digid", "ad-x", "bvd-x"), entities("bvd-x", "bvd-gezag"))
    assert ways(known) == ["digid", "digid+gezag"]
    assert refusal(Preselection(entities("ad-x", "x"), entities("bvd-gezag"))) == EMPTY


NAMES = st.sampled_from(["digid", "eidas", "x"])
BVDS = st.sampled_from(["machtigen", "gezag", "bewind", "x"])


PRESELECTIONS = st.builds(
    Preselection,
    st.none() | st.frozensets(NAMES.map(lambda name: EntityID(f"ad-{name}"))),
    st.none() | st.frozensets(BVDS.map(lambda name: EntityID(f"bvd-{name}"))),
    mandate_required=st.booleans(),
)


def expected(methods, allowed, preselection: Preselection, connected) -> set[Choice]:
    """What must be open, said in another way."""
    logins, mandates, required = (
        preselection.authentication_services,
        preselection.mandate_services,
        preselection.mandate_required,
    )
    if required and not (mandates or frozenset()) <= connected:
        return set()
    return {
        Choice(login.id, None if through is None else through.id)
        for login in methods
        for through in (None, *allowed)
        if (logins is None or login.entity_id in logins)
        and (through is None or mandates is None or through.entity_id in mandates)
        and (through is not None or not required)
    }


@given(
    methods=st.lists(NAMES.map(method), unique=True),
    allowed=st.lists(BVDS.map(bvd), unique=True),
    connected=st.frozensets(BVDS.map(lambda name: EntityID(f"bvd-{name}"))),
    preselection=PRESELECTIONS,
)
@pytest.mark.eis("AR-14", "AR-17", "AR-18", "AR-19", "SES-10")
def test_nothing_outside_the_preselection_or_the_catalogue(methods, allowed, connected, preselection) -> None:
    """Whatever is asked: each way once, allowed by the dienst and by who asks, and everything that is allowed."""
    wanted = expected(methods, allowed, preselection, connected)
    if wanted:
        choices = narrowed(methods, allowed, preselection, connected=connected)
        assert (len(choices), set(choices)) == (len(wanted), wanted)
        return
    with pytest.raises(LoginFailed) as caught:
        narrowed(methods, allowed, preselection, connected=connected)
    assert caught.value.failure.kind is FailureKind.NO_SUPPORTED_SERVICE


@pytest.mark.eis("AR-14")
def test_a_method_that_goes_on_to_no_bvd_is_offered_for_yourself_only() -> None:
    """People from other countries act for themselves; the other method keeps every way."""
    alone = Method(AuthenticationServiceId("eidas"), EntityID("ad-eidas"), alone=True)
    assert ways(Preselection(), methods=(DIGID, alone), mandates=(GEZAG,)) == ["digid", "eidas", "digid+gezag"]
    required = Preselection(entities("ad-eidas"), entities("bvd-gezag"), mandate_required=True)
    assert refusal(required, methods=(DIGID, alone), mandates=(GEZAG,)) == (
        FailureKind.NO_SUPPORTED_SERVICE,
        "preselection.empty",
    )
