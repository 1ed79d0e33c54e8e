"""Rules of HTTP that hold before any handler looks at a request, and the checks that handlers share.

`bounded_application` makes an application that keeps them; the order of its middlewares is: the caller's own (the
outermost, such as the one that turns exceptions into pages), methods, deadline, body. What breaks a rule is a
`RequestRefused`.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError

from routeringsvoorziening.transport.errors import RequestRefused
from routeringsvoorziening.transport.forms import media_type

T = TypeVar("T")
METHODS: Final = frozenset({"GET", "HEAD", "POST"})
CLOSE: Final = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class RequestBounds:
    """Bounds of one request.

    Args:
        body_bytes: largest body, as sent.
        body_bytes_of: the same for single routes, by their pattern, where it is less.
        body_seconds: from the end of the head to the end of the body.
        seconds: for the whole handling, body included.
    """

    body_bytes: int = 512 * 1024
    body_bytes_of: Mapping[str, int] = field(default_factory=dict)
    body_seconds: float = 10.0
    seconds: float = 40.0

    def body_bytes_for(self, request: web.Request) -> int:
        """Largest body of this request."""
        resource = request.match_info.route.resource
        return self.body_bytes_of.get(resource.canonical, self.body_bytes) if resource else self.body_bytes


def bounded_application(bounds: RequestBounds, outermost: Sequence[Middleware] = ()) -> web.Application:
    """An application whose every request is under `bounds`."""
    return web.Application(
        middlewares=(*outermost, known_methods, deadline(bounds.seconds), bodies(bounds)),
        client_max_size=bounds.body_bytes,
    )


@web.middleware
async def known_methods(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse every method but GET, HEAD and POST with 405, on every path alike."""
    if request.method not in METHODS:
        raise RequestRefused("http.method", headers={"Allow": ", ".join(sorted(METHODS))})
    return await handler(request)


def deadline(seconds: float) -> Middleware:
    """A middleware: a handler that takes longer is cancelled, and the answer is 503."""

    @web.middleware
    async def within_deadline(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(seconds) as timer:
                return await handler(request)
        except TimeoutError:
            if not timer.expired():
                raise
            raise RequestRefused("http.deadline", f"above {seconds} s", {"Retry-After": "5"}) from None

    return within_deadline


def bodies(bounds: RequestBounds) -> Middleware:
    """A middleware: the body is read whole before the handler runs, or the request is refused.

    413 when it is (or says it is) too large, 408 when it is too slow, 415 when it is compressed, 400 when its framing
    is broken. Handlers find it by `await request.read()` at no cost.
    """

    @web.middleware
    async def with_body(request: web.Request, handler: Handler) -> web.StreamResponse:
        _check_announced(request, bounds)
        if request.body_exists:
            await _read_body(request, bounds)
        return await handler(request)

    return with_body


def _check_announced(request: web.Request, bounds: RequestBounds) -> None:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise RequestRefused("http.content-encoding", headers={"Accept-Encoding": "identity"})
    most = bounds.body_bytes_for(request)
    if (request.content_length or 0) > most:
        raise RequestRefused("http.size", f"announced above {most} bytes")


async def _read_body(request: web.Request, bounds: RequestBounds) -> None:
    try:
        if request.content.is_eof():  # it is all here: nothing to wait for
            size = len(await request.read())
        else:
            async with asyncio.timeout(bounds.body_seconds):
                size = len(await request.read())
    except TimeoutError:
        raise RequestRefused("http.slow", f"no whole body in {bounds.body_seconds} s", CLOSE) from None
    except web.HTTPRequestEntityTooLarge:
        raise RequestRefused("http.size", f"above {bounds.body_bytes} bytes", CLOSE) from None
    except RequestPayloadError:
        raise RequestRefused("http.body", "broken framing", CLOSE) from None
    except ConnectionError:  # an OSError, which would read as something of ours that is out of reach
        raise RequestRefused("http.body", "the client went away", CLOSE) from None
    if size > (most := bounds.body_bytes_for(request)):
        raise RequestRefused("http.size", f"above {most} bytes", CLOSE)


def single(parameters: Mapping[str, T], name: str) -> T:
    """The one value of a parameter of a query or form.

    Which of two a server picks is a choice that an attacker would make (S72); so two are refused.

    Raises:
        RequestRefused: `http.parameter-missing` or `http.parameter-repeated`.
    """
    values = _values(parameters, name)
    if not values:
        raise RequestRefused("http.parameter-missing", "a parameter is absent")
    return values[0]


def single_or_none(parameters: Mapping[str, T], name: str) -> T | None:
    """As `single`; None when the parameter is absent."""
    values = _values(parameters, name)
    return values[0] if values else None


def _values(parameters: Mapping[str, T], name: str) -> list[T]:
    values = [value for key, value in parameters.items() if key == name]
    if len(values) > 1:
        raise RequestRefused("http.parameter-repeated", "a parameter occurs twice")
    return values


def check_content_type(request: web.Request, allowed: Collection[str]) -> None:
    """The body must be of one of these media types; parameters such as the charset do not matter.

    Raises:
        RequestRefused: `http.content-type`.
    """
    if media_type(request) not in allowed:
        raise RequestRefused("http.content-type", f"expected one of {', '.join(sorted(allowed))}")
