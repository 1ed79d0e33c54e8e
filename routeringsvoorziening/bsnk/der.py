"""A strict reader and a writer of the little DER (X.690, 10 and 11) that these structures need.

Every value has one spelling: shortest lengths, shortest integers, no indefinite form, nothing left over. Whatever is
otherwise is refused with one code.
"""

from typing import Final, Self

from routeringsvoorziening.bsnk.errors import BsnkError

SEQUENCE: Final = 0x30
SET: Final = 0x31
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
BIT_STRING: Final = 0x03
NULL: Final = 0x05
OBJECT_IDENTIFIER: Final = 0x06
UTF8_STRING: Final = 0x0C
IA5_STRING: Final = 0x16

_LONG_FORM: Final = 0x80
_MAX_LENGTH_BYTES: Final = 2
_MAX_INTEGER: Final = 41
_MAX_SMALL: Final = 0x7FFF_FFFF


class Reader:
    """Reads one value after the other from the inside of a SEQUENCE; what is not there raises `bsnk.form`."""

    __slots__ = ("_data", "_end", "_position")

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self._data = data
        self._position = start
        self._end = len(data) if end is None else end

    @property
    def next_tag(self) -> int | None:
        """The tag of the value that comes; None at the end."""
        return self._data[self._position] if self._position < self._end else None

    def finish(self) -> None:
        """Checks that nothing is left.

        Raises:
            BsnkError: `bsnk.form`.
        """
        if self._position != self._end:
            raise BsnkError("bsnk.form")

    def inside(self, tag: int = SEQUENCE) -> Self:
        """A reader of what is inside the value that comes."""
        start, end = self._take(tag)
        return type(self)(self._data, start, end)

    def whole(self, tag: int = SEQUENCE) -> bytes:
        """The value that comes with its tag and length, byte for byte."""
        begin = self._position
        return self._data[begin : self._take(tag)[1]]

    def content(self, tag: int) -> bytes:
        """The bytes of the value that comes."""
        start, end = self._take(tag)
        return self._data[start:end]

    def integer(self) -> int:
        """An INTEGER that is not negative, of 320 bits at most."""
        data = self.content(INTEGER)
        if not 1 <= len(data) <= _MAX_INTEGER or data[0] & _LONG_FORM:
            raise BsnkError("bsnk.form")
        if len(data) > 1 and not data[0] and not data[1] & _LONG_FORM:
            raise BsnkError("bsnk.form")
        return int.from_bytes(data, "big")

    def small(self) -> int:
        """An INTEGER of 31 bits at most: a version."""
        value = self.integer()
        if value > _MAX_SMALL:
            raise BsnkError("bsnk.form")
        return value

    def text(self, tag: int = IA5_STRING, *, limit: int) -> str:
        """Printable ASCII of 1 to so many characters."""
        data = self.content(tag)
        if not 1 <= len(data) <= limit or not all(0x20 <= byte < 0x7F for byte in data):  # noqa: PLR2004
            raise BsnkError("bsnk.form")
        return data.decode("ascii")

    def _take(self, tag: int) -> tuple[int, int]:
        """Where the content of the value that comes begins and ends; the reader then stands behind it."""
        if self.next_tag != tag:
            raise BsnkError("bsnk.form")
        start, length = self._length(self._position + 1)
        if length > self._end - start:
            raise BsnkError("bsnk.form")
        self._position = start + length
        return start, start + length

    def _length(self, position: int) -> tuple[int, int]:
        """Where the content begins, and its length: in the shortest form, of two bytes at most."""
        if position >= self._end:
            raise BsnkError("bsnk.form")
        first = self._data[position]
        if first < _LONG_FORM:
            return position + 1, first
        count = first - _LONG_FORM
        start = position + 1 + count
        if not 1 <= count <= _MAX_LENGTH_BYTES or start > self._end:
            raise BsnkError("bsnk.form")
        length = int.from_bytes(self._data[position + 1 : start], "big")
        if length < (_LONG_FORM if count == 1 else 1 << 8):
            raise BsnkError("bsnk.form")
        return start, length


def read(data: bytes, *, limit: int) -> Reader:
    """A reader of what is inside the one SEQUENCE that the data must be.

    Raises:
        BsnkError: `bsnk.form`: not a SEQUENCE, longer than the limit in bytes, or something behind it.
    """
    if len(data) > limit:
        raise BsnkError("bsnk.form")
    outside = Reader(data)
    inside = outside.inside()
    outside.finish()
    return inside


def write(tag: int, *parts: bytes) -> bytes:
    """A value with its tag and length."""
    content = b"".join(parts)
    size = len(content)
    if size < _LONG_FORM:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG_FORM + len(length)]) + length + content


def write_integer(value: int) -> bytes:
    """An INTEGER that is not negative."""
    return write(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def write_text(text: str, tag: int = IA5_STRING) -> bytes:
    """An IA5String."""
    return write(tag, text.encode("ascii"))


def write_oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    return write(OBJECT_IDENTIFIER, oid_bytes(dotted))


def oid_bytes(dotted: str) -> bytes:
    """The content of an OBJECT IDENTIFIER."""
    first, second, *rest = (int(number) for number in dotted.split("."))
    found = bytearray()
    for number in (40 * first + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7F)
        found += bytes(reversed(digits))
    return bytes(found)
