"""The three listeners: browsers, servers of dienstverleners, our own operators."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import Field

from routeringsvoorziening.configuration.model.common import BaseUrl, Part, Port, TlsFiles

Network = IPv4Network | IPv6Network


class Proxy(Part):
    """A proxy in front of us that ends TLS. Only what these addresses say about the client is believed."""

    addresses: Annotated[tuple[Network, ...], Field(min_length=1, max_length=64)]
    """The proxy's own addresses: 10.0.0.5/32."""
    client_certificate_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")] = "X-SSL-Client-Cert"
    """Back channel only: the client's certificate, URL-encoded PEM or base64 of DER."""


class Channel(Part):
    """A listener that the outside world reaches under a public address."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Port
    base_url: BaseUrl
    """Its public address, without a path: https://login.example.nl"""
    proxy: Proxy | None = None
    """Present: a proxy ends TLS, and we listen without it."""


class FrontChannel(Channel):
    """For browsers."""

    tls: TlsFiles | None = None
    """Absent: plain HTTP, for a demo or behind a proxy."""


class BackChannel(Channel):
    """For servers: mutual TLS with the certificate of `own.tls`, which our metadata lists (TLS-04)."""


class Management(Part):
    """Metrics and health. Loopback by default: nothing here is meant for the outside."""

    host: str = "127.0.0.1"
    port: Port = 9090


class Logging(Part):
    """Log lines: JSON on standard output."""

    level: Literal["debug", "info", "warning", "error"] = "info"
