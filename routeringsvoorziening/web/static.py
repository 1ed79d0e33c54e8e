"""Styles, script and icon: read with the program, served from memory, named after their content.

A name changes when its content does, so a browser may keep each for ever and a new release never meets an old style.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

_FOLDER: Final = Path(__file__).with_name("static")
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
KEEP: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, ready to be sent."""

    name: str
    media_type: str
    body: bytes


def _read(path: Path) -> StaticFile:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:16]
    return StaticFile(f"{path.stem}-{digest}{path.suffix}", _TYPES[path.suffix], body)


FILES: Final[Mapping[str, StaticFile]] = {path.name: _read(path) for path in sorted(_FOLDER.iterdir())}
_SERVED: Final = {file.name: file for file in FILES.values()}


def address_of(name: str) -> str:
    """The path under which `name` (as in the folder) is served."""
    return f"/static/{FILES[name].name}"


async def serve_static(request: web.Request) -> web.Response:
    """GET /static/{name}."""
    file = _SERVED.get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": KEEP}
    return web.Response(body=file.body, content_type=file.media_type, charset="utf-8", headers=headers)
