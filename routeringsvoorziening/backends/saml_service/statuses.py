"""What the status of a service's Response means for the login (ERR-04, ERR-08, ERR-09; AMB-16)."""

from typing import Final

from routeringsvoorziening.broker.failures import Failure, FailureKind
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.names import (
    CANCELLED_MESSAGE,
    STATUS_AUTHN_FAILED,
    STATUS_NO_AUTHN_CONTEXT,
    STATUS_NO_SUPPORTED_IDP,
    STATUS_REQUEST_DENIED,
    STATUS_REQUEST_UNSUPPORTED,
)

LONGEST_TEXT: Final = 300
"""Characters of a StatusMessage that are passed on; a person must read it."""

_MEANINGS: Final = {
    STATUS_AUTHN_FAILED: (FailureKind.AUTHENTICATION_FAILED, "backend.failed"),
    STATUS_NO_AUTHN_CONTEXT: (FailureKind.LOA_NOT_REACHED, "backend.loa-not-reached"),
    STATUS_REQUEST_UNSUPPORTED: (FailureKind.NOT_SUPPORTED, "backend.unsupported"),
    STATUS_REQUEST_DENIED: (FailureKind.DENIED, "backend.denied"),
    STATUS_NO_SUPPORTED_IDP: (FailureKind.NO_SUPPORTED_SERVICE, "backend.no-supported-idp"),
}
_ANYTHING_ELSE: Final = (FailureKind.AUTHENTICATION_FAILED, "backend.failed")


def failure_of(status: Status) -> Failure:
    """The failure that a status other than Success stands for; an unknown one counts as a failed authentication."""
    text = (status.message or "")[:LONGEST_TEXT]
    if status.second == STATUS_AUTHN_FAILED and text == CANCELLED_MESSAGE:
        return Failure(FailureKind.CANCELLED, "backend.cancelled")
    kind, code = _MEANINGS.get(status.second or "", _ANYTHING_ELSE)
    return Failure(kind, code, message=text)
