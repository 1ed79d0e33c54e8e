"""A portal and a DigiD simulator that tests reach over loopback, with a Routeringsdienst that stands in."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.serialization import Encoding
from yarl import URL

from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, read_authn_request
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.schema import validate
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.bvd import starting as bvd_starting
from routeringsvoorziening.simulators.bvd.faults import FaultSwitches as BvdFaultSwitches
from routeringsvoorziening.simulators.bvd.simulator import BvdSimulator
from routeringsvoorziening.simulators.digid.faults import FaultSwitches
from routeringsvoorziening.simulators.digid.simulator import DigidSimulator
from routeringsvoorziening.simulators.digid.starting import back_app, front_app
from routeringsvoorziening.simulators.forms import forms_of
from routeringsvoorziening.simulators.pages import prepare
from routeringsvoorziening.simulators.portal.portal import BROWSER_COOKIE, SESSION_COOKIE, Portal
from routeringsvoorziening.simulators.portal.starting import app_of
from routeringsvoorziening.simulators.portal.texts import prepare_texts
from routeringsvoorziening.simulators.registers.brondienstvertaling import default_translation
from routeringsvoorziening.simulators.registers.demo import demo_stelsel
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.transport.peer import TRUSTED_PROXY, TrustedProxy
from tests.support import simulated, simulated_bvd
from tests.support.pki import Pair
from tests.support.simulated import AnsweringRd, Clock
from tests.support.simulated_bvd import BvdVisit


@pytest.fixture(scope="session", autouse=True)
def _prepared() -> None:
    """Templates, texts and schemas are read before an event loop runs."""
    prepare()
    prepare_texts()
    default_translation()
    for schema in ("protocol", "assertion"):
        with pytest.raises(Exception, match="schema"):
            validate(parse(b"<x/>"), schema)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is told."""
    return Clock()


@dataclass
class PortalVisit:
    """A browser at the portal, and the Routeringsdienst that will answer it."""

    client: TestClient[web.Request, web.Application]
    rd: AnsweringRd
    portal: Portal

    async def leave(self, service: int = 3, **form: str) -> str:
        """Press the button; gives the RelayState of the attempt."""
        answer = await self.client.post("/login", data={"service": str(service), **form})
        (form,) = [form for form in forms_of(await answer.text()) if "SAMLRequest" in form.fields]
        element = parse(base64.b64decode(form.fields["SAMLRequest"]))
        key = simulated.signing_key(simulated.DV).verification_key
        self.rd.request = read_authn_request(verify(element, [key], at=simulated.NOW))
        return form.fields["RelayState"]

    @property
    def request(self) -> AuthnRequest:
        """What the portal asked."""
        assert self.rd.request is not None
        return self.rd.request

    async def come_back(self, service: int = 3, **form: str) -> str:
        """A whole login; gives the page where it ends."""
        relay_state = await self.leave(service, **form)
        return await self.arrive(self.rd.redirect(relay_state))

    async def arrive(self, path: str) -> str:
        """The browser comes to the ACS and goes where that sends it."""
        answer = await self.client.get(path)
        return await answer.text()

    async def refused_for(self, service: int = 3, **form: str) -> tuple[str, str]:
        """A whole login that must not succeed: which check ended it, and with what code. No session comes of it."""
        page = await self.come_back(service, **form)
        assert "<h1>U bent niet ingelogd</h1>" in page
        assert SESSION_COOKIE not in self.cookies
        return self.failure

    @property
    def failure(self) -> tuple[str, str]:
        """The check that failed last, and its code."""
        exchange = self.portal._memory.failures.peek(self.cookies[BROWSER_COOKIE])
        assert exchange is not None
        (failed,) = [each for each in exchange.checklist.results if each.outcome == "failed"]
        assert failed.code is not None
        return failed.check.name, failed.code

    @property
    def cookies(self) -> dict[str, str]:
        """What the browser holds."""
        jar = self.client.session.cookie_jar
        return {cookie.key: cookie.value for cookie in jar}


NewVisit = Callable[..., Awaitable[PortalVisit]]


@pytest.fixture
async def new_visit(clock: Clock) -> AsyncIterator[NewVisit]:
    """A function that starts a portal, with changed settings if you like."""
    clients = []

    async def start(**changed: Any) -> PortalVisit:
        rd = AnsweringRd(clock)
        portal = Portal(simulated.portal_settings(**changed), simulated.rd_as_service(), rd, clock)  # type: ignore[arg-type]
        server = TestServer(app_of(portal), host="127.0.0.1")
        await server.start_server()
        jar = CookieJar(unsafe=True, treat_as_secure_origin=[URL(f"http://127.0.0.1:{server.port}")])
        client = TestClient(server, cookie_jar=jar)
        clients.append(client)
        return PortalVisit(client, rd, portal)

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def visit(new_visit: NewVisit) -> PortalVisit:
    """A browser at the demo portal."""
    return await new_visit()


