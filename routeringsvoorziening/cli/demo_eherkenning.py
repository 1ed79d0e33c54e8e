"""`rv demo --check`, eHerkenning: at each level, for the own company, a branch, in a chain, and for a client."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from routeringsvoorziening.cli.demo_check import CANCELLED, LOGGED_IN, NAME, NOT_LOGGED_IN, OF_DIGID, WIDTH, step_line
from routeringsvoorziening.cli.demo_matrix import Cell, cells
from routeringsvoorziening.simulators.browser import Browser, LostOnTheWay, Page, Step, represent
from routeringsvoorziening.simulators.eherkenning.companies import (
    ACCOUNTANT,
    BAKERY,
    BUILDER,
    HARBOUR,
    OFFICE,
    Means,
    Organisation,
)
from routeringsvoorziening.simulators.world.layout import BEWIND, BUSINESS_SERVICES, HM, PORTAL, DemoService, World
from routeringsvoorziening.simulators.world.persons import LEVEL_NAMES

_PARKING, _GRANT = BUSINESS_SERVICES[1:3]
_INSTEAD: Final = MappingProxyType(
    {"RV: AuthnRequest verified, sent on to DigiD": "RV: AuthnRequest verified, sent on to eHerkenning"}
)
_ROLE: Final = "eHerkenning (HM)"
"""In the diagram of messages."""
_OF_BSNK: Final = ("EC-SDSA, SHA-384", PORTAL.oin)
"""What the portal verified of a structure of BSNk."""
_LEVELS: Final = {Means.EH2: 10, Means.EH2PLUS: 20, Means.EH3: 25, Means.EH4: 30}


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to try.

    Args:
        name: in the output.
        service: what to log in for.
        capacity: who, and for whom; of `companies`.
        means: with what.
        expected: each must stand on the page where it ends.
        action: `login`, `cancel` or `fail` at the makelaar.
        for_client: on to the BVD, for a client of the office.
        never: of whom nothing may stand there: it comes under a pseudonym.
    """

    name: str
    service: DemoService
    capacity: str
    means: Means
    expected: tuple[str, ...]
    action: str = "login"
    for_client: bool = False
    never: Organisation | None = None


@dataclass(slots=True)
class ErrandTried:
    """How it went; `problem` is None when all is well."""

    errand: Errand
    problem: str | None = None
    milliseconds: float = 0.0
    steps: list[Step] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return self.problem is None


def errands() -> list[Errand]:
    """Everything of `demo_matrix`; a branch; a sole trader; a chain of mandates; two that end."""
    return [
        *map(_of_cell, cells("eherkenning")),
        Errand("eh-sole-trader", _PARKING, "karin", Means.EH2PLUS, _for(BUILDER)),
        Errand("eh-branch", _GRANT, "sanne-haven", Means.EH3, (*_for(BAKERY), HARBOUR.number)),
        Errand("eh-chain", _GRANT, "omar-bakkerij", Means.EH3, (*_for(BAKERY), ACCOUNTANT.name, ACCOUNTANT.kvk)),
        Errand("eh-cancel", _GRANT, "bram", Means.EH3, (NOT_LOGGED_IN, CANCELLED), "cancel"),
        Errand("eh-fail", _GRANT, "bram", Means.EH3, (NOT_LOGGED_IN, "AuthnFailed"), "fail"),
    ]


def _of_cell(cell: Cell) -> Errand:
    """One login: for a company, as the person that a sole trader is, or for a client of a bewindvoerder's office."""
    means = next(each for each, level in _LEVELS.items() if level == cell.level)
    if cell.another:
        expected = (LOGGED_IN, HM.entity_id, _ROLE, BEWIND.entity_id, OFFICE.kvk, OFFICE.name)
        return Errand(cell.name, cell.service, "lotte", means, expected, for_client=True)
    if cell.kind == "company":
        return Errand(cell.name, cell.service, "bram", means, _for(BAKERY))
    if cell.kind == "identity":
        return Errand(cell.name, cell.service, "karin", means, (*_for(BUILDER), str(BUILDER.bsn), *_OF_BSNK))
    return Errand(cell.name, cell.service, "karin", means, (LOGGED_IN, HM.entity_id, _ROLE, *_OF_BSNK), never=BUILDER)


