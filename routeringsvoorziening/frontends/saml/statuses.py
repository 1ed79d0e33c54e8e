"""From a failure of the core to the status that a dienstverlener receives (ERR-01, ERR-02, ERR-03; AMB-16)."""

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
    STATUS_REQUESTER,
    STATUS_RESPONDER,
)

_ANSWERS: Final = {
    FailureKind.CANCELLED: Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, CANCELLED_MESSAGE),
    FailureKind.AUTHENTICATION_FAILED: Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, "Authentication failed"),
    FailureKind.LOA_NOT_REACHED: Status(STATUS_RESPONDER, STATUS_NO_AUTHN_CONTEXT, "Level of assurance not reached"),
    FailureKind.NO_SUPPORTED_SERVICE: Status(
        STATUS_REQUESTER, STATUS_NO_SUPPORTED_IDP, "None of the preselected services is available"
    ),
    FailureKind.NOT_SUPPORTED: Status(
        STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED, "The service does not support what was asked"
    ),
    FailureKind.UNREACHABLE: Status(
        STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED, "The service is not available at the moment"
    ),
    FailureKind.DENIED: Status(STATUS_REQUESTER, STATUS_REQUEST_DENIED, "Not registered for this service"),
    FailureKind.ANSWER_REJECTED: Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, "Authentication failed"),
}
_PASSED_ON: Final = frozenset({FailureKind.NOT_SUPPORTED, FailureKind.UNREACHABLE})
"""Kinds whose own text replaces ours: it tells the dienstverlener what the problem is (ERR-07, ERR-09, ERR-13)."""


def status_of(failure: Failure) -> Status:
    """The two codes and the text for a failure; the table of design and README, row by row."""
    status = _ANSWERS[failure.kind]
    if failure.message and failure.kind in _PASSED_ON:
        return Status(status.code, status.second, failure.message)
    return status
