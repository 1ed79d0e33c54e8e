"""Our AuthnRequest to the node of another country, and what must be remembered to judge its answer."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from routeringsvoorziening.saml.eidas.authn_request import EidasRequest, build_eidas_request
from routeringsvoorziening.saml.eidas.vocabulary import LEGAL, NATURAL, AttributeKind, minimum_data_set
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.simulators.eidas.requests import EuropeanLogin
from routeringsvoorziening.simulators.eidas.settings import EidasSettings
from routeringsvoorziening.simulators.world.europe import Country


@dataclass(frozen=True, slots=True)
class Errand:
    """One question to another country, that one answer may come to.

    Args:
        login: for which it was asked.
        country: that was asked.
        request: what was asked.
        legal: a company was asked for, not a person.
        faults: names of the faults of our own answer later on.
    """

    login: EuropeanLogin
    country: Country
    request: EidasRequest
    legal: bool
    faults: frozenset[str] = frozenset()


def asked_of(login: EuropeanLogin, *, legal: bool) -> tuple[AttributeKind, ...]:
    """The minimum data set, which eIDAS always asks for, and beyond that only what the service may have."""
    minimum = minimum_data_set(LEGAL if legal else NATURAL)
    return (*minimum, *(each for each in login.service.may_have(legal=legal) if each not in minimum))


def ask(
    login: EuropeanLogin,
    country: Country,
    settings: EidasSettings,
    *,
    legal: bool,
    faults: frozenset[str],
    at: datetime,
) -> tuple[Errand, str, Mapping[str, str]]:
    """What to remember, where to post, and what."""
    request = EidasRequest(
        id=new_message_id(),
        issuer=settings.node_entity_id,
        destination=settings.request_url(country.code),
        issue_instant=at,
        minimum_level=login.service.minimum_loa,
        node_country="NL",
        attributes=asked_of(login, legal=legal),
        provider_name=login.provider_name,
    )
    element = build_eidas_request(request)
    sign(element, settings.signing)
    message = base64.b64encode(etree.tostring(element, encoding="UTF-8")).decode("ascii")
    return Errand(login, country, request, legal, faults), request.destination, {"SAMLRequest": message}