@dataclass
class DigidVisit:
    """The Routeringsdienst, and a browser, at DigiD."""

    front: TestClient[web.Request, web.Application]
    back: TestClient[web.Request, web.Application]
    faults: FaultSwitches

    async def ask(self, saml_request: str | None = None, relay_state: str | None = "leg-1", **changed: Any) -> Any:
        """Post an AuthnRequest; gives the answer, redirects not followed."""
        fields = {"SAMLRequest": saml_request or simulated.rd_request(**changed)}
        if relay_state is not None:
            fields["RelayState"] = relay_state
        return await self.front.post("/saml/sso", data=fields, allow_redirects=False)

    async def log_in(self, action: str = "login", **form: str) -> URL:
        """A whole login at DigiD; gives the address to which the browser is sent with the artifact."""
        page = (await self.ask()).headers["Location"]
        fields = {"person": "fenna", "means": "app", "action": action} | form
        answer = await self.front.post(page, data=fields, allow_redirects=False)
        return URL(answer.headers["Location"])

    async def resolve(self, artifact: str, *, certificate: Pair | None = None, **changed: Any) -> Any:
        """Exchange an artifact on the back channel, with a client certificate."""
        return await self.post_back(simulated.rd_resolve(artifact, **changed), certificate)

    async def post_back(self, body: bytes, certificate: Pair | None = None, content_type: str = "text/xml") -> Any:
        """Post anything to the back channel."""
        pair = certificate or simulated.leaf(simulated.RD.oin, "tls")
        pem = quote(pair.certificate.public_bytes(Encoding.PEM).decode())
        headers = {"Content-Type": content_type, "X-SSL-Client-Cert": pem}
        return await self.back.post("/saml/artifact", data=body, headers=headers, allow_redirects=False)


NewDigid = Callable[..., Awaitable[DigidVisit]]


@pytest.fixture
async def new_digid(clock: Clock) -> AsyncIterator[NewDigid]:
    """A function that starts a DigiD simulator: settings and the Routeringsdienst's metadata may differ."""
    clients: list[TestClient[web.Request, web.Application]] = []

    async def start(routing: Any = None, faults: tuple[str, ...] = (), bvds: Any = (), **changed: Any) -> DigidVisit:
        switches = FaultSwitches(faults, seconds=0.001)
        simulator = DigidSimulator(
            simulated.digid_settings(**changed), routing or simulated.rd_as_asker(), clock, switches, bvds
        )
        back = back_app(simulator)
        back[TRUSTED_PROXY] = TrustedProxy([ip_network("127.0.0.0/8")])
        for app in (front_app(simulator), back):
            clients.append(TestClient(TestServer(app, host="127.0.0.1")))
            await clients[-1].start_server()
        return DigidVisit(clients[-2], clients[-1], switches)

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def digid(new_digid: NewDigid) -> DigidVisit:
    """The DigiD simulator, keeping every rule."""
    return await new_digid()


NewBvd = Callable[..., Awaitable[BvdVisit]]


@pytest.fixture
async def new_bvd(clock: Clock) -> AsyncIterator[NewBvd]:
    """A function that starts a BVD simulator: settings, metadata and registers may differ."""
    clients: list[TestClient[web.Request, web.Application]] = []

    async def start(
        party: layout.Party = layout.GEZAG,
        *,
        routing: Any = None,
        ads: Any = None,
        faults: tuple[str, ...] = (),
        clients_of_noor: int = 0,
        **changed: Any,
    ) -> BvdVisit:
        switches = BvdFaultSwitches(faults, seconds=0.001)
        registers = demo_stelsel(clock(), clients=clients_of_noor)
        simulator = BvdSimulator(
            simulated_bvd.bvd_settings(party, **changed),
            routing or simulated.rd_as_asker(),
            ads if ads is not None else [simulated_bvd.ad_as_declarer()],
            registers.stelsel,
            clock=clock,
            faults=switches,
        )
        back = bvd_starting.back_app(simulator)
        back[TRUSTED_PROXY] = TrustedProxy([ip_network("127.0.0.0/8")])
        for app in (bvd_starting.front_app(simulator), back):
            clients.append(TestClient(TestServer(app, host="127.0.0.1")))
            await clients[-1].start_server()
        return BvdVisit(party, clients[-2], clients[-1], switches, registers)

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def gezag(new_bvd: NewBvd) -> BvdVisit:
    """The BVD for parents, keeping every rule."""
    return await new_bvd(layout.GEZAG)


@pytest.fixture
async def machtigen(new_bvd: NewBvd) -> BvdVisit:
    """The BVD for voluntary mandates, keeping every rule."""
    return await new_bvd(layout.MACHTIGEN)


@pytest.fixture
async def bewind(new_bvd: NewBvd) -> BvdVisit:
    """The BVD for what courts decided, keeping every rule."""
    return await new_bvd(layout.BEWIND)
