"""The client: every way in which a service can misbehave, to its own reason."""

import asyncio

import pytest
from aiohttp import web

from routeringsvoorziening.transport.breaker import Breaker
from routeringsvoorziening.transport.client import BoundedClient, ClientBounds
from routeringsvoorziening.transport.errors import BadAnswer, Unreachable
from tests.support.ports import free_ports


@pytest.fixture
async def make_client():
    """A function that makes clients which are closed with the test."""
    made: list[BoundedClient] = []

    def make(breaker: Breaker | None = None, **bounds) -> BoundedClient:
        made.append(BoundedClient(bounds=ClientBounds(**bounds), breaker=breaker))
        return made[-1]

    yield make
    for client in made:
        await client.close()
    await asyncio.sleep(0)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: 2\r\n\r\nhi"


async def test_answer(serve_bytes, make_client):
    """Status, media type without parameters, body."""
    answer = await make_client().post(await serve_bytes(OK), b"body", {})
    assert (answer.status, answer.content_type, answer.body) == (200, "text/xml", b"hi")


async def test_errors_are_answers_too(serve_bytes, make_client):
    """A SOAP fault comes with 500: the caller judges."""
    fault = b"HTTP/1.1 500 No\r\nContent-Type: text/xml\r\nContent-Length: 1\r\n\r\nx"
    assert (await make_client().post(await serve_bytes(fault), b"", {})).status == 500


async def test_what_is_sent(serve, make_client, monkeypatch):
    """Our headers, no cookies, no compression asked, and no proxy of the environment."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    seen: list[web.Request] = []

    async def keep(request: web.Request) -> web.Response:
        seen.append(request)
        answer = web.Response(body=await request.read())
        answer.set_cookie("a", "b")
        return answer

    listener = await serve(keep)
    client = make_client()
    for _ in range(2):
        answer = await client.post(f"http://ad.localhost:{listener.port}/x", b"data", {"SOAPAction": '"x"'})
        assert answer.body == b"data"
    assert seen[1].headers["SOAPAction"] == '"x"'
    assert seen[1].headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in seen[1].headers


async def test_connection_is_kept_open(serve, make_client):
    """Two calls, one connection."""
    peers: set[object] = set()

    async def keep(request: web.Request) -> web.Response:
        peers.add(request.get_extra_info("peername"))
        return web.Response()

    listener = await serve(keep)
    client = make_client()
    for _ in range(2):
        await client.get(f"http://localhost:{listener.port}/")
    assert len(peers) == 1


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@pytest.mark.attack("S79", "S84")
@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "redirect"),
        (b"HTTP/1.1 307 Again\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "redirect"),
        (HEAD + b"Content-Length: 1001\r\n\r\n" + b"x" * 1001, "too-large"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n", "too-large"),
        (HEAD + b"\r\n" + b"x" * 1001, "too-large"),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "content-encoding"),
        (HEAD + b"Content-Length: 10\r\n\r\nhi", "truncated"),
        (b"SMTP 220 hello\r\n\r\n", "malformed"),
    ],
    ids=["302", "307", "announced", "chunked", "until close", "gzip", "truncated", "not http"],
)
async def test_bad_answers(serve_bytes, make_client, sent, reason):
    """Each to its own reason, and none of them opens the breaker: somebody is there."""
    client = make_client(response_bytes=1000)
    url = await serve_bytes(sent)
    with pytest.raises(BadAnswer) as failure:
        await client.post(url, b"", {})
    assert failure.value.reason == reason
    assert client.breaker.state == "closed"


async def test_answer_of_exactly_the_bound_is_read(serve_bytes, make_client):
    """The positive twin."""
    url = await serve_bytes(HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 1000)
    assert len((await make_client(response_bytes=1000).get(url)).body) == 1000


@pytest.mark.attack("S79")
async def test_silence_ends_at_the_deadline(serve_bytes, make_client):
    """A service that accepts and says nothing is a timeout."""
    with pytest.raises(Unreachable) as failure:
        await make_client(total=0.1).get(await serve_bytes(hang=True))
    assert failure.value.reason == "timeout"


@pytest.mark.attack("S79")
async def test_a_dripping_answer_ends_at_the_deadline(serve_bytes, make_client):
    """Byte after byte does not stretch it: the deadline is for the whole."""
    drips = [HEAD + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 1000]
    with pytest.raises(Unreachable) as failure:
        await make_client(total=0.2).get(await serve_bytes(*drips, pause=0.02))
    assert failure.value.reason == "timeout"


async def test_nobody_there_is_refused(make_client):
    """A closed port."""
    (port,) = free_ports(1)
    with pytest.raises(Unreachable) as failure:
        await make_client().get(f"http://localhost:{port}/")
    assert failure.value.reason == "refused"


async def test_a_connection_closed_without_answer_is_refused(serve_bytes, make_client):
    """Somebody hung up."""
    with pytest.raises(Unreachable) as failure:
        await make_client().get(await serve_bytes())
    assert failure.value.reason == "refused"


async def test_concurrency_and_queue_are_bounded(serve, make_client):
    """One at a time, one waiting, and the third hears so at once."""
    gate = asyncio.Event()
    begun = asyncio.Event()
    running: list[int] = []

    async def wait(_request: web.Request) -> web.Response:
        running.append(1)
        begun.set()
        await gate.wait()
        return web.Response(text="ok")

    listener = await serve(wait)
    client = make_client(concurrent=1, queued=1)
    url = f"http://localhost:{listener.port}/"
    first, second = asyncio.create_task(client.get(url)), asyncio.create_task(client.get(url))
    await begun.wait()
    with pytest.raises(Unreachable) as failure:
        await client.get(url)
    assert failure.value.reason == "overloaded"
    assert len(running) == 1
    gate.set()
    assert {(await first).body, (await second).body} == {b"ok"}


async def test_waiting_for_a_turn_counts(serve, make_client):
    """The deadline holds for the wait too."""
    gate = asyncio.Event()

    async def wait(_request: web.Request) -> web.Response:
        await gate.wait()
        return web.Response()

    listener = await serve(wait)
    client = make_client(concurrent=1, queued=5, total=0.15)
    url = f"http://localhost:{listener.port}/"
    outcomes = await asyncio.gather(client.get(url), client.get(url), return_exceptions=True)
    gate.set()
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Unreachable)] == ["timeout", "timeout"]


async def test_a_dead_service_is_left_alone(make_client):
    """After failures in a row the client does not even try."""
    (port,) = free_ports(1)
    client = make_client(Breaker(failures=2, pause=60))
    reasons = []
    for _ in range(3):
        with pytest.raises(Unreachable) as failure:
            await client.get(f"http://localhost:{port}/")
        reasons.append(failure.value.reason)
    assert reasons == ["refused", "refused", "breaker-open"]


@pytest.mark.parametrize(("status", "state"), [(503, "open"), (500, "closed"), (404, "closed")])
async def test_which_statuses_say_that_it_is_down(serve_bytes, make_client, status, state):
    """503 says so itself; 500 may be a SOAP fault about one message."""
    client = make_client(Breaker(failures=1, pause=60))
    await client.get(await serve_bytes(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode()))
    assert client.breaker.state == state


async def test_a_cancelled_trial_call_frees_the_breaker(serve_bytes, make_client):
    """Whoever is cancelled in the half-open state does not keep others out for ever."""
    client = make_client(Breaker(failures=1, pause=0))
    client.breaker.failed(client.breaker.enter())
    task = asyncio.create_task(client.get(await serve_bytes(hang=True)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await client.get(await serve_bytes(OK))).status == 200
