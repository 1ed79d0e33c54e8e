"""Which test carries which mark: a pytest collection that runs nothing."""

import contextlib
import io
from collections import defaultdict

import pytest


class MarkCollector:
    """A pytest plugin that notes the marks of what it collects.

    A test that is skipped without condition, or expected to fail, proves nothing and is not counted.
    """

    def __init__(self) -> None:
        self.eisen: dict[str, list[str]] = defaultdict(list)
        self.attacks: dict[str, list[str]] = defaultdict(list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note every test under the ids it carries, its parameters folded together."""
        for item in session.items:
            if item.get_closest_marker("skip") or item.get_closest_marker("xfail"):
                continue
            self._note(item, "eis", self.eisen)
            self._note(item, "attack", self.attacks)

    @staticmethod
    def _note(item: pytest.Item, mark: str, into: dict[str, list[str]]) -> None:
        name = item.nodeid.split("[")[0].removeprefix("tests/")
        for found in item.iter_markers(mark):
            for identifier in found.args:
                if name not in into[identifier]:
                    into[identifier].append(name)


class CollectionFailed(Exception):
    """Pytest could not collect; its words are the argument."""


def collect(*arguments: str) -> MarkCollector:
    """Collect the whole suite, quietly.

    Raises:
        CollectionFailed: a module does not import, or a mark is unknown.
    """
    collector = MarkCollector()
    words = io.StringIO()
    with contextlib.redirect_stdout(words):
        status = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", *arguments], plugins=[collector])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise CollectionFailed(words.getvalue())
    return collector
