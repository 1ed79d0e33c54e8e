"""`rv demo --check`: log in at every level without a window, time every step, and say whether all is well."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from routeringsvoorziening.simulators.browser import Browser, LostOnTheWay, Page, Step, log_in
from routeringsvoorziening.simulators.world.layout import (
    CLOUD,
    CLUSTER_SERVICES,
    DIGID,
    PORTAL,
    PORTAL_SERVICES,
    RV,
    DemoService,
    Party,
    World,
)
from routeringsvoorziening.simulators.world.persons import BY_KEY, LEVEL_NAMES, Means

PERSON: Final = BY_KEY["fenna"]
LOGGED_IN: Final = "<h1>U bent ingelogd</h1>"
NOT_LOGGED_IN: Final = "<h1>U bent niet ingelogd</h1>"
CANCELLED: Final = "Authentication cancelled"

_STEPS: Final = (
    ("GET", PORTAL.host, "/acs", "portal: artifact exchanged, everything verified"),
    ("GET", PORTAL.host, "/sessie", "portal: page with the outcome"),
    ("GET", PORTAL.host, "/", "portal: services"),
    ("POST", PORTAL.host, "/login", "portal: AuthnRequest signed"),
    ("POST", RV.host, "/saml/sso", "RV: AuthnRequest verified, sent on to DigiD"),
    ("GET", RV.host, "/saml/acs", "RV: DigiD's declaration fetched and verified"),
    ("POST", DIGID.host, "/saml/sso", "DigiD: AuthnRequest verified"),
    ("GET", DIGID.host, "/login", "DigiD: login page"),
    ("POST", DIGID.host, "/login", "DigiD: choice made"),
    ("GET", CLOUD.host, "/acs", "supplier: artifact exchanged, declaration handed over"),
    ("GET", CLOUD.host, "/sessie", "supplier: page with the outcome"),
    ("GET", CLOUD.host, "/", "supplier: municipalities and services"),
    ("POST", CLOUD.host, "/login", "supplier: AuthnRequest signed"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to try.

    Args:
        name: in the output.
        service: what to log in for.
        means: how.
        action: `login`, `cancel` or `fail`.
        expected: each must stand on the page where it ends.
        behind: at the supplier's portal: for which dienstverlener.
    """

    name: str
    service: DemoService
    means: Means
    action: str
    expected: tuple[str, ...]
    behind: Party | None = None

    @property
    def connection(self) -> str:
        """How the dienstverlener is connected."""
        return "direct" if self.behind is None else "cluster"

    @property
    def level(self) -> str:
        """Name of the level that is asked for."""
        return LEVEL_NAMES[self.service.minimum_loa]


@dataclass(slots=True)
class Tried:
    """How a case went."""

    case: Case
    ok: bool
    milliseconds: float
    problem: str | None = None
    steps: list[Step] = field(default_factory=list)


def cases() -> list[Case]:
    """A login at each level, with the means that proves just that; one for each behind the supplier; two that end."""
    by_level = {means.level: means for means in Means}
    logins = [
        Case(
            LEVEL_NAMES[service.minimum_loa],
            service,
            by_level[service.minimum_loa],
            "login",
            (LOGGED_IN, PERSON.bsn, DIGID.entity_id),
        )
        for service in PORTAL_SERVICES
    ]
    logins += [
        Case(
            f"cluster-{party.folder}",
            services[0],
            by_level[services[0].minimum_loa],
            "login",
            (LOGGED_IN, PERSON.bsn, DIGID.entity_id, party.name),
            party,
        )
        for party, services in CLUSTER_SERVICES.items()
    ]
    service, means = PORTAL_SERVICES[2], Means.APP
    return [
        *logins,
        Case("cancel", service, means, "cancel", (NOT_LOGGED_IN, CANCELLED)),
        Case("fail", service, means, "fail", (NOT_LOGGED_IN, "AuthnFailed")),
    ]


async def try_all(world: World, tell: Callable[[str], None]) -> list[Tried]:
    """Try every case, each in a browser of its own, and tell of each step."""
    tried = []
    for case in cases():
        result = await try_case(world, case)
        for line in lines_of(result):
            tell(line)
        tried.append(result)
    return tried


async def try_case(world: World, case: Case) -> Tried:
    """Try one case."""
    steps: list[Step] = []
    began = time.perf_counter()
    problem = None
    try:
        async with Browser(on_step=steps.append) as browser:
            page = await log_in(
                browser,
                world.portal_front if case.behind is None else world.cluster_front,
                service=case.service.index,
                dienstverlener=None if case.behind is None else case.behind.folder,
                person=PERSON.key,
                means=case.means.value,
                action=case.action,
            )
        problem = problem_with(page, case)
    except LostOnTheWay as lost:
        problem = str(lost)
    return Tried(case, problem is None, (time.perf_counter() - began) * 1000, problem, steps)


def problem_with(page: Page, case: Case) -> str | None:
    """What is missing where the login ended; None when nothing is."""
    missing = [each for each in case.expected if each not in page.text]
    return f"ended at {page.path} (HTTP {page.status}) without what must be there" if missing else None


def lines_of(tried: Tried) -> list[str]:
    """One line per step, and one for the whole."""
    name = tried.case.name
    steps = [f"  {name:18} {_describe(step):50} {step.seconds * 1000:8.1f} ms" for step in tried.steps]
    mark = "ok" if tried.ok else f"FAILED: {tried.problem}"
    return [*steps, f"{name:20} {mark:50} {tried.milliseconds:8.1f} ms"]


def as_data(tried: list[Tried]) -> dict[str, Any]:
    """For programs: the logins, and the cases in which nobody should get in."""
    logins = [
        {
            "frontend": "saml",
            "connection": each.case.connection,
            "service": "digid",
            "loa": each.case.level,
            "ok": each.ok,
            "ms": round(each.milliseconds, 1),
        }
        for each in tried
        if each.case.action == "login"
    ]
    refusals = [
        {"case": each.case.name, "ok": each.ok, "ms": round(each.milliseconds, 1)}
        for each in tried
        if each.case.action != "login"
    ]
    return {"ok": all(each.ok for each in tried), "logins": logins, "refusals": refusals}


def _describe(step: Step) -> str:
    parts = urlsplit(step.url)
    for method, host, path, text in _STEPS:
        if (method, host) == (step.method, parts.hostname) and parts.path.startswith(path):
            return text
    return f"{step.method} {parts.hostname}{parts.path}"
