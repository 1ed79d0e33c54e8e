"""One line per request: method, route, status, time. Never the query, and never the path itself.

An artifact, a login's id or a RelayState is in the address; the route (`/login/{id}`) says as much to an operator.
"""

import logging
from typing import Final

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

NAME: Final = "routeringsvoorziening.access"
UNROUTED: Final = "-"


class AccessLogger(AbstractAccessLogger):
    """For `Listener(access_logger=…)`; aiohttp makes one per connection."""

    def __init__(self, logger: logging.Logger, log_format: str) -> None:
        super().__init__(logger, log_format)
        self._log = structlog.get_logger(NAME).bind()  # bound once, and not for every line

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write the line. `time` is in seconds."""
        self._log.info(
            "request",
            method=request.method,
            route=route_of(request),
            status=response.status,
            ms=round(time * 1000, 1),
            peer=request.remote,
        )


def route_of(request: web.BaseRequest) -> str:
    """The pattern that the request's path matched; a small closed set, fit for a label.

    What is no HTTP has no path that could match, and the library asserts that nobody asks for it then.
    """
    if not isinstance(request, web.Request):
        return UNROUTED
    try:
        resource = request.match_info.route.resource
    except (AssertionError, AttributeError):
        return UNROUTED
    return UNROUTED if resource is None else resource.canonical
