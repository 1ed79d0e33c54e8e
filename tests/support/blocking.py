"""A test that blocks the event loop fails, also when the blocking call was swallowed on its way out."""

from collections.abc import Iterator
from contextlib import contextmanager

from blockbuster import blockbuster as library

PACKAGE = "routeringsvoorziening"
HARMLESS = ("os.path.abspath", "os.getcwd")
"""No disk is touched: they tell where we are, in the traceback of a log line."""
_Original = library.BlockingError


@contextmanager
def no_blocking(package: str = PACKAGE) -> Iterator[list[str]]:
    """Refuse blocking calls made from `package` while an event loop runs; yields the calls that were seen."""
    seen: list[str] = []
    before = library.BlockingError

    class Noticed(_Original):
        def __init__(self, func: str) -> None:
            super().__init__(func)
            seen.append(func)

    library.BlockingError = Noticed
    try:
        with library.blockbuster_ctx(package) as guard:
            for name in HARMLESS:
                guard.functions[name].deactivate()
            yield seen
    finally:
        library.BlockingError = before
