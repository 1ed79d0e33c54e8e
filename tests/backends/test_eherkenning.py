"""eHerkenning as a login method: what a login that goes on to a BVD must hold for it."""

from dataclasses import replace
from typing import Any

import pytest

from routeringsvoorziening.backends.eherkenning.identity import Expected, identity_of
from routeringsvoorziening.backends.eherkenning.settings import EHerkenningDienst
from routeringsvoorziening.backends.saml_service.judging import Proven
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Choice,
    EntityID,
    Identity,
    LoA,
    MandateServiceId,
)
from routeringsvoorziening.saml import names as st
from routeringsvoorziening.saml.encryption import NameId, Recipient, encrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.messages.attributes import ENCRYPTED_ATTRIBUTES, value_in_clear
from routeringsvoorziening.saml.parsing import canonical
from tests.support import federation as fed

EHERKENNING = AuthenticationServiceId("eherkenning")
BVD = EntityID(fed.DV.replace(":DV:", ":BVD:"))
ANOTHER = EntityID(BVD + "0")
OWN = f"urn:etoegang:DV:{fed.RD_OIN}:entities:9001"
SERVICE_ID = f"urn:etoegang:DV:{fed.RD_OIN}:services:15"


class Task:
    """What was asked: to act for a client."""

    dienstverlener = EntityID(fed.DV)
    service = fed.SERVICE
    minimum_loa = LoA.SUBSTANTIEEL
    choice = Choice(EHERKENNING, MandateServiceId("bewind"))


def encrypted(value: str, kind: str, *entity_ids: str) -> bytes:
    """One identifier, with a key for each."""
    key = fed.service_provider().encryption_keys[0]
    recipients = [Recipient(each, key.key_name, key.certificate) for each in entity_ids]
    return canonical(encrypt_id(NameId(value, kind), recipients))


def employee(*entity_ids: str) -> tuple[bytes, ...]:
    """Who acts."""
    return (encrypted("a" * 64, names.PSEUDO, *entity_ids),)


def office(*entity_ids: str) -> tuple[bytes, ...]:
    """For which organisation."""
    return (encrypted("90000044", names.KVK, *entity_ids),)


def summary(**changed: Any) -> Assertion:
    """A makelaar's, for dienstverlener and BVD."""
    declared = fed.ad_assertion(
        class_ref=f"{names.LEVEL}loa3",
        audiences=(OWN, BVD),
        acting_subject=employee(fed.DV, BVD),
        legal_subject=office(fed.DV, BVD),
        other_attributes={names.SERVICE_ID: (value_in_clear(SERVICE_ID),)},
    )
    return replace(declared, **changed)


DIENST = EHerkenningDienst(service_index=15)


def judged(assertion: Assertion, bvd: EntityID | None = BVD, dienst: EHerkenningDienst = DIENST) -> Identity:
    """What the backend makes of it."""
    levels = {f"{names.LEVEL}loa3": LoA.SUBSTANTIEEL}
    expected = Expected(EHERKENNING, SERVICE_ID, dienst, levels, OWN, bvd)
    return identity_of(Proven(assertion, b"<evidence/>"), Task(), expected)  # type: ignore[arg-type]


@pytest.mark.eis("ATT-22", "AS-15")
def test_a_bvd_that_can_read_employee_and_office_can_go_on() -> None:
    """The office becomes who stands in between; our copy of it is for the dienstverlener alone."""
    identity = judged(summary())
    assert list(identity.attributes) == [names.SERVICE_ID, names.INTERMEDIATE_KVK]
    assert BVD.encode() not in identity.attributes[names.INTERMEDIATE_KVK][0]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "not in the audience": ({"audiences": (OWN,)}, "audience"),
    "another in the audience": ({"audiences": (OWN, ANOTHER)}, "audience"),
    "employee for another": ({"acting_subject": employee(fed.DV, ANOTHER)}, "subject.identifier"),
    "employee for the dienstverlener alone": ({"acting_subject": employee(fed.DV)}, "subject.identifier"),
    "office for another": ({"legal_subject": office(fed.DV, ANOTHER)}, "subject.identifier"),
    "office for the dienstverlener alone": ({"legal_subject": office(fed.DV)}, "subject.identifier"),
    "no office": ({"legal_subject": ()}, "subject.identifier"),
}


