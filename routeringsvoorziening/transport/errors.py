"""What can go wrong between two parties, as one tree.

aiohttp.web.HTTPException
└── RequestRefused      a request breaks a rule of HTTP: answered with its status
    └── TlsClientError  no, or no acceptable, client certificate: `tls.client`
Exception
└── ExchangeFailed      our own call to a service brought nothing
    ├── Unreachable     nobody answered: timeout, refused, tls, breaker-open, overloaded
    ├── Forbidden       the address may not be called: net.forbidden
    └── BadAnswer       somebody answered with what we do not accept

Codes and reasons are stable: they are metric labels and stand in logs.
"""

from typing import Final, Literal

from aiohttp import web

STATUS_OF: Final = {
    "http.method": 405,
    "http.size": 413,
    "http.slow": 408,
    "http.deadline": 503,
    "http.content-type": 415,
    "http.content-encoding": 415,
    "http.parameter-missing": 400,
    "http.parameter-repeated": 400,
    "http.parameters": 400,
    "http.form": 400,
    "http.cookies": 400,
    "http.body": 400,
    "tls.client": 403,
}
"""Every code of `RequestRefused`, with the status that it is answered with."""

Unreached = Literal["timeout", "refused", "tls", "breaker-open", "overloaded"]
Unacceptable = Literal["redirect", "too-large", "content-encoding", "malformed", "truncated", "http-status"]


class RequestRefused(web.HTTPException):
    """A request that is refused for a rule of HTTP; can be raised from any handler.

    Args:
        code: stable, one of `STATUS_OF`.
        detail: English, for the log; holds nothing of the request's content.
        headers: to send along, such as Allow or Retry-After.
    """

    def __init__(self, code: str, detail: str = "", headers: dict[str, str] | None = None) -> None:
        self.status_code = STATUS_OF[code]
        super().__init__(headers=headers)
        self.code = code
        self.detail = detail


class TlsClientError(RequestRefused):
    """The peer has no client certificate that may be believed (TLS-03, S77, S78)."""

    def __init__(self, detail: str) -> None:
        super().__init__("tls.client", detail)


class ExchangeFailed(Exception):
    """A call to a service brought no usable answer. `reason` is a metric label; the text is for the log."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Unreachable(ExchangeFailed):
    """Nobody answered in time, or we did not even ask."""

    def __init__(self, reason: Unreached, detail: str = "") -> None:
        super().__init__(reason, detail)


class BadAnswer(ExchangeFailed):
    """An answer that is refused whatever it says."""

    def __init__(self, reason: Unacceptable, detail: str = "") -> None:
        super().__init__(reason, detail)


class Forbidden(ExchangeFailed):
    """An address that may not be called: not https, or not on the public internet (S84)."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("net.forbidden", detail)
