"""`rv demo --check`, single sign-on: one login for two websites of one organisation, and one logout for both."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from routeringsvoorziening.cli.demo_check import LOGGED_IN, NAME, PERSON, WIDTH, step_line
from routeringsvoorziening.simulators.browser import Browser, LostOnTheWay, Page, Step, log_in
from routeringsvoorziening.simulators.world.layout import (
    BELASTINGEN,
    BELASTINGEN_SERVICES,
    PORTAL,
    PORTAL_SERVICES,
    DemoService,
    Party,
    World,
)
from routeringsvoorziening.simulators.world.persons import Means

LOGGED_OUT: Final = "<h1>U bent uitgelogd</h1>"
HELP: Final = PORTAL_SERVICES[2]
TAXES, REMISSION = BELASTINGEN_SERVICES


@dataclass(slots=True)
class SessionTried:
    """How one thing went.

    Args:
        name: in the output.
        problem: None when all is well.
    """

    name: str
    problem: str | None = None
    milliseconds: float = 0.0
    steps: list[Step] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return self.problem is None


class Visitor:
    """One person in one browser, who goes from website to website."""

    def __init__(self, world: World, browser: Browser) -> None:
        self._world = world
        self._browser = browser

    async def log_in(self) -> None:
        """At the first website, with credentials."""
        page = await log_in(
            self._browser, self._home(PORTAL), service=HELP.index, person=PERSON.key, means=Means.APP.value
        )
        _demand(page, LOGGED_IN, PERSON.bsn)

    async def enter(self) -> None:
        """At the second website, without them: the session at DigiD answers."""
        _demand(await self._press(BELASTINGEN, TAXES), LOGGED_IN, PERSON.bsn)

    async def step_up(self) -> None:
        """At the second website, for something of a higher level: credentials after all."""
        page = await self._press(BELASTINGEN, REMISSION)
        form = _login_form(page)
        page = await self._browser.submit(form, person=PERSON.key, means=Means.DOCUMENT.value, action="login")
        _demand(page, LOGGED_IN, PERSON.bsn)

    async def log_out(self) -> None:
        """At the first website: it ends everywhere, and says so."""
        page = await self._browser.open(f"{self._home(PORTAL)}/sessie")
        forms = [form for form in page.forms if form.action == "/logout"]
        if not forms:
            raise LostOnTheWay(f"no way to log out at {page.path}")
        _demand(await self._browser.submit(forms[0]), LOGGED_OUT)

    async def be_asked(self) -> None:
        """At the second website: credentials."""
        _login_form(await self._press(BELASTINGEN, TAXES))

    async def _press(self, party: Party, service: DemoService) -> Page:
        page = await self._browser.open(f"{self._home(party)}/")
        forms = [form for form in page.forms if form.fields.get("service") == str(service.index)]
        if not forms:
            raise LostOnTheWay(f"no service {service.index} at {party.host}")
        return await self._browser.submit(forms[0])

    def _home(self, party: Party) -> str:
        return self._world.website(party)


async def try_sessions(world: World, tell: Callable[[str], None]) -> list[SessionTried]:
    """One browser, from the first login to the login after the logout; every line is told."""
    tried: list[SessionTried] = []
    steps: list[Step] = []
    async with Browser(on_step=steps.append) as browser:
        visitor = Visitor(world, browser)
        for name, act in (
            ("sso-login", visitor.log_in),
            ("sso-second-website", visitor.enter),
            ("sso-higher-level", visitor.step_up),
            ("sso-logout", visitor.log_out),
            ("sso-asked-again", visitor.be_asked),
        ):
            tried.append(await _try(name, act, steps))
            for line in _lines(tried[-1]):
                tell(line)
    return tried


async def _try(name: str, act: Callable[[], Awaitable[None]], steps: list[Step]) -> SessionTried:
    steps.clear()
    result, began = SessionTried(name), time.perf_counter()
    try:
        await act()
    except LostOnTheWay as lost:
        result.problem = str(lost)
    result.milliseconds = (time.perf_counter() - began) * 1000
    result.steps = list(steps)
    return result


def as_data(tried: list[SessionTried]) -> list[dict[str, Any]]:
    """For programs."""
    return [{"case": each.name, "ok": each.ok, "ms": round(each.milliseconds, 1)} for each in tried]


def _lines(tried: SessionTried) -> list[str]:
    mark = "ok" if tried.ok else f"FAILED: {tried.problem}"
    return [
        *(step_line(tried.name, step) for step in tried.steps),
        f"{tried.name:{NAME}} {mark:{WIDTH}} {tried.milliseconds:8.1f} ms",
    ]


def _demand(page: Page, *texts: str) -> None:
    if any(text not in page.text for text in texts):
        raise LostOnTheWay(f"ended at {page.path} (HTTP {page.status}) without what must be there")


def _login_form(page: Page) -> Any:
    forms = [form for form in page.forms if "person" in form.choices]
    if not forms:
        raise LostOnTheWay(f"credentials were not asked: at {page.path} (HTTP {page.status})")
    return forms[0]