@pytest.mark.eis("ATT-22", "AS-15")
@pytest.mark.attack("S70")
@pytest.mark.parametrize("name", WRONG)
def test_a_bvd_that_cannot_is_not_gone_to(name: str) -> None:
    """Whatever is missing, the login stops here; for the organisation alone it would have been enough."""
    changed, code = WRONG[name]
    with pytest.raises(SamlError) as refused:
        judged(summary(**changed))
    assert refused.value.code == code
    assert judged(summary(**changed), None).acting_subject


COPIED = "urn:etoegang:1.11:attribute-represented:CompanyName"
POSING = [
    st.LEGAL_SUBJECT_ID,
    st.ACTING_SUBJECT_ID,
    st.SERVICE_UUID,
    st.REPRESENTATION_TYPE,
    st.SERVICE_UUID.upper(),
    f"\N{NO-BREAK SPACE}{st.SERVICE_UUID}",
    f"{st.LEGAL_SUBJECT_ID}\N{ZERO WIDTH SPACE}",
    f"{COPIED} {st.LEGAL_SUBJECT_ID}",
    f"urn:{'a' * 256}",
]


@pytest.mark.eis("ATT-21")
@pytest.mark.attack("S70")
@pytest.mark.parametrize("name", POSING)
def test_a_copied_attribute_cannot_pose_as_one_of_ours(name: str) -> None:
    """A second LegalSubjectID, under our signature, of whom the makelaar likes; any other attribute is copied."""
    own = summary().other_attributes
    copied = {**own, COPIED: (value_in_clear("Bewind B.V."),), ENCRYPTED_ATTRIBUTES: (b"<saml:EncryptedAttribute/>",)}
    assert judged(summary(other_attributes=copied)).attributes.keys() > copied.keys()
    with pytest.raises(SamlError) as refused:
        judged(summary(other_attributes={**own, name: (value_in_clear("another"),)}))
    assert refused.value.code == "attribute.structure"


SUPPLIER = "urn:etoegang:DV:00000009999999999030:entities:0001"


@pytest.mark.eis("ATT-10", "ENC-03")
@pytest.mark.parametrize("field", ["acting_subject", "legal_subject"])
@pytest.mark.parametrize("beside", [True, False])
def test_nobody_else_of_etd_can_read_who_it_is(field: str, beside: bool) -> None:
    """A supplier has no role of its own there, and gets the makelaar's summary as evidence; a BVD may read it."""
    make = {"acting_subject": employee, "legal_subject": office}[field]
    at_etd = f"urn:etoegang:DV:{fed.DV_OIN}:entities:0001"
    assert judged(summary(**{field: make(at_etd, BVD)}), None).acting_subject
    values = make(at_etd, SUPPLIER) if beside else (*make(at_etd), *make(SUPPLIER))
    with pytest.raises(SamlError) as refused:
        judged(summary(**{field: values}), None)
    assert refused.value.code == "subject.identifier"


@pytest.mark.eis("ATT-21")
@pytest.mark.attack("S70")
@pytest.mark.parametrize(("number", "code"), [("000012345678", ""), (None, "attribute.restriction")])
def test_a_restriction_says_which_part(number: str | None, code: str) -> None:
    """One without a value would read as a mandate for everything."""
    values = () if number is None else (value_in_clear(number),)
    changed = summary(other_attributes={**summary().other_attributes, names.VESTIGINGSNR: values})
    dienst = EHerkenningDienst(service_index=15, restrictions=("vestigingsnr",))
    if not code:
        assert judged(changed, None, dienst).attributes[names.VESTIGINGSNR] == values
        return
    with pytest.raises(SamlError) as refused:
        judged(changed, None, dienst)
    assert refused.value.code == code
