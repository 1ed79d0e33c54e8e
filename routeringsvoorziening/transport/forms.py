"""What a client names in a query, a posted form or a media type, read at a cost that the client does not choose.

The library reads a form with the codec that the client names, and a media type with a parser made for mail: both can
be made to take seconds, and both let exceptions out. In here a form is UTF-8, a media type is plain text, and
parameters are few and never repeated: which of two a server picks is a choice that an attacker would make (S72).
"""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from routeringsvoorziening.transport.errors import RequestRefused

FORM_TYPE: Final = "application/x-www-form-urlencoded"
MAX_PARAMETERS: Final = 16
_UTF_8: Final = re.compile(r'\s*(charset="?utf-8"?\s*)?', re.IGNORECASE)


def media_type(request: web.BaseRequest) -> str:
    """The type of the body without its parameters, in lower case; empty when it is absent or sent twice."""
    return _content_type(request)[0]


async def posted_form(request: web.BaseRequest) -> dict[str, str]:
    """The fields of a posted form in UTF-8. The size of the body is bounded before (`limits.bodies`).

    Raises:
        RequestRefused: `http.content-type` for another type or charset; else as `form_fields`.
    """
    name, parameters = _content_type(request)
    if name != FORM_TYPE or not _UTF_8.fullmatch(parameters):
        raise RequestRefused("http.content-type", "expected a form in UTF-8")
    return form_fields(await request.read())


def form_fields(body: bytes, encoding: str = "utf-8") -> dict[str, str]:
    """The fields of a form.

    Args:
        body: urlencoded.
        encoding: of our own choice, never the client's.

    Raises:
        RequestRefused: `http.form` when it is no text in this encoding; else as `query_of`.
    """
    try:
        text = body.decode(encoding)
        _check_few(text.count("&") + 1)
        return _once_each(parse_qsl(text, keep_blank_values=True, encoding=encoding, errors="strict"))
    except UnicodeError:
        raise RequestRefused("http.form", f"not {encoding}") from None


def query_of(request: web.BaseRequest) -> dict[str, str]:
    """The parameters of the query.

    Raises:
        RequestRefused: `http.parameters` for too many, `http.parameter-repeated`.
    """
    _check_few(len(request.query))
    return _once_each(request.query.items())


def _check_few(count: int) -> None:
    if count > MAX_PARAMETERS:
        raise RequestRefused("http.parameters", f"more than {MAX_PARAMETERS}")


def _once_each(pairs: Collection[tuple[str, str]]) -> dict[str, str]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RequestRefused("http.parameter-repeated", "a parameter occurs twice")
    return found


def _content_type(request: web.BaseRequest) -> tuple[str, str]:
    """The type and what stands behind the semicolon."""
    sent = request.headers.getall("Content-Type", [])
    name, _, parameters = sent[0].partition(";") if len(sent) == 1 else ("", "", "")
    return name.strip().lower(), parameters
