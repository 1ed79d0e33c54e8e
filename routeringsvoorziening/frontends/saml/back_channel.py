"""The application on the back channel: one address for servers, under mutual TLS, with errors that a machine reads."""

from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.identifiers import new_reference
from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.frontends.saml.artifact import ArtifactResolution
from routeringsvoorziening.frontends.saml.faults import fault
from routeringsvoorziening.observability.logs import bind_reference
from routeringsvoorziening.transport.errors import RequestRefused
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.web.edge import EdgeMeter

PATH: Final = "/saml/artifact"
ENDPOINT: Final = "artifact"
"""Its name in the metrics."""
RETRY_AFTER: Final = 5
"""Seconds; for what the store or another part of the house could not do."""

_log = structlog.get_logger(__name__)


def back_channel_application(
    resolution: ArtifactResolution, bounds: RequestBounds, meter: EdgeMeter
) -> web.Application:
    """An application that serves ArtifactResolve and nothing else."""
    app = bounded_application(bounds, [plain_errors(meter)])
    app.router.add_post(PATH, resolution.handle)
    return app


def plain_errors(meter: EdgeMeter) -> Middleware:
    """The outermost edge: what goes wrong becomes a SOAP fault with a reference number, a log line and a count."""

    @web.middleware
    async def with_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
        reference = new_reference()
        bind_reference(reference)
        try:
            return await handler(request)
        except web.HTTPException as refused:
            return _refuse(meter, reference, refused)
        except TooBusy as busy:
            meter.bound_reached(busy.bound)
            _log.warning("too busy", bound=busy.bound)
            return _try_later(reference, busy.retry_after)
        except OSError:
            _log.exception("out of reach")
            return _try_later(reference, RETRY_AFTER)
        except Exception:  # noqa: BLE001 - the outermost edge
            _log.exception("unexpected")
            return fault(reference, 500, {})

    return with_faults


def _refuse(meter: EdgeMeter, reference: Reference, refused: web.HTTPException) -> web.StreamResponse:
    """A rule of HTTP was broken: ours, or the framework's, whose headers stay behind."""
    code, detail, headers = f"http.{refused.status}", "", {}
    if isinstance(refused, RequestRefused):
        code, detail, headers = refused.code, refused.detail, dict(refused.headers)
    meter.message_rejected(ENDPOINT, code)
    _log.warning("request refused", code=code, detail=detail)
    return fault(reference, refused.status, headers)


def _try_later(reference: Reference, seconds: int) -> web.StreamResponse:
    return fault(reference, 503, {"Retry-After": str(seconds)})
