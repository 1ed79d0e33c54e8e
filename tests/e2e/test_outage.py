"""One login method hangs under load, up to its own bounds; the others do not notice. Told by counts, not by clocks."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from unittest import mock

import pytest
from aiohttp import web

from routeringsvoorziening import server
from routeringsvoorziening.simulators.declaring.faults import Fault
from routeringsvoorziening.simulators.declaring.scene import Scene
from routeringsvoorziening.simulators.world.layout import BUSINESS, DIGID, HM
from routeringsvoorziening.transport.client import BoundedClient, ClientBounds
from tests.support.chain import crossing
from tests.support.chain.browser import Browser, Page
from tests.support.chain.reading import statuses
from tests.support.chain.representing import answer, forms, scoping
from tests.support.chain.running import Chain, running_chain

AT_ONCE = 4
WAITING = ClientBounds().queued
TOO_MANY = 6
CROWD = AT_ONCE + WAITING + TOO_MANY
OTHERS = 6
"""Logins at once by each of the other methods; each does so twice."""
PAUSE = 600
CALLS = {"timeout": 60, "concurrent": AT_ONCE, "breaker": {"failures": 3, "pause": PAUSE}}
"""Nothing here takes so long: the test decides when the makelaar hangs up."""
PATIENCE = 30.0
SUCCESS = ("Success", None, None)


@dataclass
class Watched:
    """A chain, and what happens between the RV and the services.

    Args:
        house: the rooms of the RV.
        under_way: calls of each client at this moment.
        most: as many as there ever were.
        waited: times that a call found every turn taken.
    """

    chain: Chain
    house: server.House
    under_way: Counter[BoundedClient] = field(default_factory=Counter)
    most: Counter[BoundedClient] = field(default_factory=Counter)
    waited: Counter[BoundedClient] = field(default_factory=Counter)

    def client(self, service: str) -> BoundedClient:
        """The one with which the RV calls a service."""
        settings = next(
            each for name, each in self.house.configuration.authentication_services.items() if name == service
        )
        found = self.house.clients.made(self.house.configuration, settings)
        assert found is not None
        return found

    def codes(self) -> Counter[str]:
        """Of every login that was set back."""
        return Counter(each["code"] for each in self.chain.audited("login.set-back"))


@dataclass
class Hanging:
    """A makelaar that says nothing until it hangs up."""

    asked: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def hold(self, request: web.Request, _: bytes, __: Scene) -> web.StreamResponse:
        """Wait, then close the connection without a word."""
        self.asked += 1
        await self.over.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> Iterator[Watched]:
    """With an eye on the turns that calls take."""
    houses: list[server.House] = []
    furnish, ask, wait = server._furnish, BoundedClient._ask, BoundedClient._wait_for_turn

    async def furnished(*arguments):
        houses.append(await furnish(*arguments))
        return houses[-1]

    async def asked(client, *arguments):
        seen.under_way[client] += 1
        seen.most[client] = max(seen.most[client], seen.under_way[client])
        try:
            return await ask(client, *arguments)
        finally:
            seen.under_way[client] -= 1

    async def waited(client):
        seen.waited[client] += client._turns.locked()
        await wait(client)

    changes = {"authentication_services": {"eherkenning": {"calls": CALLS}}}
    with (
        mock.patch.object(server, "_furnish", furnished),
        mock.patch.object(BoundedClient, "_ask", asked),
        mock.patch.object(BoundedClient, "_wait_for_turn", waited),
        running_chain(tmp_path_factory.mktemp("outage") / "world", **changes) as chain,
    ):
        seen = Watched(chain, houses[0])
        yield seen


async def at_makelaar(chain: Chain, browser: Browser) -> Page:
    """From the dienstverlener to the makelaar's page."""
    page = await browser.submit(await chain.dienstverlener().begin(browser, service="13"))
    return await browser.follow(page)


async def log_in(browser: Browser, page: Page) -> Page:
    """At the makelaar's page: the redirect back to the RV, not yet followed."""
    return await browser.submit(page, capacity="bram", means="loa3", action="login")


async def by_eherkenning(chain: Chain) -> tuple[str | None, ...]:
    """A whole login."""
    async with Browser() as browser:
        back = await log_in(browser, await at_makelaar(chain, browser))
        return statuses(await answer(chain.dienstverlener(), await browser.follow(back)))


async def by_digid(chain: Chain) -> tuple[str | None, ...]:
    """A whole login."""
    async with Browser() as browser:
        dv = chain.dienstverlener()
        return statuses(await answer(dv, await dv.artifact(browser, inside=scoping(DIGID.entity_id))))


