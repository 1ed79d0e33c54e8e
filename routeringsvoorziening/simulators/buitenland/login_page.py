"""The login page of another country: who are you, and how do you prove it. English leads; the person is abroad."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from routeringsvoorziening.simulators.buitenland.answers import LoggedIn
from routeringsvoorziening.simulators.buitenland.faults import FAULTS
from routeringsvoorziening.simulators.buitenland.requests import ForeignLogin
from routeringsvoorziening.simulators.buitenland.settings import ForeignSettings
from routeringsvoorziening.simulators.pages import page
from routeringsvoorziening.simulators.world.europe import LEVEL_NAMES, Company, European, Text, companies_of, people_of

Form = Mapping[str, object]
MEANS: Final[Mapping[int, Text]] = {
    20: ("Gebruikersnaam en wachtwoord", "Username and password"),
    25: ("App op de telefoon", "App on the phone"),
    30: ("Identiteitskaart met chip", "Identity card with chip"),
}
"""What stands for each level, in every country that reaches it."""


@dataclass(frozen=True, slots=True)
class MeansOption:
    """One means on the page: `open` is False when more was asked."""

    level: int
    label: Text
    level_name: Text
    open: bool
    checked: bool


def render(
    request: web.Request,
    login: ForeignLogin,
    settings: ForeignSettings,
    *,
    problem: Text | None = None,
    form: Form | None = None,
    status: int = 200,
) -> web.Response:
    """The page, again with what was chosen when there was a problem with it."""
    form = form or {}
    everybody = candidates(login)
    return page(
        request,
        "buitenland/login.html",
        status=status,
        country=login.country,
        provider=login.request.provider_name,
        legal=login.legal,
        attributes=login.request.attributes,
        minimum=LEVEL_NAMES[login.request.minimum_level],
        everybody=everybody,
        person=str(form.get("person", everybody[0].key if everybody else "")),
        options=_options(login, str(form.get("level", ""))),
        faults=tuple(FAULTS.values()) if settings.show_faults else (),
        fault=str(form.get("fault", "")),
        problem=problem,
    )


def candidates(login: ForeignLogin) -> Sequence[European | Company]:
    """Who can log in here, for what was asked."""
    return companies_of(login.country.code) if login.legal else people_of(login.country.code)


def chosen(login: ForeignLogin, form: Form) -> LoggedIn | None:
    """Who logs in and how; None when that cannot be: an unknown person, or a level below what was asked."""
    who = next((each for each in candidates(login) if each.key == form.get("person")), None)
    open_levels = {str(each.level): each.level for each in _options(login, "") if each.open}
    level = open_levels.get(str(form.get("level", "")))
    return None if who is None or level is None else LoggedIn(who, level)


def _options(login: ForeignLogin, wanted: str) -> list[MeansOption]:
    minimum, levels = login.request.minimum_level, login.country.levels
    sufficient = [level for level in levels if level >= minimum]
    selected = int(wanted) if wanted in map(str, sufficient) else next(iter(sufficient), 0)
    return [
        MeansOption(level, MEANS[level], LEVEL_NAMES[level], level >= minimum, level == selected) for level in levels
    ]
