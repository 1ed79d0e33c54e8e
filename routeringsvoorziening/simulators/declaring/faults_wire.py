"""Faults of the wire: the right answer, or none, sent in the wrong way."""

import asyncio
from typing import Final

from aiohttp import web

from routeringsvoorziening.simulators.declaring.scene import Scene

CONTENT_TYPE: Final = "text/xml"
HUGE_CHUNKS: Final = 512
CHUNK: Final = b"<!-- " + b"x" * 65_526 + b" -->\n"


async def slow(_: web.Request, body: bytes, scene: Scene) -> web.StreamResponse:
    """Wait, then answer rightly."""
    await asyncio.sleep(scene.seconds)
    return web.Response(body=body, content_type=CONTENT_TYPE)


async def hang_up(request: web.Request, _: bytes, __: Scene) -> web.StreamResponse:
    """Close the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def unavailable(_: web.Request, __: bytes, ___: Scene) -> web.StreamResponse:
    """HTTP 503."""
    return web.Response(status=503, text="Service Unavailable")


async def drip(request: web.Request, body: bytes, scene: Scene) -> web.StreamResponse:
    """One byte at a time."""
    response = web.StreamResponse(headers={"Content-Type": CONTENT_TYPE, "Content-Length": str(len(body))})
    await response.prepare(request)
    for byte in body:
        await response.write(bytes([byte]))
        await asyncio.sleep(scene.seconds)
    return response


async def truncated(_: web.Request, body: bytes, __: Scene) -> web.StreamResponse:
    """Half of the answer, as if it were whole."""
    return web.Response(body=body[: len(body) // 2], content_type=CONTENT_TYPE)


async def garbage(_: web.Request, __: bytes, ___: Scene) -> web.StreamResponse:
    """Bytes that are no XML."""
    return web.Response(body=b"\x00\xff\xfe not XML at all <<<", content_type=CONTENT_TYPE)


async def huge(request: web.Request, body: bytes, _: Scene) -> web.StreamResponse:
    """Thirty megabytes in front of the answer."""
    response = web.StreamResponse(headers={"Content-Type": CONTENT_TYPE})
    await response.prepare(request)
    for _step in range(HUGE_CHUNKS):
        await response.write(CHUNK)
    await response.write(body)
    return response


async def html(_: web.Request, __: bytes, ___: Scene) -> web.StreamResponse:
    """A page for people, where a machine asked."""
    return web.Response(text="<!doctype html><title>Onderhoud</title><p>Even geduld.", content_type="text/html")


async def redirect(_: web.Request, __: bytes, scene: Scene) -> web.StreamResponse:
    """Somewhere else."""
    raise web.HTTPFound(f"{scene.settings.front_url}/elsewhere")
