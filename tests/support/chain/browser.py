"""What a browser does, without one: cookies per host, forms as they stand on a page, redirects one at a time."""

import asyncio
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Self
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
from lxml import html

from routeringsvoorziening.transport.resolver import LocalhostResolver


@dataclass(frozen=True, slots=True)
class Page:
    """An answer.

    Args:
        url: that was asked.
        headers: names in lower case; of repeated ones the last.
    """

    status: int
    url: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body."""
        return self.body.decode("utf-8", "replace")

    @property
    def location(self) -> str | None:
        """Where it redirects to, absolute."""
        found = self.headers.get("location")
        return None if found is None else urljoin(self.url, found)

    def query(self, name: str) -> str | None:
        """A parameter of the redirect, decoded once."""
        found = parse_qs(urlsplit(self.location or "").query, keep_blank_values=True).get(name)
        return found[0] if found else None

    def form(self, index: int = 0) -> "Form":
        """A form of the page, with what is filled in."""
        found = html.fromstring(self.body).forms[index]
        return Form(urljoin(self.url, found.action or self.url), dict(found.form_values()))

    def __contains__(self, text: str) -> bool:
        return text in self.text


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form goes, and what is in it."""

    action: str
    fields: dict[str, str]


class Browser:
    """One browser with an empty cookie jar. `trail` holds every URL that it asked, `pages` every answer.

    Cookies are kept per host name, as browsers do: ports do not count. Secure cookies go to *.localhost too.
    """

    def __init__(self, *, language: str = "nl") -> None:
        self.language = language
        self.cookies: dict[str, dict[str, str]] = {}
        self.pages: list[Page] = []
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(resolver=LocalhostResolver(), limit=0)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await settle()

    async def ask(self, method: str, url: str, **options: object) -> Page:
        """One request, no redirects followed."""
        host = urlsplit(url).hostname or ""
        jar = self.cookies.setdefault(host, {})
        headers = {"Accept-Language": self.language, **options.pop("headers", {})}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        timeout = aiohttp.ClientTimeout(total=30)
        async with self._session.request(
            method, url, headers=headers, allow_redirects=False, timeout=timeout, **options
        ) as response:
            _keep(jar, response.headers.getall("Set-Cookie", []))
            body = await response.read()
            headers = {name.lower(): value for name, value in response.headers.items()}
            page = Page(response.status, str(url), headers, body)
        self.pages.append(page)
        return page

    async def get(self, url: str, **options: object) -> Page:
        """GET."""
        return await self.ask("GET", url, **options)

    async def post(self, url: str, fields: object, **options: object) -> Page:
        """POST a form."""
        return await self.ask("POST", url, data=fields, **options)

    async def submit(self, page: Page, form: int = 0, **fields: str) -> Page:
        """Send a form of a page, with some fields changed or added."""
        found = page.form(form)
        return await self.post(found.action, {**found.fields, **fields})

    async def follow(self, page: Page) -> Page:
        """Go where a redirect points."""
        return await self.get(page.location)


async def settle(turns: int = 20) -> None:
    """Let transports that are being closed finish: their last callbacks are only a few turns of the loop away.

    One that still has much to send, to somebody who reads no more, would not finish by itself.
    """
    for transport in list(getattr(asyncio.get_running_loop(), "_transports", {}).values()):
        if transport.is_closing():
            transport.abort()
    for _ in range(turns):
        await asyncio.sleep(0)


def _keep(jar: dict[str, str], lines: list[str]) -> None:
    for line in lines:
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0" or not morsel.value:
                jar.pop(name, None)
            else:
                jar[name] = morsel.value
