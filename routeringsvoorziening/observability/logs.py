"""The log: one JSON object per line to stderr, or something prettier for a person at a terminal.

Every room logs with `structlog.get_logger()`; what libraries log by the standard library gets the same fields and the
same care. The reference number of the login at hand is in every line, bound by `bind_reference` in the context of a
request's task. Our own lines do not go by way of the standard library: a login writes several, and its records, made
and copied for each, took longer than all that is done for their content.
"""

import json
import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars, merge_contextvars
from structlog.processors import ExceptionRenderer, TimeStamper, add_log_level
from structlog.stdlib import ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor, WrappedLogger

from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.observability.lines import LineWriter
from routeringsvoorziening.observability.redaction import safe_name, safe_text, safe_value

Style = Literal["json", "pretty"]
STDERR: Final = 2
LINGER: Final = 0.05
"""Seconds that a line may be late; without it, each one of a busy server wakes a thread of its own."""
OF_THE_LIBRARY: Final = frozenset({"exc_info", "_record", "_from_structlog"})
NOISY: Final = ("asyncio", "aiohttp.client", "aiohttp.internal")


_ENCODER: Final = json.JSONEncoder()
"""Of its own, because `json.dumps` with any setting makes a new one for every line."""


class _LineHandler(logging.Handler):
    """Hands formatted lines of libraries to a writer of lines."""

    def __init__(self, writer: LineWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        """Format here, write elsewhere."""
        self._writer.offer(self.format(record))


class _LineLogger:
    """What structlog calls with a finished line of our own."""

    def __init__(self, writer: LineWriter, name: str) -> None:
        self.name = name
        self.debug = self.info = self.warning = self.error = self.critical = self.exception = writer.offer


def configure_logging(
    style: Style = "json", level: str = "INFO", target: Path | int = STDERR, linger: float = LINGER
) -> LineWriter:
    """Set up logging for the whole process. The writer that comes back must be closed when all is done.

    Args:
        style: `json`, or `pretty` for a person.
        level: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        target: a path, or a file descriptor.
        linger: seconds that a line may be late.
    """
    writer = LineWriter(target, linger=linger)
    shared, render = _shared_processors(style), _renderer(style, target)
    _take_lines_of_libraries(writer, level, shared, render)
    structlog.configure(
        processors=[*shared, render],
        logger_factory=lambda name="": _LineLogger(writer, name),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    return writer


def _take_lines_of_libraries(writer: LineWriter, level: str, shared: list[Processor], render: Processor) -> None:
    handler = _LineHandler(writer)
    last: list[Processor] = [ProcessorFormatter.remove_processors_meta, render]
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


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


def add_logger_name(logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: who says it, `logger`."""
    record = event.get("_record")
    event["logger"] = logger.name if record is None else record.name
    return event


def safe_fields(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: nothing personal and nothing that breaks a line, in any field."""
    return {
        safe_name(name): safe_text(value) if type(value) is str else _safe_part(name, value)
        for name, value in event.items()
    }


def _safe_part(name: str, value: Any) -> Any:
    return value if name in OF_THE_LIBRARY else safe_value(value)


def as_json(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> str:
    """The last processor: one line. `safe_fields` left nothing in it but what JSON knows."""
    return _ENCODER.encode(event)


def _shared_processors(style: Style) -> list[Processor]:
    first: list[Processor] = [
        merge_contextvars,
        add_log_level,
        add_logger_name,
        TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    if style == "json":
        first.append(ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=20)))
    return [*first, safe_fields]


def _renderer(style: Style, target: Path | int) -> Processor:
    if style == "json":
        return as_json
    colors = target == STDERR and sys.stderr.isatty()
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback, timestamp_key="time"
    )
