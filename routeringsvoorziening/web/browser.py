"""The cookie that binds a browser to one login (S87, S88).

One cookie per login, so that two tabs do not disturb each other. `__Host-` keeps sibling domains from setting it,
HttpOnly keeps scripts from reading it, and SameSite=Lax suffices: services send the browser back by a GET that
navigates. Its value is the only secret; the login remembers its hash.
"""

import hashlib
from typing import Final

from aiohttp import web

from routeringsvoorziening.broker.failures import LoginUnknown
from routeringsvoorziening.broker.vocabulary import BrowserKey, LoginId

LIFE: Final = 900
"""Seconds, as long as a login."""
LONGEST_KEY: Final = 128
OWN_REQUESTS: Final = frozenset({"same-origin", "none"})


def cookie_name(login: LoginId) -> str:
    """Does not give the login's id away."""
    return f"__Host-rv-{hashlib.sha256(login.encode(errors='surrogatepass')).hexdigest()[:12]}"


def bind(response: web.StreamResponse, login: LoginId, key: BrowserKey) -> None:
    """Let the browser keep the key of this login."""
    response.set_cookie(cookie_name(login), key, max_age=LIFE, path="/", secure=True, httponly=True, samesite="Lax")


def release(response: web.StreamResponse, login: LoginId) -> None:
    """Let the browser forget it."""
    response.del_cookie(cookie_name(login), path="/", secure=True, httponly=True, samesite="Lax")


def key_of(request: web.Request, login: LoginId) -> BrowserKey:
    """The key that this browser holds for a login.

    Raises:
        LoginUnknown: `login.other-browser`: it holds none, or more than one.
    """
    keys = values_of(request, cookie_name(login))
    if len(keys) != 1 or not 0 < len(keys[0]) <= LONGEST_KEY:
        raise LoginUnknown("login.other-browser")
    return BrowserKey(keys[0])


def values_of(request: web.Request, cookie: str) -> list[str]:
    """Every value that a browser sent for a cookie: of two there is no saying which one is ours."""
    return [value for header in request.headers.getall("Cookie", []) for value in _values(header, cookie)]


def check_own_request(request: web.Request) -> None:
    """A form of ours was posted from a page of ours, as far as the browser says.

    Raises:
        LoginUnknown: `login.other-browser`.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_REQUESTS:
        raise LoginUnknown("login.other-browser")


def _values(header: str, name: str) -> list[str]:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return [value.strip('"') for found, _, value in pairs if found == name]
