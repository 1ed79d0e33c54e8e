"""A dienstverlener at the level of bytes, made by hand: every part of what it sends can be wrong."""

import base64
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from routeringsvoorziening.simulators.world.layout import DIGID, PORTAL, Party, World
from routeringsvoorziening.transport.resolver import LocalhostResolver
from tests.support.attackgen.genuine import NAMES
from tests.support.attackgen.handmade import Recipe, sign
from tests.support.chain.browser import Browser, Page, settle

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
Adjust = Callable[[etree._Element], None]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What came back on the back channel."""

    status: int
    content_type: str
    body: bytes = field(repr=False)

    @property
    def root(self) -> etree._Element:
        """The envelope."""
        return etree.fromstring(self.body)


def new_id() -> str:
    """A fresh message ID."""
    return "_" + secrets.token_hex(16)


@dataclass
class Dienstverlener:
    """One party of the demo world, with its keys.

    Args:
        world: whose addresses and files count.
        party: who it is.
        clock: aware UTC.
        acs_index: sent in requests.
        single_sign_on: let DigiD know the browser again; without it every login begins with a stranger.
    """

    world: World
    party: Party = PORTAL
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    acs_index: str = "0"
    single_sign_on: bool = False

    @cached_property
    def recipe(self) -> Recipe:
        """How it signs when nothing is wrong."""
        files = self.world.files(self.party)
        certificate = x509.load_pem_x509_certificate(files.certificate("signing").read_bytes())
        key = load_pem_private_key(files.key("signing").read_bytes(), None)
        return Recipe(key, certificate.fingerprint(SHA256()).hex())

    @property
    def sso_url(self) -> str:
        """Where requests go."""
        return f"{self.world.rv_front}/saml/sso"

    @property
    def artifact_url(self) -> str:
        """Where artifacts are resolved."""
        return f"{self.world.rv_back}/saml/artifact"

    @property
    def now(self) -> str:
        """As messages write it."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def authn_request(self, *, service: str = "3", inside: str = "", **changes: str | None) -> etree._Element:
        """An AuthnRequest, unsigned; None leaves an attribute out, `inside` stands after Issuer."""
        attributes = {
            "ID": new_id(),
            "Version": "2.0",
            "IssueInstant": self.now,
            "Destination": self.sso_url,
            "AssertionConsumerServiceIndex": self.acs_index,
            "AttributeConsumingServiceIndex": service,
        } | changes
        issuer = attributes.pop("Issuer", self.party.entity_id)
        written = " ".join(f'{name}="{value}"' for name, value in attributes.items() if value is not None)
        text = f"<samlp:AuthnRequest {NAMES} {written}><saml:Issuer>{issuer}</saml:Issuer>{inside}</samlp:AuthnRequest>"
        return etree.fromstring(text)

    def signed(self, element: etree._Element, recipe: Recipe | None = None, adjust: Adjust | None = None) -> bytes:
        """The bytes of a message, signed."""
        sign(element, recipe or self.recipe, adjust)
        return etree.tostring(element)

    async def send(self, browser: Browser, xml: bytes, relay_state: str | None = "state", **extra: str) -> Page:
        """Post a request as the form on its page would."""
        fields = {"SAMLRequest": base64.b64encode(xml).decode(), **extra}
        if relay_state is not None:
            fields["RelayState"] = relay_state
        return await browser.post(self.sso_url, fields)

    def artifact_resolve(self, artifact: str, **changes: str | None) -> etree._Element:
        """An ArtifactResolve in its envelope, unsigned."""
        attributes = {
            "ID": new_id(),
            "Version": "2.0",
            "IssueInstant": self.now,
            "Destination": self.artifact_url,
        } | changes
        issuer = attributes.pop("Issuer", self.party.entity_id)
        written = " ".join(f'{name}="{value}"' for name, value in attributes.items() if value is not None)
        return etree.fromstring(
            f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><samlp:ArtifactResolve {NAMES} {written}>'
            f"<saml:Issuer>{issuer}</saml:Issuer><samlp:Artifact>{artifact}</samlp:Artifact>"
            "</samlp:ArtifactResolve></soap:Body></soap:Envelope>"
        )

    def signed_resolve(
        self, artifact: str, recipe: Recipe | None = None, adjust: Adjust | None = None, **changes: str | None
    ) -> bytes:
        """The bytes of an ArtifactResolve, signed."""
        root = self.artifact_resolve(artifact, **changes)
        sign(root[0][0], recipe or self.recipe, adjust)
        return etree.tostring(root)

    def tls(self, party: Party | None = None) -> ssl.SSLContext:
        """As a client with the certificate of a party."""
        context = ssl.create_default_context(cafile=str(self.world.trust_bundle))
        files = self.world.files(party or self.party)
        context.load_cert_chain(files.certificate("tls"), files.key("tls"))
        return context

    @cached_property
    def _own_tls(self) -> ssl.SSLContext:
        return self.tls()

    async def call(
        self, body: bytes, *, tls: ssl.SSLContext | None = None, headers: Mapping[str, str] | None = None
    ) -> Resolved:
        """Post to the back channel.

        Raises:
            aiohttp.ClientError: the connection was refused.
        """
        connector = aiohttp.TCPConnector(resolver=LocalhostResolver(), ssl=tls or self._own_tls)
        sent = {"Content-Type": "text/xml", **(headers or {})}
        timeout = aiohttp.ClientTimeout(total=30)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.post(self.artifact_url, data=body, headers=sent) as answer,
            ):
                return Resolved(answer.status, answer.content_type, await answer.read())
        finally:
            await settle()

    async def resolve(self, artifact: str, **changes: str | None) -> Resolved:
        """Resolve an artifact as it should be done."""
        return await self.call(self.signed_resolve(artifact, **changes))

    async def begin(self, browser: Browser, **changes: str | None) -> Page:
        """A request as it should be; the page that the RV answers with."""
        if not self.single_sign_on:
            browser.cookies.pop(DIGID.host, None)
        return await self.send(browser, self.signed(self.authn_request(**changes)))

    async def artifact(
        self, browser: Browser, *, person: str = "fenna", means: str = "app", fault: str = "", **changes: str | None
    ) -> Page:
        """A whole login, up to the redirect that brings the artifact home."""
        page = await at_digid(browser, await self.begin(browser, **changes))
        return await browser.follow(await log_in(browser, page, person=person, means=means, fault=fault))


async def at_digid(browser: Browser, page: Page) -> Page:
    """From the RV's answer to DigiD's login page: by the form that submits itself."""
    page = await browser.submit(page)
    assert page.status == 303, page.text
    return await browser.follow(page)


async def log_in(
    browser: Browser, page: Page, *, person: str = "fenna", means: str = "app", fault: str = "", action: str = "login"
) -> Page:
    """Fill in DigiD's page: the redirect back to the RV."""
    return await browser.submit(page, person=person, means=means, fault=fault, action=action)
