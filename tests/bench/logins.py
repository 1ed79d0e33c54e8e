"""One complete login over HTTP. The driver plays the browser and the portal, with as little work as possible."""

import asyncio
import re
import ssl
import time
from dataclasses import dataclass, field
from html import unescape
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from routeringsvoorziening.simulators.world.layout import CLOUD, CLUSTER_SERVICES, DIGID, PORTAL, RV, Party, World
from routeringsvoorziening.transport.resolver import LocalhostResolver
from tests.bench.messages import Signer

FIELDS: Final = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
SUCCESS: Final = b'Value="urn:oasis:names:tc:SAML:2.0:status:Success"'
FORM: Final = {"person": "willem", "means": "app", "action": "login"}
MANDATE: Final = {"mandate": "publiek-willem-gerrit", "action": "choose"}
"""Of DigiD Machtigen, for the service that is asked for; it holds more than once."""


class LoginBroken(Exception):
    """A step gave something else than it should; says which, and what."""


@dataclass(slots=True)
class Steps:
    """Seconds that each request to the RV took, as its client saw it: `sso`, `acs`, `artifact`."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {"sso": [], "acs": [], "artifact": []})

    def add(self, step: str, started: float) -> None:
        """One more."""
        self.seconds[step].append(time.perf_counter() - started)


class Driver:
    """A browser and a portal with connections that stay open.

    Args:
        world: whose addresses and files count.
        behind: for whom a supplier asks, at its portal; None: the demo's first portal asks for itself.
        through: the BVD through which somebody acts for somebody else; None: people come for themselves.
    """

    def __init__(self, world: World, behind: Party | None = None, through: Party | None = None) -> None:
        self._world, self._behind, self._through = world, behind, through
        asker = PORTAL if behind is None else CLOUD
        files = world.files(asker)
        certificate = x509.load_pem_x509_certificate(files.certificate("signing").read_bytes())
        key = load_pem_private_key(files.key("signing").read_bytes(), None)
        self.signer = Signer(asker.entity_id, key, certificate.fingerprint(SHA256()).hex())
        self._tls = ssl.create_default_context(cafile=str(world.trust_bundle))
        self._tls.load_cert_chain(files.certificate("tls"), files.key("tls"))
        self.steps = Steps()

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(resolver=LocalhostResolver(), ssl=self._tls, limit=0, keepalive_timeout=60)
        timeout = aiohttp.ClientTimeout(total=30)
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout, auto_decompress=False
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await asyncio.sleep(0.1)

    async def log_in(self) -> None:
        """From the portal's request to a declaration.

        Raises:
            LoginBroken: it did not work.
        """
        cookie, form = await self._ask()
        returned = await self._at_digid(form)
        if self._through is not None:
            returned = await self._at_bvd(self._through, await self._go_on(returned, cookie))
        artifact = await self._return(returned, cookie)
        await self._resolve(artifact)

    async def _ask(self) -> tuple[str, dict[str, str]]:
        fields = {"SAMLRequest": self._request(), "RelayState": "bench"}
        started = time.perf_counter()
        async with self._session.post(f"{self._world.rv_front}/saml/sso", data=fields) as answer:
            page = await answer.text()
            self.steps.add("sso", started)
        if answer.status != 200:
            raise LoginBroken(f"sso: {answer.status}")
        found = {name: unescape(value) for name, value in FIELDS.findall(page)}
        return answer.headers["Set-Cookie"].partition(";")[0], found

    def _request(self) -> str:
        destination, behind = f"{self._world.rv_front}/saml/sso", self._behind
        if self._through is not None:
            return self.signer.authn_request_through(destination, DIGID.entity_id, self._through.entity_id)
        if behind is None:
            return self.signer.authn_request(destination, DIGID.entity_id)
        uuid = CLUSTER_SERVICES[behind][0].uuid
        return self.signer.authn_request_for(destination, DIGID.entity_id, behind.entity_id, uuid)

    async def _at_digid(self, form: dict[str, str]) -> str:
        url = f"{self._world.digid_front}/saml/sso"
        async with self._session.post(url, data=form, allow_redirects=False) as answer:
            page = answer.headers.get("Location")
        if page is None:
            raise LoginBroken(f"DigiD: {answer.status}")
        async with self._session.post(self._world.digid_front + page, data=FORM, allow_redirects=False) as answer:
            back = answer.headers.get("Location")
        if back is None:
            raise LoginBroken(f"DigiD's page: {answer.status}")
        return back

    async def _go_on(self, url: str, cookie: str) -> dict[str, str]:
        """Back from DigiD, to the page that posts to the BVD."""
        started = time.perf_counter()
        async with self._session.get(url, headers={"Cookie": cookie}, allow_redirects=False) as answer:
            page = await answer.text()
            self.steps.add("acs", started)
        if answer.status != 200:
            raise LoginBroken(f"acs: {answer.status} {answer.headers.get('Location')}")
        return {name: unescape(value) for name, value in FIELDS.findall(page)}

    async def _at_bvd(self, bvd: Party, form: dict[str, str]) -> str:
        front = self._world.front(bvd)
        async with self._session.post(f"{front}/saml/sso", data=form, allow_redirects=False) as answer:
            page = answer.headers.get("Location")
        if page is None:
            raise LoginBroken(f"BVD: {answer.status}")
        async with self._session.post(front + page, data=MANDATE, allow_redirects=False) as answer:
            back = answer.headers.get("Location")
        if back is None:
            raise LoginBroken(f"BVD's page: {answer.status}")
        return back

    async def _return(self, url: str, cookie: str) -> str:
        started = time.perf_counter()
        async with self._session.get(url, headers={"Cookie": cookie}, allow_redirects=False) as answer:
            await answer.read()
            self.steps.add("acs", started)
        found = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("SAMLart")
        if not found:
            raise LoginBroken(f"acs: {answer.status} {answer.headers.get('Location')}")
        return found[0]

    async def _resolve(self, artifact: str) -> None:
        url = f"{self._world.rv_back}/saml/artifact"
        body = self.signer.artifact_resolve(url, artifact)
        started = time.perf_counter()
        async with self._session.post(url, data=body, headers={"Content-Type": "text/xml"}) as answer:
            text = await answer.read()
            self.steps.add("artifact", started)
        if text.count(SUCCESS) < 2 or RV.entity_id.encode() not in text or b"EncryptedID" not in text:
            raise LoginBroken(f"artifact: {answer.status}")
