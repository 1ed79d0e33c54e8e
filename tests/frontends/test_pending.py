"""What waits behind an artifact: as it was, once, and for one party only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from routeringsvoorziening.broker.failures import Failure, FailureKind
from routeringsvoorziening.broker.vocabulary import LoA
from routeringsvoorziening.frontends.saml.pending import PendingAnswer, PendingAnswers, Statement, decode, encode
from tests.support.clocks import Moment
from tests.support.federation import AD, BSN, DV, DV_ACS, OTHER_DV, REQUEST_ID, SERVICE

HANDLE = b"h" * 20
FAILED = PendingAnswer("RV-1", DV, REQUEST_ID, DV_ACS, Failure(FailureKind.CANCELLED, "x", "é", "tekst"))
DECLARED = replace(
    FAILED,
    outcome=Statement(
        DV,
        SERVICE,
        LoA.HOOG,
        (AD,),
        (b"<a/>", b"<b/>"),
        (b"<c/>",),
        ("urn:x",),
        ("<é/>".encode(),),
        None,
        {"urn:y": (b"<d/>",)},
    ),
)


@pytest.mark.parametrize("answer", [FAILED, DECLARED])
def test_nothing_is_lost_in_the_store(answer: PendingAnswer) -> None:
    """Every field comes back, bytes as the same bytes."""
    assert decode(encode(answer)) == answer


@pytest.mark.eis("ART-05")
@pytest.mark.attack("S74")
async def test_an_answer_is_taken_once(pending: PendingAnswers) -> None:
    """The second time there is nothing, and it is known why."""
    await pending.keep(HANDLE, DECLARED, life=120, trace=900)
    assert await pending.take(HANDLE, DV) == DECLARED
    assert await pending.take(HANDLE, DV) is None
    assert await pending.why_absent(HANDLE, DV) == "artifact.used"


@pytest.mark.eis("ARR-05")
@pytest.mark.attack("S75")
async def test_another_party_neither_gets_nor_burns_it(pending: PendingAnswers) -> None:
    """Who presents somebody else's artifact gets nothing, and the rightful party still gets its answer."""
    await pending.keep(HANDLE, DECLARED, life=120, trace=900)
    assert await pending.take(HANDLE, OTHER_DV) is None
    assert await pending.why_absent(HANDLE, OTHER_DV) == "artifact.requester"
    assert await pending.take(HANDLE, DV) == DECLARED


@pytest.mark.eis("ART-05")
async def test_an_answer_expires(pending: PendingAnswers, moment: Moment) -> None:
    """After its life it is gone; who it was for is known a while longer, and then that is gone as well."""
    await pending.keep(HANDLE, DECLARED, life=120, trace=900)
    moment.advance(timedelta(seconds=120))
    assert await pending.take(HANDLE, DV) is None
    assert await pending.why_absent(HANDLE, DV) == "artifact.used"
    moment.advance(timedelta(seconds=780))
    assert await pending.why_absent(HANDLE, DV) == "artifact.unknown"


def test_no_identifier_shows_in_a_repr() -> None:
    """What is encrypted, and the evidence, stay out of what could be logged."""
    shown = repr(replace(DECLARED, outcome=replace(DECLARED.outcome, acting_subject=(BSN.encode(),))))  # type: ignore[type-var]
    assert BSN not in shown
    assert "<a/>" not in shown
