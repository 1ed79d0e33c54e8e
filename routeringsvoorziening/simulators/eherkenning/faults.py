"""Everything that the eHerkenning simulator can do wrong: what every declaring party can, and what only it can."""

from dataclasses import replace
from typing import Final

from lxml import etree
from saml2 import saml

from routeringsvoorziening.saml import names as st
from routeringsvoorziening.saml.building import ASSERTION_PREFIXES, attribute_value, element_of
from routeringsvoorziening.saml.encryption import encrypt_bytes
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.messages.attributes import ENCRYPTED_ATTRIBUTES, value_in_clear
from routeringsvoorziening.saml.parsing import canonical
from routeringsvoorziening.simulators.declaring import faults
from routeringsvoorziening.simulators.declaring import faults_content as content
from routeringsvoorziening.simulators.declaring.faults import COMMON, Fault, table_of
from routeringsvoorziening.simulators.declaring.scene import Scene
from routeringsvoorziening.simulators.eherkenning.requests import LoginRequest

SEALED_NAME: Final = "urn:etoegang:1.11:attribute-represented:VATRegistrationNumber"
SEALED_TEXT: Final = "NL900000119B01"
"""What `sealed_attribute` holds."""


def lower_loa(assertion: Assertion, _: Scene) -> Assertion:
    """EH2, whatever the service asks."""
    return replace(assertion, class_ref=names.LEVEL + "loa2")


def ended_loa(assertion: Assertion, _: Scene) -> Assertion:
    """EH1, which ended in 2021."""
    return replace(assertion, class_ref=names.LEVEL + "loa1")


def other_service_id(assertion: Assertion, _: Scene) -> Assertion:
    """The ServiceID of another service."""
    other = value_in_clear("urn:etoegang:DV:00000004183317817000:services:1")
    return replace(assertion, other_attributes={**assertion.other_attributes, names.SERVICE_ID: (other,)})


def for_a_part(assertion: Assertion, _: Scene) -> Assertion:
    """A mandate for a subdossier, for which no service of the demo is made."""
    part = value_in_clear("0001")
    return replace(assertion, other_attributes={**assertion.other_attributes, names.SUBDOSSIER_NR: (part,)})


def misformed_branch(assertion: Assertion, _: Scene) -> Assertion:
    """A vestigingsnummer of eleven digits."""
    branch = value_in_clear("00009000011")
    return replace(assertion, other_attributes={**assertion.other_attributes, names.VESTIGINGSNR: (branch,)})


def nobody_represented(assertion: Assertion, _: Scene) -> Assertion:
    """Representation is true, and nobody is represented."""
    return replace(assertion, legal_subject=())


def no_bvd_audience(assertion: Assertion, scene: Scene) -> Assertion:
    """Not meant for the BVD that must use it (AS-15)."""
    return replace(assertion, audiences=(scene.answer.asked.requester,))


def no_bvd_key(assertion: Assertion, _: Scene) -> Assertion:
    """The BVD cannot read who acts (ATT-22)."""
    return replace(assertion, acting_subject=tuple(map(_not_for_a_bvd, assertion.acting_subject)))


def no_bvd_office(assertion: Assertion, _: Scene) -> Assertion:
    """The BVD cannot read for which office (ATT-22)."""
    return replace(assertion, legal_subject=tuple(map(_not_for_a_bvd, assertion.legal_subject)))


def _not_for_a_bvd(encrypted: bytes) -> bytes:
    tree = etree.fromstring(encrypted)
    for key in tree.findall(st.xenc("EncryptedKey")):
        if ":BVD:" in key.get("Recipient", ""):
            tree.remove(key)
    return canonical(tree)


def sealed_attribute(assertion: Assertion, scene: Scene) -> Assertion:
    """An attribute that is encrypted whole, its name included, for the dienstverlener (AMB-24); eTD allows it."""
    login = scene.answer.asked
    readers = login.recipients if isinstance(login, LoginRequest) else ()
    plain = saml.Attribute(name=SEALED_NAME, attribute_value=[attribute_value(SEALED_TEXT)])
    sealed = encrypt_bytes(canonical(element_of(plain, ASSERTION_PREFIXES)), readers)
    sealed.tag = st.saml("EncryptedAttribute")
    others = {**assertion.other_attributes, ENCRYPTED_ATTRIBUTES: (canonical(sealed),)}
    return replace(assertion, other_attributes=others)


def no_sources(assertion: Assertion, _: Scene) -> Assertion:
    """A summary without Advice, which is allowed."""
    return replace(assertion, advice=())


_OF_ST_SAML: Final = frozenset({"two-acting-subjects", "with-authority", "two-assertions"})
FAULTS: Final = table_of(
    *(each for each in COMMON if each.name not in _OF_ST_SAML),
    Fault(
        "two-assertions",
        "twee Assertions",
        "two Assertions",
        on_assertion=no_sources,
        on_signed=content.two_assertions,
    ),
    Fault("lower-loa", "niveau onder het minimum", "level below the minimum", on_assertion=lower_loa),
    Fault("ended-loa", "niveau EH1", "level EH1", on_assertion=ended_loa),
    Fault("other-service-id", "andere ServiceID", "other ServiceID", on_assertion=other_service_id),
    Fault("for-a-part", "machtiging voor een subdossier", "mandate for a subdossier", on_assertion=for_a_part),
    Fault("misformed-branch", "vestigingsnummer te kort", "branch number too short", on_assertion=misformed_branch),
    Fault("nobody-represented", "zonder LegalSubjectID", "without LegalSubjectID", on_assertion=nobody_represented),
    Fault("no-bvd-audience", "Audience zonder de BVD", "Audience without the BVD", on_assertion=no_bvd_audience),
    Fault("no-bvd-key", "medewerker niet voor de BVD", "employee not for the BVD", on_assertion=no_bvd_key),
    Fault("no-bvd-office", "kantoor niet voor de BVD", "office not for the BVD", on_assertion=no_bvd_office),
    Fault(
        "sealed-attribute",
        "een heel attribuut versleuteld (mag)",
        "a whole attribute encrypted (allowed)",
        on_assertion=sealed_attribute,
    ),
    Fault("no-sources", "zonder Advice (mag)", "without Advice (allowed)", on_assertion=no_sources),
)
"""Every fault by name."""


class FaultSwitches(faults.FaultSwitches):
    """The switches of an eHerkenning simulator."""

    table = FAULTS
