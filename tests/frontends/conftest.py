"""The SAML frontend's rooms, with a store in memory and a clock that stands still."""

from collections.abc import Iterator

import pytest

from routeringsvoorziening.frontends.saml.pending import PendingAnswers
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.store.memory import MemoryStore
from tests.support.clocks import Moment
from tests.support.federation import NOW
from tests.support.meters import CountingMeter


@pytest.fixture
def moment() -> Moment:
    """The clock."""
    return Moment(NOW)


@pytest.fixture
def store(moment: Moment) -> MemoryStore:
    """Short-lived state, on the same clock."""
    return MemoryStore(moment.seconds)


@pytest.fixture
def pending(store: MemoryStore) -> PendingAnswers:
    """What waits behind artifacts."""
    return PendingAnswers(store)


@pytest.fixture
def pool() -> Iterator[CryptoPool]:
    """Threads for XML."""
    pool = CryptoPool(workers=2)
    yield pool
    pool.close()


@pytest.fixture
def meter() -> CountingMeter:
    """What was counted."""
    return CountingMeter()
