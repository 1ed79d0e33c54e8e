"""DigiD's own single sign-on: one session per browser and domain of websites, by credentials of one moment.

The browser is known by a cookie per domain; whoever logs out by a TransientID that stood in one of our declarations.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml.identifiers import new_transient_id
from routeringsvoorziening.simulators.digid.logins import LoggedIn, LoginRequest
from routeringsvoorziening.simulators.short_lived import Clock, ShortLived

PREFIX: Final = "__Host-digid-sso"
IDLE: Final = timedelta(minutes=15)
"""A session that is not used ends after this."""
MAXIMUM: Final = timedelta(hours=2)
"""A session ends after this, however often it is used."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who logged in.

    Args:
        domain: of the websites for which it counts.
        logged_in: who, and how.
        since: UTC; when credentials were asked.
        until: UTC; ends then when it is not used.
    """

    domain: str
    logged_in: LoggedIn
    since: datetime
    until: datetime


class Sessions:
    """Every session.

    Args:
        domains: entity ID of a dienstverlener to its domain; those that are not in it take no part.
        clock: aware UTC.
    """

    def __init__(self, domains: Mapping[str, str], clock: Clock) -> None:
        self._domains = domains
        self._clock = clock
        self._sessions: ShortLived[Session] = ShortLived(MAXIMUM, clock)
        self._names: ShortLived[str] = ShortLived(MAXIMUM, clock)

    def cookie_of(self, login: LoginRequest) -> str:
        """In which cookie the key of a session for this request stands; of a website that takes no part, in none."""
        return f"{PREFIX}-{self._domain_of(login) or 'none'}"

    def answer(self, key: str, login: LoginRequest) -> LoggedIn | None:
        """Who is logged in already, when that may answer this request (AR-03, SSO-01, SSO-02)."""
        session, domain = self._sessions.peek(key), self._domain_of(login)
        if session is None or domain is None or login.force_authn or login.service is None:
            return None
        fits = session.domain == domain and session.logged_in.means.level >= login.service.minimum_loa
        if not fits or session.until <= self._clock():
            return None
        self._sessions.put(key, replace(session, until=self._until(session.since)))
        return session.logged_in

    def begin(self, login: LoginRequest, logged_in: LoggedIn) -> str | None:
        """The key of a new session; None for a website that takes no part."""
        domain, now = self._domain_of(login), self._clock()
        if domain is None:
            return None
        key = secrets.token_urlsafe(32)
        self._sessions.put(key, Session(domain, logged_in, now, self._until(now)))
        return key

    def name_in(self, key: str) -> str:
        """A fresh TransientID, by which this session can be ended; also its SessionIndex (AS-10)."""
        name = new_transient_id()
        self._names.put(name, key)
        return name

    def end(self, name: str, session_index: str | None) -> bool:
        """End the session in which we gave this name (SLO-09); False when it is none of ours."""
        key = self._names.peek(name)
        if key is None or session_index not in {None, name}:
            return False
        self._sessions.take(key)
        return True

    def forget(self, key: str) -> None:
        """End the session of a browser that logs in anew in its domain."""
        self._sessions.take(key)

    def _domain_of(self, login: LoginRequest) -> str | None:
        return None if login.service is None else self._domains.get(login.service.dienstverlener)

    def _until(self, since: datetime) -> datetime:
        return min(self._clock() + IDLE, since + MAXIMUM)
