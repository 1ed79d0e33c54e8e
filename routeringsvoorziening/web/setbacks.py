"""What a page says about each kind of failure that a person can meet in the middle of a login (ERR-06, ERR-08)."""

from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.broker.failures import Failure, FailureKind
from routeringsvoorziening.broker.steps import LoginView
from routeringsvoorziening.broker.vocabulary import Language
from routeringsvoorziening.web.texts import text

WITH_A_TEXT_OF_THEIR_OWN: Final = frozenset(
    {
        FailureKind.LOA_NOT_REACHED,
        FailureKind.NOT_SUPPORTED,
        FailureKind.UNREACHABLE,
        FailureKind.ANSWER_REJECTED,
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """What to say, in one language."""

    title: str
    text: str
    advice: str


def words_for(failure: Failure, login: LoginView, method: str, language: Language) -> Words:
    """What to say about a failure.

    Args:
        failure: only its kind is used; codes and details are for the log.
        login: names what the person wanted.
        method: the name of the service that failed.
        language: of the page.
    """
    kind = failure.kind.value if failure.kind in WITH_A_TEXT_OF_THEIR_OWN else "other"
    filled = {
        "method": method,
        "dienstverlener": login.dienstverlener_name.in_language(language),
        "service": login.service_name.in_language(language),
        "level": text(language, f"level.{login.minimum_loa.value}"),
    }
    title, body, advice = (text(language, f"setback.{kind}.{part}", **filled) for part in ("title", "text", "advice"))
    return Words(title[0].upper() + title[1:], body[0].upper() + body[1:], advice)
