"""eIDAS as a login method: for whom consent is asked, at which levels, with which attributes."""

from dataclasses import replace
from typing import Any

import pytest

from routeringsvoorziening.backends.eidas.identity import identity_of, permitted
from routeringsvoorziening.backends.eidas.service import Eidas
from routeringsvoorziening.backends.saml_service.judging import Proven
from routeringsvoorziening.broker.failures import FailureKind, LoginFailed
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, Choice, EntityID, LoA, MandateServiceId
from routeringsvoorziening.saml.eidas.attributes import Value
from routeringsvoorziening.saml.eidas.encrypted_value import encrypt_value
from routeringsvoorziening.saml.eidas.vocabulary import FAMILY_NAME, GENDER
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.assertion import Assertion, SubjectConfirmation
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.simulators.world import layout
from tests.support import simulated

DV, OTHER = EntityID(simulated.DV.entity_id), "urn:nl-eid-gdi:1.0:DV:00000009999999999009:entities:9099"
RD = simulated.RD.entity_id
EIDAS = AuthenticationServiceId("eidas")
ALLOWED = frozenset({FAMILY_NAME.name})
NAME = Value("Dimou", "Δήμου")
IN_CLEAR = b'<saml:AttributeValue xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">Dimou</saml:AttributeValue>'


def key_of(entity_id: str) -> Recipient:
    """A key of the portal, under another name when asked."""
    return replace(simulated.recipient(simulated.DV), entity_id=entity_id)


def family_name(*readers: str) -> tuple[bytes, ...]:
    """As the message service encrypts it."""
    return encrypt_value(FAMILY_NAME, NAME, [key_of(each) for each in readers])


def beside(before: str, after: str) -> bytes:
    """A value in good form, and the same name in clear beside it."""
    element = parse(family_name(DV)[0])
    element.text, element[0].tail = before, after
    return canonical(element)


def labelled(name: str) -> bytes:
    """A value in good form, with the name in clear as an attribute of XML."""
    element = parse(family_name(DV)[0])
    element.set(name, "Dimou")
    return canonical(element)


def test_what_the_dienst_may_have_and_can_read_is_handed_on() -> None:
    """Unaltered, in both scripts."""
    attributes = {FAMILY_NAME.name: family_name(DV)}
    assert permitted(attributes, ALLOWED, DV) == attributes
    assert permitted({}, frozenset(), DV) == {}


WRONG: dict[str, Any] = {
    "not allowed": lambda: {GENDER.name: encrypt_value(GENDER, Value("Female"), [key_of(DV)])},
    "unknown": lambda: {"urn:example:shoe-size": family_name(DV)},
    "in clear": lambda: {FAMILY_NAME.name: (IN_CLEAR,)},
    "also in clear": lambda: {FAMILY_NAME.name: (beside("Dimou", ""),)},
    "also in clear, after it": lambda: {FAMILY_NAME.name: (beside("", "Dimou"),)},
    "also in clear, as an XML attribute": lambda: {FAMILY_NAME.name: (labelled("nickname"),)},
    "also in clear, as its script": lambda: {FAMILY_NAME.name: (labelled(FAMILY_NAME.latin_script),)},
    "for another": lambda: {FAMILY_NAME.name: family_name(OTHER)},
    "for us as well": lambda: {FAMILY_NAME.name: family_name(DV, RD)},
    "for a supplier as well": lambda: {FAMILY_NAME.name: family_name(DV, OTHER.replace(":DV:", ":LC:"))},
    "without a value": lambda: {FAMILY_NAME.name: ()},
    "too often": lambda: {FAMILY_NAME.name: family_name(DV) + family_name(DV)},
}


@pytest.mark.eis("ATT-10", "ENC-03")
@pytest.mark.parametrize("name", WRONG)
def test_an_attribute_that_is_not_for_the_dienst_alone_refuses_the_login(name) -> None:
    """Leaving it out would not help: the evidence holds it too."""
    with pytest.raises(SamlError) as refused:
        permitted(WRONG[name](), ALLOWED, DV)
    assert refused.value.code == "attribute.structure"
    assert "Dimou" not in str(refused.value)


class Task:
    """What was asked."""

    dienstverlener = DV
    service = "uuid"
    minimum_loa = LoA.SUBSTANTIEEL
    choice = Choice(EIDAS)


def proven(class_ref: str) -> Proven:
    """An Assertion at a level."""
    assertion = Assertion(
        id="_a",
        issuer=layout.EIDAS.entity_id,
        issue_instant=simulated.NOW,
        name_id="transient",
        confirmation=SubjectConfirmation("_q", "http://rv.localhost/acs", simulated.NOW),
        not_before=simulated.NOW,
        not_on_or_after=simulated.NOW,
        audiences=(RD,),
        authn_instant=simulated.NOW,
        class_ref=class_ref,
        service_uuid="uuid",
        acting_subject=(simulated.encrypted(simulated.BSN, key_of(DV)),),
        other_attributes={FAMILY_NAME.name: family_name(DV)},
    )
    return Proven(assertion, b"<evidence/>")


def identity(class_ref: str):
    return identity_of(proven(class_ref), Task(), EIDAS, own_entity_id=RD, allowed=ALLOWED)


@pytest.mark.eis("LOA-01", "LOA-05")
@pytest.mark.parametrize(
    ("uri", "level"),
    [("http://eidas.europa.eu/LoA/substantial", LoA.SUBSTANTIEEL), ("http://eidas.europa.eu/LoA/high", LoA.HOOG)],
)
def test_a_level_of_eidas_that_is_enough_counts(uri, level) -> None:
    """Substantial and high are our substantieel and hoog."""
    assert identity(uri).loa == level


@pytest.mark.eis("LOA-01", "LOA-05")
@pytest.mark.parametrize(
    "uri",
    [
        "http://eidas.europa.eu/LoA/low",
        "http://eID.logius.nl/LoA/basic",
        "http://eidas.europa.eu/NotNotified/LoA/high",
        "",
    ],
)
def test_a_level_that_is_too_low_or_not_of_eidas_is_refused(uri) -> None:
    """By the code for levels."""
    with pytest.raises(SamlError) as refused:
        identity(uri)
    assert refused.value.code == "loa"


def test_basis_is_no_level_of_eidas_whatever_the_dienst_needs() -> None:
    """Also where it would be enough."""
    task = Task()
    task.minimum_loa = LoA.BASIS
    with pytest.raises(SamlError) as refused:
        identity_of(proven("http://eID.logius.nl/LoA/basic"), task, EIDAS, own_entity_id=RD, allowed=ALLOWED)
    assert refused.value.code == "loa"


async def test_people_from_other_countries_act_for_themselves() -> None:
    """A login that must go on to a BVD is not begun."""
    task = Task()
    task.choice = Choice(EIDAS, MandateServiceId("machtigen"))
    with pytest.raises(LoginFailed) as failed:
        await Eidas(EIDAS, None, {}).begin(task)
    assert (failed.value.failure.kind, failed.value.failure.code) == (FailureKind.NOT_SUPPORTED, "eidas.mandate")
