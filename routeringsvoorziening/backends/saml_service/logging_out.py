"""Ending a session at a service: our LogoutRequest out through the browser, its answer back (SLO-08, SLO-09)."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from lxml import etree

from routeringsvoorziening.backends.saml_service.party import check_not_expired, single_logout_url
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.ports import Clock
from routeringsvoorziening.broker.vocabulary import Departure, LegId, PostForm, ServiceSession
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.logout_request import LogoutRequest, build_logout_request
from routeringsvoorziening.saml.messages.logout_response import LogoutResponse, read_logout_response
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.saml.on_the_spot import work_in
from routeringsvoorziening.saml.parsing import decode_base64, parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.verifying import check_only_signatures_at, verify

NOT_ENDED: Final = Failure(FailureKind.NOT_SUPPORTED, "logout.refused", "the service did not end its session")


@dataclass(frozen=True, slots=True)
class Asker:
    """We, as services see us when a session must end.

    Args:
        entity_id: of the Routeringsdienst.
        signing: what we sign requests with.
        logout_url: where answers come back, as published to them (MD-SP-06).
        skew: that we allow between the clocks.
        message_age: how old an answer may be.
    """

    entity_id: str
    signing: SigningKey
    logout_url: str
    skew: timedelta
    message_age: timedelta


class LogoutConversation:
    """The `broker.ports.SessionService` of one service that speaks SAML.

    Args:
        service: its metadata, verified; with a SingleLogoutService.
        own: we, as it sees us.
        pool: where signatures are verified.
        clock: now, UTC.
        check_reachable: raises `LoginFailed` while the service is known to be down.
    """

    def __init__(
        self,
        service: IdentityProvider,
        *,
        own: Asker,
        pool: CryptoPool,
        clock: Clock,
        check_reachable: Callable[[], None] = lambda: None,
    ) -> None:
        self._service = service
        self._own = own
        self._pool = pool
        self._clock = clock
        self._check_reachable = check_reachable
        self._destination = single_logout_url(service)

    async def begin_logout(self, session: ServiceSession) -> Departure:
        """Our signed LogoutRequest, by the names that the service gave to its session (AMB-20).

        Raises:
            LoginFailed: `UNREACHABLE`, when it is known to be down, or its metadata has expired: its answer could not
                be trusted.
        """
        self._check_reachable()
        now = self._clock()
        try:
            check_not_expired(self._service, now)
        except SamlError as error:
            raise LoginFailed(Failure(FailureKind.UNREACHABLE, error.code, error.detail)) from error
        leg = LegId(new_message_id())
        return Departure(leg, build_request(self._own, self._destination, leg, session, now=now))

    async def complete_logout(self, leg: LegId, answer: Mapping[str, str]) -> None:
        """The LogoutResponse that the browser brought says that the session has ended.

        Raises:
            LoginFailed: `ANSWER_REJECTED` with the code of the rule that is broken, or `NOT_SUPPORTED`.
        """
        judge = partial(judge_response, service=self._service, own=self._own, now=self._clock())
        try:
            message = answer.get("SAMLResponse", "")
            status = await self._pool.for_work(work_in(message)).run(judge, message, leg)
        except SamlError as error:
            raise LoginFailed(Failure(FailureKind.ANSWER_REJECTED, error.code, error.detail)) from error
        if not status.success:
            raise LoginFailed(NOT_ENDED)


def build_request(own: Asker, destination: str, leg: LegId, session: ServiceSession, *, now: datetime) -> PostForm:
    """A signed LogoutRequest, whose ID and RelayState are the leg's id."""
    request = LogoutRequest(leg, own.entity_id, destination, now, session.subject, session.index)
    element = build_logout_request(request)
    sign(element, own.signing)
    message = etree.tostring(element, encoding="UTF-8", xml_declaration=False)
    return PostForm(destination, {"SAMLRequest": base64.b64encode(message).decode("ascii"), "RelayState": leg})


def judge_response(encoded: str, leg: LegId, *, service: IdentityProvider, own: Asker, now: datetime) -> Status:
    """How the service says the logout went; nothing is read before its signature is verified. Waits for nothing.

    Raises:
        SamlError: any code of bytes, tree, shape and signature; `md.expired`, `issuer.mismatch`, `destination`,
            `irt.mismatch`, `time.past`, `time.future`.
    """
    check_not_expired(service, now)
    element = parse(decode_base64(encoded))
    check_only_signatures_at(element, (".",))
    response = read_logout_response(verify(element, service.signing_keys, at=now, require_key_name=True))
    _check(response, leg, service, own)
    if response.issue_instant > now + own.skew:
        raise SamlError("time.future", "LogoutResponse")
    if response.issue_instant < now - own.message_age - own.skew:
        raise SamlError("time.past", "LogoutResponse")
    return response.status


def _check(response: LogoutResponse, leg: LegId, service: IdentityProvider, own: Asker) -> None:
    """From the service that was asked, to us, and the answer to this very request (SLO-09)."""
    if response.issuer != service.entity_id:
        raise SamlError("issuer.mismatch")
    if response.destination != own.logout_url:
        raise SamlError("destination", "LogoutResponse")
    if response.in_response_to != leg:
        raise SamlError("irt.mismatch", "LogoutResponse")
