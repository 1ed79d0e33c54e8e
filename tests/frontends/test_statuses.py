"""From a failure to a status: the table of the README, row by row."""

import pytest

from routeringsvoorziening.broker.failures import Failure, FailureKind
from routeringsvoorziening.frontends.saml.statuses import status_of

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


@pytest.mark.eis("ERR-01", "ERR-02", "ERR-13", "RSP-04", "RSP-05", "AR-16")
@pytest.mark.parametrize(
    ("kind", "top", "second"),
    [
        (FailureKind.CANCELLED, "Responder", "AuthnFailed"),
        (FailureKind.AUTHENTICATION_FAILED, "Responder", "AuthnFailed"),
        (FailureKind.LOA_NOT_REACHED, "Responder", "NoAuthnContext"),
        (FailureKind.NO_SUPPORTED_SERVICE, "Requester", "NoSupportedIDP"),
        (FailureKind.NOT_SUPPORTED, "Responder", "RequestUnsupported"),
        (FailureKind.UNREACHABLE, "Responder", "RequestUnsupported"),
        (FailureKind.DENIED, "Requester", "RequestDenied"),
        (FailureKind.ANSWER_REJECTED, "Responder", "AuthnFailed"),
    ],
)
def test_each_failure_has_its_codes(kind: FailureKind, top: str, second: str) -> None:
    """Two codes and a text for each."""
    status = status_of(Failure(kind, "x"))
    assert (status.code, status.second) == (STATUS + top, STATUS + second)
    assert status.message


def test_every_kind_has_a_status() -> None:
    """No failure of the core is without an answer."""
    assert all(not status_of(Failure(kind, "x")).success for kind in FailureKind)


@pytest.mark.eis("ERR-03", "ERR-04")
def test_a_cancellation_has_the_exact_text() -> None:
    """Whoever cancelled, wherever, and whatever they said."""
    failure = Failure(FailureKind.CANCELLED, "x", message="Bye")
    assert status_of(failure).message == "Authentication cancelled"


@pytest.mark.eis("ERR-07", "ERR-13")
def test_a_service_s_text_is_passed_on_where_it_helps() -> None:
    """What is not supported is said in the service's words; why a login failed is not."""
    assert status_of(Failure(FailureKind.NOT_SUPPORTED, "x", message="Not today")).message == "Not today"
    assert status_of(Failure(FailureKind.AUTHENTICATION_FAILED, "x", message="hm")).message == "Authentication failed"
