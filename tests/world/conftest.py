"""One small PKI for the whole module: making keys is slow."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from routeringsvoorziening.simulators.world.pki import prepare_pki
from routeringsvoorziening.simulators.world.profile import Profile

AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
OIN = "00000009999999999001"


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture(scope="session")
def small_profile() -> Profile:
    """One party, so that a test makes three leaves."""
    party = {"folder": "stad", "name": "Voorbeeldstad", "oin": OIN, "hosts": ["stad.localhost", "127.0.0.1"]}
    return Profile.model_validate({"days": 100, "renew_before_days": 30, "parties": [party]})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, small_profile: Profile) -> Path:
    """A world's directory with a PKI in it; for reading only."""
    directory = tmp_path_factory.mktemp("world")
    prepare_pki(directory, small_profile, at=AT)
    return directory
