"""Handshakes have a bound of their own: a newcomer takes the place of whoever has had most of them longest."""

import asyncio

import pytest
import uvloop

from routeringsvoorziening.transport.guarding import ConnectionBounds
from routeringsvoorziening.transport.handshakes import Handshakes
from routeringsvoorziening.transport.limits import RequestBounds, bounded_application
from routeringsvoorziening.transport.listeners import Listener
from routeringsvoorziening.transport.tls import client_context, server_context

LOOPS = pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])


async def waiting() -> None:
    """A client that says nothing."""
    await asyncio.sleep(3600)


class Scene:
    """Handshakes by name, and which of them were ended."""

    def __init__(self, most: int) -> None:
        self.handshakes: Handshakes[str] = Handshakes(most)
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def begin(self, name: str) -> bool:
        """One more; its name begins with where it comes from."""
        self.tasks[name] = asyncio.create_task(waiting())
        await asyncio.sleep(0)
        fitted = self.handshakes.add(self.tasks[name], name[0])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return fitted

    def ended(self) -> set[str]:
        """The names of those that had to go."""
        return {name for name, task in self.tasks.items() if task.cancelled()}


@pytest.mark.attack("S53")
async def test_the_oldest_of_whoever_has_most_makes_room() -> None:
    """Of four, three are of one origin: its oldest ends, not the oldest of all; and never more than the bound."""
    scene = Scene(4)
    assert [await scene.begin(name) for name in ("a1", "b1", "b2", "b3")] == [True] * 4
    assert await scene.begin("c1") is False
    assert scene.ended() == {"b1"}
    assert await scene.begin("c2") is False
    assert (scene.ended(), len(scene.handshakes)) == ({"b1", "b2"}, 4)


async def test_a_handshake_that_ended_makes_room_for_another() -> None:
    """The positive twin: nobody has to go."""
    scene = Scene(1)
    await scene.begin("a1")
    scene.tasks["a1"].cancel()
    await asyncio.wait([scene.tasks["a1"]])
    assert await scene.begin("b1") is True
    assert len(scene.handshakes) == 1


@LOOPS
@pytest.mark.attack("S53")
def test_a_flood_of_silent_clients_keeps_nobody_out(pki, new_loop) -> None:
    """Thirty that say nothing, while three handshakes may be under way: the next client gets in, most of the thirty
    are gone, and the bound is counted.
    """

    async def flood() -> None:
        reached: list[str] = []
        app = bounded_application(RequestBounds())
        tls = server_context(pki.server.certificate_file, pki.server.key_file)
        bounds = ConnectionBounds(handshake=60, handshakes=3)
        async with Listener(app, tls=tls, bounds=bounds, on_bound=reached.append) as listener:
            silent = [await asyncio.open_connection("127.0.0.1", listener.port) for _ in range(30)]
            gone = [asyncio.create_task(reader.read()) for reader, _ in silent]
            await asyncio.wait(gone[:27], timeout=5)
            assert [each.done() for each in gone] == [True] * 27 + [False] * 3
            trust = pki.authority.bundle
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port, ssl=client_context(trust))
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 404")
            for each in (writer, *(other for _, other in silent)):
                each.close()
            for each in gone:
                each.cancel()
            await asyncio.gather(*gone, return_exceptions=True)
        assert reached == ["handshakes"] * 28

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(flood())
