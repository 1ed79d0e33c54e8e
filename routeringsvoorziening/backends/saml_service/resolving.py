"""An artifact to the bytes behind it: our signed ArtifactResolve over mutual TLS (RES-05, TLS-03)."""

from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Final, Protocol

from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.ports import Clock
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, write_artifact_resolve
from routeringsvoorziening.saml.signing import signed
from routeringsvoorziening.saml.soap import CONTENT_TYPE, wrap_written
from routeringsvoorziening.transport.client import Answer, BoundedClient
from routeringsvoorziening.transport.errors import BadAnswer, Unreachable

HEADERS: Final = {
    "Content-Type": f"{CONTENT_TYPE}; charset=utf-8",
    "SOAPAction": '"http://www.oasis-open.org/committees/security"',
    "Accept": CONTENT_TYPE,
}
OK: Final = 200
XML_TYPES: Final = frozenset({"text/xml", "application/xml", "application/soap+xml"})


@dataclass(frozen=True, slots=True)
class Resolved:
    """What came back for an artifact; nothing of it is trusted yet.

    Args:
        resolve_id: of our ArtifactResolve, that the answer must name.
        body: the SOAP envelope.
    """

    resolve_id: str
    body: bytes = field(repr=False)


class CallMeter(Protocol):
    """Counts and times calls to services."""

    def backend_called(self, backend: str, operation: str, outcome: str, seconds: float) -> None:
        """One call; `outcome` is `ok`, `cancelled`, or the reason of an `ExchangeFailed`."""
        ...


def check_reachable(client: BoundedClient) -> None:
    """Pass unless the service that is called with this client is known to be down.

    Raises:
        LoginFailed: `UNREACHABLE`, `backend.breaker-open`.
    """
    try:
        client.breaker.check_open_for_calls()
    except Unreachable as failure:
        raise LoginFailed(_unreachable(failure.reason)) from failure


class ArtifactResolver:
    """Resolves the artifacts of one service, over one kept-open session."""

    def __init__(self, name: str, own: Requester, *, client: BoundedClient, meter: CallMeter, clock: Clock) -> None:
        self._name = name
        self._meter = meter
        self._own = own
        self._client = client
        self._clock = clock

    def check_reachable(self) -> None:
        """Refuse at once while the service is known to be down, instead of sending a person there.

        Raises:
            LoginFailed: `UNREACHABLE`, `backend.breaker-open`.
        """
        check_reachable(self._client)

    async def resolve(self, artifact: str, url: str) -> Resolved:
        """Ask for the message behind an artifact; once, for the artifact is then used.

        Raises:
            LoginFailed: `UNREACHABLE` (`backend.timeout`, `backend.refused`, `backend.tls`, `backend.breaker-open`,
                `backend.overloaded`, `backend.http-status`), or `ANSWER_REJECTED` (`backend.redirect`,
                `backend.too-large`, `backend.content-type` and the like).
        """
        resolve_id = new_message_id()
        body = build_resolve(self._own, resolve_id, artifact, url, now=self._clock())
        return Resolved(resolve_id, _content(await self._exchange(url, body)))

    async def _exchange(self, url: str, body: bytes) -> Answer:
        started, outcome = monotonic(), "cancelled"
        try:
            answer = await self._client.post(url, body, HEADERS)
            outcome = "ok"
        except Unreachable as failure:
            outcome = failure.reason
            raise LoginFailed(_unreachable(failure.reason)) from failure
        except BadAnswer as failure:
            outcome = failure.reason
            raise LoginFailed(_rejected(failure.reason, failure.detail)) from failure
        finally:
            self._meter.backend_called(self._name, "resolve", outcome, monotonic() - started)
        return answer


def build_resolve(own: Requester, resolve_id: str, artifact: str, url: str, *, now: datetime) -> bytes:
    """A signed ArtifactResolve in its envelope: half a millisecond, not worth a trip to the crypto pool."""
    resolve = ArtifactResolve(
        id=resolve_id, issuer=own.entity_id, issue_instant=now, artifact=artifact, destination=url
    )
    return wrap_written(signed(write_artifact_resolve(resolve), resolve_id, own.signing))


def _content(answer: Answer) -> bytes:
    if answer.status != OK:
        raise LoginFailed(_unreachable("http-status", f"status {answer.status}"))
    if answer.content_type not in XML_TYPES:
        raise LoginFailed(_rejected("content-type"))
    return answer.body


def _unreachable(reason: str, detail: str = "") -> Failure:
    return Failure(FailureKind.UNREACHABLE, f"backend.{reason}", detail)


def _rejected(reason: str, detail: str = "") -> Failure:
    return Failure(FailureKind.ANSWER_REJECTED, f"backend.{reason}", detail)
