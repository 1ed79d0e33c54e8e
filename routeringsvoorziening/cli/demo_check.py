"""`rv demo --check`: log in at every level without a window, time every step, and say whether all is well."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from routeringsvoorziening.cli.demo_matrix import Cell, cells
from routeringsvoorziening.simulators.browser import Browser, LostOnTheWay, Page, Step, log_in, represent
from routeringsvoorziening.simulators.world.families import residents
from routeringsvoorziening.simulators.world.layout import (
    BELASTINGEN,
    BEWIND,
    BVDS,
    CLOUD,
    CLUSTER_SERVICES,
    DECRYPTED,
    DIGID,
    EIDAS,
    FOREIGN,
    GEZAG,
    HEIDEWOUDE,
    HM,
    MACHTIGEN,
    PORTAL,
    PORTAL_SERVICES,
    RV,
    ZORG,
    ZORG_SERVICES,
    DemoService,
    Party,
    World,
)
from routeringsvoorziening.simulators.world.persons import BY_KEY, LEVEL_NAMES, Means

PERSON: Final = BY_KEY["fenna"]
LOGGED_IN: Final = "<h1>U bent ingelogd</h1>"
OF_DIGID: Final = "DigiD"
"""No word of a page after another way of logging in."""
NOT_LOGGED_IN: Final = "<h1>U bent niet ingelogd</h1>"
CANCELLED: Final = "Authentication cancelled"
FOR_ANOTHER: Final = "U handelt namens"
IDENTITY: Final = "<code>EI, v2</code>"
PSEUDONYM: Final = "<code>EP, v2</code>"
STRUCTURES: Final = {"identity": IDENTITY, "pseudonym": PSEUDONYM}
DIRECT: Final = {"identity": "<code>DEI, v2</code>", "pseudonym": "<code>DEP, v2</code>"}
"""Of who is represented: nobody activated them, so it is made of the BSN itself."""

_EVERYTHING: Final = "portal: artifact exchanged, everything verified"
_ANSWER: Final = "portal: artifact exchanged, answer fetched"
_DIGID_DECLARED: Final = "RV: DigiD's declaration fetched and verified"
_BVD_DECLARED: Final = "RV: the BVD's declaration fetched and verified"
_FROM_DIGID: Final = {_DIGID_DECLARED: "RV: DigiD's answer fetched"}
_FROM_BVD: Final = {_BVD_DECLARED: "RV: the BVD's answer fetched"}
_STEPS: Final = (
    ("GET", PORTAL.host, "/uitgelogd", "portal: how the logout ended"),
    ("GET", PORTAL.host, "/acs", _EVERYTHING),
    ("GET", PORTAL.host, "/sessie", "portal: page with the outcome"),
    ("GET", PORTAL.host, "/", "portal: services"),
    ("POST", PORTAL.host, "/login", "portal: AuthnRequest signed"),
    ("POST", PORTAL.host, "/logout", "portal: LogoutRequest signed"),
    ("POST", PORTAL.host, "/slo", "portal: LogoutResponse verified"),
    ("POST", RV.host, "/saml/logout", "RV: LogoutRequest or LogoutResponse verified"),
    ("GET", RV.host, "/saml/logout", "RV: LogoutRequest for DigiD"),
    ("POST", DIGID.host, "/saml/logout", "DigiD: LogoutRequest verified, session ended"),
    ("GET", ZORG.host, "/acs", "hospital: artifact exchanged, everything verified"),
    ("GET", ZORG.host, "/sessie", "hospital: page with the outcome"),
    ("GET", ZORG.host, "/", "hospital: services"),
    ("POST", ZORG.host, "/login", "hospital: AuthnRequest signed"),
    ("GET", BELASTINGEN.host, "/acs", "second website: everything verified"),
    ("GET", BELASTINGEN.host, "/sessie", "second website: page with the outcome"),
    ("GET", BELASTINGEN.host, "/", "second website: services"),
    ("POST", BELASTINGEN.host, "/login", "second website: AuthnRequest signed"),
    ("POST", RV.host, "/saml/sso", "RV: AuthnRequest verified, sent on to DigiD"),
    ("GET", RV.host, "/saml/acs/digid", _DIGID_DECLARED),
    ("GET", RV.host, "/saml/acs/eherkenning", "RV: the makelaar's summary fetched and verified"),
    ("GET", RV.host, "/saml/acs/eidas", "RV: the eIDAS declaration fetched and verified"),
    ("GET", RV.host, "/saml/acs", _BVD_DECLARED),
    ("GET", RV.host, "/login", "RV: choice page"),
    ("POST", RV.host, "/login", "RV: choice made"),
    *(
        row
        for bvd in BVDS
        for row in (
            ("POST", bvd.host, "/saml/sso", f"{bvd.folder}: AuthnRequest and the login's declaration verified"),
            ("GET", bvd.host, "/keuze", f"{bvd.folder}: for whom"),
            ("POST", bvd.host, "/keuze", f"{bvd.folder}: choice made"),
        )
    ),
    ("POST", EIDAS.host, "/saml/sso", "eIDAS: AuthnRequest verified"),
    ("GET", EIDAS.host, "/land", "eIDAS: country, consent"),
    ("POST", EIDAS.host, "/land", "eIDAS: AuthnRequest for another country signed"),
    ("POST", EIDAS.host, "/eidas/acs", "eIDAS: Response opened and verified, BRP asked"),
    ("POST", FOREIGN.host, "/", "other country: verified, signed or encrypted"),
    ("GET", FOREIGN.host, "/", "other country: login page"),
    ("POST", HM.host, "/saml/sso", "eHerkenning: AuthnRequest verified"),
    ("GET", HM.host, "/login", "eHerkenning: login page"),
    ("POST", HM.host, "/login", "eHerkenning: choice made"),
    ("POST", DIGID.host, "/saml/sso", "DigiD: AuthnRequest verified"),
    ("GET", DIGID.host, "/login", "DigiD: login page"),
    ("POST", DIGID.host, "/login", "DigiD: choice made"),
    ("GET", CLOUD.host, "/acs", "supplier: artifact exchanged, declaration handed over"),
    ("GET", CLOUD.host, "/sessie", "supplier: page with the outcome"),
    ("GET", CLOUD.host, "/", "supplier: municipalities and services"),
    ("POST", CLOUD.host, "/login", "supplier: AuthnRequest signed"),
)
NAME: Final = 36
"""Columns for the name of a case."""
WIDTH: Final = max(len(text) for *_, text in _STEPS)
"""Of what is said about a step, so that the milliseconds stand in one column."""


@dataclass(frozen=True, slots=True)
class ForAnother:
    """How somebody acts for somebody else.

    Args:
        person: who acts.
        bvd: who says that they may.
        mandate: its reference; the first that is offered when empty.
        chosen_there: at the routeringsdienst instead of at the portal.
        ending: `choose`, `cancel` or `nobody`, at the BVD.
    """

    person: str
    bvd: Party
    mandate: str = ""
    chosen_there: bool = False
    ending: str = "choose"

    @property
    def wish(self) -> str:
        """As the driver takes it."""
        return f"kies+{self.bvd.folder}" if self.chosen_there else self.bvd.folder


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
        for_another: how somebody acts for somebody else; None for themselves.
        site: whose portal, when it is no supplier's.
        absent: none may stand on that page.
    """

    name: str
    service: DemoService
    means: Means
    action: str
    expected: tuple[str, ...]
    behind: Party | None = None
    for_another: ForAnother | None = None
    site: Party = PORTAL
    absent: tuple[str, ...] = ()

    @property
    def connection(self) -> str:
        """How the dienstverlener is connected."""
        return "direct" if self.behind is None else "cluster"

    @property
    def level(self) -> str:
        """Name of the level that somebody logs in with."""
        return LEVEL_NAMES[self.means.level]


