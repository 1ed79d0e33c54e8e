"""The Redis server dies while people log in: sentinels promote its replica, and logins go on with what was under way."""

import base64
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from routeringsvoorziening.simulators.world.layout import DIGID
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.reading import statuses
from tests.support.chain.running import Chain, running_chain
from tests.support.redis_server import RedisReplica, RedisSentinel, RedisServer

pytestmark = pytest.mark.redis
QUORUM = 2
PATIENCE = 20.0
"""Seconds that a promotion may take; it takes about two."""


@dataclass
class House:
    """A server, its replica, and who watches them."""

    server: RedisServer
    replica: RedisServer
    sentinels: list[RedisSentinel]

    @property
    def url(self) -> str:
        """Of the store: every sentinel, and the name of what they watch."""
        return f"redis+sentinel://{','.join(f'127.0.0.1:{each.port}' for each in self.sentinels)}/house"

    def wait_for_the_replica(self) -> None:
        """Until what was written so far stands there too."""
        with self.server.connect() as client:
            assert client.wait(1, int(PATIENCE * 1000)) == 1

    def wait_for_the_promotion(self) -> None:
        """Until the replica takes writes, and the sentinels say so."""
        deadline = time.monotonic() + PATIENCE
        while not all(_master(each) == self.replica.port for each in self.sentinels):
            assert time.monotonic() < deadline, "nobody was promoted"
            time.sleep(0.05)


def _master(sentinel: RedisSentinel) -> int | None:
    with sentinel.connect() as client:
        try:
            return int(client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "house")[1])
        except redis.exceptions.RedisError:
            return None


def _folder(directory: Path, name: str) -> Path:
    folder = directory / name
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    """Five real processes on loopback."""
    directory = tmp_path_factory.mktemp("house")
    with ExitStack() as stack:
        server = stack.enter_context(RedisServer(_folder(directory, "server")).running())
        replica = stack.enter_context(RedisReplica(_folder(directory, "replica"), server).running())
        sentinels = [RedisSentinel(_folder(directory, f"sentinel-{n}"), server, quorum=QUORUM) for n in range(3)]
        for each in sentinels:
            stack.enter_context(each.running())
        house = House(server, replica, sentinels)
        house.wait_for_the_replica()
        for each in sentinels:
            each.wait_for_company(others=len(sentinels) - 1, replicas=1)
        yield house


@pytest.fixture(scope="module")
def chain(tmp_path_factory, house) -> Iterator[Chain]:
    """The chain, with that store."""
    directory = tmp_path_factory.mktemp("failover")
    key = directory / "sealing.key"
    key.write_bytes(base64.b64encode(secrets.token_bytes(32)))
    store = {"url": house.url, "sealing_keys": [{"id": "one", "key": str(key)}]}
    with running_chain(directory / "world", store=store) as running:
        yield running


async def finished(dv, browser, page) -> str | None:
    """A login from DigiD's page to the declaration: the status."""
    home = await browser.follow(await log_in(browser, page))
    return statuses((await dv.resolve(home.query("SAMLart"))).root)[0]


@pytest.mark.allow_blocking("waits for other processes, that need no loop of ours")
async def test_logins_go_on_when_the_server_dies(chain, house, dv, browser):
    """A login under way is finished, a new one succeeds; and an ID that came before the outage is still refused."""
    assert await finished(dv, browser, await at_digid(browser, await dv.begin(browser))) == "Success"
    replayed = dv.signed(dv.authn_request())
    browser.cookies.pop(DIGID.host)
    under_way = await at_digid(browser, await dv.send(browser, replayed))
    house.wait_for_the_replica()
    house.server.stop()
    house.wait_for_the_promotion()
    assert await finished(dv, browser, under_way) == "Success"
    assert await finished(dv, browser, await at_digid(browser, await dv.begin(browser))) == "Success"
    with chain.refusals() as codes:
        assert (await dv.send(browser, replayed)).status == 400
    assert codes == ["msg.replay"]
