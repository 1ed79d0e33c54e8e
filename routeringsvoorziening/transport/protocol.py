"""aiohttp's protocol for one connection, with answers of its own to what never reaches an application."""

from http import HTTPStatus
from typing import Final

from aiohttp import web

NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class QuietHandler(web.RequestHandler):
    """Answers a malformed request with its status alone, and logs one line about it.

    The library would send back, and write to the log with a traceback, the very bytes that were wrong (S91).
    """

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to a request that the parser refused (4xx), or whose handler let an exception out (500)."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return super().handle_error(request, status, exc, message)
        self.logger.info("malformed request: %s", type(exc).__name__)
        answer = web.Response(status=status, text=f"{status}: {HTTPStatus(status).phrase}", headers=NO_STORE)
        answer.force_close()
        return answer
