"""A server whose dienstverlener and DigiD publish at URLs: it starts without them, and takes them in while it runs."""
# ruff: noqa: PLR0917 - arguments are fixtures

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import aiohttp
import pytest

from routeringsvoorziening.backends.configuring import reload_configuration
from routeringsvoorziening.configuration.kept import KeptCopies
from routeringsvoorziening.renewal.succession import Succession
from routeringsvoorziening.server import RunningServer, running
from routeringsvoorziening.simulators.world.layout import DIGID, PORTAL, ZORG
from tests.support.chain.browser import Browser
from tests.support.chain.dienstverlener import Dienstverlener

DAY = timedelta(days=1)


@pytest.fixture
def serve(setting, clock):
    """Starts a server of the setting; it ends with the context."""

    @asynccontextmanager
    async def start() -> AsyncIterator[RunningServer]:
        async with running(await asyncio.to_thread(setting.load), clock=clock) as server:
            yield server

    return start


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser without cookies."""
    async with Browser() as fresh:
        yield fresh


@pytest.fixture
def hospital(world, clock) -> Dienstverlener:
    """Whose metadata is at a URL."""
    return Dienstverlener(world, ZORG, clock)


@pytest.fixture
def city(world, clock) -> Dienstverlener:
    """Whose metadata is in a file."""
    return Dienstverlener(world, PORTAL, clock)


async def readiness(server: RunningServer) -> tuple[int, str]:
    """Status and what is said of metadata."""
    url = f"http://127.0.0.1:{server.management_port}/health/ready"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        found = answer.status, (await answer.json())["checks"]["metadata"]
    await asyncio.sleep(0)
    return found


def refused(server: RunningServer, code: str) -> float | None:
    return server.metrics.registry.get_sample_value("rv_rejected_messages_total", {"endpoint": "sso", "code": code})


def sample(server: RunningServer, name: str, party: str) -> float | None:
    return server.metrics.registry.get_sample_value(name, {"party": party})


async def moved(succession: Succession) -> None:
    """The configuration in use has the hospital in it."""
    async with asyncio.timeout(60):
        while ZORG.entity_id not in succession.current.connections:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)


async def test_what_is_published_is_in_use_from_the_start(serve, setting, website, browser, hospital) -> None:
    """Without any copy: the start waits for what it cannot do without, and both are there."""
    website.documents |= {"/zorg": setting.zorg, "/digid": setting.digid}
    async with serve() as server:
        page = await hospital.begin(browser, service="1")
        assert (page.status, page.form().action.endswith("/saml/sso")) == (200, True)
        assert sample(server, "rv_metadata_age_seconds", ZORG.entity_id) < 60
        assert sample(server, "rv_metadata_valid_until_seconds", DIGID.entity_id) > 0


@pytest.mark.attack("S85")
async def test_a_good_copy_is_enough_to_start(serve, setting, website, clock, browser, hospital) -> None:
    """While nobody answers at the URLs."""
    kept = KeptCopies(setting.kept)
    for path, document in (("/zorg", setting.zorg), ("/digid", setting.digid)):
        await asyncio.to_thread(kept.write, website.url(path), document, clock())
    async with serve() as server:
        page = await hospital.begin(browser, service="1")
        assert page.status == 200
        assert page.form().fields["SAMLRequest"]
        assert (await readiness(server))[0] == 200


async def test_without_a_copy_the_party_comes_in_later(
    serve, setting, website, browser, hospital, city, clock, overrides
) -> None:
    """Left out, degraded and not dead; as soon as it publishes, it can log people in, and nobody restarted anything."""
    website.documents["/digid"] = setting.digid
    async with serve() as server:
        assert (await hospital.begin(browser, service="1")).status == 400
        assert refused(server, "issuer.unknown") == 1
        assert (await city.begin(browser)).status == 200
        assert await readiness(server) == (200, "degraded")
        website.documents["/zorg"] = setting.zorg
        load = partial(reload_configuration, file=setting.main, at=clock(), overrides=overrides)
        await server.succession.reload(load)
        await moved(server.succession)
        assert (await hospital.begin(browser, service="1")).status == 200


async def test_a_login_goes_on_while_the_configuration_moves(
    serve, setting, website, browser, city, clock, overrides
) -> None:
    """Begun under one configuration, cancelled under the next."""
    website.documents |= {"/zorg": setting.zorg, "/digid": setting.digid}
    async with serve() as server:
        page = await city.begin(browser)
        load = partial(reload_configuration, file=setting.main, at=clock(), overrides=overrides)
        await server.succession.reload(load)
        left = browser.cookies["rv.localhost"]
        assert page.status == 200
        assert left
        leg = page.form().fields["RelayState"]
        url = f"{city.world.rv_front}/saml/acs/digid?RelayState={leg}&SAMLart=nonsense"
        answer = await browser.get(url)
        assert answer.status in {200, 303}
        assert refused(server, "leg.unknown") is None


@pytest.mark.eis("MD-03")
@pytest.mark.attack("S81")
async def test_after_its_end_a_file_is_of_no_use_either(serve, setting, website, clock, browser, city) -> None:
    """A dienstverlener whose file has expired can no longer start a flow; a moment before it could."""
    website.documents |= {"/zorg": setting.zorg, "/digid": setting.digid}
    async with serve() as server:
        ends = server.succession.current.connections[PORTAL.entity_id].metadata.valid_until
        clock.push((ends - clock()).total_seconds() - 30)
        page = await city.begin(browser)
        assert page.status == 200
        clock.push(60)
        page = await city.begin(browser)
        assert page.status == 400
        assert refused(server, "md.expired") == 1
        assert await readiness(server) == (200, "degraded")


@pytest.mark.eis("MD-AD-01", "MD-03")
async def test_after_the_end_of_its_metadata_nobody_is_sent_to_an_ad(
    serve, setting, website, clock, browser, hospital, zorg_at
) -> None:
    """The dienstverlener is still good: the person hears that it cannot be reached, and can go back."""
    website.documents |= {"/zorg": zorg_at(30 * DAY), "/digid": setting.digid}
    async with serve() as server:
        digid = server.succession.current.authentication_services["digid"].metadata
        clock.push((digid.valid_until - clock()).total_seconds() - 30)
        assert "SAMLRequest" in (await hospital.begin(browser, service="1"))
        clock.push(60)
        page = await hospital.begin(browser, service="1")
        assert page.status == 303
        assert page.location.startswith(f"{hospital.world.rv_front}/login/")
        assert "SAMLRequest" not in await browser.follow(page)