@dataclass(slots=True)
class Tried:
    """How a case went."""

    case: Case
    ok: bool
    milliseconds: float
    problem: str | None = None
    steps: list[Step] = field(default_factory=list)


def cases() -> list[Case]:
    """Everything of `demo_matrix`; one for each behind the supplier; more ways to act for another; two that end."""
    by_level = {means.level: means for means in Means}
    logins = [_of_cell(cell, by_level[cell.level]) for cell in cells("digid")]
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
        *_for_another(),
        Case("cancel", service, means, "cancel", (NOT_LOGGED_IN, CANCELLED)),
        Case("fail", service, means, "fail", (NOT_LOGGED_IN, "AuthnFailed")),
    ]


def _for_another() -> list[Case]:
    """Of each kind, directly and through the supplier; chosen at the portal, and at the RV; and two that end."""
    appointment, _, benefit, record, *_ = PORTAL_SERVICES
    care = CLUSTER_SERVICES[HEIDEWOUDE][1]
    ways = (
        ("machtigen", appointment, ForAnother("fenna", MACHTIGEN, "publiek-fenna-joke"), "joke", None),
        ("machtigen-chosen", appointment, ForAnother("fenna", MACHTIGEN, "publiek-fenna-joke", True), "joke", None),
        ("gezag", record, ForAnother("shanti", GEZAG, "gezag-shanti-anaya"), "anaya", None),
        ("bewind", benefit, ForAnother("noor", BEWIND), None, None),
        ("curatele", benefit, ForAnother("noor", BEWIND, "curatele-noor-bep"), "bep", None),
        ("mentorschap", record, ForAnother("willem", BEWIND, "mentorschap-willem-gerrit"), "gerrit", None),
        ("cluster-machtigen", care, ForAnother("willem", MACHTIGEN, "publiek-willem-gerrit"), "gerrit", HEIDEWOUDE),
        ("cluster-gezag", care, ForAnother("shanti", GEZAG, "gezag-shanti-ravi"), "ravi", HEIDEWOUDE),
        ("cluster-bewind", care, ForAnother("willem", BEWIND, "mentorschap-willem-gerrit"), "gerrit", HEIDEWOUDE),
    )
    people = {each.key: each for each in residents(datetime.now(UTC).date())}
    logins = [
        Case(
            name,
            service,
            Means.DOCUMENT,
            "login",
            (LOGGED_IN, FOR_ANOTHER, how.bvd.entity_id, *((people[legal].bsn, people[legal].name) if legal else ())),
            behind,
            how,
        )
        for name, service, how, legal, behind in ways
    ]
    stopped = ForAnother("shanti", GEZAG, ending="cancel")
    nobody = ForAnother("fenna", GEZAG, ending="nobody")
    return [
        *logins,
        Case("bvd-cancel", record, Means.DOCUMENT, "bvd-cancel", (NOT_LOGGED_IN, CANCELLED), None, stopped),
        Case("bvd-nobody", record, Means.DOCUMENT, "bvd-nobody", (NOT_LOGGED_IN, "AuthnFailed"), None, nobody),
    ]