async def by_eidas(chain: Chain) -> tuple[str | None, ...]:
    """A whole login."""
    async with Browser() as browser:
        dv = chain.dienstverlener()
        return statuses(await answer(dv, await crossing.artifact(dv, browser, service=str(BUSINESS.index))))


async def others_go_on(chain: Chain) -> list[tuple[str | None, ...]]:
    """Many logins by the two other methods, twice."""
    found: list[tuple[str | None, ...]] = []
    for _ in range(2):
        ways = (way(chain) for way in (by_digid, by_eidas) for _ in range(OTHERS))
        found += await asyncio.gather(*ways)
    return found


async def until(true) -> None:
    """Something becomes true; the patience only ends a test that has failed."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what it looks at belongs to other threads
            await asyncio.sleep(0.02)


@pytest.mark.eis("ERR-07", "ERR-08")
@pytest.mark.attack("S79")
async def test_a_method_that_hangs_under_load_takes_nothing_from_the_others(watched: Watched) -> None:
    """As many wait for the makelaar as may; DigiD and eIDAS have all their turns, and nobody works at waiting."""
    chain, hanging = watched.chain, Hanging()
    loop = chain.loop
    assert loop is not None
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(Browser()) for _ in range(CROWD)]
        limited = asyncio.Semaphore(8)

        async def on_the_way_back(browser: Browser) -> Page:
            async with limited:
                return await log_in(browser, await at_makelaar(chain, browser))

        backs = await asyncio.gather(*map(on_the_way_back, browsers))
        chain.makelaar_faults._on["hold"] = Fault("hold", "", "", on_wire=hanging.hold)
        crowd = [asyncio.create_task(each.follow(back)) for each, back in zip(browsers, backs, strict=True)]
        makelaar = watched.client("eherkenning")
        await until(lambda: hanging.asked == AT_ONCE and makelaar._waiting == WAITING)
        await until(lambda: sum(each.done() for each in crowd) == TOO_MANY)
        assert watched.codes() == {"backend.overloaded": TOO_MANY}

        assert await others_go_on(chain) == [SUCCESS] * OTHERS * 4

        assert (hanging.asked, makelaar._waiting, watched.under_way[makelaar]) == (AT_ONCE, WAITING, AT_ONCE)
        for lane in (watched.house.lanes.front, watched.house.lanes.back):
            assert (lane.pending, lane.lost) == (0, 0)
        for service in ("digid", "eidas"):
            client = watched.client(service)
            assert client is not makelaar
            assert watched.most[client] > 0
            assert (watched.waited[client], client.breaker.state) == (0, "closed")
        assert watched.most[makelaar] == AT_ONCE

        loop.call_soon_threadsafe(hanging.over.set)
        assert {page.status for page in await asyncio.gather(*crowd)} == {303}
        assert watched.codes() == {"backend.overloaded": TOO_MANY, "backend.refused": AT_ONCE + WAITING}
        assert makelaar.breaker.state == "open"
        await nobody_is_sent_there_until_it_is_back(watched, browsers[0])
    assert b"rv_bound_reached_total{" not in await metrics(chain)


async def nobody_is_sent_there_until_it_is_back(watched: Watched, browser: Browser) -> None:
    """It hears of nobody for a while; then the same person gets in, and the next one too."""
    chain, breaker = watched.chain, watched.client("eherkenning").breaker
    chain.makelaar_faults.clear()
    dv, sent = chain.dienstverlener(), len(browser.pages)
    page = await browser.follow(await dv.begin(browser, service="13"))
    assert watched.codes()["backend.breaker-open"] == 1
    assert not any(each.url.startswith(chain.world.front(HM)) for each in browser.pages[sent:])
    assert await others_go_on(chain) == [SUCCESS] * OTHERS * 4
    breaker._clock = lambda: time.monotonic() + PAUSE
    assert breaker.state == "half-open"
    offered = await browser.submit(page, forms(page)["choose"], choice="eherkenning")
    at_page = await browser.follow(await browser.submit(offered))
    home = await browser.follow(await log_in(browser, at_page))
    assert statuses(await answer(dv, home)) == SUCCESS
    assert breaker.state == "closed"
    assert await by_eherkenning(chain) == SUCCESS


async def metrics(chain: Chain) -> bytes:
    """What the RV counts."""
    async with Browser() as browser:
        return (await browser.get(f"{chain.world.rv_management}/metrics")).body
