"""POST /saml/artifact: a dienstverlener asks for the answer behind an artifact (RES, ARR; back channel).

    know the TLS peer ▸ parse, unwrap, find the connection, match the certificate, verify, read
    ▸ check destination, age, replay ▸ look at the answer ▸ build and sign it ▸ take it

The answer is taken last: a signature that we have no time for costs nobody a login. Of several that build it, the one
that takes it gives it, and the others have nothing to give (ART-05).

Who is not proven to be a connection gets a SOAP fault with HTTP 400 (ERR-12, AMB-17). Who is, but may not have the
message, gets Success without a Response (ARR-05); that is noted, because an artifact that is used twice or by another
party is a sign of theft (S74, S75).
"""

from typing import Final

import structlog
from aiohttp import web
from cryptography import x509

from routeringsvoorziening.broker.identifiers import new_reference
from routeringsvoorziening.broker.ports import AuditTrail, Clock, Store
from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.building import build_answer
from routeringsvoorziening.frontends.saml.dienst import Routeringsdienst
from routeringsvoorziening.frontends.saml.faults import fault
from routeringsvoorziening.frontends.saml.freshness import (
    check_destination,
    check_first_seen,
    check_issue_instant,
    resendable,
)
from routeringsvoorziening.frontends.saml.pending import PendingAnswer, PendingAnswers
from routeringsvoorziening.frontends.saml.receiving import FindConnection, receive_artifact_resolve
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.frontends.saml.rejecting import REJECTIONS, Rejections
from routeringsvoorziening.observability.logs import bind_reference, bound_reference
from routeringsvoorziening.saml.artifact import Artifact, parse_artifact, source_id_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.saml.on_the_spot import work_in
from routeringsvoorziening.saml.soap import CONTENT_TYPE
from routeringsvoorziening.transport.errors import TlsClientError
from routeringsvoorziening.transport.forms import media_type
from routeringsvoorziening.transport.peer import peer_certificate

BAD_REQUEST: Final = 400
ACCEPTED_TYPES: Final = frozenset({"text/xml", "application/soap+xml", "application/xml"})

_log = structlog.get_logger(__name__)


class ArtifactResolution:
    """The handler. One per server."""

    def __init__(
        self,
        dienst: Routeringsdienst,
        *,
        find: FindConnection,
        pending: PendingAnswers,
        store: Store,
        pool: CryptoPool,
        rejections: Rejections,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._dienst = dienst
        self._find = find
        self._pending = pending
        self._store = store
        self._pool = pool
        self._rejections = rejections
        self._audit = audit
        self._clock = clock

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of a server."""
        reference = bound_reference() or new_reference()
        try:
            connection, resolve = await self._trust(request)
        except REJECTIONS as error:
            self._rejections.note(reference, error)
            return fault(reference, BAD_REQUEST)
        async with resendable(self._store, resolve.issuer, resolve.id):
            body = await self._collect(connection, resolve) or await self._nothing(connection, resolve, reference)
        return web.Response(body=body, content_type=CONTENT_TYPE, charset="utf-8")

    async def _trust(self, request: web.Request) -> tuple[Connection, ArtifactResolve]:
        """Every rule that must hold before anything is taken.

        Raises:
            SamlError: a rule of the wire format.
            MessageRefused: a rule of this frontend.
        """
        now, dienst = self._clock(), self._dienst
        if media_type(request) not in ACCEPTED_TYPES:
            raise MessageRefused("binding", "not a content type of SOAP")
        peer = _peer(request)
        body = await request.read()
        pool = self._pool.for_work(work_in(body))
        connection, resolve = await pool.run(receive_artifact_resolve, body, peer, self._find, at=now)
        if resolve.destination is not None:
            self._check_destination(resolve.destination, connection)
        check_issue_instant(resolve.issue_instant, now=now, times=dienst.times)
        await check_first_seen(self._store, resolve.issuer, resolve.id, dienst.times)
        return connection, resolve

    def _check_destination(self, destination: str, connection: Connection) -> None:
        """It names our artifact address; where agreed, our SSO address will do (RES-02)."""
        ours = self._dienst.addresses
        if destination == ours.sso and connection.compat.artifact_destination == "any-own":
            self._rejections.note_compat(connection.entity_id, ["artifact_destination"])
            return
        check_destination(destination, ours.artifact)

    async def _collect(self, connection: Connection, resolve: ArtifactResolve) -> bytes | None:
        """The message with the answer, if this connection may have it; once (ART-05, ARR-05)."""
        artifact = self._ours(resolve.artifact)
        answer = None if artifact is None else await self._pending.look(artifact.handle, connection.entity_id)
        if artifact is None or answer is None:
            return None
        body = await self._built(resolve, answer)
        if not await self._pending.use_up(artifact.handle, connection.entity_id):
            return None
        bind_reference(Reference(answer.reference))
        _log.info("answer collected", connection=connection.entity_id)
        return body

    async def _nothing(self, connection: Connection, resolve: ArtifactResolve, reference: Reference) -> bytes:
        """The message without an answer; why there is none is noted."""
        body = await self._built(resolve, None)
        artifact, code = self._ours(resolve.artifact), "artifact.unknown"
        if artifact is not None:
            code = await self._pending.why_absent(artifact.handle, connection.entity_id)
        await self._note_absent(code, connection, reference)
        return body

    async def _built(self, resolve: ArtifactResolve, answer: PendingAnswer | None) -> bytes:
        pool = self._pool.for_work(0 if answer is None else answer.work)
        return await pool.run(build_answer, self._dienst, resolve.id, answer, now=self._clock())

    def _ours(self, text: str) -> Artifact | None:
        """The artifact, when it is one that we could have made (S76)."""
        try:
            artifact = parse_artifact(text)
        except SamlError:
            return None
        made_here = artifact.source_id == source_id_of(self._dienst.entity_id)
        return artifact if made_here and artifact.endpoint_index == self._dienst.addresses.artifact_index else None

    async def _note_absent(self, code: str, connection: Connection, reference: Reference) -> None:
        """An artifact gave nothing. Used, or another's: somebody may have stolen it."""
        self._rejections.note_code(reference, code, "Success without a Response", connection.entity_id)
        await self._audit.record("artifact.refused", reference, {"connection": connection.entity_id, "code": code})


def _peer(request: web.Request) -> x509.Certificate:
    try:
        return peer_certificate(request)
    except TlsClientError as error:
        raise MessageRefused("tls.client", error.detail) from error
