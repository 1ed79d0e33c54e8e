"""Faults of content that only the eIDAS-berichtenservice can make."""

from collections.abc import Mapping
from dataclasses import replace

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.eidas.attributes import Value
from routeringsvoorziening.saml.eidas.encrypted_value import encrypt_value
from routeringsvoorziening.saml.eidas.vocabulary import ATTRIBUTES, FAMILY_NAME, GENDER
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.loa import uri_of
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.parsing import canonical
from routeringsvoorziening.simulators.declaring.faults_content import SOMEBODY_ELSE
from routeringsvoorziening.simulators.declaring.scene import Scene

SOMETHING = Value("Verzonnen")


def lower_loa(assertion: Assertion, _: Scene) -> Assertion:
    """Level low, whatever the service asks (LOA-05)."""
    return replace(assertion, class_ref=uri_of(20))


def no_eidas_loa(assertion: Assertion, _: Scene) -> Assertion:
    """Level basis, which eIDAS does not have (LOA-01)."""
    return replace(assertion, class_ref=uri_of(10))


def legal_subject(assertion: Assertion, _: Scene) -> Assertion:
    """With a person represented, which is not for an AD to say (ATT-23)."""
    tree = etree.fromstring(assertion.acting_subject[0])
    for element in tree.iter():
        for name in ("Id", "URI"):
            if name in element.attrib:
                element.set(name, element.attrib[name] + "-legal")
    return replace(assertion, legal_subject=(canonical(tree),))


def too_much(assertion: Assertion, scene: Scene) -> Assertion:
    """An attribute that the service may not have."""
    dienstverlener = next(
        key
        for keys in scene.routing.dienstverleners.values()
        for key in keys
        if key.entity_id.encode() in assertion.acting_subject[0]
    )
    return _with(assertion, {GENDER.name: encrypt_value(GENDER, Value("Unspecified"), [dienstverlener])})


def unknown_attribute(assertion: Assertion, _: Scene) -> Assertion:
    """One that nobody knows, in clear."""
    return _with(assertion, {"urn:example:unknown": (_clear("Verzonnen"),)})


def attribute_in_clear(assertion: Assertion, _: Scene) -> Assertion:
    """A name that anybody can read."""
    return _with(assertion, {FAMILY_NAME.name: (_clear(SOMETHING.latin),)})


def attribute_for_another(assertion: Assertion, scene: Scene) -> Assertion:
    """A name for a party that did not ask."""
    return _with(assertion, {FAMILY_NAME.name: encrypt_value(FAMILY_NAME, SOMETHING, [_key_of(SOMEBODY_ELSE, scene)])})


def attribute_for_rd(assertion: Assertion, scene: Scene) -> Assertion:
    """A name that the routeringsdienst could read too."""
    own = scene.routing.service_provider.entity_id
    keys = [key for each in scene.routing.dienstverleners.values() for key in each]
    keys = [each for each in keys if each.entity_id.encode() in assertion.acting_subject[0]]
    return _with(assertion, {FAMILY_NAME.name: encrypt_value(FAMILY_NAME, SOMETHING, [*keys, _key_of(own, scene)])})


def swapped_attributes(assertion: Assertion, _: Scene) -> Assertion:
    """Every ciphertext under the name of the next attribute: only the dienstverlener can see that."""
    attributes = {name: values for name, values in assertion.other_attributes.items() if name in ATTRIBUTES}
    values = list(attributes.values())
    return _with(assertion, dict(zip(attributes, [*values[1:], *values[:1]], strict=True)))


def _with(assertion: Assertion, attributes: Mapping[str, tuple[bytes, ...]]) -> Assertion:
    return replace(assertion, other_attributes={**assertion.other_attributes, **attributes})


def _clear(text: str) -> bytes:
    element = etree.Element(names.saml("AttributeValue"), nsmap={"saml": names.SAML})
    element.text = text
    return canonical(element)


def _key_of(entity_id: str, scene: Scene) -> Recipient:
    signing = scene.settings.signing
    return Recipient(entity_id, signing.key_name, signing.certificate)
