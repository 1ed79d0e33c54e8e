"""`rv demo --check`, eIDAS: people and a company from several countries, at each level, known and unknown here."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from routeringsvoorziening.cli.demo_check import (
    CANCELLED,
    IDENTITY,
    LOGGED_IN,
    NAME,
    NOT_LOGGED_IN,
    PSEUDONYM,
    WIDTH,
    problem_with,
    step_line,
)
from routeringsvoorziening.simulators.browser import Browser, LostOnTheWay, Page, Step
from routeringsvoorziening.simulators.forms import Form
from routeringsvoorziening.simulators.world.europe import COMPANIES, PEOPLE, Company, European
from routeringsvoorziening.simulators.world.layout import (
    BUSINESS,
    DECRYPTED,
    EIDAS,
    PENSION,
    PORTAL,
    STAY,
    VISIT,
    ZORG,
    DemoService,
    Party,
    World,
)
from routeringsvoorziening.simulators.world.persons import LEVEL_NAMES

_BY_KEY: Final[dict[str, European | Company]] = {each.key: each for each in (*PEOPLE, *COMPANIES)}
_EXPLAINED: Final = "<h1>U hebt een BSN nodig</h1>"
_TO_DIGID: Final = "RV: AuthnRequest verified, sent on to DigiD"
_INSTEAD: Final = MappingProxyType({_TO_DIGID: "RV: AuthnRequest verified, sent on to eIDAS"})


@dataclass(frozen=True, slots=True)
class Crossing:
    """One thing to try.

    Args:
        name: in the output.
        service: what to log in for.
        who: key of a person or company of another country.
        level: 20, 25 or 30: with which they log in there.
        identity: as what they are declared: BSN or Pseudonym, or legacy-BSN when the RV makes that; empty when nobody
            gets in.
        action: `login`, `refuse` or `fail` in that country.
        expected: each must stand on the page where it ends.
        site: whose portal.
        absent: none may stand on that page.
    """

    name: str
    service: DemoService
    who: str
    level: int
    identity: str
    action: str
    expected: tuple[str, ...]
    site: Party = PORTAL
    absent: tuple[str, ...] = ()

    @property
    def decrypted(self) -> bool:
        """The RV opened it on behalf of the dienstverlener."""
        return self.site in DECRYPTED

    @property
    def person(self) -> European | Company:
        """Who that is."""
        return _BY_KEY[self.who]


@dataclass(slots=True)
class CrossingTried:
    """How it went; `problem` is None when all is well."""

    crossing: Crossing
    problem: str | None = None
    milliseconds: float = 0.0
    steps: list[Step] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return self.problem is None


def crossings() -> list[Crossing]:
    """Each level; by BSN and by pseudonym; a company; who is not known and needs to be; no consent; a failure."""
    return [
        _login("eidas-low", STAY, "lotte", 20, "BSN", "950528559", "Peeters", "BE/NL/"),
        _login("eidas-substantial", BUSINESS, "camille", 25, "Pseudonym", "Moreau", "Lille"),
        _login("eidas-high", PENSION, "jonas", 30, "BSN", "967365326", "Brandt", "1979-11-02"),
        _login("eidas-pseudonym", STAY, "eleni", 25, "Pseudonym", "Dimou", "Δήμου", "GR/NL/AZ564738"),
        _login("eidas-company", BUSINESS, "levante", 30, "Pseudonym", "Citricos Levante SL", "ES/NL/B99900017"),
        _opened("eidas-opened-low", "lotte", 20, "950528559"),
        _opened("eidas-opened-substantial", "nikos", 25, "969624207"),
        _opened("eidas-opened-high", "jonas", 30, "967365326"),
        Crossing("eidas-opened-unknown", VISIT, "astrid", 25, "", "login", (NOT_LOGGED_IN, "AuthnFailed"), ZORG),
        Crossing("eidas-unknown", PENSION, "astrid", 30, "", "login", (NOT_LOGGED_IN, "AuthnFailed")),
        Crossing("eidas-no-consent", STAY, "mathieu", 20, "", "refuse", (NOT_LOGGED_IN, CANCELLED)),
        Crossing("eidas-fail", STAY, "pablo", 20, "", "fail", (NOT_LOGGED_IN, "AuthnFailed")),
    ]


def _login(name: str, service: DemoService, who: str, level: int, identity: str, *shown: str) -> Crossing:
    kind = IDENTITY if identity == "BSN" else PSEUDONYM
    return Crossing(name, service, who, level, identity, "login", (LOGGED_IN, EIDAS.entity_id, kind, *shown))


def _opened(name: str, who: str, level: int, bsn: str) -> Crossing:
    shown = (LOGGED_IN, EIDAS.entity_id, bsn)
    return Crossing(name, VISIT, who, level, "legacy-BSN", "login", shown, ZORG, (IDENTITY, PSEUDONYM))


async def try_crossings(world: World, tell: Callable[[str], None]) -> list[CrossingTried]:
    """Each in a browser of its own; every line is told."""
    tried = []
    for crossing in crossings():
        tried.append(await try_crossing(world, crossing))
        for line in _lines(tried[-1]):
            tell(line)
    return tried


async def try_crossing(world: World, crossing: Crossing) -> CrossingTried:
    """Try one."""
    result, began = CrossingTried(crossing), time.perf_counter()
    try:
        async with Browser(on_step=result.steps.append) as browser:
            page = await cross(browser, world, crossing)
            if _EXPLAINED in page.text:
                page = await browser.submit(_form(page, "fail"), action="fail")
            result.problem = problem_with(page, crossing)
    except LostOnTheWay as lost:
        result.problem = str(lost)
    result.milliseconds = (time.perf_counter() - began) * 1000
    return result


async def cross(browser: Browser, world: World, crossing: Crossing) -> Page:
    """From the portal to another country and back.

    Raises:
        LostOnTheWay: it did not get there.
    """
    who = crossing.person
    page = await browser.open(f"{world.website(crossing.site)}/")
    forms = [form for form in page.forms if form.fields.get("service") == str(crossing.service.index)]
    if not forms:
        raise LostOnTheWay(f"no service {crossing.service.index} at the portal: {page.status}")
    page = await browser.submit(forms[0], met="eidas")
    role = {"als": "organisatie"} if isinstance(who, Company) else {}
    page = await browser.submit(_form(page, who.country, "land"), land=who.country, **role)
    page = await browser.submit(_form(page, "agree"), action="agree")
    form = _form(page, crossing.who, "person")
    return await browser.submit(form, person=crossing.who, level=str(crossing.level), action=crossing.action)


def _form(page: Page, value: str, field_name: str = "action") -> Form:
    """The form in which a value can be chosen, or a button with it pressed."""
    for form in page.forms:
        if value in (*form.choices.get(field_name, ()), *form.buttons.get(field_name, ())):
            return form
    raise LostOnTheWay(f"no {field_name} {value} at {page.path}: {page.status}")


def logins_as_data(tried: list[CrossingTried]) -> list[dict[str, Any]]:
    """For programs: those that got in, or should have."""
    return [
        {
            "frontend": "saml",
            "connection": "direct",
            "service": "eidas",
            "mandate": None,
            "identity": each.crossing.identity,
            "decrypted": each.crossing.decrypted,
            "country": each.crossing.person.country,
            "legal_person": isinstance(each.crossing.person, Company),
            "loa": LEVEL_NAMES[each.crossing.level],
            "ok": each.ok,
            "ms": round(each.milliseconds, 1),
        }
        for each in tried
        if each.crossing.identity
    ]


def refusals_as_data(tried: list[CrossingTried]) -> list[dict[str, Any]]:
    """For programs: those that nobody should get in by."""
    return [
        {"case": each.crossing.name, "ok": each.ok, "ms": round(each.milliseconds, 1)}
        for each in tried
        if not each.crossing.identity
    ]


def _lines(tried: CrossingTried) -> list[str]:
    name = tried.crossing.name
    mark = "ok" if tried.ok else f"FAILED: {tried.problem}"
    return [
        *(step_line(name, step, _INSTEAD) for step in tried.steps),
        f"{name:{NAME}} {mark:{WIDTH}} {tried.milliseconds:8.1f} ms",
    ]
