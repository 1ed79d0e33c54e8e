"""Rules of HTTP: each to its status and code, each beside what is let through."""

import asyncio
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import MultiDict

from routeringsvoorziening.transport.errors import RequestRefused
from routeringsvoorziening.transport.limits import (
    RequestBounds,
    check_content_type,
    single,
    single_or_none,
)


def post(body: bytes, *headers: str) -> bytes:
    """A POST with a Content-Length."""
    lines = ["POST / HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_body_within_the_bound_arrives(serve, connect):
    """A body of exactly the bound is handed to the handler."""
    raw = await connect(await serve(requests=RequestBounds(body_bytes=100)))
    await raw.send(post(b"x" * 100))
    assert await raw.status() == 200
    assert await raw.reader.readexactly(100) == b"x" * 100


@pytest.mark.attack("S53")
async def test_announced_large_body_is_refused_unread(serve, connect):
    """One that says it is larger is refused before a byte of it is read."""
    raw = await connect(await serve(requests=RequestBounds(body_bytes=100)))
    await raw.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
    assert await raw.status() == 413


@pytest.mark.attack("S53")
async def test_unannounced_large_body_is_refused(serve, connect):
    """A chunked body is counted while it comes in."""
    raw = await connect(await serve(requests=RequestBounds(body_bytes=100)))
    await raw.send(
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"ff\r\n" + b"x" * 255 + b"\r\n"
    )
    assert await raw.status() == 413


@pytest.mark.attack("S53")
@pytest.mark.parametrize(
    ("framing", "body"),
    [(b"Content-Length: 60", b"x" * 60), (b"Transfer-Encoding: chunked", b"3c\r\n" + b"x" * 60 + b"\r\n0\r\n\r\n")],
)
async def test_a_route_may_have_a_bound_of_its_own(serve, connect, framing, body):
    """Announced or counted, below the one that holds for all."""
    for most, status in ((60, 200), (59, 413)):
        raw = await connect(await serve(requests=RequestBounds(body_bytes=100, body_bytes_of={"/{tail}": most})))
        await raw.send(b"POST / HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n" + body)
        assert await raw.status() == status


@pytest.mark.attack("S53")
async def test_slow_body_is_cut_off(serve, connect):
    """A body that drips is ended at its deadline with 408, and so is the connection."""
    listener = await serve(requests=RequestBounds(body_seconds=0.15))
    raw = await connect(listener)
    started = time.monotonic()
    await raw.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    answer = asyncio.create_task(raw.status())
    while not answer.done():
        await raw.send(b"x")
        await asyncio.sleep(0.02)
    assert await answer == 408
    assert time.monotonic() - started < 2
    await raw.rest()
    assert time.monotonic() - started < 4


@pytest.mark.attack("S53")
async def test_chunk_extensions_do_not_buy_time(serve, connect):
    """Endless trailers are part of the body: they end at its deadline."""
    raw = await connect(await serve(requests=RequestBounds(body_seconds=0.15)))
    await raw.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    answer = asyncio.create_task(raw.status())
    while not answer.done():
        await raw.send(b"X-T: a\r\n")
        await asyncio.sleep(0.02)
    assert await answer in {400, 408}


async def test_broken_framing_is_400(serve, connect):
    """A chunk without a length is a bad request, not a mishap of ours."""
    raw = await connect(await serve())
    await raw.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n")
    assert await raw.status() == 400


@pytest.mark.attack("S49")
async def test_compressed_body_is_refused(serve, connect):
    """What is not unpacked cannot explode."""
    raw = await connect(await serve())
    await raw.send(post(b"\x1f\x8b\x08", "Content-Encoding: gzip"))
    assert await raw.status() == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
async def test_unknown_methods_are_405(serve, connect, method):
    """Only GET, HEAD and POST exist, and the answer says so."""
    raw = await connect(await serve())
    await raw.send(f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head = await raw.head()
    assert head.split()[1] == b"405"
    assert b"Allow: GET, HEAD, POST" in head


async def test_slow_handler_is_503(serve, connect):
    """A handler above its deadline is cancelled, and the client may come back."""
    cancelled = asyncio.Event()

    async def hang(_request: web.Request) -> web.Response:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()
        raise AssertionError

    raw = await connect(await serve(hang, requests=RequestBounds(seconds=0.1)))
    await raw.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    head = await raw.head()
    assert head.split()[1] == b"503"
    assert b"Retry-After: 5" in head
    assert cancelled.is_set()


def test_single_gives_the_one_value():
    """A parameter that occurs once is given."""
    assert single(MultiDict([("SAMLart", "a"), ("RelayState", "b")]), "SAMLart") == "a"


@pytest.mark.parametrize(
    ("pairs", "code"),
    [([], "http.parameter-missing"), ([("a", "1"), ("a", "1")], "http.parameter-repeated")],
)
def test_single_refuses_none_and_two(pairs, code):
    """None is missing, and two are refused even when they are equal."""
    with pytest.raises(RequestRefused) as refused:
        single(MultiDict(pairs), "a")
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert "parameter" in refused.value.detail, "a text of ours, and nothing that the client named"


def test_single_or_none_allows_absence_only():
    """The optional form: absent is None, two are still refused."""
    assert single_or_none(MultiDict(), "a") is None
    with pytest.raises(RequestRefused, match="Bad Request"):
        single_or_none(MultiDict([("a", "1"), ("a", "2")]), "a")


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("sent", [FORM, f"{FORM}; charset=utf-8"])
def test_content_type_of_the_list_passes(sent):
    """Parameters of the type do not matter."""
    check_content_type(make_mocked_request("POST", "/", {"Content-Type": sent}), {FORM})


@pytest.mark.parametrize("headers", [[], [("Content-Type", "text/xml")], [("Content-Type", FORM)] * 2])
def test_other_content_types_are_refused(headers):
    """Absent, other and repeated are refused alike."""
    with pytest.raises(RequestRefused) as refused:
        check_content_type(make_mocked_request("POST", "/", MultiDict(headers)), {FORM})
    assert (refused.value.code, refused.value.status) == ("http.content-type", 415)
