"""What the browser must do next, and what a page may know of a login."""

from dataclasses import dataclass
from datetime import datetime

from routeringsvoorziening.broker.failures import Failure
from routeringsvoorziening.broker.login import Login
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    Choice,
    Declaration,
    FrontChannelMessage,
    Language,
    Leg,
    LoA,
    LocalizedText,
    LoginId,
    Reference,
)


@dataclass(frozen=True, slots=True)
class LoginView:
    """What a page may know of a login.

    Args:
        id: for its addresses and the name of its cookie.
        reference: to read out.
        language: of the page.
        dienstverlener_name: who asks.
        service_name: what for.
        minimum_loa: what must be reached.
        expires_at: UTC; also the end of its cookie.
    """

    id: LoginId
    reference: Reference
    language: Language
    dienstverlener_name: LocalizedText
    service_name: LocalizedText
    minimum_loa: LoA
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Depart:
    """Send the browser to a service with `message`; `choice` is the way it goes, `leg` where it is on that way."""

    login: LoginView
    choice: Choice
    message: FrontChannelMessage
    leg: Leg


@dataclass(frozen=True, slots=True)
class Choose:
    """Show a page: the choices, and what stood in the way. Without choices only the way back (cancel) is left."""

    login: LoginView
    choices: tuple[Choice, ...]
    because: Failure | None


@dataclass(frozen=True, slots=True)
class Finish:
    """Answer the dienstverlener. Given at most once per login; `login` is None when none was ever opened."""

    login: LoginView | None
    request: AuthenticationRequest
    reference: Reference
    outcome: Declaration | Failure


Step = Depart | Choose | Finish


def view(login: Login) -> LoginView:
    """What a page may know of this login."""
    return LoginView(
        id=login.id,
        reference=login.reference,
        language=login.request.language,
        dienstverlener_name=login.offer.dienstverlener_name,
        service_name=login.offer.service_name,
        minimum_loa=login.minimum_loa,
        expires_at=login.expires_at,
    )
