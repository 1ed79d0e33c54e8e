"""The marks of proof as a pytest plugin: `eis` for requirements, `attack` for attack classes."""

import re
from functools import cache

import pytest

from tests.eisen.scope import read_scope

__all__ = ["pytest_configure", "pytest_runtest_setup"]

_ATTACK = re.compile(r"S(0[1-9]|[1-8][0-9]|9[0-3])")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known where no project file does."""
    config.addinivalue_line("markers", "eis(*ids): the koppelvlak requirements that this test proves")
    config.addinivalue_line("markers", "attack(*ids): the attack classes that this test shows to be closed")
    config.addinivalue_line("markers", "allow_blocking(reason): this test may block the event loop, and why")


@cache
def _known() -> frozenset[str]:
    return frozenset(read_scope())


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test that claims to prove something that does not exist."""
    for mark in item.iter_markers("eis"):
        for name in set(mark.args) - _known():
            pytest.fail(f"not a requirement of tests/eisen/scope.yaml: {name}", pytrace=False)
    for mark in item.iter_markers("attack"):
        for name in mark.args:
            if not _ATTACK.fullmatch(name):
                pytest.fail(f"not an attack class: {name}", pytrace=False)
