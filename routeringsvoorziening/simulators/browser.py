"""A browser without a window: keeps cookies, follows redirects and self-submitting forms, logs in at the simulators.

The demo's check, the tests and the bench drive it. Names under `.localhost` are this machine, and plain http to them
counts as a secure context, as it does in real browsers: `__Host-` cookies work there.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import BaseCookie
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import ClearCookiePredicate
from yarl import URL

from routeringsvoorziening.simulators.forms import Form, forms_of
from routeringsvoorziening.transport.resolver import LocalhostResolver

MOST_HOPS: Final = 20
"""Redirects and self-submitting forms in a row."""
TOTAL_SECONDS: Final = 60.0
_NOWHERE: Final = URL()
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class LostOnTheWay(Exception):
    """The browser is not where it should be; the text says where it is instead."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the browser and its answer.

    Args:
        method: GET or POST.
        url: without its query, which may hold an artifact.
        status: of the answer.
        seconds: until the whole answer was there.
    """

    method: str
    url: str
    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Page:
    """Where the browser is.

    Args:
        url: its address.
        status: HTTP status.
        headers: of the answer.
        text: the page.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def forms(self) -> list[Form]:
        """Its forms."""
        return forms_of(self.text)

    @property
    def path(self) -> str:
        """Path of its address."""
        return urlsplit(self.url).path


class _Jar(aiohttp.CookieJar):
    """Sends Secure cookies to `.localhost` without TLS."""

    def filter_cookies(self, request_url: URL = _NOWHERE) -> BaseCookie[str]:
        host = request_url.host or ""
        local = host == "localhost" or host.endswith(".localhost")
        return super().filter_cookies(request_url.with_scheme("https") if local else request_url)


