"""The login page: who are you and for whom, and with which means. What a service does not take is shown, and shut."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.etd.catalogue import KnownService
from routeringsvoorziening.simulators.eherkenning.answers import LoggedIn
from routeringsvoorziening.simulators.eherkenning.companies import CAPACITIES, Capacity, Means, Text
from routeringsvoorziening.simulators.eherkenning.faults import FAULTS
from routeringsvoorziening.simulators.eherkenning.requests import LoginRequest
from routeringsvoorziening.simulators.pages import page

Form = Mapping[str, object]
_OF_A_PERSON: Final = frozenset({names.BSN, names.PSEUDO_ID})
"""Identifiers that an organisation has when it is a person: an eenmanszaak."""


@dataclass(frozen=True, slots=True)
class CapacityOption:
    """One line of the page; `shut` says why it cannot be chosen."""

    capacity: Capacity
    shut: Text | None
    checked: bool


@dataclass(frozen=True, slots=True)
class MeansOption:
    """One means on the page: `open` is False when the service asks for more."""

    means: Means
    open: bool
    checked: bool


def render(
    request: web.Request,
    login: LoginRequest,
    *,
    show_faults: bool,
    problem: Text | None = None,
    form: Form | None = None,
    status: int = 200,
) -> web.Response:
    """The page, again with what was chosen when there was a problem with it."""
    form, service = form or {}, login.service
    return page(
        request,
        "eherkenning/login.html",
        status=status,
        organisation=service.entry.names["nl"],
        service_name=(service.definition.names["nl"], service.definition.names.get("en", "")),
        minimum=minimum_of(service),
        capacities=_capacities(service, str(form.get("capacity", ""))),
        options=_means(service, str(form.get("means", ""))),
        faults=tuple(FAULTS.values()) if show_faults else (),
        fault=str(form.get("fault", "")),
        problem=problem,
    )


def minimum_of(service: KnownService) -> Means:
    """The least means that the service catalogue takes.

    Raises:
        ValueError: a level that is not of eTD.
    """
    return Means(service.definition.class_ref.removeprefix(names.LEVEL))


def problem_with(login: LoginRequest, chosen: LoggedIn | None) -> Text | None:
    """Never below the minimum, never without a mandate, and nobody uses what they do not have."""
    if chosen is None:
        return ("Kies wie u bent en hoe u inlogt.", "Choose who you are and how you log in.")
    why = why_shut(chosen.capacity, login.service)
    if why is not None:
        return why
    minimum, employee = minimum_of(login.service), chosen.capacity.employee
    if chosen.means.rank < minimum.rank:
        return (f"Deze dienst vraagt minstens {minimum.label}.", f"This service asks for {minimum.label} or higher.")
    if chosen.means not in employee.means:
        return (f"{employee.name} heeft dit middel niet.", f"{employee.name} does not have this means.")
    return None


def why_shut(capacity: Capacity, service: KnownService) -> Text | None:
    """Why somebody cannot act in this capacity for a service; None when they can."""
    if service.definition.uuid not in capacity.services:
        return ("Geen machtiging voor deze dienst.", "No mandate for this service.")
    if capacity.represented.bsn is None and any(types & _OF_A_PERSON for types in service.definition.entity_concerned):
        return ("Alleen voor een eenmanszaak.", "For sole traders only.")
    if capacity.branch is not None and names.VESTIGINGSNR not in service.definition.restrictions:
        return ("Deze dienst kent geen vestigingen.", "This service does not know branches.")
    return None


def _capacities(service: KnownService, chosen: str) -> list[CapacityOption]:
    shut = {each.key: why_shut(each, service) for each in CAPACITIES}
    opened = [key for key, why in shut.items() if why is None]
    selected = chosen if chosen in opened else next(iter(opened), "")
    return [CapacityOption(each, shut[each.key], each.key == selected) for each in CAPACITIES]


def _means(service: KnownService, chosen: str) -> list[MeansOption]:
    minimum = minimum_of(service)
    sufficient = [each.value for each in Means if each.rank >= minimum.rank]
    selected = chosen if chosen in sufficient else next(iter(sufficient), "")
    return [MeansOption(each, each.rank >= minimum.rank, each.value == selected) for each in Means]
