"""The pages of the eIDAS-berichtenservice: from which country, with what consent, and who cannot be let in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from routeringsvoorziening.saml.eidas.vocabulary import (
    BIRTH_NAME,
    DATE_OF_BIRTH,
    FAMILY_NAME,
    GENDER,
    GIVEN_NAME,
    LEGAL_IDENTIFIER,
    LEGAL_NAME,
    PERSON_IDENTIFIER,
    PLACE_OF_BIRTH,
    VAT_NUMBER,
    AttributeKind,
)
from routeringsvoorziening.simulators.eidas.asking_abroad import asked_of
from routeringsvoorziening.simulators.eidas.faults import FAULTS
from routeringsvoorziening.simulators.eidas.requests import EuropeanLogin
from routeringsvoorziening.simulators.pages import page
from routeringsvoorziening.simulators.world.europe import COUNTRIES, LEVEL_NAMES, Country, Text

ATTRIBUTE_NAMES: Final[Mapping[AttributeKind, Text]] = {
    PERSON_IDENTIFIER: ("uw identificatie in uw land", "your identifier in your country"),
    FAMILY_NAME: ("uw achternaam", "your family name"),
    GIVEN_NAME: ("uw voornamen", "your given names"),
    DATE_OF_BIRTH: ("uw geboortedatum", "your date of birth"),
    BIRTH_NAME: ("uw naam bij geboorte", "your name at birth"),
    PLACE_OF_BIRTH: ("uw geboorteplaats", "your place of birth"),
    GENDER: ("uw geslacht", "your gender"),
    LEGAL_IDENTIFIER: ("de identificatie van de organisatie", "the identifier of the organisation"),
    LEGAL_NAME: ("de naam van de organisatie", "the name of the organisation"),
    VAT_NUMBER: ("het btw-nummer van de organisatie", "the VAT number of the organisation"),
}
"""As a person understands them."""


@dataclass(frozen=True, slots=True)
class CountryOption:
    """One country on the page: `open` is False when its means of login do not reach the minimum."""

    country: Country
    highest: Text
    open: bool
    checked: bool


def countries(
    request: web.Request, login: EuropeanLogin, *, problem: Text | None = None, chosen: str = "", status: int = 200
) -> web.Response:
    """From which country somebody comes, and whether they come for themselves or for a company."""
    minimum = login.service.minimum_loa
    return page(
        request,
        "eidas/country.html",
        status=status,
        login=login,
        minimum=LEVEL_NAMES[minimum],
        options=[
            CountryOption(each, LEVEL_NAMES[each.highest], each.highest >= minimum, each.code == chosen)
            for each in COUNTRIES
        ],
        problem=problem,
    )


def consent(
    request: web.Request, login: EuropeanLogin, country: Country, *, legal: bool, show_faults: bool
) -> web.Response:
    """Who gets what: only what the service may have goes on to it; the rest serves to recognise somebody."""
    shared = login.service.may_have(legal=legal)
    asked = asked_of(login, legal=legal)
    return page(
        request,
        "eidas/consent.html",
        login=login,
        country=country,
        legal=legal,
        shared=[ATTRIBUTE_NAMES[each] for each in shared],
        kept=[ATTRIBUTE_NAMES[each] for each in asked if each not in shared],
        faults=tuple(FAULTS.values()) if show_faults else (),
    )


def unknown_here(request: web.Request, login: EuropeanLogin, country: Country, name: str, key: str) -> web.Response:
    """Somebody who is not known here, for a service that only takes people with a BSN. Nothing is declared."""
    return page(request, "eidas/unknown_here.html", status=403, login=login, country=country, name=name, key=key)


def not_trusted(request: web.Request, code: str, key: str) -> web.Response:
    """What another country answered breaks a rule; with the key of a login there is a way on."""
    return page(request, "eidas/not_trusted.html", status=400, code=code, key=key)
