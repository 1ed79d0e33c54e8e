"""The cookie that binds a browser to one login (S87, S88).

One cookie per login, so that two tabs do not disturb each other. `__Host-` keeps sibling domains from setting it,
HttpOnly keeps scripts from reading it, and SameSite=Lax suffices: services send the browser back by a GET that
navigates. Its value is the only secret; the login remembers its hash.

Logins that somebody walks away from leave their cookies behind until these expire. Who collects many would send a
header above every bound, and could not log in for a quarter of an hour; so the oldest are taken back as soon as there
are more than `MOST_LOGINS`. The bound on a header (`ConnectionBounds.header`) is above all that a browser keeps.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from aiohttp import web

from routeringsvoorziening.broker.failures import LoginUnknown
from routeringsvoorziening.broker.vocabulary import BrowserKey, LoginId
from routeringsvoorziening.transport.errors import RequestRefused

LIFE: Final = 900
"""Seconds, as long as a login."""
LONGEST_KEY: Final = 128
MOST_LOGINS: Final = 20
"""Under way in one browser."""
MOST_RELEASED: Final = 20
"""By one answer: proxies bound its head too."""
MOST_COOKIES: Final = 32_768
"""Characters of all Cookie headers together."""
_SPACE: Final = " \t"
"""All that stands between cookies. Whoever strips more, such as U+2003, makes a `__Host-` cookie of what a browser took
for another name, and let a sibling domain set."""
_NAME: Final = re.compile(r"__Host-rv-[0-9a-f]{12}")
OWN_REQUESTS: Final = frozenset({"same-origin", "none"})


def cookie_name(login: LoginId) -> str:
    """Does not give the login's id away."""
    return f"__Host-rv-{hashlib.sha256(login.encode(errors='surrogatepass')).hexdigest()[:12]}"


def bind(response: web.StreamResponse, login: LoginId, key: BrowserKey) -> None:
    """Let the browser keep the key of this login."""
    response.set_cookie(cookie_name(login), key, max_age=LIFE, path="/", secure=True, httponly=True, samesite="Lax")


def release(response: web.StreamResponse, login: LoginId) -> None:
    """Let the browser forget it."""
    _forget(response, cookie_name(login))


def release_surplus(request: web.Request, response: web.StreamResponse, login: LoginId) -> None:
    """Let the browser forget its oldest logins, when it has too many; never the one that this answer is about.

    Browsers send the oldest cookie first (RFC 6265, 5.4).
    """
    held = dict.fromkeys(name for name, _ in _pairs(request) if _NAME.fullmatch(name) and name != cookie_name(login))
    surplus = len(held) - (MOST_LOGINS - 1)
    for name in list(held)[: min(max(surplus, 0), MOST_RELEASED)]:
        _forget(response, name)


def key_of(request: web.Request, login: LoginId) -> BrowserKey:
    """The key that this browser holds for a login.

    Raises:
        LoginUnknown: `login.other-browser`: it holds none, or more than one.
        RequestRefused: `http.cookies`.
    """
    keys = values_of(request, cookie_name(login))
    if len(keys) != 1 or not 0 < len(keys[0]) <= LONGEST_KEY:
        raise LoginUnknown("login.other-browser")
    return BrowserKey(keys[0])


def values_of(request: web.Request, cookie: str) -> list[str]:
    """Every value that a browser sent for a cookie: of two there is no saying which one is ours.

    Raises:
        RequestRefused: `http.cookies`: there is too much of it.
    """
    return [value.strip('"') for name, value in _pairs(request) if name == cookie]


def names_of(request: web.Request) -> list[str]:
    """Of every cookie that a browser sent, in its order.

    Raises:
        RequestRefused: `http.cookies`: there is too much of it.
    """
    return [name for name, _ in _pairs(request)]


def check_own_request(request: web.Request) -> None:
    """A form of ours was posted from a page of ours, as far as the browser says.

    Raises:
        LoginUnknown: `login.other-browser`.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_REQUESTS:
        raise LoginUnknown("login.other-browser")


def _forget(response: web.StreamResponse, name: str) -> None:
    response.del_cookie(name, path="/", secure=True, httponly=True, samesite="Lax")


def _pairs(request: web.Request) -> Iterator[tuple[str, str]]:
    headers = request.headers.getall("Cookie", [])
    if sum(map(len, headers)) > MOST_COOKIES:
        raise RequestRefused("http.cookies", f"above {MOST_COOKIES} characters")
    for header in headers:
        for part in header.split(";"):
            name, _, value = part.strip(_SPACE).partition("=")
            yield name, value
