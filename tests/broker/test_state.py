"""The decisions of a login, one by one."""

import dataclasses
from datetime import timedelta

import pytest

from routeringsvoorziening.broker import state
from routeringsvoorziening.broker.failures import RECOVERABLE, Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.login import Attempt, Login, fingerprint
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Choice,
    Declaration,
    EntityID,
    Identity,
    LoA,
    LoginId,
    Mandate,
    MandateServiceId,
    Preselection,
    Reference,
)
from tests.support.core import BROWSER, FOR_ANOTHER, PRESELECTED, START, WITH_DIGID, WITH_EIDAS, offer, request


def a_login(
    *choices: Choice,
    preselection: Preselection | None = None,
    catalogue: LoA = LoA.LAAG,
    asked: LoA = LoA.BASIS,
) -> Login:
    return Login(
        LoginId("login"),
        Reference("RV-2222-2222"),
        request(preselection=preselection, minimum_loa=asked),
        offer(*(choices or (WITH_DIGID, WITH_EIDAS)), minimum_loa=catalogue),
        fingerprint(BROWSER),
        START,
        START + timedelta(seconds=900),
    )


def an_identity(loa: LoA = LoA.HOOG, service: str = "digid") -> Identity:
    return Identity(AuthenticationServiceId(service), EntityID("urn:digid"), loa, (), b"evidence", START)


def a_mandate(service: str = "machtigen") -> Mandate:
    return Mandate(MandateServiceId(service), EntityID("urn:bvd"), (), (), b"mandate")


def a_failure(kind: FailureKind) -> Failure:
    return Failure(kind, "some.code")


def test_one_choice_needs_no_question() -> None:
    """With one way through, a login departs at once."""
    assert state.opened(a_login(WITH_DIGID)) == state.Go(Attempt(WITH_DIGID))


def test_more_choices_are_asked() -> None:
    """With more ways through, the person chooses, and nothing is pre-ticked."""
    assert state.opened(a_login(WITH_DIGID, WITH_EIDAS)) == state.Ask((WITH_DIGID, WITH_EIDAS))


def test_an_open_choice_departs_without_identity() -> None:
    """What is chosen starts from nothing: no identity of an earlier attempt goes along."""
    assert state.chosen(a_login(), None, WITH_EIDAS) == state.Go(Attempt(WITH_EIDAS))


@pytest.mark.parametrize("choice", [FOR_ANOTHER, Choice(AuthenticationServiceId("made-up"))])
def test_a_choice_outside_the_offer_is_asked_again(choice: Choice) -> None:
    """Nobody reaches a service that the catalogue did not offer for this request."""
    assert state.chosen(a_login(WITH_DIGID, WITH_EIDAS), None, choice) == state.Ask((WITH_DIGID, WITH_EIDAS))


def test_a_person_may_choose_again_after_a_recoverable_failure() -> None:
    """A set-back that can be recovered leaves every choice open."""
    set_back = a_failure(FailureKind.UNREACHABLE)
    assert state.shown(a_login(), set_back) == state.Ask((WITH_DIGID, WITH_EIDAS), set_back)
    assert state.chosen(a_login(), set_back, WITH_DIGID) == state.Go(Attempt(WITH_DIGID))


@pytest.mark.eis("ERR-10")
def test_a_rejected_answer_closes_every_choice() -> None:
    """After an answer that cannot be trusted only the way back is left."""
    set_back = a_failure(FailureKind.ANSWER_REJECTED)
    assert state.shown(a_login(), set_back) == state.Ask((), set_back)
    assert state.chosen(a_login(), set_back, WITH_DIGID) == state.Ask((), set_back)


@pytest.mark.parametrize("kind", sorted(RECOVERABLE))
@pytest.mark.eis("ERR-09")
def test_a_recoverable_failure_asks_again(kind: FailureKind) -> None:
    """Without preselection the person gets another chance."""
    failure = a_failure(kind)
    assert state.failed(a_login(), WITH_DIGID, failure) == state.Ask((WITH_DIGID, WITH_EIDAS), failure)


@pytest.mark.parametrize("kind", sorted(RECOVERABLE))
@pytest.mark.eis("ERR-09")
def test_a_recoverable_failure_goes_back_when_preselected(kind: FailureKind) -> None:
    """With an AD that the dienstverlener chose, the failure is the dienstverlener's to handle."""
    failure = a_failure(kind)
    assert state.failed(a_login(preselection=PRESELECTED), WITH_DIGID, failure) == state.End(failure, WITH_DIGID)


@pytest.mark.parametrize("kind", sorted(set(FailureKind) - RECOVERABLE - {FailureKind.ANSWER_REJECTED}))
@pytest.mark.eis("ERR-04")
def test_a_final_failure_goes_back(kind: FailureKind) -> None:
    """A cancellation, a refusal and the like end the login."""
    failure = a_failure(kind)
    assert state.failed(a_login(), WITH_DIGID, failure) == state.End(failure, WITH_DIGID)


@pytest.mark.parametrize("preselection", [None, PRESELECTED])
@pytest.mark.eis("ERR-10")
def test_a_rejected_answer_is_told_first(preselection: Preselection | None) -> None:
    """An answer that cannot be trusted shows a page, also when the dienstverlener preselected."""
    failure = a_failure(FailureKind.ANSWER_REJECTED)
    assert state.failed(a_login(preselection=preselection), WITH_DIGID, failure) == state.Ask((), failure)