class Browser:
    """One person's browser; close it when done.

    Args:
        on_step: told of every request, for timing.
        language: what it prefers.
    """

    def __init__(self, *, on_step: Callable[[Step], None] = lambda _: None, language: str = "nl") -> None:
        self._on_step = on_step
        self._language = language
        self._session: aiohttp.ClientSession | None = None
        self.page = Page("about:blank", 200, {}, "")

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=_Jar(),
            connector=aiohttp.TCPConnector(resolver=LocalhostResolver()),
            timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS),
            headers={"Accept-Language": self._language, "Accept": "text/html"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    def forget(self, predicate: ClearCookiePredicate | None = None) -> None:
        """Lose the cookies."""
        if self._session is not None:
            self._session.cookie_jar.clear(predicate)

    async def open(self, url: str) -> Page:
        """Go to an address, and on to where redirects and self-submitting forms lead."""
        return await self._travel("GET", url, None)

    async def submit(self, form: Form, **values: str) -> Page:
        """Fill a form in and send it; then as `open`."""
        return await self._travel(*self._filled(form, values))

    async def request(self, method: str, url: str, fields: Mapping[str, str] | None = None) -> Page:
        """One request and no more; stays where the answer is."""
        if self._session is None:
            raise RuntimeError("use the browser as a context manager")
        began = time.perf_counter()
        async with self._session.request(method, url, data=fields, allow_redirects=False) as answer:
            text = await answer.text(errors="replace")
        self.page = Page(str(answer.url), answer.status, answer.headers, text)
        bare = str(answer.url.with_query(None))
        self._on_step(Step(method, bare, answer.status, time.perf_counter() - began))
        return self.page

    async def _travel(self, method: str, url: str, fields: Mapping[str, str] | None) -> Page:
        for _ in range(MOST_HOPS):
            page = await self.request(method, url, fields)
            following = self._next(page)
            if following is None:
                return page
            method, url, fields = following
        raise LostOnTheWay(f"more than {MOST_HOPS} hops, at {self.page.path}")

    def _next(self, page: Page) -> tuple[str, str, Mapping[str, str] | None] | None:
        """Where the page sends the browser by itself."""
        if page.status in _REDIRECTS:
            return "GET", urljoin(page.url, page.headers.get("Location", "")), None
        for form in page.forms:
            if form.automatic or form.carries_message:
                return self._filled(form, {})
        return None

    def _filled(self, form: Form, values: Mapping[str, str]) -> tuple[str, str, Mapping[str, str] | None]:
        url = urljoin(self.page.url, form.action) if form.action else self.page.url
        fields = {**form.fields, **values}
        if form.method == "get":
            return "GET", str(URL(url).with_query(fields)), None
        return "POST", url, fields


async def to_login_page(
    browser: Browser,
    portal_url: str,
    service: int,
    dienstverlener: str | None = None,
    wish: str = "",
    *,
    method: str = "",
) -> Page:
    """From the portal's page to the login service's, by the routeringsdienst's own choice page when there is one.

    Args:
        browser: anywhere.
        portal_url: base URL of the portal.
        service: index of the service there.
        dienstverlener: at the portal of a supplier: whose service it is.
        wish: for whom: empty for yourself, the folder name of a BVD, or `kies+` and a BVD to choose it on the way.
        method: for yourself: which button, where there are several.

    Raises:
        LostOnTheWay: it did not get there.
    """
    page = await browser.open(f"{portal_url}/")
    asked = {"service": str(service), "dienstverlener": dienstverlener}
    wanted = [form for form in page.forms if all(form.fields.get(name) == value for name, value in asked.items())]
    if not wanted:
        raise LostOnTheWay(f"no service {service} at the portal: {page.status}")
    button, _, chosen = wish.partition("+")
    page = await browser.submit(wanted[0], **({"voor": button} if button else {"met": method} if method else {}))
    if chosen:
        page = await choose_way(browser, chosen)
    if not any("person" in form.choices for form in page.forms):
        raise LostOnTheWay(f"no login page but {page.path}: {page.status}")
    return page


async def choose_way(browser: Browser, mandate: str) -> Page:
    """At the routeringsdienst's choice page: through a BVD, for somebody else.

    Raises:
        LostOnTheWay: this is no such page, or the BVD is not offered.
    """
    for form in browser.page.forms:
        for value in form.buttons.get("choice", ()):
            if value.endswith(f"+{mandate}"):
                return await browser.submit(form, choice=value)
    raise LostOnTheWay(f"no way through {mandate} at {browser.page.path}: {browser.page.status}")


async def log_in(
    browser: Browser,
    portal_url: str,
    *,
    service: int,
    dienstverlener: str | None = None,
    person: str = "fenna",
    means: str = "document",
    action: str = "login",
    fault: str = "",
    wish: str = "",
    method: str = "",
) -> Page:
    """A whole login: portal, login service, and back at the portal's page that says who logged in, or why not.

    Args:
        browser: anywhere.
        portal_url: base URL of the portal.
        service: index of the service there.
        dienstverlener: at the portal of a supplier: whose service it is.
        person: key of a test person.
        means: value of a means of login.
        action: `login`, `cancel` or `fail`.
        fault: name of a fault that the login service plays in this login.
        method: as `to_login_page`.
        wish: as `to_login_page`; for somebody else it ends at the page of the BVD, where `represent` goes on.

    Raises:
        LostOnTheWay: it did not get to the login page, or that page did not take the choice.
    """
    page = await to_login_page(browser, portal_url, service, dienstverlener, wish, method=method)
    form = next(form for form in page.forms if "person" in form.choices)
    if means not in form.choices.get("means", []) and action == "login":
        raise LostOnTheWay(f"means {means} is not open for service {service}")
    extra = {"fault": fault} if fault else {}
    return await browser.submit(form, person=person, means=means, action=action, **extra)


async def represent(browser: Browser, mandate: str = "", *, action: str = "choose", fault: str = "") -> Page:
    """At the page of a BVD: choose for whom to act; then as `submit`.

    Args:
        browser: at that page, or at the one that says that there is nobody.
        mandate: reference of the mandate, such as `gezag-shanti-anaya`; the first that is offered when empty.
        action: `choose`, `cancel`, or `nobody` on the page that says so.
        fault: name of a fault that the BVD plays in its answer.

    Raises:
        LostOnTheWay: this is no such page, or nobody is offered.
    """
    forms = [form for form in browser.page.forms if {"choose", "nobody"} & set(form.buttons.get("action", ()))]
    if not forms:
        raise LostOnTheWay(f"no choice of whom to represent but {browser.page.path}: {browser.page.status}")
    values = {"action": action} | ({"fault": fault} if fault else {})
    if action == "choose":
        offered = forms[0].choices.get("mandate", [])
        if not offered or (mandate and mandate not in offered):
            raise LostOnTheWay(f"not offered: {mandate or 'anybody'}")
        values["mandate"] = mandate or offered[0]
    return await browser.submit(forms[0], **values)
