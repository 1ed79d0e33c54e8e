"""One application takes the place of another while the listener listens."""

import asyncio

from aiohttp import web

from routeringsvoorziening.transport.listeners import Listener

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def saying(text: str, ended: list[str], wait: asyncio.Event | None = None) -> web.Application:
    """An application with one answer, that notes its own end."""

    async def answer(_request: web.Request) -> web.Response:
        if wait is not None:
            await wait.wait()
        return web.Response(text=text)

    async def note(_app: web.Application) -> None:
        ended.append(text)

    app = web.Application()
    app.router.add_get("/", answer)
    app.on_cleanup.append(note)
    return app


async def ask(raw) -> str:
    """The answer's text, over a connection that stays open."""
    await raw.send(GET)
    head = await raw.head()
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    return (await raw.reader.readexactly(length)).decode()


async def test_a_connection_that_stays_open_meets_the_new_application(connect) -> None:
    """From the moment of switching, and not before."""
    ended: list[str] = []
    async with Listener(saying("first", ended)) as listener:
        raw = await connect(listener)
        assert await ask(raw) == "first"
        switch = await listener.prepare(saying("second", ended))
        assert await ask(raw) == "first"
        switch()
        assert await ask(raw) == "second"
    assert sorted(ended) == ["first", "second"]


async def test_what_is_under_way_ends_as_it_began(connect) -> None:
    """A request that waits is answered by its own application, which is cleaned up only then."""
    ended: list[str] = []
    wait = asyncio.Event()
    async with Listener(saying("first", ended)) as listener:
        (await listener.prepare(saying("second", ended, wait)))()
        raw = await connect(listener)
        waiting = asyncio.create_task(ask(raw))
        await asyncio.sleep(0.05)
        (await listener.prepare(saying("third", ended)))()
        assert await ask(await connect(listener)) == "third"
        assert ended == []
        wait.set()
        assert await waiting == "second"
        await asyncio.sleep(0.01)
        assert ended == ["second"]


async def test_many_switches_keep_nothing(connect) -> None:
    """Every application that was replaced has been cleaned up, but for the first, which goes with the listener."""
    ended: list[str] = []
    async with Listener(saying("0", ended)) as listener:
        for number in range(1, 20):
            (await listener.prepare(saying(str(number), ended)))()
        await asyncio.sleep(0.05)
        assert len(ended) == 18
        assert await ask(await connect(listener)) == "19"
    assert len(ended) == 20
