"""What every answer of the front channel tells the browser to refuse (S89).

A page sets its own Content-Security-Policy; what sets none gets one that allows nothing at all.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Final

from aiohttp import web

STRICT: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
HSTS: Final = "max-age=31536000; includeSubDomains"
Sender = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


def strict_headers(*, https: bool) -> Sender:
    """For `on_response_prepare`: adds what an answer does not say itself."""

    async def add(_request: web.Request, response: web.StreamResponse) -> None:
        for name, value in STRICT.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        response.headers["Server"] = "routeringsvoorziening"

    return add


def page_policy(*, script: bool = False, form_targets: Collection[str] = ()) -> str:
    """The policy of one page.

    Args:
        script: the page has our one script.
        form_targets: where its forms may lead, redirects after the post included: Chromium holds those to it as well.
    """
    rules = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": " ".join(form_targets) or "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    if script:
        rules["script-src"] = "'self'"
    return "; ".join(f"{name} {value}" for name, value in rules.items())
