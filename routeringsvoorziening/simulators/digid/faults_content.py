"""Faults of content that only an authenticatiedienst can make."""

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.loa import uri_of
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.saml.parsing import Element, canonical
from routeringsvoorziening.simulators.declaring.faults_content import fresh_ids
from routeringsvoorziening.simulators.declaring.scene import Scene


def lower_loa(assertion: Assertion, _: Scene) -> Assertion:
    """Level basis, whatever the service asks (LOA-05)."""
    return replace(assertion, class_ref=uri_of(10))


def unknown_loa(assertion: Assertion, _: Scene) -> Assertion:
    """A level outside the koppelvlak (LOA-01)."""
    return replace(assertion, class_ref="urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract")


def legal_subject(assertion: Assertion, _: Scene) -> Assertion:
    """With a person represented, which is not for an AD to say (ATT-23)."""
    return replace(assertion, legal_subject=(fresh_ids(assertion.acting_subject[0]),))


def no_bvd_audience(assertion: Assertion, scene: Scene) -> Assertion:
    """Not meant for the BVD that must use it (AS-15)."""
    return replace(assertion, audiences=(scene.answer.asked.requester,))


def no_bvd_key(assertion: Assertion, scene: Scene) -> Assertion:
    """Not decipherable for the BVD that must use it (ATT-22)."""
    tree = etree.fromstring(assertion.acting_subject[0])
    for key in list(_keys_for_others(tree, scene)):
        tree.remove(key)
    return replace(assertion, acting_subject=(canonical(tree),))


def _keys_for_others(encrypted: Element, scene: Scene) -> Iterator[Element]:
    for key in encrypted.iterfind(names.xenc("EncryptedKey")):
        if key.get("Recipient") not in scene.routing.dienstverleners:
            yield key
