"""A login, an attempt within it, and the leg that is out: frozen values, and the checks that guard them."""

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime

from routeringsvoorziening.broker.failures import LoginUnknown
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    BrowserKey,
    Choice,
    EntityID,
    Identity,
    Leg,
    LoA,
    LoginId,
    Offer,
    Reference,
    ServiceUUID,
)

SHORTEST_BROWSER_KEY = 22
"""Characters of base64url that hold 128 bits."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a backend may know of a login (the port `AuthenticationTask`)."""

    reference: Reference
    dienstverlener: EntityID
    service: ServiceUUID
    minimum_loa: LoA
    force_authn: bool
    choice: Choice
    session_may_answer: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """The facts of one login, fixed when it begins. One per attempt of a person at a dienstverlener, not per browser.

    Args:
        id: names it.
        reference: to read out.
        request: what the dienstverlener asked.
        offer: what the catalogue answered then.
        browser: SHA-256 of the key of the browser that began it.
        begun_at: UTC.
        expires_at: UTC; from then on the login is unknown.
    """

    id: LoginId
    reference: Reference
    request: AuthenticationRequest
    offer: Offer
    browser: bytes = field(repr=False)
    begun_at: datetime
    expires_at: datetime

    @property
    def minimum_loa(self) -> LoA:
        """The higher of what the dienst and the request demand."""
        return max(self.offer.minimum_loa, self.request.minimum_loa)

    def task(self, choice: Choice, at: datetime) -> Task:
        """What the backends of a choice may know, when their leg begins at a moment."""
        request, sso = self.request, self.request.sso
        return Task(
            reference=self.reference,
            dienstverlener=request.dienstverlener,
            service=request.service,
            minimum_loa=self.minimum_loa,
            force_authn=request.force_authn,
            choice=choice,
            session_may_answer=sso is not None and sso.may_answer(choice.authentication, self.minimum_loa, at),
        )

    def seconds_left(self, at: datetime) -> float:
        """How long the login still lives, more than zero.

        Raises:
            LoginUnknown: `login.unknown` when it has expired.
        """
        left = (self.expires_at - at).total_seconds()
        if left <= 0:
            raise LoginUnknown("login.unknown")
        return left

    def check_browser(self, key: BrowserKey) -> None:
        """Refuse every browser but the one that began the login (S87).

        Raises:
            LoginUnknown: `login.other-browser`.
        """
        check_key(self.browser, key)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way through a login that a person is trying: the choice, and what was proven on it so far."""

    choice: Choice
    identity: Identity | None = None

    @property
    def next_service(self) -> str:
        """Our short name of the service that comes next: the AD, and with an identity the BVD."""
        return str(self.choice.authentication if self.identity is None else self.choice.mandate or "")

    def with_identity(self, identity: Identity) -> "Attempt":
        """The same attempt, one proof further."""
        return replace(self, identity=identity)


@dataclass(frozen=True, slots=True)
class Trip:
    """A leg that is out, and the attempt that it serves. Single use."""

    leg: Leg
    attempt: Attempt

    def check_destination(self, service: str) -> None:
        """Refuse an answer that comes in at another service's door than the leg went out by.

        Raises:
            LoginUnknown: `leg.unknown`.
        """
        if service not in (self.leg.authentication, self.leg.mandate):
            raise LoginUnknown("leg.unknown")


def fingerprint(key: BrowserKey) -> bytes:
    """What a login remembers of its browser's key: the SHA-256.

    Raises:
        ValueError: when the key is too short to be a secret; that is a mistake in the program.
    """
    if len(key) < SHORTEST_BROWSER_KEY:
        raise ValueError("a browser key must hold at least 128 bits")
    return _digest(key)


def check_key(kept: bytes, key: BrowserKey) -> None:
    """Refuse every key but the one of this fingerprint.

    Raises:
        LoginUnknown: `login.other-browser`.
    """
    if not hmac.compare_digest(kept, _digest(key)):
        raise LoginUnknown("login.other-browser")


def _digest(key: BrowserKey) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()
