"""Who is at the other end of mutual TLS (TLS-03, TLS-04, S77, S78).

On a listener that ends TLS itself, the certificate is that of the connection, and no header is ever read. On a
listener behind a proxy that ends TLS, it comes in one header, believed only from the proxy's own addresses; the proxy
must remove that header from what clients send.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final
from urllib.parse import unquote_to_bytes

from aiohttp import web
from cryptography import x509

from routeringsvoorziening.transport.errors import TlsClientError

PEM_START: Final = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class TrustedProxy:
    """A proxy that ends mutual TLS before us.

    Args:
        networks: from which it connects.
        header: holds the client certificate: URL-encoded PEM, or base64 of DER.
    """

    networks: Sequence[IPv4Network | IPv6Network]
    header: str = "X-SSL-Client-Cert"


TRUSTED_PROXY: Final = web.AppKey("TRUSTED_PROXY", TrustedProxy)
"""Set on an application whose listener stands behind such a proxy."""


def peer_certificate(request: web.Request) -> x509.Certificate:
    """The certificate whose key the client has proven to hold. Its chain was checked in the handshake.

    Raises:
        TlsClientError: there is none that may be believed.
    """
    proxy = request.config_dict.get(TRUSTED_PROXY)
    der = _of_connection(request) if proxy is None else _of_header(request, proxy)
    try:
        return _certificate(der)
    except ValueError:
        raise TlsClientError("not a certificate") from None


def _of_connection(request: web.Request) -> bytes:
    tls = request.get_extra_info("ssl_object")
    der: bytes | None = None if tls is None else tls.getpeercert(binary_form=True)
    if not der:
        raise TlsClientError("no client certificate on this connection")
    return der


def _of_header(request: web.Request, proxy: TrustedProxy) -> bytes:
    _check_from_proxy(request, proxy)
    _check_no_twin(request, proxy.header)
    values = request.headers.getall(proxy.header, [])
    if len(values) != 1:
        raise TlsClientError(f"{len(values)} headers with a client certificate")
    return _decode(values[0])


def _check_from_proxy(request: web.Request, proxy: TrustedProxy) -> None:
    peer = request.get_extra_info("peername")
    address = ip_address(peer[0].partition("%")[0]) if peer else None
    if address is None or not any(address in network for network in proxy.networks):
        raise TlsClientError("not from the configured proxy")


def _check_no_twin(request: web.Request, header: str) -> None:
    """Some proxies and gateways take `_` and `-` for the same: a name that differs only so is an attack (S78)."""
    wanted = header.lower()
    for name in request.headers:
        if name.lower() != wanted and name.lower().replace("_", "-") == wanted.replace("_", "-"):
            raise TlsClientError("a second spelling of the client certificate's header")


def _decode(value: str) -> bytes:
    """DER out of either form; nothing but one certificate may be in it."""
    raw = unquote_to_bytes(value) if "%" in value else value.encode("latin-1", "replace")
    if raw.startswith(PEM_START):
        return raw
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error:
        raise TlsClientError("a client certificate header in an unknown form") from None


@lru_cache(maxsize=1024)
def _certificate(encoded: bytes) -> x509.Certificate:
    """Parsed once: a party shows the same certificate on every connection."""
    if encoded.startswith(PEM_START):
        (certificate,) = x509.load_pem_x509_certificates(encoded)
        return certificate
    return x509.load_der_x509_certificate(encoded)
