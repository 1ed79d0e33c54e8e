"""The application on the back channel: one address for servers, under mutual TLS, with errors that a machine reads."""

from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.identifiers import new_reference
from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.frontends.saml.artifact import ArtifactResolution
from routeringsvoorziening.frontends.saml.faults import fault
from routeringsvoorziening.observability.logs import bind_reference
from routeringsvoorziening.transport.errors import RequestRefused
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application

PATH: Final = "/saml/artifact"
RETRY_AFTER: Final = 5
"""Seconds; for what the store or another part of the house could not do."""

_log = structlog.get_logger(__name__)


def back_channel_application(resolution: ArtifactResolution, bounds: RequestBounds) -> web.Application:
    """An application that serves ArtifactResolve and nothing else."""
    app = bounded_application(bounds, [plain_errors])
    app.router.add_post(PATH, resolution.handle)
    return app


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost edge: whatever goes wrong becomes a SOAP fault with a reference number, and a log line."""
    reference = new_reference()
    bind_reference(reference)
    try:
        return await handler(request)
    except RequestRefused as refused:
        _log.warning("request refused", code=refused.code, detail=refused.detail)
        return fault(reference, refused.status_code, dict(refused.headers))
    except web.HTTPException as refused:
        return fault(reference, refused.status_code, {})
    except TooBusy as busy:
        _log.warning("too busy", bound=busy.bound)
        return _try_later(reference, busy.retry_after)
    except OSError:
        _log.exception("out of reach")
        return _try_later(reference, RETRY_AFTER)
    except Exception:  # noqa: BLE001 - the outermost edge
        _log.exception("unexpected")
        return fault(reference, 500, {})


def _try_later(reference: Reference, seconds: int) -> web.StreamResponse:
    return fault(reference, 503, {"Retry-After": str(seconds)})
