"""The login's state machine: pure functions from what happened to what must happen next.

    opened ─┬─▶ Ask ◀──────────── failed (recoverable, or a rejected answer)
            └─▶ Go ──▶ proven ─┬─▶ Go (to the BVD, with the identity)
      chosen ───▲              └─▶ End (a declaration)
    cancelled ─────────────────────▶ End (a failure)  ◀── failed (all other)

Nothing here waits, reads a clock or keeps anything: `broker` carries out the decisions.
"""

from dataclasses import dataclass
from datetime import datetime

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.login import Attempt, Login
from routeringsvoorziening.broker.vocabulary import Choice, Declaration, Identity, Mandate


@dataclass(frozen=True, slots=True)
class Ask:
    """Let the person choose, and say what stood in the way. Without choices: tell it, and let them go back."""

    choices: tuple[Choice, ...]
    because: Failure | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """Start the next leg of an attempt: to the AD, or to the BVD once there is an identity."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class End:
    """Finish the login, if nobody else has."""

    outcome: Declaration | Failure
    choice: Choice | None = None


Decision = Ask | Go | End

CANCELLED = Failure(FailureKind.CANCELLED, "login.cancelled")


def opened(login: Login) -> Ask | Go:
    """A login began: with one choice there is nothing to ask."""
    if len(login.offer.choices) == 1:
        return Go(Attempt(login.offer.choices[0]))
    return Ask(login.offer.choices)


def shown(login: Login, set_back: Failure | None) -> Ask:
    """The person looks at the login, for the first time or again by Back."""
    return Ask(_open_choices(login, set_back), set_back)


def chosen(login: Login, set_back: Failure | None, choice: Choice) -> Ask | Go:
    """The person chose. What is not open for this login is asked again. An earlier identity plays no part any more."""
    if choice not in _open_choices(login, set_back):
        return shown(login, set_back)
    return Go(Attempt(choice))


def proven(login: Login, attempt: Attempt, proof: Identity | Mandate, at: datetime) -> Go | End:
    """A service answered, and its answer was verified.

    Raises:
        LoginFailed: `LOA_NOT_REACHED` (`loa.insufficient`, LOA-05), or `ANSWER_REJECTED` (`service.unexpected`).
    """
    if isinstance(proof, Identity):
        return _identified(login, attempt, proof, at)
    return _authorised(login, attempt, proof, at)


def failed(login: Login, choice: Choice, failure: Failure) -> Ask | End:
    """Something went wrong under way. Never a way round it: a failed BVD leaves no declaration of the AD (RBVD-05)."""
    if failure.kind is FailureKind.ANSWER_REJECTED:
        return Ask((), failure)
    if failure.recoverable and not login.request.preselection.given:
        return Ask(login.offer.choices, failure)
    return End(failure, choice)


def cancelled(set_back: Failure | None) -> End:
    """The person gives up: a cancellation, unless what they were told about was already the end."""
    return End(set_back if _rejected(set_back) and set_back else CANCELLED)


def _open_choices(login: Login, set_back: Failure | None) -> tuple[Choice, ...]:
    return () if _rejected(set_back) else login.offer.choices


def _rejected(set_back: Failure | None) -> bool:
    return set_back is not None and set_back.kind is FailureKind.ANSWER_REJECTED


def _identified(login: Login, attempt: Attempt, identity: Identity, at: datetime) -> Go | End:
    """LOA-05: judged here as well, whatever the backend says. RBVD-01: the AD first, then the BVD."""
    if attempt.identity is not None or identity.service != attempt.choice.authentication:
        raise LoginFailed(Failure(FailureKind.ANSWER_REJECTED, "service.unexpected"))
    if identity.loa < login.minimum_loa:
        detail = f"proven {identity.loa.name}, needed {login.minimum_loa.name}"
        raise LoginFailed(Failure(FailureKind.LOA_NOT_REACHED, "loa.insufficient", detail))
    if attempt.choice.mandate is not None:
        return Go(attempt.with_identity(identity))
    return End(_declaration(login, identity, None, at), attempt.choice)


def _authorised(login: Login, attempt: Attempt, mandate: Mandate, at: datetime) -> End:
    if attempt.identity is None or mandate.service != attempt.choice.mandate:
        raise LoginFailed(Failure(FailureKind.ANSWER_REJECTED, "service.unexpected"))
    return End(_declaration(login, attempt.identity, mandate, at), attempt.choice)


def _declaration(login: Login, identity: Identity, mandate: Mandate | None, at: datetime) -> Declaration:
    return Declaration(login.request, login.reference, identity, mandate, at)
