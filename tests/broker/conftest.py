"""The core in its played world."""

import pytest

from tests.support.core import Core


@pytest.fixture
def core() -> Core:
    """A broker with a clock, a memory store and played services."""
    return Core()
