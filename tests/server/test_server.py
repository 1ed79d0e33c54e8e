"""The composition root: what listens where, what it is made of, and that it lets go of everything."""

import asyncio
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import aiohttp
import pytest

from routeringsvoorziening import lanes as lanes_module
from routeringsvoorziening.backends.digid.service import DigiD
from routeringsvoorziening.backends.registry import METHODS
from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.lanes import BoundedPool, Lanes
from routeringsvoorziening.observability.health import CheckFailed, PartlyWell
from routeringsvoorziening.saml.certificates import load_trust_bundle
from routeringsvoorziening.saml.metadata.reading import read_identity_provider, read_routing_dienst
from routeringsvoorziening.server import RunningServer, our_metadata, running
from routeringsvoorziening.simulators.world.layout import PORTAL, RV, World
from routeringsvoorziening.transport.tls import client_context
from tests.support.chain.clock import PushedClock
from tests.support.pki import pki


async def test_it_is_alive_and_ready(
    server: RunningServer, http: aiohttp.ClientSession, configuration: Configuration
) -> None:
    """The management listener says so, check by check."""
    async with http.get(f"http://127.0.0.1:{server.management_port}/health/ready") as answer:
        assert answer.status == 200
        metadata = "degraded" if configuration.left_out_mandates else "ok"
        checks = {"running": "ok", "store": "ok", "crypto": "ok", "metadata": metadata}
        assert (await answer.json())["checks"] == checks


async def test_its_numbers_can_be_collected(server: RunningServer, http: aiohttp.ClientSession) -> None:
    """Certificates of ourselves and of the others are among them, with the days they have left."""
    async with http.get(f"http://127.0.0.1:{server.management_port}/metrics") as answer:
        text = await answer.text()
    for party in (RV, PORTAL):
        assert 'rv_certificate_days_left{key="' in text
        assert f'party="{party.entity_id}"' in text


@pytest.mark.eis("MD-RD-01", "MD-SP-01")
@pytest.mark.parametrize(("path", "audience"), [("/saml/metadata", "dv"), ("/saml/metadata/sp", "ad")])
async def test_its_metadata_is_served_and_trusted(  # noqa: PLR0917
    server: RunningServer,
    http: aiohttp.ClientSession,
    configuration: Configuration,
    world: World,
    path: str,
    audience: str,
) -> None:
    """Both documents read by every rule; what the command line writes says the same."""
    async with http.get(world.rv_front + path) as answer:
        assert (answer.status, answer.content_type) == (200, "application/samlmetadata+xml")
        served = await answer.read()
    now = datetime.now(UTC)
    read = partial(read_identity_provider, role="RD") if audience == "dv" else read_routing_dienst
    trusted = partial(read, trust=load_trust_bundle(pki().trust_pem), at=now, allow_loopback=True)
    written = await asyncio.to_thread(our_metadata, configuration, audience, valid_until=now + timedelta(days=7))
    first, second = await asyncio.to_thread(trusted, served), await asyncio.to_thread(trusted, written)
    assert _without_expiry(first) == _without_expiry(second)


def _without_expiry(read: object) -> object:
    provider = getattr(read, "service_provider", read)
    return replace(provider, valid_until=None), getattr(read, "dienstverleners", None)


@pytest.mark.eis("TLS-03", "RES-01")
@pytest.mark.attack("S77")
async def test_the_back_channel_wants_a_certificate(
    server: RunningServer, http: aiohttp.ClientSession, world: World
) -> None:
    """Without one the handshake fails; with one, an empty message gets a fault and not a Response."""
    url = f"{world.rv_back}/saml/artifact"
    without = await asyncio.to_thread(client_context, world.trust_bundle)
    with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
        await http.post(url, data=b"", ssl=without)
    files = world.files(PORTAL)
    tls = await asyncio.to_thread(
        client_context, world.trust_bundle, certificate=files.certificate("tls"), key=files.key("tls")
    )
    async with http.post(url, data=b"", ssl=tls, headers={"Content-Type": "text/xml"}) as answer:
        assert answer.status == 400
        assert b"Fault" in await answer.read()


async def test_the_front_channel_does_not_serve_the_back_channel(
    server: RunningServer, http: aiohttp.ClientSession, world: World
) -> None:
    """An ArtifactResolve at the browsers' side finds nothing."""
    async with http.post(f"{world.rv_front}/saml/artifact", data=b"<x/>") as answer:
        assert answer.status == 404


@pytest.mark.eis("GEN-07", "ERR-06")
async def test_nonsense_gets_a_page_with_a_reference(
    server: RunningServer, http: aiohttp.ClientSession, world: World
) -> None:
    """400, a page, a number to read out; no redirect; and a count with the code."""
    async with http.post(f"{world.rv_front}/saml/sso", data={"SAMLRequest": "%%%"}, allow_redirects=False) as answer:
        assert (answer.status, answer.content_type) == (400, "text/html")
        assert "RV-" in await answer.text()
    counted = server.metrics.registry.get_sample_value(
        "rv_rejected_messages_total", {"endpoint": "sso", "code": "msg.encoding"}
    )
    assert counted == 1.0


async def test_it_lets_go_of_its_ports(configuration: Configuration, clock: PushedClock) -> None:
    """What was stopped can be started again on the same ports; a second one beside it cannot, and leaves no trace."""
    for _ in range(2):
        async with running(configuration, clock=clock):
            with pytest.raises(OSError, match="address already in use"):
                await running(configuration, clock=clock).__aenter__()


async def test_a_full_pool_is_a_bound_that_was_reached() -> None:
    """Who comes when the crypto pool is full gets 503 and not an error; what was earned is still done."""
    pool = BoundedPool("front", max_pending=0)
    with pytest.raises(TooBusy) as caught:
        await pool.run(int)
    assert caught.value.bound == "crypto-front"
    with pytest.raises(TooBusy):
        pool.check_room()
    assert await pool.run_earned(int) == 0
    pool.close()
    with pytest.raises(TooBusy):
        await pool.run_earned(int)


async def test_strangers_do_not_fill_the_lane_of_who_is_known() -> None:
    """With the front lane busy and full, the back lane works at once."""
    lanes, gate = Lanes.of(workers=1, max_pending=2), threading.Event()
    strangers = [asyncio.create_task(lanes.front.run(gate.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await lanes.front.run(int)
    assert await lanes.back.run(int) == 0
    gate.set()
    await asyncio.gather(*strangers)
    lanes.close()


@pytest.mark.parametrize("earned", [False, True])
async def test_a_call_that_hangs_is_no_outage_of_others(monkeypatch: pytest.MonkeyPatch, *, earned: bool) -> None:
    """503 under a name of its own; a worker that hangs is told, and as long as others work we are ready."""
    monkeypatch.setattr(lanes_module, "MAXIMUM_LOST", 2)
    front, back = BoundedPool("front", workers=1, timeout=0.05), BoundedPool("back", workers=1)
    lanes, done = Lanes(front, back), threading.Event()
    await lanes.check()
    run = front.run_earned if earned else front.run
    for expected in (PartlyWell, CheckFailed):
        with pytest.raises(TooBusy) as caught:
            await run(done.wait)
        assert caught.value.bound == "crypto-hang"
        with pytest.raises(expected):
            await lanes.check()
    done.set()
    lanes.close()


def test_every_kind_of_login_method_has_a_backend(configuration: Configuration) -> None:
    """What the configuration may name, the registry knows; one line per kind."""
    assert {each.kind for each in configuration.authentication_services.values()} <= set(METHODS)
    assert DigiD.__doc__
