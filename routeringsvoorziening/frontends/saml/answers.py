"""The way back to a dienstverlener: an artifact in a redirect, never content (ART-01, ART-02, ART-03)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from routeringsvoorziening.broker.failures import Failure
from routeringsvoorziening.broker.sessions import Sessions
from routeringsvoorziening.broker.vocabulary import AuthenticationRequest, Declaration, EntityID, Redirect, Reference
from routeringsvoorziening.frontends.saml.dienst import Routeringsdienst
from routeringsvoorziening.frontends.saml.pending import PendingAnswer, PendingAnswers, Statement, statement_of
from routeringsvoorziening.saml.artifact import new_artifact
from routeringsvoorziening.saml.identifiers import new_transient_id

NAME: Final = "saml"
"""Of this frontend, in `AuthenticationRequest.frontend`."""
TRACE_LIFE: Final = 900.0
"""Seconds that an artifact stays recognisable after it was handed out."""


def reply_note(*, request_id: str, acs: str, quoted_relay_state: str | None) -> dict[str, str]:
    """What `AuthenticationRequest.reply` holds for this frontend: all that answering needs of the request."""
    note = {"request": request_id, "acs": acs}
    return note if quoted_relay_state is None else {**note, "relay_state": quoted_relay_state}


class SamlAnswers:
    """The SAML frontend's `broker.ports.Frontend`."""

    def __init__(self, dienst: Routeringsdienst, pending: PendingAnswers, sessions: Sessions | None = None) -> None:
        self._dienst = dienst
        self._pending = pending
        self._sessions = sessions

    async def answer(
        self, request: AuthenticationRequest, reference: Reference, outcome: Declaration | Failure
    ) -> Redirect:
        """Keep the outcome behind a fresh artifact, and send the browser back with it.

        Raises:
            TooBusy: the store is full.
            OSError: the store is out of reach.
        """
        told = outcome if isinstance(outcome, Failure) else await self._stated(outcome)
        return await self.hand_out(request.connection, request.reply, reference, told)

    async def _stated(self, declaration: Declaration) -> Statement:
        """What to tell; with single sign-on under a name that can end the session later (AS-10, SLO-04)."""
        statement = statement_of(declaration)
        if self._sessions is None or declaration.request.sso is None:
            return statement
        name_id = new_transient_id()
        await self._sessions.join(declaration, name_id)
        return replace(statement, name_id=name_id)

    async def hand_out(
        self, connection: EntityID, note: Mapping[str, str], reference: Reference, outcome: Statement | Failure
    ) -> Redirect:
        """As `answer`, for an outcome that was reached without the core; `note` is a `reply_note`."""
        artifact = new_artifact(self._dienst.entity_id, self._dienst.addresses.artifact_index)
        life = self._dienst.times.artifact_life.total_seconds()
        pending = PendingAnswer(reference, connection, note["request"], note["acs"], outcome)
        await self._pending.keep(artifact.handle, pending, life=life, trace=max(life, TRACE_LIFE))
        return Redirect(address_with(note["acs"], artifact.text, note.get("relay_state")))


def address_with(acs: str, artifact: str, quoted_relay_state: str | None) -> str:
    """The ACS with the artifact, and the RelayState as it came: not decoded, checked or re-encoded (SES-04)."""
    query = "SAMLart=" + quote(artifact, safe="")
    if quoted_relay_state is not None:
        query += "&RelayState=" + quoted_relay_state
    return acs + ("&" if "?" in acs else "?") + query
