"""The application of the front channel. Frontends add their own routes to its router."""

from dataclasses import replace
from typing import Final

from aiohttp import web

from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.web.edge import EdgeMeter, error_pages
from routeringsvoorziening.web.flow import Flow
from routeringsvoorziening.web.headers import strict_headers
from routeringsvoorziening.web.pages import Pages
from routeringsvoorziening.web.static import serve_static

CHOOSE: Final = "/login/{id}/choose"
CANCEL: Final = "/login/{id}/cancel"
BUTTON_BYTES: Final = 4096
"""Largest body of a form that holds a button and nothing else."""


def front_application(
    flow: Flow, pages: Pages, *, bounds: RequestBounds, meter: EdgeMeter, https: bool
) -> web.Application:
    """Pages, static files, and the steps of a login, under bounds.

    Args:
        flow: the steps.
        pages: for what goes wrong.
        bounds: of every request.
        meter: counts what is refused.
        https: the public address is https: browsers are told to keep it so.
    """
    bounds = replace(bounds, body_bytes_of=dict.fromkeys((CHOOSE, CANCEL), BUTTON_BYTES))
    app = bounded_application(bounds, [error_pages(pages, meter)])
    app.on_response_prepare.append(strict_headers(https=https))
    app.router.add_get("/static/{name}", serve_static)
    app.router.add_get("/login/{id}", flow.show)
    app.router.add_post(CHOOSE, flow.choose)
    app.router.add_post(CANCEL, flow.cancel)
    app.router.add_get("/saml/acs/{backend}", flow.arrive, allow_head=False)
    return app
