"""Single sign-on sessions: which browser logged in where, in which federation, and who must be told when it ends.

Two records, both found by what only the party that may use them knows:

    session        one per browser and authenticatiedienst, under the key in the browser's cookie
    participant    one per declaration that was made in it, under the connection and the name that it got there
    session-ended  a mark that a key is dead: a login that was under way when it ended brings nothing back to life

The session itself lives at the authenticatiedienst (AMB-21). What is kept here decides whether it may answer.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter

from routeringsvoorziening.broker.ports import Clock, Store
from routeringsvoorziening.broker.records import CONFIG, Codec, Version
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Declaration,
    EntityID,
    Federation,
    ServiceSession,
    Session,
    SessionKey,
    SingleSignOn,
)


@dataclass(frozen=True, slots=True)
class Participant:
    """One declaration of a federation's website.

    Args:
        key: of the browser's sessions.
        authentication: the authenticatiedienst that vouched.
        at_service: how that knows its session; None when it keeps none.
    """

    key: SessionKey = field(repr=False)
    authentication: AuthenticationServiceId
    at_service: ServiceSession | None


Ended = tuple[tuple[AuthenticationServiceId, ServiceSession], ...]
"""Which sessions must end at the authenticatiediensten as well."""

_SESSION: Final = Codec(TypeAdapter(tuple[Version, Session], config=CONFIG))
_PARTICIPANT: Final = Codec(TypeAdapter(tuple[Version, Participant], config=CONFIG))


class Sessions:
    """The sessions of every browser. Methods raise `TooBusy` at a bound and `OSError` when the store is out of reach.

    Args:
        store: short-lived state.
        services: the authenticatiediensten.
        longest: seconds; no federation's maximum is longer.
        clock: now, UTC.
    """

    def __init__(
        self, store: Store, services: Collection[AuthenticationServiceId], *, longest: float, clock: Clock
    ) -> None:
        self._store = store
        self._services = tuple(services)
        self._longest = longest
        self._clock = clock

    async def existing(self, key: SessionKey, federation: Federation) -> tuple[Session, ...]:
        """The live sessions of a browser in a federation (SSO-02)."""
        if await self._store.peek("session-ended", key) is not None:
            return ()
        found = [_SESSION.decode(await self._store.peek("session", _name(key, each))) for each in self._services]
        return tuple(each for each in found if each is not None and self._lives(each, federation))

    async def join(self, declaration: Declaration, subject: str) -> None:
        """A website gets a declaration, in which the person is called `subject`: it takes part in the session.

        Args:
            declaration: of a request with `sso`; of any other nothing is kept.
            subject: unique among those of the connection.
        """
        request, identity = declaration.request, declaration.identity
        if request.sso is None:
            return
        sso = request.sso
        if identity.session is not None:
            await self._renew(sso, declaration, identity.session)
        participant = Participant(sso.key, identity.service, identity.session)
        name, seconds = _name(request.connection, subject), sso.federation.maximum.total_seconds()
        await self._store.put("participant", name, _PARTICIPANT.encode(participant), seconds)

    async def leave(self, connection: EntityID, subject: str) -> Ended | None:
        """A website wants the session to end in which it got a declaration. Only its own is found (SLO-03, SLO-04).

        The participant stays, so that the website can ask again when an authenticatiedienst did not do its part.

        Returns:
            Where else it must end; None when this connection has no such declaration, and then nothing has ended.
        """
        participant = _PARTICIPANT.decode(await self._store.peek("participant", _name(connection, subject)))
        if participant is None:
            return None
        await self._store.add_once("session-ended", participant.key, self._longest)
        ended = {} if participant.at_service is None else {participant.authentication: participant.at_service}
        for service in self._services:
            session = _SESSION.decode(await self._store.take("session", _name(participant.key, service)))
            if session is not None:
                ended[service] = session.at_service
        return tuple(ended.items())

    async def _renew(self, sso: SingleSignOn, declaration: Declaration, at_service: ServiceSession) -> None:
        """Begin a session, or go on with it. Where none was live and none was begun, there is none now."""
        identity, now = declaration.identity, self._clock()
        since = now
        if not identity.credentials_asked:
            live = await self.existing(sso.key, sso.federation)
            began = [each.authenticated_at for each in live if each.authentication == identity.service]
            if not began:
                return
            since = began[0]
        ends = min(now + sso.federation.idle, since + sso.federation.maximum)
        session = Session(sso.federation.name, identity.service, identity.loa, at_service, since, ends)
        record, name = _SESSION.encode(session), _name(sso.key, identity.service)
        if ends > now:
            await self._store.put("session", name, record, (ends - now).total_seconds())

    def _lives(self, session: Session, federation: Federation) -> bool:
        return session.federation == federation.name and self._clock() < session.expires_at


def _name(owner: str, what: str) -> str:
    return f"{owner} {what}"
