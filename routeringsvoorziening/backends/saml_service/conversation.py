"""One service that speaks SAML, as a login method uses it: ask through the browser, hear over the back channel."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar

import structlog

from routeringsvoorziening.backends.decryption import DecryptionService, Opener
from routeringsvoorziening.backends.saml_service.dialect import ST_DIALECT, Dialect
from routeringsvoorziening.backends.saml_service.judging import Proven, Question, judge
from routeringsvoorziening.backends.saml_service.naming import named
from routeringsvoorziening.backends.saml_service.party import (
    Requester,
    artifact_resolution_url,
    check_not_expired,
    single_sign_on_url,
)
from routeringsvoorziening.backends.saml_service.resolving import ArtifactResolver, Resolved
from routeringsvoorziening.backends.saml_service.sessions import credentials_asked, must_ask, note, session_in
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.identifiers import mark_of
from routeringsvoorziening.broker.ports import AuthenticationTask, Clock, Store
from routeringsvoorziening.broker.vocabulary import Departure, Identity, Leg, LegId
from routeringsvoorziening.saml.artifact import parse_artifact
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.saml.on_the_spot import work_around, work_in

REPLAYED: Final = Failure(FailureKind.ANSWER_REJECTED, "msg.replay", "an Assertion with this ID was received before")

Declared = TypeVar("Declared")

_log = structlog.get_logger(__name__)


class Conversation:
    """Asks one service, and turns what it answers into what a login method makes of it.

    Args:
        service: its metadata, verified.
        own: we, as it sees us.
        resolver: the back channel to it.
        pool: where XML and signatures are worked on.
        store: remembers the Assertions that were received.
        clock: now, UTC.
        dialect: how its messages differ from those of ST-SAML.
        decryption: opens identities for dienstverleners that asked for that; None when none did.
    """

    def __init__(
        self,
        service: IdentityProvider,
        *,
        own: Requester,
        resolver: ArtifactResolver,
        pool: CryptoPool,
        store: Store,
        clock: Clock,
        dialect: Dialect = ST_DIALECT,
        decryption: DecryptionService | None = None,
    ) -> None:
        self._decryption = decryption
        self._service = service
        self._own = own
        self._resolver = resolver
        self._pool = pool
        self._store = store
        self._clock = clock
        self._dialect = dialect

    @property
    def own_entity_id(self) -> str:
        """Ours, as the service knows us."""
        return self._own.entity_id

    def opener(self, task: AuthenticationTask, backend: str) -> Opener | None:
        """What opens identities that are encrypted for us, for `hear`; None when there may be none."""
        return None if self._decryption is None else self._decryption.opener(task, backend)

    async def ask(
        self,
        task: AuthenticationTask,
        *,
        requester_ids: tuple[str, ...] = (),
        idp_assertion: bytes | None = None,
    ) -> Departure:
        """Build and sign our own AuthnRequest; its ID is the leg's id and its RelayState.

        Args:
            task: what to ask for.
            requester_ids: to an AD, the BVD that comes after it (RAD-05).
            idp_assertion: to a BVD, the AD's own Assertion (RBVD-02).

        Raises:
            LoginFailed: `UNREACHABLE`, when the back channel is known to be down or the metadata has expired.
            TooBusy: the pool is closed, or too many of its workers hang.
        """
        self._resolver.check_reachable()
        now = self._clock()
        try:
            check_not_expired(self._service, now)
            sign_on = single_sign_on_url(self._service)
        except SamlError as error:
            raise LoginFailed(Failure(FailureKind.UNREACHABLE, error.code, error.detail)) from error
        leg = LegId(new_message_id() + mark_of(task.service))
        force_authn = must_ask(self._service, task)
        work = 0 if idp_assertion is None else work_around(idp_assertion)
        form = await self._pool.for_work(work).run_earned(
            self._dialect.build,
            self._own,
            sign_on,
            leg,
            task,
            force_authn=force_authn,
            requester_ids=requester_ids,
            idp_assertion=idp_assertion,
            now=now,
        )
        return Departure(leg, form, note(credentials_asked=force_authn))

    async def hear(
        self,
        leg: Leg,
        task: AuthenticationTask,
        answer: Mapping[str, str],
        read: Callable[[Proven], Declared],
        *,
        opener: Opener | None = None,
    ) -> Declared:
        """Resolve the artifact that the browser brought, and judge what is behind it.

        `read` makes a proven Assertion into what the login method is after. It waits for nothing, and raises
        `SamlError` for what it does not accept. What the `opener` opened in it is written down before anybody gets it.

        Raises:
            LoginFailed: cancelled, failed, unreachable, or an answer that cannot be trusted (its code says why).
            TooBusy: `audit`: it could not be written down; nobody gets what was opened.
        """
        try:
            return await self._hear(leg, task, answer, read, opener)
        except SamlError as error:
            failure = Failure(FailureKind.ANSWER_REJECTED, error.code, error.detail)
            self._tell(failure)
            raise LoginFailed(failure) from error
        except LoginFailed as failed:
            self._tell(failed.failure)
            raise

    def _tell(self, failure: Failure) -> None:
        """Operators see which service sends what cannot be trusted, and why (ERR-10)."""
        if failure.kind is FailureKind.ANSWER_REJECTED:
            _log.warning(
                "answer rejected",
                service=self._service.entity_id,
                code=failure.code,
                detail=failure.detail,
                issuer=failure.issuer,
                message_ids=failure.message_ids,
            )

    def with_session(self, leg: Leg, read: Callable[[Proven], Identity]) -> Callable[[Proven], Identity]:
        """Let a `read` of a login method tell of the service's session as well, for single sign-on."""

        def read_with_session(proven: Proven) -> Identity:
            session = session_in(proven, self._service)
            return replace(read(proven), session=session, credentials_asked=credentials_asked(leg))

        return read_with_session

    async def _hear(
        self,
        leg: Leg,
        task: AuthenticationTask,
        answer: Mapping[str, str],
        read: Callable[[Proven], Declared],
        opener: Opener | None,
    ) -> Declared:
        artifact = parse_artifact(answer.get("SAMLart", ""))
        self._pool.check_room()  # the artifact can be resolved once
        resolved = await self._resolver.resolve(artifact.text, artifact_resolution_url(self._service, artifact))
        known_as = self._dialect.service_uuid(task.service)
        question = Question(self._service, self._own, request_id=leg.id, service_uuid=known_as, dialect=self._dialect)
        pool = self._pool if opener is not None else self._pool.for_work(work_in(resolved.body))
        try:
            proven, declared = await pool.run_earned(_judge, resolved, question, read, self._clock())
        finally:
            if opener is not None:
                await opener.account()
        await self._check_first_seen(proven)
        return declared

    async def _check_first_seen(self, proven: Proven) -> None:
        """An Assertion counts once, for as long as it could be accepted (S62)."""
        assertion = proven.assertion
        ends = min(assertion.not_on_or_after, assertion.confirmation.not_on_or_after)
        remembered = (ends - self._clock()).total_seconds() + 2 * self._own.skew.total_seconds()
        if not await self._store.add_once("seen", f"{assertion.issuer} {assertion.id}", max(remembered, 1.0)):
            raise LoginFailed(replace(REPLAYED, issuer=assertion.issuer, message_ids=assertion.id))


def _judge(
    resolved: Resolved, question: Question, read: Callable[[Proven], Declared], now: datetime
) -> tuple[Proven, Declared]:
    """All the XML work of an answer, in one go; also when it is rejected (ERR-10)."""
    try:
        check_not_expired(question.service, now)
        proven = judge(resolved, question, now=now)
        return proven, read(proven)
    except SamlError as error:
        told = named(resolved.body)
        failure = Failure(FailureKind.ANSWER_REJECTED, error.code, error.detail)
        raise LoginFailed(replace(failure, issuer=told.issuer, message_ids=told.messages)) from error
