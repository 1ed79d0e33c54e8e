"""What is written down about a login, before its consequence leaves the house.

Fail closed: what cannot be audited does not happen. The caller gets `TooBusy("audit")`, a 503 for the person, and
nothing further is consumed; a login that was already taken for its end stays taken.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from routeringsvoorziening.broker.failures import Failure, TooBusy
from routeringsvoorziening.broker.ports import AuditTrail, Meter
from routeringsvoorziening.broker.vocabulary import AuthenticationRequest, Choice, Declaration, LegId, Reference

ABANDONED: Final = "abandoned"
"""The outcome of a login that nobody finished: beside `declared` and the kinds of failure."""


class Journal:
    """The audit trail and the meter. `timeout` is in seconds, for one audit record."""

    def __init__(self, audit: AuditTrail, meter: Meter, *, timeout: float) -> None:
        self._audit = audit
        self._meter = meter
        self._timeout = timeout

    async def begun(self, request: AuthenticationRequest, reference: Reference) -> None:
        """A request was accepted."""
        await self._record("login.begun", reference, _asked(request))
        self._meter.login_begun(request)

    async def set_back(
        self,
        request: AuthenticationRequest,
        reference: Reference,
        choice: Choice,
        failure: Failure,
        leg: LegId | None,
    ) -> None:
        """Something failed that did not end the login; `leg` when it was an answer.

        ERR-10: the reason, the service and the message must be found again.
        """
        message = {} if leg is None else {"leg": str(leg)}
        await self._record("login.set-back", reference, _asked(request) | _tried(choice) | _why(failure) | message)

    async def ended(
        self,
        request: AuthenticationRequest,
        reference: Reference,
        choice: Choice | None,
        outcome: Declaration | Failure,
        at: datetime,
    ) -> None:
        """A login ends with `outcome`.

        Raises:
            TooBusy: `audit`; the outcome must then not be given.
        """
        facts = _asked(request) | _tried(choice)
        if isinstance(outcome, Declaration):
            await self._record("login.declared", reference, facts | _vouched(outcome))
            label = "declared"
        else:
            await self._record("login.failed", reference, facts | _why(outcome))
            label = outcome.kind.value
        seconds = max(0.0, (at - request.received_at).total_seconds())
        self._meter.login_ended(request, choice, label, seconds)

    async def abandoned(self, request: AuthenticationRequest, reference: Reference, at: datetime) -> None:
        """The time of a login was up before anybody finished it.

        Raises:
            TooBusy: `audit`; it was counted.
        """
        self._meter.login_ended(request, None, ABANDONED, max(0.0, (at - request.received_at).total_seconds()))
        await self._record("login.abandoned", reference, _asked(request))

    async def _record(self, event: str, reference: Reference, facts: Mapping[str, str]) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._audit.record(event, reference, facts)
        except OSError as error:  # TimeoutError is one too
            raise TooBusy("audit") from error


def _asked(request: AuthenticationRequest) -> dict[str, str]:
    return {
        "frontend": request.frontend,
        "connection": request.connection,
        "dienstverlener": request.dienstverlener,
        "service": request.service,
    }


def _tried(choice: Choice | None) -> dict[str, str]:
    if choice is None:
        return {}
    tried = {"authentication": str(choice.authentication)}
    return tried if choice.mandate is None else tried | {"mandate": str(choice.mandate)}


def _vouched(declaration: Declaration) -> dict[str, str]:
    identity, mandate = declaration.identity, declaration.mandate
    vouched = {"authority": str(identity.authority), "loa": identity.loa.name}
    return vouched if mandate is None else vouched | {"mandate_authority": str(mandate.authority)}


def _why(failure: Failure) -> dict[str, str]:
    why = {"failure": failure.kind.value, "code": failure.code, "detail": failure.detail}
    known = {"at": failure.at, "issuer": failure.issuer, "message_ids": failure.message_ids}
    return why | {name: value for name, value in known.items() if value}
