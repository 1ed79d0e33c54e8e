"""The log: one JSON object per line to stderr, or something prettier for a person at a terminal.

Every room logs with `structlog.get_logger()`; what libraries log by the standard library takes the same way. The
reference number of the login at hand is in every line, bound by `bind_reference` in the context of a request's task.
"""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars, merge_contextvars
from structlog.processors import (
    ExceptionRenderer,
    JSONRenderer,
    TimeStamper,
    UnicodeDecoder,
)
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor, WrappedLogger

from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.observability.lines import LineWriter
from routeringsvoorziening.observability.redaction import safe_text, safe_value

Style = Literal["json", "pretty"]
STDERR: Final = 2
OF_THE_LIBRARY: Final = frozenset({"exc_info", "_record", "_from_structlog"})
NOISY: Final = ("asyncio", "aiohttp.client", "aiohttp.internal")


class _LineHandler(logging.Handler):
    """Hands formatted lines to a writer of lines."""

    def __init__(self, writer: LineWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        """Format here, write elsewhere."""
        self._writer.offer(self.format(record))


def configure_logging(style: Style = "json", level: str = "INFO", target: Path | int = STDERR) -> LineWriter:
    """Set up logging for the whole process. The writer that comes back must be closed when all is done.

    Args:
        style: `json`, or `pretty` for a person.
        level: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        target: a path, or a file descriptor.
    """
    writer = LineWriter(target)
    handler = _LineHandler(writer)
    shared = _shared_processors(style)
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=shared, processors=_last_processors(style, target)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return writer


def bind_reference(reference: Reference) -> None:
    """From here on every line of this task, and of the tasks it starts, carries the reference number."""
    bind_contextvars(reference=reference)


def bound_reference() -> Reference | None:
    """The reference number of this task, if it has one."""
    return get_contextvars().get("reference")


@contextmanager
def speaking_of(reference: Reference) -> Iterator[None]:
    """Lines within carry this reference number; for tasks that serve more than one."""
    with bound_contextvars(reference=reference):
        yield


def safe_fields(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: nothing personal and nothing that breaks a line, in any field."""
    return {safe_text(name): value if name in OF_THE_LIBRARY else safe_value(value) for name, value in event.items()}


def _shared_processors(style: Style) -> list[Processor]:
    first: list[Processor] = [
        merge_contextvars,
        add_log_level,
        add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        TimeStamper(fmt="iso", utc=True, key="time"),
        UnicodeDecoder(),
    ]
    if style == "json":
        first.append(ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=20)))
    return [*first, safe_fields]


def _last_processors(style: Style, target: Path | int) -> list[Processor]:
    render: Processor = JSONRenderer(sort_keys=False)
    if style == "pretty":
        colors = target == STDERR and sys.stderr.isatty()
        render = structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback, timestamp_key="time"
        )
    return [ProcessorFormatter.remove_processors_meta, render]
