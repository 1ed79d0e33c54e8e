"""YAML to plain data of which every part knows its line.

A small, safe part of YAML: mappings with text keys, lists, and scalars. No aliases (no expansion bombs), no tags, no
duplicate keys. `true` and `false` are the only booleans, and only plain decimal digits are a number: `no`, `08:30`
and `0123` are text, as they look.
"""

import re
from collections.abc import Hashable, Mapping
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
    try:
        node = yaml.compose(text, Loader=_Loader)
        walker = _Walker(file)
        data = {} if node is None else walker.data_of(node, ())
    except _Refused as refused:
        findings.error(refused.code, Place(file, refused.path, refused.line), refused.text, refused.mend)
        return None
    except yaml.YAMLError as error:
        findings.error("yaml.syntax", Place(file, (), _line_of(error)), _problem_of(error), "Correct the YAML.")
        return None
    return Document(file, data, walker.lines)


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


class _Loader(yaml.SafeLoader):
    """Composes nodes, but no aliases and nothing deeper than `DEPTH`."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise _Refused("yaml.alias", line, "aliases (*name) are not used here", "Write the value out.")
        if self.depth >= DEPTH:
            raise _Refused("yaml.depth", line, f"is nested deeper than {DEPTH} levels", "Nest less deeply.")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Walker:
    """Turns nodes into data and remembers lines."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: dict[YamlPath, int] = {}

    def data_of(self, node: yaml.Node, path: YamlPath) -> Data:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path)
        if node.tag not in _SCALARS:
            _refuse("yaml.tag", node, path, "tags (!name) are not used here", "Leave the tag out.")
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: YamlPath) -> dict[str, Data]:
        data: dict[str, Data] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            here = (*path, key)
            if key in data:
                text = f"the key stands here twice; the first time on line {self.lines[here]}"
                _refuse("yaml.duplicate-key", key_node, here, text, "Keep one of the two.")
            self.lines[here] = key_node.start_mark.line + 1
            data[key] = self.data_of(value_node, here)
        return data

    def _key(self, node: yaml.Node, path: YamlPath) -> str:
        if not isinstance(node, yaml.ScalarNode):
            _refuse("yaml.key", node, path, "a key must be a single word", "Write `key: value`.")
        return str(node.value)

    def _sequence(self, node: yaml.SequenceNode, path: YamlPath) -> list[Data]:
        data: list[Data] = []
        for position, item in enumerate(node.value):
            here = (*path, position)
            self.lines[here] = item.start_mark.line + 1
            data.append(self.data_of(item, here))
        return data


def _scalar(node: yaml.Node) -> Data:
    text, plain = str(node.value), getattr(node, "style", None) is None
    if not plain:
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _refuse(code: str, node: yaml.Node, path: Hashable, text: str, mend: str) -> NoReturn:
    raise _Refused(code, node.start_mark.line + 1, text, mend, path if isinstance(path, tuple) else ())


def _line_of(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return 1 if mark is None else mark.line + 1


def _problem_of(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or "no valid YAML"
    context = getattr(error, "context", None)
    return f"{problem} ({context})" if context else str(problem)
