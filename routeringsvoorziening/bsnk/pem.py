"""The envelope of a key file: PEM with headers in the manner of RFC 1421 between its first line and an empty one.

the first line of any PEM, with its label
Type: EI Decryption
Recipient: 00000009999999999001

base64
the last line of any PEM
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Final

from routeringsvoorziening.bsnk.errors import BsnkError

MAX_BYTES: Final = 16_384
_LABEL: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_HEADER: Final = re.compile(r"([A-Za-z]{1,40}): ([\x20-\x7e]{1,400})")
_MAX_HEADERS: Final = 32


@dataclass(frozen=True, slots=True)
class Pem:
    """A PEM file.

    Args:
        label: what it says after BEGIN.
        headers: by their exact names.
        content: the bytes.
    """

    label: str
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def read_pem(data: bytes) -> Pem:
    """The one PEM object in a file; white space around it is layout.

    Raises:
        BsnkError: `bsnk.key-file`: anything else, also a header that stands twice.
    """
    if len(data) > MAX_BYTES or not data.isascii():
        raise BsnkError("bsnk.key-file")
    lines = [line.rstrip() for line in data.decode("ascii").strip().splitlines()]
    opened = _LABEL.fullmatch(lines[0]) if lines else None
    if opened is None or lines[-1] != f"-----END {opened[1]}-----":
        raise BsnkError("bsnk.key-file")
    headers, start = _headers(lines)
    try:
        content = base64.b64decode("".join(lines[start:-1]), validate=True)
    except ValueError:
        raise BsnkError("bsnk.key-file") from None
    return Pem(opened[1], headers, content)


def _headers(lines: list[str]) -> tuple[dict[str, str], int]:
    """The headers, and the number of the line where the base64 begins."""
    headers: dict[str, str] = {}
    number = 1
    while ": " in lines[number]:
        header = _HEADER.fullmatch(lines[number])
        if header is None or header[1] in headers or len(headers) == _MAX_HEADERS:
            raise BsnkError("bsnk.key-file")
        headers[header[1]] = header[2].strip()
        number += 1
    if headers and lines[number]:
        raise BsnkError("bsnk.key-file")
    return headers, number


def write_pem(pem: Pem) -> bytes:
    """The file, with a line feed at the end."""
    headers = [f"{name}: {value}" for name, value in pem.headers.items()]
    body = wrap(base64.b64encode(pem.content).decode("ascii"), 64)
    empty = [""] if headers else []
    lines = [f"-----BEGIN {pem.label}-----", *headers, *empty, *body, f"-----END {pem.label}-----", ""]
    return "\n".join(lines).encode("ascii")
