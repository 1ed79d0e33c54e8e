"""Faults of content that only a bevoegdheidsverklaringsdienst can make."""

from dataclasses import replace
from typing import Final

from routeringsvoorziening.saml.loa import uri_of
from routeringsvoorziening.saml.messages.assertion import Assertion
from routeringsvoorziening.simulators.declaring.faults_content import encrypted_for_another, fresh_ids
from routeringsvoorziening.simulators.declaring.scene import Scene

UNLISTED_TYPE: Final = "urn:nl-eid-gdi:1.1:RT:Onbekend"


def wrong_class(assertion: Assertion, _: Scene) -> Assertion:
    """A level of assurance, which is not for a BVD to declare (LOA-06)."""
    return replace(assertion, class_ref=uri_of(30))


def no_legal_subject(assertion: Assertion, _: Scene) -> Assertion:
    """For nobody (ATT-24)."""
    return replace(assertion, legal_subject=())


def legal_for_another(assertion: Assertion, scene: Scene) -> Assertion:
    """Who is represented, encrypted for a party that did not ask (ATT-04)."""
    return replace(assertion, legal_subject=(encrypted_for_another(scene),))


def two_legal_values(assertion: Assertion, _: Scene) -> Assertion:
    """Who is represented, twice: whether they are the same person nobody on the way can see."""
    return replace(assertion, legal_subject=(*assertion.legal_subject, *map(fresh_ids, assertion.legal_subject)))


def no_representation_type(assertion: Assertion, _: Scene) -> Assertion:
    """On no ground (ATT-24; no fault for a voluntary mandate, AMB-07)."""
    return replace(assertion, representation_types=())


def unlisted_representation_type(assertion: Assertion, _: Scene) -> Assertion:
    """On a ground that no table knows (ATT-07)."""
    return replace(assertion, representation_types=(UNLISTED_TYPE,))
