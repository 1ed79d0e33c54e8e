"""The front channel around the played core, and a browser that is only headers and cookies."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie

import aiohttp
import pytest
import structlog
from aiohttp import web
from structlog.contextvars import merge_contextvars
from structlog.testing import LogCapture

from routeringsvoorziening.broker.failures import Failure
from routeringsvoorziening.broker.identifiers import mark_of, new_browser_key
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    Declaration,
    Departure,
    FrontChannelMessage,
    LegId,
    LocalizedText,
    PostForm,
    Redirect,
    Reference,
)
from routeringsvoorziening.configuration.homes import Home, Homes
from routeringsvoorziening.transport.limits import RequestBounds
from routeringsvoorziening.transport.listeners import Listener
from routeringsvoorziening.web.application import front_application
from routeringsvoorziening.web.flow import Flow
from routeringsvoorziening.web.pages import Pages, PageSettings
from tests.support.core import DIGID, Core, request

NAMES = {
    "digid": LocalizedText("DigiD", "DigiD"),
    "eidas": LocalizedText("een Europees inlogmiddel", "a European eID"),
    "machtigen": LocalizedText("DigiD Machtigen", "DigiD Machtigen"),
}
PROMPTS = {"machtigen": LocalizedText("met een machtiging", "with an authorisation")}
SERVICE = request().service
HOMEPAGE = Home(LocalizedText("Gemeente Voorbeeld", "Example municipality"), "https://dv.example/")
ACTION = "https://digid.example/saml/sso"
HOME = "https://dv.example/acs"


class PlayedFrontend:
    """Sends every outcome home in the address."""

    def __init__(self) -> None:
        self.outcomes: list[Declaration | Failure] = []
        self.posts = False

    async def answer(
        self, request: AuthenticationRequest, reference: Reference, outcome: Declaration | Failure
    ) -> FrontChannelMessage:
        """Note the outcome."""
        self.outcomes.append(outcome)
        kind = outcome.kind.value if isinstance(outcome, Failure) else "declared"
        return PostForm(HOME, {"outcome": kind}) if self.posts else Redirect(f"{HOME}?outcome={kind}")


@dataclass
class Counted:
    """What the edge counted."""

    rejected: list[tuple[str, str]] = field(default_factory=list)
    bounds: list[str] = field(default_factory=list)

    def message_rejected(self, endpoint: str, code: str) -> None:
        """Keep it."""
        self.rejected.append((endpoint, code))

    def bound_reached(self, bound: str) -> None:
        """Keep it."""
        self.bounds.append(bound)


@dataclass
class Seen:
    """One answer, whole."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    text: str

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.headers["Location"]

    @property
    def policy(self) -> dict[str, str]:
        """The Content-Security-Policy, by directive."""
        rules = (rule.strip().partition(" ") for rule in self.headers["Content-Security-Policy"].split(";"))
        return {name: value for name, _, value in rules}

    @property
    def heading(self) -> str:
        """What the page says first."""
        return unescape(re.search("<h1>(.*?)</h1>", self.text, re.DOTALL).group(1).strip())

    @property
    def buttons(self) -> list[str]:
        """What can be done."""
        labels = re.findall("<button[^>]*>(.*?)</button>", self.text, re.DOTALL)
        return [unescape(re.sub("<[^>]+>", "", label).strip()) for label in labels]

    @property
    def groups(self) -> dict[str, int]:
        """The legends, each with the number of buttons below it."""
        found = re.findall("<legend>(.*?)</legend>(.*?)</fieldset>", self.text, re.DOTALL)
        return {unescape(legend.strip()): body.count("<button") for legend, body in found}

    @property
    def reference(self) -> str:
        """The number to read out."""
        return re.search("RV-[2-9A-Z]{4}-[2-9A-Z]{4}", self.text).group()


class Browser:
    """Keeps cookies by their own words; follows nothing."""

    def __init__(self, site: "Site", session: aiohttp.ClientSession) -> None:
        self.site = site
        self.session = session
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {"Accept-Language": "nl"}

    async def get(self, path: str, **headers: str) -> Seen:
        """GET one page."""
        return await self._send("GET", path, None, headers)

    async def head(self, path: str) -> Seen:
        """Look at one page."""
        return await self._send("HEAD", path, None, {})

    async def post(self, path: str, data: Mapping[str, str] | bytes | None = None, **headers: str) -> Seen:
        """Post one form."""
        return await self._send("POST", path, data, headers)

    async def _send(self, method: str, path: str, data, headers: Mapping[str, str]) -> Seen:
        spoken = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies and "Cookie" not in spoken:
            spoken["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = f"http://127.0.0.1:{self.site.listener.port}{path}"
        async with self.session.request(method, url, data=data, headers=spoken, allow_redirects=False) as answer:
            lines = answer.headers.getall("Set-Cookie", [])
            self._keep(lines)
            return Seen(answer.status, answer.headers, lines, await answer.text())

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


@dataclass
class Site:
    """A front channel that listens."""

    core: Core
    frontend: PlayedFrontend
    counted: Counted
    listener: Listener
    log: list
    trouble: Exception | None = None


def posts_a_form(core: Core, fields: Mapping[str, str] | None = None, service=None) -> None:
    """Let a service, DigiD by default, be reached by a form, as SAML's HTTP-POST binding has it."""
    service = service or core.authentication[DIGID]
    depart = service.begin

    async def begin(*arguments) -> Departure:
        departure = await depart(*arguments)
        return Departure(departure.leg, PostForm(ACTION, fields or {"SAMLRequest": "PD94"}), departure.state)

    service.begin = begin


@pytest.fixture
def log():
    """Every log line, with what is bound to its task."""
    captured = LogCapture()
    structlog.configure(processors=[merge_contextvars, captured])
    yield captured.entries
    structlog.reset_defaults()


@pytest.fixture
async def site(log) -> AsyncIterator[Site]:
    """The real application; `/begin` plays the frontend's part, `/fail` raises what the test put in `trouble`."""
    core, frontend, counted = Core(), PlayedFrontend(), Counted()
    pages = Pages(PageSettings(NAMES, ("https:",), PROMPTS, Homes(iter({mark_of(SERVICE): HOMEPAGE}.items())).home_of))
    flow = Flow(core.broker, {"saml": frontend}, pages)
    app = front_application(
        flow, pages, bounds=RequestBounds(body_bytes=10_000, body_seconds=0.2), meter=counted, https=True
    )

    async def begin(incoming: web.Request) -> web.StreamResponse:
        browser = new_browser_key()
        return await flow.respond(incoming, await core.broker.begin(request(), browser), browser)

    async def fail(_incoming: web.Request) -> web.StreamResponse:
        raise place.trouble

    app.router.add_post("/begin", begin)
    app.router.add_get("/fail", fail)
    async with Listener(app) as listener:
        place = Site(core, frontend, counted, listener, log)
        yield place


@pytest.fixture
async def browser(site) -> AsyncIterator[Browser]:
    """A browser at the site."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Browser(site, session)


def leg_of(seen: Seen) -> LegId:
    """The leg that a redirect to a played service names."""
    return LegId(seen.location.partition("leg=")[2])


def path_of(seen: Seen) -> str:
    """Where a redirect within the site leads, without its query."""
    return seen.location.partition("?")[0]
