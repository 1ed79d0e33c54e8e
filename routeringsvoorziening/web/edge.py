"""The outermost edge of the front channel: whatever goes wrong becomes a page with a reference number, and a log line.

The page says nothing of what went wrong inside; the log line, under the same number, says it all.
"""

from functools import singledispatchmethod
from http import HTTPStatus
from typing import Final, Protocol

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from routeringsvoorziening.broker.failures import LoginUnknown, TooBusy
from routeringsvoorziening.broker.identifiers import new_reference
from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.observability.access import route_of
from routeringsvoorziening.observability.logs import bind_reference, bound_reference
from routeringsvoorziening.transport.errors import RequestRefused
from routeringsvoorziening.web.pages import Pages

RETRY_AFTER: Final = 5
"""Seconds, when something that we need is out of reach."""
KEPT: Final = frozenset({"Allow", "Retry-After", "Accept-Encoding", "Connection"})
"""Headers of an error that go along with its page."""
UNKNOWN: Final = {
    "login.other-browser": (HTTPStatus.NOT_FOUND, "other-browser"),
    "logout.unknown": (HTTPStatus.GONE, "logout-over"),
}
"""Code of `LoginUnknown` to status and page; every other code is a login that is over."""
OVER: Final = (HTTPStatus.GONE, "expired")

_log = structlog.get_logger(__name__)


class EdgeMeter(Protocol):
    """What the edge counts."""

    def message_rejected(self, endpoint: str, code: str) -> None:
        """A request broke a rule."""
        ...

    def bound_reached(self, bound: str) -> None:
        """There was no room."""
        ...


def error_pages(pages: Pages, meter: EdgeMeter) -> Middleware:
    """The outermost middleware."""
    edge = _Edge(pages, meter)

    @web.middleware
    async def with_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
        bind_reference(new_reference())
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001  the outermost edge: it becomes a reference number
            return edge.answer(error, request)

    return with_pages


class _Edge:
    """An answer to every kind of exception."""

    def __init__(self, pages: Pages, meter: EdgeMeter) -> None:
        self._pages = pages
        self._meter = meter

    @singledispatchmethod
    def answer(self, _error: Exception, request: web.Request) -> web.Response:
        """What nobody foresaw."""
        _log.exception("unexpected", route=route_of(request))
        return self._pages.error(request, HTTPStatus.INTERNAL_SERVER_ERROR, _reference())

    @answer.register
    def _(self, refused: web.HTTPException, request: web.Request) -> web.Response:
        """A rule of HTTP, ours or the framework's; a redirect is none."""
        if refused.status < HTTPStatus.BAD_REQUEST:
            raise refused
        code = refused.code if isinstance(refused, RequestRefused) else f"http.{refused.status}"
        detail = refused.detail if isinstance(refused, RequestRefused) else ""
        self._meter.message_rejected(route_of(request), code)
        _log.info("request refused", route=route_of(request), code=code, detail=detail)
        kept = {name: value for name, value in refused.headers.items() if name in KEPT}
        return self._pages.error(request, refused.status, _reference(), headers=kept)

    @answer.register
    def _(self, unknown: LoginUnknown, request: web.Request) -> web.Response:
        self._meter.message_rejected(route_of(request), unknown.code)
        _log.info("login unknown", route=route_of(request), code=unknown.code)
        status, page = UNKNOWN.get(unknown.code, OVER)
        return self._pages.error(request, status, _reference(), page=page, over=_asked_for(request))

    @answer.register
    def _(self, busy: TooBusy, request: web.Request) -> web.Response:
        self._meter.bound_reached(busy.bound)
        _log.warning("too busy", route=route_of(request), bound=busy.bound)
        return self._try_later(request, busy.retry_after)

    @answer.register
    def _(self, _error: OSError, request: web.Request) -> web.Response:
        """The store, or something else that we need, is out of reach."""
        _log.exception("out of reach", route=route_of(request))
        return self._try_later(request, RETRY_AFTER)

    def _try_later(self, request: web.Request, seconds: int) -> web.Response:
        headers = {"Retry-After": str(seconds)}
        return self._pages.error(request, HTTPStatus.SERVICE_UNAVAILABLE, _reference(), headers=headers)


def _asked_for(request: web.Request) -> str:
    """The name of the login, or of the leg, for which somebody came."""
    return request.match_info.get("id") or request.query.get("RelayState", "")


def _reference() -> Reference:
    """The login's own number when it was known by then, else the one made for this request."""
    return bound_reference() or new_reference()
