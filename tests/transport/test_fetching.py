"""Fetching what others point at: https, outwards, bounded; every other way has its own reason (S84)."""

import asyncio
import socket
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.transport.addresses import AddressForbidden, AddressPolicy, GuardedResolver
from routeringsvoorziening.transport.client import ClientBounds
from routeringsvoorziening.transport.errors import BadAnswer, Forbidden, Unreachable
from routeringsvoorziening.transport.fetching import DocumentFetcher, check_url

ANYWHERE = AddressPolicy(anywhere=True)
PUBLIC = AddressPolicy()


@pytest.fixture
async def make_fetcher():
    """A function that makes fetchers which are closed with the test."""
    made: list[DocumentFetcher] = []

    def make(policy: AddressPolicy = ANYWHERE, **bounds) -> DocumentFetcher:
        made.append(DocumentFetcher(policy, bounds=ClientBounds(**bounds)))
        return made[-1]

    yield make
    for fetcher in made:
        await fetcher.close()
    await asyncio.sleep(0)


@pytest.fixture
def serve_once(serve_bytes):
    """As `serve_bytes`, for a document of a dienstverlener."""

    async def start(answer: bytes, *, hang: bool = False) -> str:
        return (await serve_bytes(answer, hang=hang)).replace("localhost", "dv.localhost") + "metadata"

    return start


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_a_document_comes_whole(serve_once, make_fetcher) -> None:
    """The body of a 200."""
    url = await serve_once(http("200 OK", b"<md/>"))
    assert await make_fetcher().fetch(url) == b"<md/>"


@pytest.mark.attack("S84")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http("302 Found", b"", "Location: http://169.254.169.254/"), "redirect"),
        (http("404 Not Found"), "http-status"),
        (http("204 No Content"), "http-status"),
        (http("200 OK", b"x" * 2000), "too-large"),
        (http("200 OK", b"x", "Content-Encoding: gzip"), "content-encoding"),
    ],
)
async def test_another_answer_is_no_document(serve_once, make_fetcher, answer: bytes, reason: str) -> None:
    """A redirect is not followed, and what is too much is not read."""
    with pytest.raises(BadAnswer) as caught:
        await make_fetcher(response_bytes=1000).fetch(await serve_once(answer))
    assert caught.value.reason == reason


@pytest.mark.attack("S84")
async def test_a_slow_answer_is_given_up(serve_once, make_fetcher) -> None:
    """At the deadline."""
    with pytest.raises(Unreachable) as caught:
        await make_fetcher(total=0.05).fetch(await serve_once(b"HTTP/1.1 200 OK\r\n", hang=True))
    assert caught.value.reason == "timeout"


@pytest.mark.attack("S84")
@pytest.mark.parametrize(
    "url",
    [
        "http://metadata.example/",
        "http://dv.localhost/",
        "file:///etc/passwd",
        "ftp://metadata.example/",
        "//metadata.example/",
        "https://user@metadata.example/",
        "https://metadata.example/#part",
        "https:///x",
        "https://metadata.example:99999/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://[::]/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://224.0.0.1/",
        "https://metadata.example/\n",
    ],
)
async def test_no_other_address_is_asked(make_fetcher, url: str) -> None:
    """Another scheme, something hidden in the URL, or an address that is not public; nothing is sent."""
    with pytest.raises(Forbidden) as caught:
        await make_fetcher(PUBLIC).fetch(url)
    assert caught.value.reason == "net.forbidden"


@pytest.mark.parametrize(
    "url", ["https://metadata.example/dv.xml?v=1", "https://8.8.8.8/", "https://[2001:4860:4860::8888]/"]
)
def test_public_addresses_may_be_asked(url: str) -> None:
    """By name and by number."""
    check_url(url, PUBLIC)


@pytest.mark.attack("S84")
@pytest.mark.parametrize("host", ["localhost", "metadata.localhost", "127.0.0.1.", "2130706433", "0x7f.1"])
async def test_a_name_that_points_inwards_is_not_followed(make_fetcher, host: str) -> None:
    """The addresses that are connected to are judged, whatever the name looks like."""
    with pytest.raises((Forbidden, Unreachable)) as caught:
        await make_fetcher(PUBLIC).fetch(f"https://{host}/")
    assert caught.value.reason in {"net.forbidden", "refused"}


@pytest.mark.attack("S84")
async def test_a_name_with_one_address_inside_is_refused(monkeypatch, make_fetcher) -> None:
    """DNS rebinding: a public address beside a private one."""

    async def both(self, host, port=0, family=socket.AF_INET):
        return [{"hostname": host, "host": each, "port": port} for each in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr("routeringsvoorziening.transport.resolver.LocalhostResolver.resolve", both)
    with pytest.raises(Forbidden):
        await make_fetcher(PUBLIC).fetch("https://metadata.example/")
    resolver = GuardedResolver(AddressPolicy(networks=(ip_network("10.0.0.0/8"),)))
    assert len(await resolver.resolve("metadata.example")) == 2
    await resolver.close()


def allowed(address: str) -> bool:
    try:
        PUBLIC.check(address)
    except AddressForbidden:
        return False
    return True


@given(st.integers(0, 2**32 - 1))
def test_what_is_forbidden_is_so_in_every_form(number: int) -> None:
    """IPv4 as such, mapped into IPv6, and behind NAT64."""
    plain = socket.inet_ntoa(number.to_bytes(4, "big"))
    if not allowed(plain):
        assert not allowed(f"::ffff:{plain}")
        assert not allowed(f"64:ff9b::{plain}")
