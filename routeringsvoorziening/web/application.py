"""The application of the front channel. Frontends add their own routes to its router."""

from aiohttp import web

from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.web.edge import EdgeMeter, error_pages
from routeringsvoorziening.web.flow import Flow
from routeringsvoorziening.web.headers import strict_headers
from routeringsvoorziening.web.pages import Pages
from routeringsvoorziening.web.static import serve_static


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
    app = bounded_application(bounds, [error_pages(pages, meter)])
    app.on_response_prepare.append(strict_headers(https=https))
    app.router.add_get("/static/{name}", serve_static)
    app.router.add_get("/login/{id}", flow.show)
    app.router.add_post("/login/{id}/choose", flow.choose)
    app.router.add_post("/login/{id}/cancel", flow.cancel)
    app.router.add_get("/saml/acs/{backend}", flow.arrive)
    return app
