"""From SAMLart to a verified ArtifactResponse: our ArtifactResolve over mutual TLS, and the first checks."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml.artifact import Artifact, parse_artifact, source_id_of
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, build_artifact_resolve
from routeringsvoorziening.saml.messages.artifact_response import read_artifact_response
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.parsing import Element, parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.soap import CONTENT_TYPE, unwrap, wrap
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.portal.checks import CheckFailed, require
from routeringsvoorziening.simulators.portal.exchange import Attempt
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.short_lived import ShortLived
from routeringsvoorziening.transport.client import Answer, BoundedClient
from routeringsvoorziening.transport.errors import BadAnswer, Unreachable

SKEW: Final = timedelta(seconds=60)
FRESH: Final = timedelta(minutes=2)
_HEADERS: Final = {"Content-Type": f"{CONTENT_TYPE}; charset=utf-8", "SOAPAction": '""'}
_HTTP_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Resolver:
    """Exchanges artifacts.

    Args:
        settings: of the portal.
        rd: metadata of the routeringsdienst.
        client: with our certificate.
        used: artifacts that were offered before.
        clock: aware UTC.
    """

    settings: PortalSettings
    rd: IdentityProvider
    client: BoundedClient
    used: ShortLived[bool]
    clock: Callable[[], datetime]

    def read_artifact(self, saml_art: str, attempt: Attempt) -> Artifact:
        """SAMLart: its form, its source, and that it is new (ART-04, SES-02).

        Raises:
            LoginRefused: one of the checks failed.
        """
        checklist = attempt.exchange.checklist
        with checklist.check("artifact-form"):
            artifact = parse_artifact(saml_art)
            self.rd.artifact_resolution_by_index(artifact.endpoint_index)
        attempt.exchange.artifact = artifact
        with checklist.check("artifact-source"):
            require(artifact.source_id == source_id_of(self.rd.entity_id), "artifact.source")
        with checklist.check("artifact-new"):
            require(self.used.add_once(artifact.handle.hex(), True), "artifact.used")
        return artifact

    async def resolve(self, artifact: Artifact, attempt: Attempt) -> Element:
        """The Response element behind an artifact, covered by a verified signature.

        Raises:
            LoginRefused: one of the checks failed.
        """
        resolve_id = new_message_id()
        answer = await self._ask(artifact, attempt, resolve_id)
        return self._open(answer, attempt, resolve_id)

    async def _ask(self, artifact: Artifact, attempt: Attempt, resolve_id: str) -> Answer:
        exchange = attempt.exchange
        exchange.resolve_url = self.rd.artifact_resolution_by_index(artifact.endpoint_index).location
        exchange.resolve = self._message(artifact, exchange.resolve_url, resolve_id)
        began = time.perf_counter()
        with exchange.checklist.check("mutual-tls"):
            try:
                answer = await self.client.post(exchange.resolve_url, exchange.resolve, _HEADERS)
            except Unreachable as failure:
                raise CheckFailed(f"back-channel.{failure.reason}") from failure
            except BadAnswer as failure:
                answer = Answer(0, failure.reason, b"")
        exchange.resolve_seconds = time.perf_counter() - began
        exchange.answer = answer.body
        return answer

    def _message(self, artifact: Artifact, url: str, resolve_id: str) -> bytes:
        """RES-01 to RES-04: signed, with our own certificate's KeyName, in a SOAP 1.1 envelope."""
        resolve = ArtifactResolve(
            id=resolve_id,
            issuer=self.settings.entity_id,
            issue_instant=self.clock(),
            artifact=artifact.text,
            destination=url,
        )
        element = build_artifact_resolve(resolve)
        sign(element, self.settings.signing)
        return wrap(element)

    def _open(self, answer: Answer, attempt: Attempt, resolve_id: str) -> Element:
        checklist = attempt.exchange.checklist
        with checklist.check("http-answer"):
            require(answer.status == _HTTP_OK, "http.status")
            require(answer.content_type == CONTENT_TYPE, "http.content-type")
        with checklist.check("strict-xml"):
            message = unwrap(parse(answer.body))
        now = self.clock()
        with checklist.check("envelope-signature"):
            verified = verify(message, self.rd.signing_keys, at=now)
            envelope = read_artifact_response(verified)
        with checklist.check("envelope-issuer"):
            require(envelope.issuer == self.rd.entity_id, "issuer.mismatch")
        with checklist.check("envelope-answer"):
            require(envelope.in_response_to == resolve_id, "irt.mismatch")
        with checklist.check("envelope-fresh"):
            require(envelope.issue_instant <= now + SKEW, "time.future")
            require(envelope.issue_instant >= now - FRESH - SKEW, "time.past")
        with checklist.check("has-response"):
            require(envelope.status.success, "status")
            response = envelope.response
            if response is None:
                raise CheckFailed("response.missing")
        return response
