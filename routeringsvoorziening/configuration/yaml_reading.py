"""YAML to plain data of which every part knows its line.

A small, safe part of YAML: mappings with text keys, lists, and scalars. No aliases (no expansion bombs), no tags, no
duplicate keys. `true` and `false` are the only booleans, and only plain decimal digits are a number: `no`, `08:30`
and `0123` are text, as they look.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import yaml

from routeringsvoorziening.configuration.findings import Findings, Place, YamlPath

FILE_BYTES: Final = 1_048_576
"""The largest YAML file: a catalogue of thousands of diensten fits."""
DEPTH: Final = 16
"""The deepest nesting."""

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_TAG: Final = "tag:yaml.org,2002:"
_SCALARS: Final = frozenset(_TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp"))
_COLLECTIONS: Final = frozenset({_TAG + "map", _TAG + "seq"})
_PLAIN: Final = ("", None)
"""The style of a scalar without quotes, as libyaml and Python name it."""
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Of libyaml where PyYAML has it."""

Data = None | bool | int | float | str | list["Data"] | dict[str, "Data"]


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file as data.

    Args:
        file: where it stands.
        data: mappings, lists and scalars.
        lines: from 1, of every key and every list item.
    """

    file: Path
    data: Data
    lines: Mapping[YamlPath, int]

    def place(self, *path: str | int) -> Place:
        """Where a path stands; for what is absent, the line of the nearest part that is there."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Place(self.file, path, self.lines.get(known, 1))


def read_document(file: Path, findings: Findings) -> Document | None:
    """Read one file; what is wrong goes to the findings, and None comes back.

    Codes: `file.unreadable`, `file.size`, `file.encoding`, `yaml.syntax`, `yaml.duplicate-key`, `yaml.alias`,
    `yaml.tag`, `yaml.key`, `yaml.depth`.
    """
    text = _read_text(file, findings)
    if text is None:
        return None
    builder = _Builder(text)
    try:
        data = builder.build()
    except _Refused as refused:
        findings.error(refused.code, Place(file, refused.path, refused.line), refused.text, refused.mend)
        return None
    except yaml.YAMLError as error:
        problem = _problem_of(error)
        findings.error("yaml.syntax", Place(file, (), _line_of(error)), problem, _mend_of(problem))
        return None
    return Document(file, data, builder.lines)


def _read_text(file: Path, findings: Findings) -> str | None:
    try:
        with file.open("rb") as opened:
            raw = opened.read(FILE_BYTES + 1)
    except OSError as error:
        findings.error("file.unreadable", Place(file), f"cannot be read: {error.strerror}", "Check path and rights.")
        return None
    if len(raw) > FILE_BYTES:
        findings.error("file.size", Place(file), f"is larger than {FILE_BYTES} bytes", "Split it over several files.")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        findings.error("file.encoding", Place(file, (), line), "is not UTF-8", "Save the file as UTF-8.")
        return None


class _Refused(Exception):
    """A part of YAML that is not accepted here."""

    def __init__(self, code: str, line: int, text: str, mend: str, path: YamlPath = ()) -> None:
        super().__init__(code)
        self.code, self.line, self.text, self.mend, self.path = code, line, text, mend, path


class _Builder:
    """Makes data of parsing events, and remembers lines. Neither aliases nor anything deeper than `DEPTH`.

    Events and not nodes: they come from libyaml, a hundred times faster than Python, and each is refused as it comes.
    """

    def __init__(self, text: str) -> None:
        self._next: Callable[[], yaml.Event] = _Loader(text).get_event
        self._depth = 0
        self.lines: dict[YamlPath, int] = {}

    def build(self) -> Data:
        """The one document; an empty one is an empty mapping."""
        self._next()
        start = self._next()
        if isinstance(start, yaml.StreamEndEvent):
            return {}
        data = self._data(self._next(), ())
        self._next()
        more = self._next()
        if not isinstance(more, yaml.StreamEndEvent):
            _refuse("yaml.syntax", more, (), "a second document begins here", "One file holds one document.")
        return data

    def _data(self, event: yaml.Event, path: YamlPath) -> Data:
        if isinstance(event, yaml.AliasEvent):
            _refuse("yaml.alias", event, (), "aliases (*name) are not used here", "Write the value out.")
        if isinstance(event, yaml.ScalarEvent):
            _check_tag(event, _SCALARS, path)
            return _scalar(event)
        if self._depth >= DEPTH:
            _refuse("yaml.depth", event, (), f"is nested deeper than {DEPTH} levels", "Nest less deeply.")
        self._depth += 1
        try:
            _check_tag(event, _COLLECTIONS, path)
            return self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)
        finally:
            self._depth -= 1

    def _mapping(self, path: YamlPath) -> dict[str, Data]:
        data: dict[str, Data] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                _refuse("yaml.key", event, path, "a key must be a single word", "Write `key: value`.")
            key = str(event.value)
            here = (*path, key)
            if key in data:
                text = f"the key stands here twice; the first time on line {self.lines[here]}"
                _refuse("yaml.duplicate-key", event, here, text, "Keep one of the two.")
            self.lines[here] = _line(event)
            data[key] = self._data(self._next(), here)
        return data

    def _sequence(self, path: YamlPath) -> list[Data]:
        data: list[Data] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*path, len(data))
            self.lines[here] = _line(event)
            data.append(self._data(event, here))
        return data


def _check_tag(event: yaml.Event, known: frozenset[str], path: YamlPath) -> None:
    tag = getattr(event, "tag", None)
    if tag is not None and tag not in known:
        _refuse("yaml.tag", event, path, "tags (!name) are not used here", "Leave the tag out.")


def _scalar(event: yaml.ScalarEvent) -> Data:
    text = str(event.value)
    if event.style not in _PLAIN:
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _refuse(code: str, event: yaml.Event, path: YamlPath, text: str, mend: str) -> NoReturn:
    raise _Refused(code, _line(event), text, mend, path)


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else mark.line + 1


def _line_of(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return 1 if mark is None else mark.line + 1


def _problem_of(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or "no valid YAML"
    context = getattr(error, "context", None)
    return f"{problem} ({context})" if context else str(problem)


def _mend_of(problem: str) -> str:
    return next((mend for part, mend in _MENDS.items() if part in problem), "Correct the YAML.")


_MENDS: Final = {
    "mapping values are not allowed": "Put a text with a colon in it in quotes.",
    "found a tab": "Use spaces; a tab may not stand before or between them.",
    "cannot start any token": "Put a text that begins with a special character in quotes.",
    "did not find expected": "Look at the indentation: what belongs together begins in the same column.",
}
"""For what the parser says of the usual mistakes."""