_JOKE: Final = ForAnother("fenna", MACHTIGEN, "publiek-fenna-joke")
_GERRIT: Final = ForAnother("willem", MACHTIGEN, "publiek-willem-gerrit")
_ANAYA: Final = ForAnother("shanti", GEZAG, "gezag-shanti-anaya")
_APPOINTMENT, _PARKING, _BENEFIT, _RECORD, _GRANT, _PANEL = PORTAL_SERVICES
_WHO: Final = {each.uuid: _JOKE for each in (_APPOINTMENT, _PARKING, _GRANT, _PANEL)} | {
    **{each.uuid: _GERRIT for each in (_BENEFIT, *ZORG_SERVICES)},
    _RECORD.uuid: _ANAYA,
}
"""Who acts for whom at the services where that can be."""


def _of_cell(cell: Cell, means: Means) -> Case:
    """One login with DigiD: what must be seen of who logs in, and of whom they act for."""
    how = _WHO[cell.service.uuid] if cell.another else None
    people = {each.key: each for each in residents(datetime.now(UTC).date())}
    who = people[how.mandate.rpartition("-")[2]] if how else people[PERSON.key]
    structure = (STRUCTURES if how is None else DIRECT).get(cell.kind)
    hidden = cell.kind == "pseudonym"
    shown = (DIGID.entity_id, *((FOR_ANOTHER, how.bvd.entity_id) if how else ()), *(() if hidden else (who.bsn,)))
    expected = (LOGGED_IN, *shown, *([structure] if structure else []))
    absent = (PERSON.bsn, who.bsn) if hidden else () if cell.kind == "identity" else (IDENTITY, PSEUDONYM)
    return Case(cell.name, cell.service, means, "login", expected, None, how, cell.site, absent)


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
            how = case.for_another
            page = await log_in(
                browser,
                world.website(case.site) if case.behind is None else world.cluster_front,
                service=case.service.index,
                dienstverlener=None if case.behind is None else case.behind.folder,
                person=PERSON.key if how is None else how.person,
                means=case.means.value,
                action=case.action if how is None else "login",
                wish="" if how is None else how.wish,
                method="digid" if len(case.service.methods) > 1 else "",
            )
            if how is not None:
                page = await represent(browser, how.mandate, action=how.ending)
        problem = problem_with(page, case)
    except LostOnTheWay as lost:
        problem = str(lost)
    return Tried(case, problem is None, (time.perf_counter() - began) * 1000, problem, steps)


