"""Who is at the other end: from the connection, or from one header of a trusted proxy."""

import base64
from ipaddress import ip_network
from urllib.parse import quote

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization

from routeringsvoorziening.transport.client import BoundedClient
from routeringsvoorziening.transport.peer import TRUSTED_PROXY, TrustedProxy, peer_certificate
from routeringsvoorziening.transport.tls import client_context, server_context

LOOPBACK = TrustedProxy([ip_network("127.0.0.0/8")])
ELSEWHERE = TrustedProxy([ip_network("192.0.2.0/24")])
NAME = "X-SSL-Client-Cert"


async def who(request: web.Request) -> web.Response:
    """Answer with the serial number of the peer."""
    return web.Response(text=str(peer_certificate(request).serial_number))


def behind(proxy: TrustedProxy):
    """Prepare an application to stand behind a proxy."""

    def prepare(app: web.Application) -> None:
        app[TRUSTED_PROXY] = proxy

    return prepare


def pem(issued) -> str:
    """As nginx escapes it."""
    return quote(issued.certificate.public_bytes(serialization.Encoding.PEM).decode())


def der(issued) -> str:
    """As HAProxy sends it."""
    return base64.b64encode(issued.certificate.public_bytes(serialization.Encoding.DER)).decode()


async def ask(raw, *headers: tuple[str, str]) -> tuple[int, str]:
    """Status and body of one request with these headers."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    await raw.send(f"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n".encode())
    head, _, body = (await raw.rest()).partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


@pytest.fixture
async def mutual(serve, pki):
    """A listener that ends mutual TLS itself, and a client of it."""
    context = server_context(pki.server.certificate_file, pki.server.key_file, client_ca=pki.authority.bundle)
    listener = await serve(who, tls=context)
    mine = client_context(pki.authority.bundle, certificate=pki.client.certificate_file, key=pki.client.key_file)
    client = BoundedClient(tls=mine)
    yield client, f"https://localhost:{listener.port}/"
    await client.close()


@pytest.mark.eis("TLS-03")
async def test_certificate_of_the_connection(mutual, pki):
    """On our own mutual TLS it is the certificate of the handshake, on every request."""
    client, url = mutual
    answers = [await client.get(url) for _ in range(2)]
    assert {answer.body.decode() for answer in answers} == {str(pki.client.certificate.serial_number)}


@pytest.mark.attack("S78")
async def test_header_on_our_own_tls_is_not_read(mutual, pki):
    """A client cannot borrow another's public certificate by a header."""
    client, url = mutual
    answer = await client.get(url, {NAME: der(pki.stranger)})
    assert answer.body.decode() == str(pki.client.certificate.serial_number)


@pytest.mark.attack("S77")
async def test_no_certificate_is_refused(serve, connect):
    """A listener without mutual TLS knows no peer."""
    assert (await ask(await connect(await serve(who))))[0] == 403


@pytest.mark.parametrize("form", [pem, der])
async def test_header_of_the_trusted_proxy(serve, connect, pki, form):
    """Both forms that proxies send are understood."""
    raw = await connect(await serve(who, prepare=behind(LOOPBACK)))
    assert await ask(raw, (NAME, form(pki.client))) == (200, str(pki.client.certificate.serial_number))


@pytest.mark.attack("S78")
async def test_header_from_elsewhere_is_refused(serve, connect, pki):
    """The same header from an address that is not the proxy's."""
    raw = await connect(await serve(who, prepare=behind(ELSEWHERE)))
    assert (await ask(raw, (NAME, der(pki.client))))[0] == 403


@pytest.mark.attack("S78")
async def test_bad_headers_are_refused(serve, connect, pki):
    """None, two, a twin with underscores, two certificates in one, and rubbish: each is refused."""
    listener = await serve(who, prepare=behind(LOOPBACK))
    good = der(pki.client)
    bad = [
        [],
        [(NAME, good), (NAME, good)],
        [(NAME, good), ("x-ssl-client-cert", good)],
        [(NAME, good), ("X_SSL_Client_Cert", good)],
        [("X_SSL_Client-Cert", good)],
        [(NAME, pem(pki.client) + pem(pki.stranger))],
        [(NAME, "%2D%2D%2D")],
        [(NAME, "AAAA")],
        [(NAME, "")],
        [(NAME, "(null)")],
    ]
    assert [(await ask(await connect(listener), *headers))[0] for headers in bad] == [403] * len(bad)
