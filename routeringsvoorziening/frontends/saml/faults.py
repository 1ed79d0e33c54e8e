"""A SOAP fault: how the back channel says no to whom it does not know or cannot serve (ERR-12)."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.saml.soap import CONTENT_TYPE

SERVER_ERROR: Final = 500
TEMPLATE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>'
    "<faultcode>soap:{party}</faultcode><faultstring>Refused, reference {reference}</faultstring>"
    "</soap:Fault></soap:Body></soap:Envelope>"
)


def fault(reference: Reference, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer that says whose fault it is and under which reference it was noted, and nothing else."""
    party = "Server" if status >= SERVER_ERROR else "Client"
    kept = {name: value for name, value in (headers or {}).items() if name in {"Allow", "Retry-After", "Connection"}}
    return web.Response(
        status=status,
        text=TEMPLATE.format(party=party, reference=reference),
        content_type=CONTENT_TYPE,
        charset="utf-8",
        headers=kept,
    )