class Expecting(Protocol):
    """What must and must not stand on the page where a case ends."""

    @property
    def expected(self) -> tuple[str, ...]:
        """Each of these must."""
        ...

    @property
    def absent(self) -> tuple[str, ...]:
        """None of these may."""
        ...


def problem_with(page: Page, case: Expecting) -> str | None:
    """What is missing where the login ended; None when nothing is."""
    missing = [each for each in case.expected if each not in page.text]
    if any(each in page.text for each in case.absent):
        return f"ended at {page.path} (HTTP {page.status}) with what must not be there"
    return f"ended at {page.path} (HTTP {page.status}) without what must be there" if missing else None


def lines_of(tried: Tried) -> list[str]:
    """One line per step, and one for the whole."""
    name = tried.case.name
    steps = [step_line(name, step, _instead_of(tried.case)) for step in tried.steps]
    mark = "ok" if tried.ok else f"FAILED: {tried.problem}"
    return [*steps, f"{name:{NAME}} {mark:{WIDTH}} {tried.milliseconds:8.1f} ms"]


def whole_line(text: str, milliseconds: float) -> str:
    """The last line: everything together."""
    return f"{'everything':{NAME}} {text:{WIDTH}} {milliseconds:8.1f} ms"


def _instead_of(case: Case) -> Mapping[str, str]:
    """When nobody should get in, there is an answer but no declaration: of the portal, and of whoever says no."""
    if case.action == "login":
        return {}
    return {_EVERYTHING: _ANSWER} | (_FROM_DIGID if case.for_another is None else _FROM_BVD)


def step_line(name: str, step: Step, instead_of: Mapping[str, str] = MappingProxyType({})) -> str:
    """One step of a case; `instead_of` are descriptions that do not fit it, each with one that does."""
    text = _describe(step)
    text = instead_of.get(text, text)
    return f"  {name:{NAME - 2}} {text:{WIDTH}} {step.seconds * 1000:8.1f} ms"


def as_data(tried: list[Tried]) -> dict[str, Any]:
    """For programs: the logins, and the cases in which nobody should get in."""
    logins = [
        {
            "frontend": "saml",
            "connection": each.case.connection,
            "service": "digid",
            "mandate": None if each.case.for_another is None else each.case.for_another.bvd.folder,
            "loa": each.case.level,
            "identity": each.case.service.identity,
            "decrypted": each.case.site in DECRYPTED,
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
