"""An authenticatiedienst that answers whatever a test wants, over the back channel of the world's DigiD."""

import base64
import hashlib
import secrets
from collections.abc import Callable

from aiohttp import web
from lxml import etree

from routeringsvoorziening.simulators.world.layout import DIGID, World
from routeringsvoorziening.transport.listeners import Listener
from routeringsvoorziening.transport.tls import server_context

Answer = Callable[[str], bytes]
"""From the ID of the ArtifactResolve to the body of the answer."""


def new_artifact() -> str:
    """An artifact of DigiD's, with nothing behind it."""
    source = hashlib.sha1(DIGID.entity_id.encode(), usedforsecurity=False).digest()
    return base64.b64encode(b"\0\4\0\0" + source + secrets.token_bytes(20)).decode()


class HostileAD:
    """Has the genuine keys of DigiD, or whatever the test gives its messages."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.answer: Answer | None = None
        self.seen: list[bytes] = []
        self._listener: Listener | None = None

    async def start(self) -> None:
        """Listen where DigiD's metadata says."""
        files = self._world.files(DIGID)
        tls = server_context(files.certificate("tls"), files.key("tls"), client_ca=self._world.trust_bundle)
        app = web.Application()
        app.router.add_post("/saml/artifact", self._resolve)
        self._listener = Listener(app, port=self._world.ports.digid_back, tls=tls)
        await self._listener.start()

    async def stop(self) -> None:
        """Stop listening."""
        await self._listener.stop()

    async def _resolve(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.seen.append(body)
        resolve_id = etree.fromstring(body).find(".//{*}ArtifactResolve").get("ID")
        return web.Response(body=self.answer(resolve_id), content_type="text/xml")
