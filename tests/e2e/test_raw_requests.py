"""Bytes that are no HTTP, or HTTP that two readers could read differently: refused, alone, and without noise."""

import asyncio
import json
import time

import pytest

from tests.support.chain.browser import settle

START = b"POST /saml/sso HTTP/1.1\r\nHost: rv.localhost\r\n"
SECOND = b"GET /saml/metadata HTTP/1.1\r\nHost: rv.localhost\r\n\r\n"
"""What would be smuggled: nothing of its answer may come."""
CHUNKED = START + b"Transfer-Encoding: chunked\r\n"
AMBIGUOUS = {
    "length and chunked": CHUNKED + b"Content-Length: 6\r\n\r\n0\r\n\r\nG",
    "chunked and length": START + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5c\r\n",
    "two lengths": START + b"Content-Length: 6\r\nContent-Length: 5\r\n\r\nabcdef",
    "a sign": START + b"Content-Length: +6\r\n\r\nabcdef",
    "an underscore": START + b"Content-Length: 1_0\r\n\r\nabcdef",
    "another coding": START + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two codings": CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked twice": START + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "identity": START + b"Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc",
    "bare line feeds": START.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n",
    "space before the colon": START + b"Content-Length : 3\r\n\r\nabc",
    "a folded header": START + b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "a line feed in a chunk": CHUNKED + b"\r\n1;a\nX\r\na\r\n0\r\n\r\n",
    "a chunk of less than nothing": CHUNKED + b"\r\n-1\r\na\r\n0\r\n\r\n",
    "a chunk in C": CHUNKED + b"\r\n0x1\r\na\r\n0\r\n\r\n",
    "a chunk that goes on": CHUNKED + b"\r\n1\r\naX\r\n0\r\n\r\n",
    "a NUL": START + b"X: a\0b\r\nContent-Length: 0\r\n\r\n",
    "no host": b"GET /saml/metadata HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /saml/metadata HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n",
    "bytes in a path": b"GET /login/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
}


async def exchange(chain, data: bytes) -> bytes:
    """Everything that comes back until the other side is done."""
    reader, writer = await asyncio.open_connection("127.0.0.1", chain.world.ports.rv_front)
    writer.write(data)
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    await settle()
    return answer


class Lines:
    """The log lines that come from now on."""

    def __init__(self, chain) -> None:
        self._file, self._before = chain.log, len(chain.log.read_bytes())

    def _new(self) -> list[dict]:
        return [json.loads(line) for line in self._file.read_bytes()[self._before :].split(b"\n")[:-1]]

    def until(self, event: str) -> list[dict]:
        """Those until one of that event is there."""
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            found = self._new()
            if event in [line["event"] for line in found]:
                return found
            time.sleep(0.02)
        raise AssertionError(f"no {event!r} in the log")


@pytest.mark.attack("S53", "S90", "S91")
@pytest.mark.parametrize("name", AMBIGUOUS)
async def test_what_two_readers_could_read_differently_gets_one_answer(chain, name):
    """400, and the connection ends: what stood behind it is not read. No error and no traceback is logged, so that
    nobody can fill the log or raise an alarm with a few bytes.
    """
    lines = await asyncio.to_thread(Lines, chain)
    answer = await exchange(chain, AMBIGUOUS[name] + SECOND)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert answer.count(b"HTTP/1.") == 1
    assert b"EntityDescriptor" not in answer
    told = await asyncio.to_thread(lines.until, "request")
    assert {line["level"] for line in told} <= {"info", "warning"}
    assert not any("exception" in line for line in told)
    assert [line["status"] for line in told if line["event"] == "request"] == [400]


async def test_what_is_read_in_one_way_is_answered(chain):
    """The positive twin: two requests, one after the other, get two answers."""
    ends = SECOND.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answer = await exchange(chain, SECOND + ends)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.count(b"</md:EntityDescriptor>") == 2


@pytest.mark.attack("S90")
async def test_no_host_that_a_client_names_comes_back(chain):
    """Neither from Host, nor from what a proxy might add, nor from an address in the request line."""
    evil = b"Host: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\n"
    evil += b"Forwarded: host=evil.example\r\nConnection: close\r\n\r\n"
    for target in (b"/saml/metadata", b"http://evil.example/saml/metadata", b"/login/x", b"//evil.example/%2e%2e"):
        answer = await exchange(chain, b"GET " + target + b" HTTP/1.1\r\n" + evil)
        assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 404", b"HTTP/1.1 410"))
        assert b"evil" not in answer
        assert b"gopher" not in answer


@pytest.mark.attack("S53", "S91")
async def test_a_client_that_goes_away_is_no_outage(chain):
    """Half a body and then nothing: a refused request in the log, and not something that is out of reach."""
    lines = await asyncio.to_thread(Lines, chain)
    with chain.refusals() as codes:
        _, writer = await asyncio.open_connection("127.0.0.1", chain.world.ports.rv_front)
        writer.write(START + b"Content-Length: 1000\r\n\r\nSAML")
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.transport.abort()
        told = await asyncio.to_thread(lines.until, "request refused")
    assert codes == ["http.body"]
    assert {line["level"] for line in told} <= {"info", "warning"}
