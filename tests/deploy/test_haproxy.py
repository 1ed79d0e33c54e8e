"""The HAProxy configuration that we ship: a whole login goes through, and nobody outside says who they are (S78)."""

import asyncio
import base64
import shutil
import ssl
import subprocess

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from routeringsvoorziening.simulators.world.layout import PORTAL, ZORG
from tests.deploy.conftest import DEPLOY, HAPROXY, Proxied, ProxiedDienstverlener, SecureBrowser
from tests.support.chain.browser import settle
from tests.support.chain.reading import has_response, statuses

pytestmark = pytest.mark.skipif(HAPROXY is None, reason="the Debian package haproxy is not installed")
HEADER = "X-SSL-Client-Cert"


@pytest.fixture(params=["terminating", "passing"])
def either(request: pytest.FixtureRequest, terminating: Proxied, passing: Proxied) -> Proxied:
    """Both kinds."""
    return {"terminating": terminating, "passing": passing}[request.param]


async def log_in(proxied: Proxied, trust: str) -> tuple[ProxiedDienstverlener, str]:
    """A login up to its artifact."""
    dv = proxied.dienstverlener()
    async with SecureBrowser() as browser:
        browser.trust = trust
        page = await dv.artifact(browser)
        assert page.status == 303, page.text
        return dv, page.query("SAMLart")


def certificate(proxied: Proxied, party=PORTAL) -> bytes:
    """DER of a party's certificate for TLS: public, so that anybody can send it."""
    pem = proxied.chain.world.files(party).certificate("tls").read_bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


@pytest.mark.parametrize("back", ["terminate", "passthrough"])
def test_haproxy_accepts_the_files(back: str, terminating: Proxied, tmp_path) -> None:
    """Without a warning."""
    pem = tmp_path / "rv.pem"
    files = terminating.chain.world.files(PORTAL)
    pem.write_bytes(files.certificate("tls").read_bytes() + files.key("tls").read_bytes())
    trust = str(terminating.chain.world.trust_bundle)
    environment = {"BROWSERS_CRT": str(pem), "SERVERS_CRT": str(pem), "SERVERS_CA": trust}
    command = [HAPROXY, "-c", "-f", str(DEPLOY / "haproxy.cfg"), "-f", str(DEPLOY / f"haproxy-back-{back}.cfg")]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert (result.returncode, "WARNING" in result.stderr) == (0, False), result.stderr


@pytest.mark.eis("TLS-01", "TLS-03", "TLS-04")
async def test_a_whole_login_goes_through(either: Proxied) -> None:
    """Browser to HAProxy by TLS, server to HAProxy by mutual TLS; what comes back is a declaration."""
    dv, artifact = await log_in(either, str(either.chain.world.trust_bundle))
    answer = await dv.resolve(artifact)
    assert (answer.status, answer.content_type) == (200, "text/xml")
    assert statuses(answer.root)[0] == "Success"
    assert has_response(answer.root)
    assert (await dv.resolve(artifact)).status == 200


async def test_our_addresses_are_those_of_haproxy(either: Proxied) -> None:
    """In our metadata, which is fetched through it; and the browser's cookies are for https alone."""
    dv = either.dienstverlener()
    async with SecureBrowser() as browser:
        browser.trust = str(either.chain.world.trust_bundle)
        text = (await browser.get(dv.sso_url.replace("/sso", "/metadata"))).text
        page = await dv.begin(browser)
    assert f'Location="{dv.sso_url}"' in text
    assert f'Location="{dv.artifact_url}"' in text
    assert "Secure" in page.headers["set-cookie"]
    assert page.headers["strict-transport-security"]


@pytest.mark.attack("S77")
async def test_without_a_certificate_there_is_no_connection(either: Proxied) -> None:
    """The handshake fails, at HAProxy or behind it."""
    dv = either.dienstverlener()
    without = ssl.create_default_context(cafile=str(either.chain.world.trust_bundle))
    with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
        await dv.call(b"", tls=without)


@pytest.mark.attack("S75", "S78")
@pytest.mark.parametrize("spelling", [HEADER, "x-ssl-client-cert", "X_SSL_Client_Cert", "X-SSL_Client-Cert"])
async def test_a_forged_header_is_not_believed(terminating: Proxied, spelling: str) -> None:
    """Another dienstverlener, over its own good TLS, says in the header to be the one that may resolve: it may not."""
    dv, artifact = await log_in(terminating, str(terminating.chain.world.trust_bundle))
    forged = {spelling: base64.b64encode(certificate(terminating)).decode()}
    body = dv.signed_resolve(artifact)
    with terminating.chain.refusals() as codes:
        answer = await dv.call(body, tls=dv.tls(ZORG), headers=forged)
    assert (answer.status, codes) == (400, ["tls.client"])
    assert has_response((await dv.resolve(artifact)).root)


@pytest.mark.attack("S78")
async def test_a_second_header_does_no_harm(terminating: Proxied) -> None:
    """The right party with somebody else's certificate in the header: HAProxy says who it is, and it may resolve."""
    dv, artifact = await log_in(terminating, str(terminating.chain.world.trust_bundle))
    forged = {HEADER: base64.b64encode(certificate(terminating, ZORG)).decode()}
    answer = await dv.call(dv.signed_resolve(artifact), headers=forged)
    assert (answer.status, has_response(answer.root)) == (200, True)


@pytest.mark.attack("S78")
async def test_past_haproxy_nobody_is_believed(terminating: Proxied) -> None:
    """From another address than HAProxy's, straight to our own port, with the right header."""
    dv, artifact = await log_in(terminating, str(terminating.chain.world.trust_bundle))
    headers = {HEADER: base64.b64encode(certificate(terminating)).decode(), "Content-Type": "text/xml"}
    url = f"http://127.0.0.1:{terminating.chain.world.ports.rv_back}/saml/artifact"
    connector = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    with terminating.chain.refusals() as codes:
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.post(url, data=dv.signed_resolve(artifact), headers=headers) as answer,
        ):
            assert answer.status == 400
    await settle()
    assert codes == ["tls.client"]
    assert has_response((await dv.resolve(artifact)).root)


async def test_the_back_channel_has_one_address(terminating: Proxied) -> None:
    """Whatever else is asked of it is not passed on."""
    dv = terminating.dienstverlener()
    connector = aiohttp.TCPConnector(ssl=await asyncio.to_thread(dv.tls))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(
            f"https://127.0.0.1:{terminating.ports.servers}/health/ready", server_hostname="rv.localhost"
        ) as answer,
    ):
        assert answer.status == 404
    await settle()


def test_the_package_is_the_real_one() -> None:
    """Not a stand-in."""
    assert "HAProxy" in subprocess.run([HAPROXY, "-v"], capture_output=True, text=True, timeout=10, check=True).stdout
    assert shutil.which(HAPROXY)
