"""Why nobody is logged in, and what that person can do (ERR-05, ERR-08, ERR-10)."""

from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.simulators.portal.checks import Result
from routeringsvoorziening.simulators.portal.exchange import Exchange
from routeringsvoorziening.simulators.portal.texts import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """What the page says.

    Args:
        title: what happened.
        advice: what the person can do.
        check: the check that failed; None when the answer was fine and said no.
    """

    title: Text
    advice: Text
    check: Result | None = None


TRY_AGAIN: Final = ("U kunt het opnieuw proberen.", "You can try again.")
CANCELLED: Final = Problem(("U hebt het inloggen geannuleerd.", "You cancelled logging in."), TRY_AGAIN)
TOO_LOW: Final = Problem(("Het gevraagde niveau is niet gehaald.", "The level asked for was not reached."), TRY_AGAIN)
FAILED: Final = Problem(("Het inloggen is niet gelukt.", "Logging in did not succeed."), TRY_AGAIN)


def problem_of(exchange: Exchange) -> Problem:
    """The problem of a login that failed."""
    failed = _failed(exchange)
    if failed is None or failed.check.name == "status":
        return _of_status(exchange)
    if failed.check.name == "mutual-tls":
        return Problem(
            ("De inlogvoorziening is niet bereikbaar.", "The login facility cannot be reached."),
            ("Probeer het over een paar minuten opnieuw.", "Try again in a few minutes."),
            failed,
        )
    if failed.check.name == "representation-type":
        return Problem(
            ("U mag deze dienst niet voor deze persoon gebruiken.", "You may not use this service for this person."),
            (
                "De manier waarop u deze persoon vertegenwoordigt, is hiervoor niet genoeg.",
                "The way in which you represent this person is not enough for it.",
            ),
            failed,
        )
    if failed.check.name == "loa-enough":
        return Problem(
            ("U bent ingelogd op een te laag niveau.", "You logged in at too low a level."),
            ("Log opnieuw in op een hoger niveau.", "Log in again at a higher level."),
            failed,
        )
    return Problem(
        ("Het antwoord op uw inlog is niet te vertrouwen.", "The answer to your login cannot be trusted."),
        ("Wij laten u niet binnen. Probeer het opnieuw.", "We do not let you in. Please try again."),
        failed,
    )


def said_no(exchange: Exchange) -> Text | None:
    """How the login ended, when the answer was in order and said no: then there is no declaration to verify."""
    failed = _failed(exchange)
    if failed is None or failed.check.name != "status":
        return None
    cancelled = exchange.status_message == names.CANCELLED_MESSAGE
    return ("geannuleerd", "cancelled") if cancelled else ("mislukt", "failed")


def _failed(exchange: Exchange) -> Result | None:
    return next((each for each in exchange.checklist.results if each.outcome == "failed"), None)


def _of_status(exchange: Exchange) -> Problem:
    if exchange.status_message == names.CANCELLED_MESSAGE:
        return CANCELLED
    return TOO_LOW if names.STATUS_NO_AUTHN_CONTEXT in exchange.status_codes else FAILED