def _for(organisation: Organisation) -> tuple[str, ...]:
    """What stands on the page when somebody acts for an organisation."""
    numbers = (organisation.kvk, *((organisation.rsin,) if organisation.rsin else ()))
    return (LOGGED_IN, HM.entity_id, _ROLE, organisation.name, *numbers)


async def try_errands(world: World, tell: Callable[[str], None]) -> list[ErrandTried]:
    """Each in a browser of its own; every line is told."""
    tried = []
    for errand in errands():
        tried.append(await try_errand(world, errand))
        for line in _lines(tried[-1]):
            tell(line)
    return tried


async def try_errand(world: World, errand: Errand) -> ErrandTried:
    """Try one."""
    result, began = ErrandTried(errand), time.perf_counter()
    try:
        async with Browser(on_step=result.steps.append) as browser:
            page = await run(browser, world, errand)
            if not _as_expected(page, errand):
                result.problem = f"ended at {page.path} (HTTP {page.status}) without what must be there"
    except LostOnTheWay as lost:
        result.problem = str(lost)
    result.milliseconds = (time.perf_counter() - began) * 1000
    return result


def _as_expected(page: Page, errand: Errand) -> bool:
    never = errand.never
    hidden = (OF_DIGID, *(() if never is None else (never.name, never.kvk, str(never.bsn))))
    return all(text in page.text for text in errand.expected) and not any(text in page.text for text in hidden)


async def run(browser: Browser, world: World, errand: Errand) -> Page:
    """From the portal to the makelaar and back, by way of the BVD when it is for a client.

    Raises:
        LostOnTheWay: it did not get there.
    """
    page = await browser.open(f"{world.portal_front}/")
    forms = [form for form in page.forms if form.fields.get("service") == str(errand.service.index)]
    if not forms:
        raise LostOnTheWay(f"no service {errand.service.index} at the portal: {page.status}")
    page = await browser.submit(forms[0], **({"voor": BEWIND.folder} if errand.for_client else {"met": "eherkenning"}))
    for form in page.forms:
        if errand.capacity in form.choices.get("capacity", ()):
            wanted = {"capacity": errand.capacity, "means": errand.means.value, "action": errand.action}
            page = await browser.submit(form, **wanted)
            return await represent(browser) if errand.for_client else page
    raise LostOnTheWay(f"no {errand.capacity} at {page.path}: {page.status}")


def logins_as_data(tried: list[ErrandTried]) -> list[dict[str, Any]]:
    """For programs: those that got in, or should have."""
    return [
        {
            "frontend": "saml",
            "connection": "direct",
            "service": "eherkenning",
            "mandate": BEWIND.folder if each.errand.for_client else None,
            "identity": _identity(each.errand),
            "decrypted": False,
            "capacity": each.errand.capacity,
            "loa": LEVEL_NAMES[_LEVELS[each.errand.means]],
            "ok": each.ok,
            "ms": round(each.milliseconds, 1),
        }
        for each in tried
        if each.errand.action == "login"
    ]


def _identity(errand: Errand) -> str:
    """As what who is represented comes."""
    if errand.for_client:
        return "legacy-BSN"
    return "KvKnr" if errand.service.identity == "legacy-BSN" else errand.service.identity


def refusals_as_data(tried: list[ErrandTried]) -> list[dict[str, Any]]:
    """For programs: those that nobody should get in by."""
    return [
        {"case": each.errand.name, "ok": each.ok, "ms": round(each.milliseconds, 1)}
        for each in tried
        if each.errand.action != "login"
    ]


def _lines(tried: ErrandTried) -> list[str]:
    name = tried.errand.name
    mark = "ok" if tried.ok else f"FAILED: {tried.problem}"
    steps = (step_line(name, step, _INSTEAD) for step in tried.steps)
    return [*steps, f"{name:{NAME}} {mark:{WIDTH}} {tried.milliseconds:8.1f} ms"]
