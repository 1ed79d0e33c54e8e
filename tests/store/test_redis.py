"""What is particular to Redis: outages, bounds, what it really keeps, sentinels and TLS."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.store.address import parse_address
from routeringsvoorziening.store.connecting import open_redis
from routeringsvoorziening.store.errors import StoreUnavailable
from routeringsvoorziening.store.opening import open_store
from routeringsvoorziening.store.redis import RedisStore
from tests.store.conftest import KEYS
from tests.support.certificates import Authority, Issued
from tests.support.ports import free_ports
from tests.support.redis_server import RedisOverTls, RedisSentinel, RedisServer, redis_program

pytestmark = pytest.mark.redis

SECRET = b"BSN 900000012"
TIMEOUT = 0.3


def open_at(url: str, *, max_connections: int = 10, timeout: float = TIMEOUT) -> RedisStore:
    return open_redis(parse_address(url), timeout=timeout, max_connections=max_connections)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server of one's own, to be stopped or spoiled."""
    with RedisServer(tmp_path).running() as running:
        yield running


def everything(server: RedisServer) -> bytes:
    """All that a server holds: every key and every value."""
    with server.connect() as client:
        return b"\n".join(part for key in client.scan_iter(count=1000) for part in (key, client.get(key)))


async def test_redis_cannot_read_what_it_keeps(redis_server: RedisServer, redis_url: str) -> None:
    """Neither values nor keys can be found in the server; unsealed they could."""
    sealed, plain = open_store(redis_url, keys=KEYS), open_at(redis_url)
    await sealed.put("login", "login-id-of-somebody", SECRET, 60)
    await sealed.add_once("seen", "issuer _message-id", 60)
    kept = await asyncio.to_thread(everything, redis_server)
    assert kept.count(b"rv:") == 2
    for readable in (SECRET, b"900000012", b"login-id", b"issuer", b"message-id"):
        assert readable not in kept
    await plain.put("login", "login-id-of-somebody", SECRET, 60)
    assert SECRET in await asyncio.to_thread(everything, redis_server)
    await sealed.close()
    await plain.close()


async def test_every_record_has_an_end(redis_server: RedisServer, redis_url: str) -> None:
    """Nothing is kept without a time to live."""
    store = open_at(redis_url)
    await store.put("login", "x", b"value", 60)
    await store.add_once("seen", "x", 60)
    with redis_server.connect() as client:
        lives = [client.pttl(key) for key in client.scan_iter()]
    assert all(0 < life <= 60_000 for life in lives)
    await store.close()


async def test_an_outage_is_told_and_passes(server: RedisServer) -> None:
    """Every operation fails closed while the server is away, and works when it is back."""
    store = open_at(server.url)
    await store.put("login", "x", b"value", 60)
    server.stop()
    for operation in (
        store.put("login", "x", b"value", 60),
        store.peek("login", "x"),
        store.take("login", "x"),
        store.add_once("seen", "x", 60),
        store.check(),
    ):
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            await operation
        assert time.monotonic() - begun < TIMEOUT + 1
        assert str(caught.value).endswith("Error")  # the kind of trouble, no key and no value
    server.start()
    await store.check()
    assert await store.add_once("seen", "x", 60)
    await store.close()


async def test_a_restart_between_two_calls_is_not_noticed(server: RedisServer) -> None:
    """A connection that died in the pool is replaced, not used."""
    store = open_at(server.url)
    await store.check()
    server.stop()
    server.start()
    await asyncio.sleep(0.02)  # the event loop hears that the connection closed
    await store.put("login", "x", b"value", 60)
    assert await store.take("login", "x") == b"value"
    await store.close()


async def test_a_silent_server_is_given_up(server: RedisServer) -> None:
    """A server that does not answer holds nobody longer than the timeout, also not who waits for a connection."""
    store = open_at(server.url, max_connections=1)
    await store.check()
    with server.silent():
        begun = time.monotonic()
        results = await asyncio.gather(*(store.peek("login", "x") for _ in range(5)), return_exceptions=True)
        assert time.monotonic() - begun < TIMEOUT + 1
    assert [type(result) for result in results] == [StoreUnavailable] * 5
    await store.check()
    await store.close()


async def test_the_answer_of_an_abandoned_call_is_nobody_s(server: RedisServer) -> None:
    """After a call ran out of time, or was cancelled, the next one gets its own answer and not the late one."""
    store = open_at(server.url, max_connections=1)
    await store.put("login", "mine", b"mine", 60)
    await store.put("login", "yours", b"yours", 60)
    with server.silent(), pytest.raises(StoreUnavailable):
        await store.peek("login", "mine")
    assert await store.peek("login", "yours") == b"yours"
    with server.silent():
        calling = asyncio.create_task(store.peek("login", "mine"))
        await asyncio.sleep(TIMEOUT / 5)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
    assert await store.peek("login", "yours") == b"yours"
    await store.close()


