"""`rv demo --check`, eIDAS: people and a company from several countries, at each level, known and unknown here."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from routeringsvoorziening.cli.demo_check import (
    CANCELLED,
    IDENTITY,
    LOGGED_IN,
    NAME,
    NOT_LOGGED_IN,
    OF_DIGID,
    PSEUDONYM,
    STRUCTURES,
    WIDTH,
    problem_with,
    step_line,
)
from routeringsvoorziening.cli.demo_matrix import Cell, cells
from routeringsvoorziening.simulators.browser import Browser, LostOnTheWay, Page, Step
from routeringsvoorziening.simulators.forms import Form
from routeringsvoorziening.simulators.world.europe import BY_CODE, COMPANIES, PEOPLE, Company, European
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
    IdentityKind,
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
    """Everything of `demo_matrix`; two scripts, companies; who is not known and needs to be; no consent; a failure."""
    company = (*_DECLARED, PSEUDONYM, "Citricos Levante SL", "ES/NL/B99900017")
    return [
        *map(_of_cell, cells("eidas")),
        Crossing("eidas-two-scripts", STAY, "eleni", 25, "Pseudonym", "login", (*_DECLARED, "Δήμου", "GR/NL/AZ564738")),
        Crossing("eidas-attributes", BUSINESS, "camille", 25, "Pseudonym", "login", (*_DECLARED, "Moreau", "Lille")),
        Crossing("eidas-substantieel-company", BUSINESS, "levante", 25, "Pseudonym", "login", company),
        Crossing("eidas-hoog-company", BUSINESS, "levante", 30, "Pseudonym", "login", company),
        Crossing("eidas-opened-unknown", VISIT, "astrid", 25, "", "login", (NOT_LOGGED_IN, "AuthnFailed"), ZORG),
        Crossing("eidas-unknown", PENSION, "astrid", 30, "", "login", (NOT_LOGGED_IN, "AuthnFailed")),
        Crossing("eidas-no-consent", STAY, "mathieu", 20, "", "refuse", (NOT_LOGGED_IN, CANCELLED)),
        Crossing("eidas-fail", STAY, "pablo", 20, "", "fail", (NOT_LOGGED_IN, "AuthnFailed")),
    ]


_DECLARED: Final = (LOGGED_IN, EIDAS.entity_id, "eIDAS (AD)")
_IDENTITIES: Final[Mapping[str, IdentityKind]] = {"opened": "legacy-BSN", "identity": "BSN", "pseudonym": "Pseudonym"}


def _of_cell(cell: Cell) -> Crossing:
    """One login, by the first person whose country has that level and who is known here, or is not."""
    known = cell.kind != "pseudonym"
    who = next(
        each for each in PEOPLE if cell.level in BY_CODE[each.country].levels and (each.bsn is not None) is known
    )
    structure = STRUCTURES.get(cell.kind)
    shown = (*_DECLARED, who.family, *((who.bsn,) if who.bsn else ()), *((structure,) if structure else ()))
    absent = (OF_DIGID, *(each for each in (IDENTITY, PSEUDONYM) if each != structure))
    identity = _IDENTITIES[cell.kind]
    return Crossing(cell.name, cell.service, who.key, cell.level, identity, "login", shown, cell.site, absent)


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
