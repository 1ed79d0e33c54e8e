"""Messages of a shape that was written before: pysaml2 makes each shape once, and then only its values change.

Making pysaml2's objects and a tree, and writing that in canonical form, takes as long as a signature for a message
whose every element is the same as last time. So a message is taken apart into its shape (what is there, how often) and
its values (texts, instants, finished XML). For a shape that is new, `building` writes a message with a mark in the
place of each value; what stands between the marks is the mould.

A mould is for values that canonical XML writes as they are, which are nearly all. A text with a character that needs
escaping, and finished XML whose prefixes its surroundings would change, go the long way, by `building`. What comes out
is the same, byte for byte.

Nothing of a message but its shape is in the mould: a name of an attribute, which another party may have chosen, is a
value like any other. So nothing that somebody sends can look like a mark.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from saml2 import SamlBase

from routeringsvoorziening.saml.building import MESSAGE_PREFIXES, canonical_of, surroundings_of
from routeringsvoorziening.saml.instants import format_instant
from routeringsvoorziening.saml.written import KEEPS_PREFIXES, check_ids_unique

M = TypeVar("M")
Value = str | bytes
"""A text, or finished XML in exclusive canonical form."""

MOST_SHAPES: Final = 200
"""Of one class of messages. How many values an attribute has is part of a shape, and another party decides about it."""
MOST_VALUES: Final = 200
"""In one message; the mark of an instant is a minute of a day."""

_PLAIN: Final = re.compile(r"[ !#-%'-;=?-~]*")
"""Printable ASCII but what is escaped in an attribute or in text."""
_MARK: Final = re.compile(rb'mark-([0-9]+)-end|9000-01-01T([0-9]{2}):([0-9]{2}):00Z|<mark n="([0-9]+)"></mark>')
_MARKS: Final[Mapping[type, Callable[[int], Value | datetime]]] = {
    str: "mark-{}-end".format,
    bytes: lambda number: f'<mark n="{number}"></mark>'.encode(),
    datetime: lambda number: datetime(9000, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
}
"""For each kind of value."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """A place for a value.

    Args:
        value: its number.
        around: for finished XML, the prefixes that are declared around it, each with its declaration.
    """

    value: int
    around: tuple[tuple[bytes, bytes], ...] = ()


class Mould(Generic[M]):
    """Writes messages of one class, in exclusive canonical XML.

    Args:
        node: pysaml2's element for a message: a frozen dataclass whose fields are texts, numbers, instants, None,
            finished XML as bytes, and tuples, mappings from texts and dataclasses of those. It may look at which of
            them are there, at numbers, and whether a name in a mapping is empty; not at what a text says.
        prefixes: as `building.canonical_of`.
    """

    def __init__(self, node: Callable[[M], SamlBase], prefixes: Mapping[str, str] = MESSAGE_PREFIXES) -> None:
        self._node = node
        self._prefixes = prefixes
        self._shapes: dict[Hashable, tuple[bytes | _Gap, ...]] = {}

    def write(self, message: M) -> bytes:
        """As `building.canonical_of` writes it, in a tenth of the time.

        Raises:
            SamlError: as `building.canonical_of`.
        """
        values: list[Value] = []
        shape = _take_apart(message, values)
        if len(values) > MOST_VALUES:
            return canonical_of(self._node(message), self._prefixes)
        parts = self._shapes.get(shape)
        if parts is None:
            parts = self._make(shape, message)
        return _filled(parts, values) or canonical_of(self._node(message), self._prefixes)

    def _make(self, shape: Hashable, message: M) -> tuple[bytes | _Gap, ...]:
        marked = self._node(_marked(message, _Numbers()))
        around = iter(surroundings_of(marked, self._prefixes))
        parts: list[bytes | _Gap] = []
        written, end = canonical_of(marked, self._prefixes), 0
        for found in _MARK.finditer(written):
            parts += (written[end : found.start()], _gap(found, around))
            end = found.end()
        if len(self._shapes) >= MOST_SHAPES:
            self._shapes.clear()
        self._shapes[shape] = made = (*parts, written[end:])
        return made


def _take_apart(part: Any, values: list[Value]) -> Hashable:
    """The shape; its values are added to `values`."""
    kind = _kind_of(part)
    if kind in _MARKS:
        values.append(format_instant(part) if kind is datetime else part)
        return kind.__name__
    if part is None or kind is bool or kind is int:
        return part if part is None else int(part)
    if kind is tuple:
        return tuple([_take_apart(each, values) for each in part])
    if kind in _FIELDS or is_dataclass(part):
        return (kind, *[_take_apart(getattr(part, name), values) for name in _fields_of(kind)])
    if isinstance(part, Mapping):
        return tuple([(_take_apart(name or None, values), _take_apart(each, values)) for name, each in part.items()])
    raise TypeError(f"no part of a message: {kind.__name__}")


def _kind_of(part: Any) -> type:
    """Some texts say where they come from, those of lxml for one; here they are texts."""
    return str if isinstance(part, str) else type(part)


_FIELDS: Final[dict[type, tuple[str, ...]]] = {}


def _fields_of(kind: type) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(each.name for each in fields(kind))
    return _FIELDS[kind]


class _Numbers:
    """Counts the values of a message, in the order in which `_take_apart` finds them."""

    def __init__(self) -> None:
        self._next = 0

    def __call__(self) -> int:
        self._next += 1
        return self._next - 1


def _marked(part: Any, number: _Numbers) -> Any:
    """The same shape, with a mark for each value."""
    mark = _MARKS.get(_kind_of(part))
    if mark is not None:
        return mark(number())
    if isinstance(part, tuple):
        return tuple(_marked(each, number) for each in part)
    if isinstance(part, Mapping):
        return {_marked(name or None, number) or "": _marked(each, number) for name, each in part.items()}
    if is_dataclass(part) and not isinstance(part, type):
        return type(part)(**{name: _marked(getattr(part, name), number) for name in _fields_of(type(part))})
    return part


def _gap(found: re.Match[bytes], around: Any) -> _Gap:
    text, hours, minutes, xml = found.groups()
    if text is not None:
        return _Gap(int(text))
    if xml is None:
        return _Gap(60 * int(hours) + int(minutes))
    declared = {prefix: f' xmlns:{prefix}="{uri}"' for prefix, uri in next(around).items()}
    return _Gap(int(xml), tuple((f" xmlns:{prefix}=".encode(), each.encode()) for prefix, each in declared.items()))


def _filled(parts: tuple[bytes | _Gap, ...], values: list[Value]) -> bytes | None:
    """The message; None when a value is not for a mould.

    Raises:
        SamlError: `id.duplicate`.
    """
    if _PLAIN.fullmatch("".join([each for each in values if isinstance(each, str)])) is None:
        return None
    pieces: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            pieces.append(part)
            continue
        value = values[part.value]
        piece = value.encode() if isinstance(value, str) else _embedded(value, part.around)
        if piece is None:
            return None
        pieces.append(piece)
    whole = b"".join(pieces)
    check_ids_unique(whole)
    return whole


def _embedded(xml: bytes, around: tuple[tuple[bytes, bytes], ...]) -> bytes | None:
    """Finished XML, without the declarations that it has in common with its surroundings; None when that is not plain.

    In canonical form it declares a prefix where it first uses it. When that is in its own start tag, and for the same
    namespace, all that changes inside others is that it no longer does.
    """
    if KEEPS_PREFIXES in xml:
        return None
    for prefix, declaration in around:
        if prefix not in xml:
            continue
        start = xml.find(declaration, 0, xml.find(b">"))
        if start < 0:
            return None
        xml = xml[:start] + xml[start + len(declaration) :]
    return xml