async def test_connections_are_bounded(server: RedisServer) -> None:
    """However many calls at once, the pool stays within its bound, and all are served."""
    store = open_at(server.url, max_connections=3, timeout=5)
    await asyncio.gather(*(store.put("login", str(number), b"value", 60) for number in range(200)))
    with server.connect() as client:
        assert len(client.client_list()) - 1 <= 3
    assert len([1 for n in range(200) if await store.peek("login", str(n)) == b"value"]) == 200
    await store.close()


async def test_a_full_server_is_too_busy(server: RedisServer) -> None:
    """A server without room is a bound, not an outage; taking still works."""
    store = open_at(server.url)
    await store.put("login", "x", b"value", 60)
    with server.connect() as client:
        client.config_set("maxmemory", "1")
    for operation in (store.put("login", "y", b"value", 60), store.add_once("seen", "y", 60)):
        with pytest.raises(TooBusy) as caught:
            await operation
        assert caught.value.bound == "store-memory"
    assert await store.take("login", "x") == b"value"
    await store.close()


@pytest.mark.parametrize(
    ("version", "new_enough"), [("6.2.0", True), ("7.2.4", True), ("10.0.1", True), ("6.0.16", False), ("", False)]
)
async def test_an_old_server_is_refused_at_the_check(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, version: str, new_enough: bool
) -> None:
    """Before 6.2 there is no GETDEL: readiness says so, instead of every login."""
    store = open_at(redis_url)

    async def info(section: str) -> dict[str, Any]:
        return {"redis_version": version} if version else {}

    monkeypatch.setattr(store._client, "info", info)
    if new_enough:
        await store.check()
    else:
        with pytest.raises(StoreUnavailable, match=r"6\.2 or newer"):
            await store.check()
    await store.close()


async def test_a_wrong_password_is_an_outage(tmp_path: Path) -> None:
    """Who may not log in does not reach the store; who may, does. A password may hold any character."""
    password = "p@ss/w:rd?"
    server = RedisServer(tmp_path)
    with server.running():
        with server.connect() as client:
            client.config_set("requirepass", password)
        for url in (server.url, f"redis://:wrong@127.0.0.1:{server.port}"):
            store = open_at(url)
            with pytest.raises(StoreUnavailable) as caught:
                await store.check()
            assert "wrong" not in str(caught.value)
            await store.close()
        store = open_at(f"redis://:{quote(password, safe='')}@127.0.0.1:{server.port}/1")
        await store.check()
        await store.close()


async def test_sentinels_name_the_server(tmp_path: Path, server: RedisServer) -> None:
    """The server is found through the first sentinel that answers."""
    directory = tmp_path / "sentinel"
    directory.mkdir()
    dead = free_ports(1)[0]
    with RedisSentinel(directory, server).running() as sentinel:
        hosts = f"127.0.0.1:{dead},127.0.0.1:{sentinel.port}"
        store = open_store(f"redis+sentinel://{hosts}/house", keys=KEYS, timeout=2)
        await store.check()
        await store.put("login", "x", b"value", 60)
        assert await store.take("login", "x") == b"value"
        await store.close()
        stranger = open_store(f"redis+sentinel://{hosts}/another", keys=KEYS, timeout=2)
        with pytest.raises(StoreUnavailable):
            await stranger.check()
        await stranger.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def with_files(url: str, authority: Authority, client: Issued) -> str:
    return f"{url}?ca={authority.bundle}&certificate={client.certificate_file}&key={client.key_file}"


async def test_tls_to_the_right_server(tmp_path: Path, authority: Authority) -> None:
    """With its CA and a client certificate the server is reached."""
    certificate = authority.issue("redis")
    with RedisOverTls(tmp_path, authority, certificate).running() as server:
        store = open_store(with_files(server.url, authority, certificate), keys=KEYS)
        await store.check()
        assert await store.add_once("seen", "x", 60)
        await store.close()


async def test_tls_to_a_server_of_another_authority_or_name(tmp_path: Path, authority: Authority) -> None:
    """A certificate of another CA, or for another name, is not believed."""
    elsewhere = authority.issue("elsewhere", hosts=("elsewhere.example",))
    other = Authority(tmp_path, "Other CA")
    with RedisOverTls(tmp_path, authority, elsewhere).running() as server:
        for url in (
            with_files(server.url, authority, elsewhere),
            with_files(server.url, other, elsewhere),
            server.url,
        ):
            store = open_store(url, keys=KEYS)
            with pytest.raises(StoreUnavailable):
                await store.check()
            await store.close()


def test_a_missing_program_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without redis-server these tests fail clearly; they are never skipped."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="redis-server is missing"):
        redis_program()
