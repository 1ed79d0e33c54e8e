"""What can go wrong in a login: one taxonomy, each failure with four faces.

A `Failure` is a value. Its `kind` decides what goes over the wire and what a person can do next (the table of the
README's "When something goes wrong"); its `code` is stable and goes to logs and metrics; its `detail` is for the log
only and never holds personal data. `LoginFailed` carries a failure to the nearest place that can answer it.

    Exception
    ├── LoginFailed        a Failure on its way back
    ├── LoginUnknown       no such login (any more), or not of this browser: a page, never an answer
    └── TooBusy            a bound was reached: 503 with Retry-After
"""

from dataclasses import dataclass, field
from enum import StrEnum


class FailureKind(StrEnum):
    """The rows of the failure table that a frontend can answer."""

    CANCELLED = "cancelled"
    """By the person: at us, at the AD or at the BVD. Responder / AuthnFailed."""
    AUTHENTICATION_FAILED = "authentication-failed"
    """The AD says no. Responder / AuthnFailed."""
    LOA_NOT_REACHED = "loa-not-reached"
    """Proven, but not enough. Responder / NoAuthnContext. Recoverable: the person may choose again."""
    NO_SUPPORTED_SERVICE = "no-supported-service"
    """The preselection leaves nothing. Requester / NoSupportedIDP."""
    NOT_SUPPORTED = "not-supported"
    """A service does not support what was asked. Responder / RequestUnsupported. Recoverable."""
    UNREACHABLE = "unreachable"
    """AD or BVD down or slow. Responder / RequestUnsupported. Recoverable."""
    DENIED = "denied"
    """Dienst or connection not (any more) valid. Requester / RequestDenied."""
    ANSWER_REJECTED = "answer-rejected"
    """The answer of an AD or BVD cannot be trusted (ERR-10). A page first; then Responder / AuthnFailed."""


RECOVERABLE = frozenset({FailureKind.LOA_NOT_REACHED, FailureKind.NOT_SUPPORTED, FailureKind.UNREACHABLE})
"""Failures after which the person may choose again, unless the dienstverlener preselected."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a login gives no declaration.

    Args:
        kind: the row of the table.
        code: stable, dotted, lower case: `loa.insufficient`, `sig.invalid`.
        detail: for the log; English; no personal data, no message content.
        message: a text that a service sent for the person (StatusMessage), to be shown escaped.
        at: our short name of the service where it went wrong; empty when it was not at one. It does not make it
            another failure, nor do the next two.
        issuer: of a message that was rejected: the EntityID that it claims, for the audit trail.
        message_ids: of such a message, outermost first, apart by spaces.
    """

    kind: FailureKind
    code: str
    detail: str = ""
    message: str = ""
    at: str = field(default="", compare=False)
    issuer: str = field(default="", compare=False)
    message_ids: str = field(default="", compare=False)

    @property
    def recoverable(self) -> bool:
        """True when choosing again may help."""
        return self.kind in RECOVERABLE


class LoginFailed(Exception):
    """A failure that must be answered: to the dienstverlener, or with a page."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class LoginUnknown(Exception):
    """No login by this id, or it is finished, expired, or another browser's; `code` says which.

    Codes: `login.unknown`, `login.other-browser`, `leg.unknown`, `logout.unknown`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TooBusy(Exception):
    """A bound was reached; `bound` names it (a metric label), `retry_after` is in seconds."""

    def __init__(self, bound: str, retry_after: int = 5) -> None:
        super().__init__(bound)
        self.bound = bound
        self.retry_after = retry_after
