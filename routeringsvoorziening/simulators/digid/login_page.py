"""The login page: who are you, and how do you prove it. Means below the service's minimum are shown, and shut."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from routeringsvoorziening.simulators.digid.faults import FAULTS
from routeringsvoorziening.simulators.digid.logins import LoggedIn, LoginRequest
from routeringsvoorziening.simulators.pages import page
from routeringsvoorziening.simulators.world.persons import LEVEL_NAMES, PERSONS, Means

Form = Mapping[str, object]
Problem = tuple[str, str]
"""What is wrong with a choice, Dutch and English."""

_LABELS: Final[Mapping[Means, tuple[str, str]]] = {
    Means.PASSWORD: ("Gebruikersnaam en wachtwoord", "Username and password"),
    Means.SMS: ("Met een sms-code", "With a text message"),
    Means.APP: ("App, na de ID-check", "App, after the ID check"),
    Means.DOCUMENT: ("Rijbewijs of identiteitskaart", "Driving licence or identity card"),
}


@dataclass(frozen=True, slots=True)
class MeansOption:
    """One means on the page: `open` is False when the service asks for more."""

    means: Means
    label: tuple[str, str]
    level: str
    open: bool
    checked: bool


def render(
    request: web.Request,
    login: LoginRequest,
    *,
    show_faults: bool,
    problem: Problem | None = None,
    form: Form | None = None,
    status: int = 200,
) -> web.Response:
    """The page, again with what was chosen when there was a problem with it."""
    form = form or {}
    service = login.service
    minimum = service.minimum_loa if service else 0
    return page(
        request,
        "digid/login.html",
        status=status,
        service=service,
        minimum=LEVEL_NAMES.get(minimum, ""),
        persons=PERSONS,
        level_names=LEVEL_NAMES,
        person=str(form.get("person", PERSONS[0].key)),
        options=_options(minimum, str(form.get("means", ""))),
        faults=tuple(FAULTS.values()) if show_faults else (),
        fault=str(form.get("fault", "")),
        problem=problem,
    )


def problem_with(login: LoginRequest, chosen: LoggedIn | None) -> Problem | None:
    """LOA-04: never below the minimum of the service; and nobody uses what they do not have."""
    if chosen is None or login.service is None:
        return ("Kies wie u bent en hoe u inlogt.", "Choose who you are and how you log in.")
    if chosen.means.level < login.service.minimum_loa:
        level = LEVEL_NAMES[login.service.minimum_loa]
        return (f"Deze dienst vraagt minstens niveau {level}.", f"This service asks for level {level} or higher.")
    if chosen.means not in chosen.person.means:
        name = chosen.person.name
        return (f"{name} kan niet op deze manier inloggen.", f"{name} cannot log in this way.")
    return None


def _options(minimum: int, chosen: str) -> list[MeansOption]:
    sufficient = [means.value for means in Means if means.level >= minimum]
    selected = chosen if chosen in sufficient else next(iter(sufficient), "")
    return [
        MeansOption(means, _LABELS[means], LEVEL_NAMES[means.level], means.level >= minimum, means.value == selected)
        for means in Means
    ]
