"""The guard on the event loop: it sees our package, and nothing but our package."""

import textwrap

import pytest

from tests.support.blocking import no_blocking


@pytest.fixture
def sleeper(tmp_path, monkeypatch):
    """A package that blocks, and swallows every exception about it."""
    package = tmp_path / "sleeping_house"
    package.mkdir()
    (package / "__init__.py").write_text(
        textwrap.dedent("""
            import time

            def nap():
                try:
                    time.sleep(0)
                except Exception:
                    pass
            """)
    )
    monkeypatch.syspath_prepend(tmp_path)
    return __import__("sleeping_house")


async def test_a_blocking_call_is_noticed_although_swallowed(sleeper):
    """An exception handler between the call and the test cannot hide it."""
    with no_blocking("sleeping_house") as seen:
        sleeper.nap()
    assert seen == ["time.sleep"]


async def test_calls_of_other_packages_are_left_alone(sleeper):
    """The positive twin: only the package that is watched counts."""
    with no_blocking("tests.eisen") as seen:
        sleeper.nap()
    assert seen == []


def test_without_an_event_loop_blocking_is_free(sleeper):
    """A command line may sleep."""
    with no_blocking("sleeping_house") as seen:
        sleeper.nap()
    assert seen == []
