"""What the core needs from the outside, as Protocols. The rooms around the core implement them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from routeringsvoorziening.broker.failures import Failure
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    AuthenticationServiceId,
    Choice,
    Declaration,
    Departure,
    EntityID,
    FrontChannelMessage,
    Identity,
    Leg,
    LegId,
    LoA,
    Mandate,
    MandateServiceId,
    Offer,
    Reference,
    ServiceSession,
    ServiceUUID,
)


class Clock(Protocol):
    """Where time comes from."""

    def __call__(self) -> datetime:
        """Now, aware, UTC."""
        ...


class Store(Protocol):
    """Short-lived state. Single use is atomic: no caller ever reads and then writes.

    Kinds name a table (`login`, `leg`, `session`, `seen`); keys are text; values are bytes; `ttl` is in seconds.
    Raises `TooBusy` at a bound, `StoreUnavailable` (of the store room, an `OSError`) when the store is out of reach,
    and `ValueError` for a `ttl` that is not positive.
    """

    async def put(self, kind: str, key: str, value: bytes, ttl: float) -> None:
        """Keep `value`, replacing what was there."""
        ...

    async def peek(self, kind: str, key: str) -> bytes | None:
        """The value, left in place; None when absent or expired."""
        ...

    async def take(self, kind: str, key: str) -> bytes | None:
        """The value, and it is gone: of many takers exactly one gets it."""
        ...

    async def add_once(self, kind: str, key: str, ttl: float) -> bool:
        """True for the first caller within `ttl`, False for every later one."""
        ...

    async def forget(self, kind: str, key: str) -> None:
        """Undo an `add_once`: only for whoever it said True to, when nothing came of it."""
        ...


class Catalogue(Protocol):
    """The dienstencatalogus: who may ask what, and what is open for it."""

    def offer(self, request: AuthenticationRequest, at: datetime) -> Offer:
        """What is open for a request at a moment.

        Raises:
            LoginFailed: `DENIED` (codes `connection.inactive`, `organisation.inactive`, `role.inactive`,
                `cluster.not-registered`, `cluster.inactive`, `service.unknown`, `service.not-registered`,
                `service.inactive`) or `NO_SUPPORTED_SERVICE` (`preselection.empty`).
        """
        ...


class AuthenticationService(Protocol):
    """A login method: one folder under `backends`."""

    @property
    def id(self) -> AuthenticationServiceId:
        """Our own short name of it."""
        ...

    async def begin(self, task: "AuthenticationTask") -> Departure:
        """Start a leg: build and sign our own request.

        Raises:
            LoginFailed: `UNREACHABLE` when the service is known to be down.
        """
        ...

    async def complete(self, leg: Leg, task: "AuthenticationTask", answer: Mapping[str, str]) -> Identity:
        """Turn the parameters that came back through the browser into an identity, verified.

        Raises:
            LoginFailed: cancelled, failed, unreachable, or an answer that cannot be trusted.
        """
        ...


class SessionService(Protocol):
    """An authenticatiedienst that keeps sessions, as ending one needs it (SLO-08, SLO-09)."""

    async def begin_logout(self, session: ServiceSession) -> Departure:
        """Our request to end its session, for the browser to bring.

        Raises:
            LoginFailed: `UNREACHABLE`, when it is no use to send the browser there.
        """
        ...

    async def complete_logout(self, leg: LegId, answer: Mapping[str, str]) -> None:
        """The browser brought its answer, and it says that the session has ended.

        Raises:
            LoginFailed: `ANSWER_REJECTED` for an answer that is not to be trusted, `NOT_SUPPORTED` for one that says
                that the session has not ended.
        """
        ...


class MandateService(Protocol):
    """A bevoegdheidsverklaringsdienst: as `AuthenticationService`, given the identity."""

    @property
    def id(self) -> MandateServiceId:
        """Our own short name of it."""
        ...

    async def begin(self, task: "AuthenticationTask", identity: Identity) -> Departure:
        """Start a leg; the identity's evidence goes along byte for byte."""
        ...

    async def complete(
        self, leg: Leg, task: "AuthenticationTask", identity: Identity, answer: Mapping[str, str]
    ) -> Mandate:
        """Turn the answer into a mandate, verified."""
        ...


class AuthenticationTask(Protocol):
    """What a backend may know of a login: what to ask for, not who asked how."""

    @property
    def reference(self) -> Reference:
        """For log lines."""
        ...

    @property
    def dienstverlener(self) -> EntityID:
        """For whom the identity must be encrypted (IntendedAudience)."""
        ...

    @property
    def service(self) -> ServiceUUID:
        """The dienst."""
        ...

    @property
    def minimum_loa(self) -> LoA:
        """The level that must be reached; the core checks it again."""
        ...

    @property
    def force_authn(self) -> bool:
        """No existing session may answer."""
        ...

    @property
    def session_may_answer(self) -> bool:
        """A session of the service is known that may answer; where there is none, credentials are asked (SSO-02)."""
        ...

    @property
    def choice(self) -> Choice:
        """With the BVD that follows, if any."""
        ...


class Frontend(Protocol):
    """How an outcome goes back over the koppelvlak by which the request came."""

    async def answer(
        self, request: AuthenticationRequest, reference: Reference, outcome: Declaration | Failure
    ) -> FrontChannelMessage:
        """Prepare the answer, and the message that takes the browser back."""
        ...


class AuditTrail(Protocol):
    """What must be provable afterwards. Never an identifier of a person."""

    async def record(self, event: str, reference: Reference, facts: Mapping[str, str]) -> None:
        """Write one event; raises `OSError` when it cannot.

        Events: `login.begun`, `login.set-back` (a failure that did not end it), `login.declared`, `login.failed`;
        `identity.decrypted` (on behalf of a dienstverlener that has us do so);
        `logout.begun`, `logout.set-back` (a service did not end its session), `logout.ended`.
        """
        ...


class Meter(Protocol):
    """What is counted and timed. Labels come from small, closed sets."""

    def login_begun(self, request: AuthenticationRequest) -> None:
        """A request was accepted."""
        ...

    def login_ended(self, request: AuthenticationRequest, choice: Choice | None, outcome: str, seconds: float) -> None:
        """A login ended; `outcome` is `declared`, a `FailureKind` value, or `abandoned`."""
        ...

    def logout_begun(self) -> None:
        """A website asked for a logout, by every rule."""
        ...

    def logout_ended(self, outcome: str) -> None:
        """The website was answered; `outcome` is a `LogoutOutcome` value."""
        ...
