"""TLS of our listeners and clients, with real handshakes."""

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
import warnings

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from routeringsvoorziening.transport.client import BoundedClient
from routeringsvoorziening.transport.errors import Unreachable
from routeringsvoorziening.transport.tls import CIPHERS, client_context, server_context


async def handshake(context: ssl.SSLContext, port: int, ciphers_only: bool = False):
    """Shake hands as a client; returns version and cipher."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    tls = writer.get_extra_info("ssl_object")
    outcome = (tls.version(), tls.cipher()[0])
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    try:
        await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.close()
    return outcome


def old_fashioned(pki, version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> ssl.SSLContext:
    """A client that would take anything of one version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pki.authority.bundle)
    context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


@pytest.fixture
async def front(serve, pki):
    """A listener with TLS, without client certificates."""
    return await serve(tls=server_context(pki.server.certificate_file, pki.server.key_file))


@pytest.fixture
async def back(serve, pki):
    """A listener with mutual TLS."""
    return await serve(
        tls=server_context(pki.server.certificate_file, pki.server.key_file, client_ca=pki.authority.bundle)
    )


@pytest.mark.eis("TLS-01")
@pytest.mark.parametrize(
    ("version", "name"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")]
)
async def test_modern_versions_are_served(front, pki, version, name):
    """TLS 1.2 and 1.3 both work."""
    assert (await handshake(old_fashioned(pki, version), front.port))[0] == name


@pytest.mark.eis("TLS-01")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_versions_are_refused(front, pki, version):
    """TLS 1.0 and 1.1 end in the handshake (asyncio hangs up without an alert)."""
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await handshake(old_fashioned(pki, version), front.port)


@pytest.mark.eis("TLS-01")
@pytest.mark.parametrize(
    "suite", ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"]
)
async def test_suites_below_good_are_refused(front, pki, suite):
    """Without forward secrecy, or with CBC: no common suite."""
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await handshake(old_fashioned(pki, ssl.TLSVersion.TLSv1_2, f"{suite}:@SECLEVEL=0"), front.port)


@pytest.mark.eis("TLS-01")
@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"])
async def test_good_suites_are_served(front, pki, suite):
    """The positive twin: one good suite is enough."""
    assert (await handshake(old_fashioned(pki, ssl.TLSVersion.TLSv1_2, suite), front.port))[1] == suite


@pytest.mark.eis("TLS-01")
async def test_plain_http_is_refused(front, connect):
    """Who speaks no TLS gets no answer."""
    raw = await connect(front)
    await raw.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"HTTP" not in await raw.rest()


def test_no_compression_and_no_renegotiation(pki):
    """Both are off, on both sides; and the list names good suites only."""
    for context in (server_context(pki.server.certificate_file, pki.server.key_file), client_context()):
        assert context.options & ssl.OP_NO_COMPRESSION
        assert context.options & ssl.OP_NO_RENEGOTIATION
        suites = {suite["name"] for suite in context.get_ciphers() if suite["protocol"] == "TLSv1.2"}
        assert suites == {suite for suite in CIPHERS.split(":") if not suite.startswith("@")}


@pytest.mark.eis("TLS-03")
async def test_client_with_its_certificate_is_let_in(back, pki):
    """Mutual TLS with a certificate under the bundle works."""
    mine = client_context(pki.authority.bundle, certificate=pki.client.certificate_file, key=pki.client.key_file)
    client = BoundedClient(tls=mine)
    answer = await client.post(f"https://rv.localhost:{back.port}/", b"hello", {"Content-Type": "text/plain"})
    await client.close()
    assert (answer.status, answer.body) == (200, b"hello")


@pytest.mark.eis("TLS-03")
@pytest.mark.attack("S77")
@pytest.mark.parametrize("who", ["nobody", "stranger", "expired", "weak"])
async def test_other_clients_end_in_the_handshake(back, pki, who):
    """No certificate, another root, an expired one, a key of 1024 bits: no request comes through."""
    client = BoundedClient(tls=_context_of(pki, who))
    with pytest.raises(Unreachable) as failure:
        await client.post(f"https://localhost:{back.port}/", b"", {})
    await client.close()
    assert failure.value.reason in {"tls", "refused"}


def _alerting_server(pki, sock: socket.socket) -> None:
    """Accept one connection in a thread, as a server that says why it refuses."""
    context = server_context(pki.server.certificate_file, pki.server.key_file, client_ca=pki.authority.bundle)
    context.maximum_version = (
        ssl.TLSVersion.TLSv1_2
    )  # in 1.3 the alert comes after the handshake, and may come too late
    connection, _ = sock.accept()
    with connection, contextlib.suppress(ssl.SSLError):
        context.wrap_socket(connection, server_side=True)


async def test_a_refusal_that_is_explained_is_told_as_tls(pki):
    """A service that answers our certificate with an alert is not taken for one that is down."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        server = asyncio.create_task(asyncio.to_thread(_alerting_server, pki, sock))
        client = BoundedClient(tls=client_context(pki.authority.bundle))
        with pytest.raises(Unreachable) as failure:
            await client.post(f"https://localhost:{sock.getsockname()[1]}/", b"", {})
        await client.close()
        await server
    assert failure.value.reason == "tls"


def _context_of(pki, who: str) -> ssl.SSLContext:
    if who == "nobody":
        return client_context(pki.authority.bundle)
    if who == "stranger":
        shown = pki.stranger
    elif who == "expired":
        start = dt.datetime.now(dt.UTC) - dt.timedelta(days=9)
        shown = pki.authority.issue("expired", valid=(start, start + dt.timedelta(days=1)))
    else:
        shown = pki.authority.issue("weak", key=rsa.generate_private_key(65537, 1024))
    context = client_context(pki.authority.bundle)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(shown.certificate_file, shown.key_file)
    return context


@pytest.mark.eis("TLS-02")
def test_own_weak_key_is_refused_at_start(pki):
    """A listener does not start with a key of 1024 bits."""
    weak = pki.authority.issue("weak-server", key=rsa.generate_private_key(65537, 1024))
    with pytest.raises(ssl.SSLError, match="KEY_TOO_SMALL"):
        server_context(weak.certificate_file, weak.key_file)


@pytest.mark.attack("S77")
async def test_mutual_tls_resumes_no_session(back, pki):
    """No ticket is given: every connection proves its key again."""
    mine = client_context(pki.authority.bundle, certificate=pki.client.certificate_file, key=pki.client.key_file)
    reader, writer = await asyncio.open_connection("127.0.0.1", back.port, ssl=mine, server_hostname="localhost")
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    tls = writer.get_extra_info("ssl_object")
    assert tls.session is None or not tls.session.has_ticket
    writer.close()


@pytest.mark.eis("TLS-01", "TLS-03")
@pytest.mark.parametrize("flaw", ["root", "name"])
async def test_our_client_refuses_another_server(front, pki, flaw):
    """A server under another root, or with another name, gets no message."""
    bundle = pki.stranger_authority.bundle if flaw == "root" else pki.authority.bundle
    host = "other.localhost" if flaw == "name" else "localhost"
    client = BoundedClient(tls=client_context(bundle))
    with pytest.raises(Unreachable) as failure:
        await client.get(f"https://{host}:{front.port}/")
    await client.close()
    assert failure.value.reason == "tls"
