"""Forms, queries and media types: UTF-8, few, once, and never at a cost that the client chooses."""

import re
import time
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

import routeringsvoorziening
from routeringsvoorziening.transport.errors import RequestRefused
from routeringsvoorziening.transport.forms import FORM_TYPE, form_fields, media_type, posted_form, query_of
from routeringsvoorziening.transport.limits import single
from tests.support.hostile_forms import HOSTILE

AT_ONCE = 0.05
"""Seconds of processor time, for both sides of a request."""


async def choice(request: web.Request) -> web.Response:
    """Answer with a field."""
    return web.Response(text=single(await posted_form(request), "choice"))


def post(content_type: str, body: bytes) -> bytes:
    """One request."""
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def refused(body: bytes) -> str:
    with pytest.raises(RequestRefused) as caught:
        form_fields(body)
    assert caught.value.status == 400
    return caught.value.code


@pytest.mark.parametrize("parameter", ["", ";", "; charset=utf-8", ';charset="UTF-8"'])
async def test_a_form_in_utf_8_is_read(serve, connect, parameter):
    """With or without saying so."""
    raw = await connect(await serve(choice))
    await raw.send(post(f"{FORM_TYPE}{parameter}", b"choice=caf%C3%A9+d%26&other="))
    assert await raw.status() == 200
    assert await raw.reader.readexactly(8) == "café d&".encode()


@pytest.mark.attack("S53")
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_form_is_refused_at_once(serve, connect, name):
    """4xx and never a mishap of ours, before anything is decoded by a codec that the client chose."""
    raw = await connect(await serve(choice))
    started = time.process_time()
    await raw.send(post(*HOSTILE[name]))
    assert await raw.status() in {400, 415}
    assert time.process_time() - started < AT_ONCE


@pytest.mark.attack("S53")
@pytest.mark.parametrize("body", [b"c" * 60_000 + b"-" + b"a" * 200_000, b"&" * 262_000, b"a=%41" * 52_000])
@pytest.mark.parametrize("charset", ["", "; charset=punycode", "; charset=utf-8"])
async def test_a_large_form_costs_little(serve, connect, body, charset):
    """A quarter of a megabyte in the worst of codecs, or of fields, holds nobody up."""
    raw = await connect(await serve(choice))
    started = time.process_time()
    await raw.send(post(FORM_TYPE + charset, body))
    assert await raw.status() in {400, 415}
    assert time.process_time() - started < AT_ONCE


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a=\xff", "http.form"),
        (b"a=%ff", "http.form"),
        (b"a=1&a=1", "http.parameter-repeated"),
        (b"&".join(b"a%d=" % number for number in range(17)), "http.parameters"),
    ],
)
def test_each_rule_has_its_code(body, code):
    """No text, repeated, too many."""
    assert refused(body) == code


def test_sixteen_fields_are_enough():
    """The positive twin; and nothing is lost in an encoding that keeps every byte."""
    assert len(form_fields(b"&".join(b"a%d=" % number for number in range(16)))) == 16
    assert form_fields(b"a=%ff", "latin-1") == {"a": "\xff"}


def test_a_query_is_read_once():
    """Every parameter with its value."""
    assert query_of(make_mocked_request("GET", "/?a=1&b=")) == {"a": "1", "b": ""}


@pytest.mark.attack("S53", "S72")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("a=1&a=1", "http.parameter-repeated"),
        ("&".join(f"a{number}" for number in range(17)), "http.parameters"),
        ("&".join(f"a{number}" for number in range(1_400)), "http.parameters"),
        ("a=1&" * 2_000, "http.parameters"),
    ],
    ids=["repeated", "seventeen", "as many as fit", "repeated as often as fits"],
)
def test_a_query_is_bounded(query, code):
    """In number, and so in time."""
    request, started = make_mocked_request("GET", f"/?{query}"), time.process_time()
    with pytest.raises(RequestRefused) as caught:
        query_of(request)
    assert caught.value.code == code
    assert time.process_time() - started < AT_ONCE


def test_a_media_type_is_plain_text():
    """In lower case, without parameters."""
    assert media_type(make_mocked_request("POST", "/", {"Content-Type": " Text/XML ;charset=utf-8"})) == "text/xml"
    assert media_type(make_mocked_request("POST", "/")) == ""


@pytest.mark.attack("S53")
def test_nobody_reads_a_request_by_the_library_s_own_readers():
    """They decode by the codec, and parse by the rules of mail, that a client chooses."""
    package = Path(routeringsvoorziening.__file__).parent
    forbidden = re.compile(r"request\.(post\(|content_type|charset|text\(|json\(|multipart\()")
    assert [str(each) for each in package.rglob("*.py") if forbidden.search(each.read_text())] == []