@pytest.mark.eis("ERR-03")
@pytest.mark.parametrize("set_back", [None, *map(a_failure, sorted(RECOVERABLE))])
def test_giving_up_is_a_cancellation(set_back: Failure | None) -> None:
    """Whatever recoverable went before, a person who stops has cancelled."""
    assert state.cancelled(set_back) == state.End(Failure(FailureKind.CANCELLED, "login.cancelled"))


def test_giving_up_after_a_rejected_answer_keeps_its_reason() -> None:
    """Leaving the page of a rejected answer sends that failure, not a cancellation."""
    set_back = a_failure(FailureKind.ANSWER_REJECTED)
    assert state.cancelled(set_back) == state.End(set_back)


def test_an_identity_becomes_a_declaration() -> None:
    """For oneself, the AD's answer is all that is needed."""
    login, identity = a_login(), an_identity()
    declaration = Declaration(login.request, login.reference, identity, None, START)
    assert state.proven(login, Attempt(WITH_DIGID), identity, START) == state.End(declaration, WITH_DIGID)


@pytest.mark.eis("LOA-02", "LOA-05")
@pytest.mark.attack("S69")
@pytest.mark.parametrize("catalogue", list(LoA))
@pytest.mark.parametrize("asked", list(LoA))
@pytest.mark.parametrize("reached", list(LoA))
def test_the_level_must_satisfy_both_the_dienst_and_the_request(catalogue: LoA, asked: LoA, reached: LoA) -> None:
    """The higher of the two minima decides, and what was really reached is what is declared."""
    login = a_login(catalogue=catalogue, asked=asked)
    if reached < max(catalogue, asked):
        with pytest.raises(LoginFailed) as caught:
            state.proven(login, Attempt(WITH_DIGID), an_identity(reached), START)
        assert caught.value.failure.kind is FailureKind.LOA_NOT_REACHED
        assert caught.value.failure.code == "loa.insufficient"
    else:
        end = state.proven(login, Attempt(WITH_DIGID), an_identity(reached), START)
        assert isinstance(end, state.End)
        assert isinstance(end.outcome, Declaration)
        assert end.outcome.identity.loa is reached


@pytest.mark.eis("RBVD-01")
def test_an_identity_with_a_mandate_to_come_goes_on_to_the_bvd() -> None:
    """With representation, the AD's answer is not an answer yet."""
    identity = an_identity()
    attempt = Attempt(FOR_ANOTHER)
    assert state.proven(a_login(FOR_ANOTHER), attempt, identity, START) == state.Go(Attempt(FOR_ANOTHER, identity))


@pytest.mark.eis("LOA-05")
def test_the_level_is_judged_before_the_bvd() -> None:
    """Nobody is sent to a BVD with an identity that will not do."""
    with pytest.raises(LoginFailed) as caught:
        state.proven(a_login(FOR_ANOTHER), Attempt(FOR_ANOTHER), an_identity(LoA.BASIS), START)
    assert caught.value.failure.code == "loa.insufficient"


@pytest.mark.eis("RBVD-04")
def test_identity_and_mandate_become_one_declaration() -> None:
    """The declaration holds who acts, and for whom."""
    login, identity, mandate = a_login(FOR_ANOTHER), an_identity(), a_mandate()
    declaration = Declaration(login.request, login.reference, identity, mandate, START)
    end = state.proven(login, Attempt(FOR_ANOTHER, identity), mandate, START)
    assert end == state.End(declaration, FOR_ANOTHER)


@pytest.mark.parametrize(
    ("attempt", "proof"),
    [
        (Attempt(WITH_DIGID), an_identity(service="eidas")),
        (Attempt(FOR_ANOTHER, an_identity()), an_identity()),
        (Attempt(FOR_ANOTHER), a_mandate()),
        (Attempt(WITH_DIGID, an_identity()), a_mandate()),
        (Attempt(FOR_ANOTHER, an_identity()), a_mandate("another")),
    ],
    ids=["identity-of-another-service", "second-identity", "mandate-first", "mandate-uncalled", "mandate-of-another"],
)
def test_a_proof_out_of_place_is_rejected(attempt: Attempt, proof: Identity | Mandate) -> None:
    """Only the proof that the attempt is waiting for moves it on."""
    login = a_login(WITH_DIGID, FOR_ANOTHER)
    with pytest.raises(LoginFailed) as caught:
        state.proven(login, attempt, proof, START)
    assert caught.value.failure == Failure(FailureKind.ANSWER_REJECTED, "service.unexpected")


@pytest.mark.eis("RBVD-05")
@pytest.mark.parametrize("kind", sorted(FailureKind))
@pytest.mark.parametrize("preselection", [None, PRESELECTED])
def test_no_failure_ever_gives_a_declaration(kind: FailureKind, preselection: Preselection | None) -> None:
    """Also with an identity in hand, a failed BVD leaves nothing to declare."""
    decision = state.failed(a_login(FOR_ANOTHER, preselection=preselection), FOR_ANOTHER, a_failure(kind))
    assert not isinstance(decision, state.Go)
    assert not (isinstance(decision, state.End) and isinstance(decision.outcome, Declaration))


def test_decisions_cannot_be_altered() -> None:
    """Every value of the machine is frozen."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        state.opened(a_login()).choices = ()  # type: ignore[misc,union-attr]
