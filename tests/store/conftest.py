"""Every kind of store, and a Redis server for the session."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest

from routeringsvoorziening.store.address import parse_address
from routeringsvoorziening.store.connecting import open_redis
from routeringsvoorziening.store.managed import ManagedStore
from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.store.sealing import SealedStore, SealingKey
from tests.support.redis_server import RedisServer

KEYS = [SealingKey("2026-a", bytes(range(32)))]
STORES = [
    "memory",
    "sealed-memory",
    pytest.param("redis", marks=pytest.mark.redis),
    pytest.param("sealed-redis", marks=pytest.mark.redis),
]


@dataclass
class Seconds:
    """A clock of seconds that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Now."""
        return self.now


@dataclass
class Complaints:
    """The records that did not open."""

    heard: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, kind: str, reason: str) -> None:
        """One more."""
        self.heard.append((kind, reason))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Where an empty Redis is."""
    with redis_server.connect() as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def seconds() -> Seconds:
    """The clock of the memory stores."""
    return Seconds()


@pytest.fixture
def complaints() -> Complaints:
    """What the sealed stores complain of."""
    return Complaints()


@pytest.fixture(params=STORES)
def flavour(request: pytest.FixtureRequest) -> str:
    """The name of each store in turn; Redis is running and empty by then."""
    if request.param.endswith("redis"):
        request.getfixturevalue("redis_url")
    return str(request.param)


@pytest.fixture
async def store(
    request: pytest.FixtureRequest, flavour: str, seconds: Seconds, complaints: Complaints
) -> AsyncIterator[ManagedStore]:
    """Each store in turn, empty."""
    if flavour.endswith("memory"):
        inner: ManagedStore = MemoryStore(seconds)
    else:
        address = parse_address(request.getfixturevalue("redis_url"))
        inner = open_redis(address, timeout=2.0, max_connections=20)
    store = SealedStore(inner, KEYS, complaints) if flavour.startswith("sealed") else inner
    yield store
    await store.close()
