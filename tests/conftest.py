"""What every test shares: marks of proof, hypothesis profiles, and a guard on the event loop."""

import inspect
import os
from collections.abc import Callable, Iterator

import hypothesis
import pytest

from tests.support.blocking import no_blocking
from tests.support.marks import pytest_configure, pytest_runtest_setup
from tests.support.ports import free_ports as find_free_ports

__all__ = ["pytest_configure", "pytest_runtest_setup"]

pytest_plugins = ["pytester"]

hypothesis.settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    stateful_step_count=30,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("search", deadline=None, max_examples=5000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def event_loop_stays_free(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail an asynchronous test in which our package blocks the event loop; `allow_blocking` lifts it."""
    function = getattr(request.node, "function", None)
    if not inspect.iscoroutinefunction(function) or request.node.get_closest_marker("allow_blocking"):
        yield
        return
    with no_blocking() as seen:
        yield
    if seen:
        pytest.fail(f"blocked the event loop: {', '.join(sorted(set(seen)))}", pytrace=False)


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    """A function that finds so many free ports."""
    return find_free_ports
