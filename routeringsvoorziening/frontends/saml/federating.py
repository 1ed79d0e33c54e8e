"""Which single sign-on session a request takes part in: the browser's, in the federation of its connection (SSO-01).

The session is found by a cookie of ours alone. A request comes from the dienstverlener's site, by POST, and a cookie
with SameSite=Lax would stay at home; so this one is SameSite=None. It opens nothing: it only lets a service answer from
its own session, which that finds by its own cookie. Without it, credentials are asked.

There is one such cookie per federation, so that a login in one leaves the session in another alone.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from aiohttp import web

from routeringsvoorziening.broker.identifiers import new_session_key
from routeringsvoorziening.broker.sessions import Sessions
from routeringsvoorziening.broker.vocabulary import EntityID, Federation, SessionKey, SingleSignOn
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.web.browser import names_of, values_of

PREFIX: Final = "__Host-rv-sso-"
LONGEST_KEY: Final = 128
MOST_FEDERATIONS: Final = 20
"""Of which a browser keeps a key; the oldest give way."""
_NAME: Final = re.compile(re.escape(PREFIX) + "[0-9a-f]{12}")


async def taking_part(
    request: web.Request, connection: Connection, dienstverlener: EntityID, sessions: Sessions
) -> SingleSignOn | None:
    """The browser's sessions in the federation of a connection; None when that takes no part in single sign-on.

    A key without a live session in it is not used again: whoever logs in next gets a fresh one.
    """
    federation = federation_of(connection, dienstverlener)
    if federation is None:
        return None
    key = _key_of(request, cookie_of(federation))
    existing = () if key is None else await sessions.existing(key, federation)
    return SingleSignOn(federation, key if key and existing else new_session_key(), existing)


def federation_of(connection: Connection, dienstverlener: EntityID) -> Federation | None:
    """The federation, with the organisation: dienstverleners of one supplier never share a session (SSO-01).

    None as well for what is no dienstverlener at all: the catalogue will refuse it.
    """
    if connection.federation is None:
        return None
    try:
        organisation = parse_entity_id(dienstverlener).oin
    except SamlError:
        return None
    return replace(connection.federation, name=f"{connection.federation.name}/{organisation}")


def cookie_of(federation: Federation) -> str:
    """The name of the cookie: `__Host-rv-sso-` and 12 hexadecimal digits that say nothing to who reads along."""
    return PREFIX + hashlib.sha256(federation.name.encode()).hexdigest()[:12]


def remember(request: web.Request, response: web.StreamResponse, sso: SingleSignOn) -> None:
    """Let the browser keep the key of its sessions for as long as one may last, and the oldest keys no longer."""
    name, seconds = cookie_of(sso.federation), int(sso.federation.maximum.total_seconds())
    response.set_cookie(name, sso.key, max_age=seconds, path="/", secure=True, httponly=True, samesite="None")
    for surplus in _surplus(names_of(request), name):
        response.del_cookie(surplus, path="/", secure=True, httponly=True, samesite="None")


def _surplus(held: Iterable[str], kept: str) -> list[str]:
    """Browsers send the oldest cookie first (RFC 6265, 5.4)."""
    others = [name for name in dict.fromkeys(held) if _NAME.fullmatch(name) and name != kept]
    return others[: max(len(others) - (MOST_FEDERATIONS - 1), 0)]


def _key_of(request: web.Request, cookie: str) -> SessionKey | None:
    """The key that this browser holds; none when it holds more than one."""
    keys = values_of(request, cookie)
    return SessionKey(keys[0]) if len(keys) == 1 and 0 < len(keys[0]) <= LONGEST_KEY else None
