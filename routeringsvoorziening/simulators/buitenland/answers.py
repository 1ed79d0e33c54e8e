"""What the node of another country declares: who logged in and how surely, for the node that asked."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from routeringsvoorziening.saml.eidas.assertion import EidasAssertion, build_eidas_assertion
from routeringsvoorziening.saml.eidas.attributes import Value, Values
from routeringsvoorziening.saml.eidas.encrypted_assertion import encrypt_assertion
from routeringsvoorziening.saml.eidas.response import EidasResponse, build_eidas_response
from routeringsvoorziening.saml.eidas.vocabulary import (
    DATE_OF_BIRTH,
    FAMILY_NAME,
    GIVEN_NAME,
    LEGAL_IDENTIFIER,
    LEGAL_NAME,
    PERSON_IDENTIFIER,
    PLACE_OF_BIRTH,
    VAT_NUMBER,
)
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.messages.subject import SubjectConfirmation
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.simulators.buitenland.faults import Fault, Scene
from routeringsvoorziening.simulators.buitenland.requests import ForeignLogin
from routeringsvoorziening.simulators.buitenland.settings import ForeignSettings
from routeringsvoorziening.simulators.world.europe import Company, European

VALIDITY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody proved who they are; `level` is 20, 25 or 30."""

    who: European | Company = field(repr=False)
    level: int


def values_of(who: European | Company) -> Values:
    """Everything that a country knows of a person or a company."""
    if isinstance(who, Company):
        return {
            LEGAL_IDENTIFIER: Value(who.identifier),
            LEGAL_NAME: Value(who.name, who.original),
            VAT_NUMBER: Value(who.vat),
        }
    given, family = who.original or (None, None)
    return {
        PERSON_IDENTIFIER: Value(who.identifier),
        FAMILY_NAME: Value(who.family, family),
        GIVEN_NAME: Value(who.given, given),
        DATE_OF_BIRTH: Value(who.born.isoformat()),
        PLACE_OF_BIRTH: Value(who.born_in),
    }


def response_of(
    login: ForeignLogin,
    outcome: LoggedIn | Status,
    settings: ForeignSettings,
    *,
    at: datetime,
    scene: Scene,
    fault: Fault,
) -> bytes:
    """The signed Response, with nothing but what was asked for; or the status that says why there is nobody."""
    response = EidasResponse(
        id=new_message_id(),
        in_response_to=login.request.id,
        issuer=settings.entity_id(login.country.code),
        destination=settings.asker.acs_url,
        issue_instant=at,
        status=outcome if isinstance(outcome, Status) else SUCCESS,
        encrypted_assertion=None
        if isinstance(outcome, Status)
        else _encrypted(fault.on_assertion(assertion_of(login, outcome, settings, at), scene), settings, scene),
    )
    element = build_eidas_response(fault.on_response(response, scene))
    fault.on_unsigned(element, scene)
    sign(element, fault.signing(settings.signing))
    fault.on_signed(element, scene)
    return fault.on_wire(etree.tostring(element, encoding="UTF-8"))


def assertion_of(login: ForeignLogin, logged_in: LoggedIn, settings: ForeignSettings, at: datetime) -> EidasAssertion:
    """What is true of who logged in."""
    who, asked = logged_in.who, login.request
    return EidasAssertion(
        id=new_message_id(),
        issuer=settings.entity_id(login.country.code),
        issue_instant=at,
        subject=who.identifier,
        confirmation=SubjectConfirmation(asked.id, settings.asker.acs_url, at + VALIDITY),
        not_before=at,
        not_on_or_after=at + VALIDITY,
        audience=asked.issuer,
        authn_instant=at,
        level=logged_in.level,
        values={kind: value for kind, value in values_of(who).items() if kind in asked.attributes},
    )


def _encrypted(assertion: EidasAssertion, settings: ForeignSettings, scene: Scene) -> Element:
    element = build_eidas_assertion(assertion)
    scene.clear = element
    encrypted = encrypt_assertion(element, settings.asker.encryption)
    if scene.memory.earlier is None:
        scene.memory.earlier = encrypted
    return encrypted
