"""From an answer that waits to the bytes on the back channel: Assertion, Response, ArtifactResponse, envelope.

Everything is built when the artifact is resolved, so that the times in it are fresh (AMB-19). Between the steps the
switched-on faults have their say; without any, what comes out obeys every rule of an AD or BVD.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from routeringsvoorziening.saml.identifiers import new_message_id, new_transient_id
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, build_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, SubjectConfirmation, build_assertion
from routeringsvoorziening.saml.messages.response import Response, build_response
from routeringsvoorziening.saml.messages.status import SUCCESS
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.soap import wrap
from routeringsvoorziening.simulators.declaring.faults import Fault
from routeringsvoorziening.simulators.declaring.scene import Scene

VALIDITY: Final = timedelta(minutes=2)
"""Of the subject confirmation, and of the conditions on either side (AS-04)."""


def body_of(scene: Scene, faults: Iterable[Fault]) -> bytes:
    """The SOAP envelope that answers an ArtifactResolve which found its answer."""
    faults = tuple(faults)
    response: Element | None = response_of(scene, faults)
    for fault in faults:
        if fault.on_response and response is not None:
            response = fault.on_response(response, scene)
    envelope = signed_envelope(scene, response)
    for fault in faults:
        if fault.on_envelope:
            fault.on_envelope(envelope, scene)
    return wrap(envelope)


def signed_envelope(scene: Scene, response: Element | None) -> Element:
    """ARR-08: the signed ArtifactResponse, Success whether or not there is a Response in it."""
    settings = scene.settings
    message = ArtifactResponse(new_message_id(), scene.resolve_id, settings.entity_id, scene.at, SUCCESS, response)
    envelope = build_artifact_response(message)
    sign(envelope, settings.signing)
    return envelope


def response_of(scene: Scene, faults: tuple[Fault, ...]) -> Element:
    """RSP-08: the Response, with one signed Assertion when there is something to declare and none otherwise."""
    asked = scene.answer.asked
    declare = scene.answer.declare
    assertions = [] if declare is None else signed_assertions(declare(scene), scene, faults)
    message = Response(
        id=new_message_id(),
        in_response_to=asked.id,
        issuer=scene.settings.entity_id,
        destination=asked.acs_url,
        issue_instant=scene.at,
        status=scene.answer.status,
        assertion=assertions[0] if assertions else None,
    )
    response = build_response(message)
    response.extend(assertions[1:])
    return response


def signed_assertions(assertion: Assertion, scene: Scene, faults: tuple[Fault, ...]) -> list[Element]:
    """The signed Assertion, as a list because faults may want none or two."""
    for fault in faults:
        if fault.on_assertion:
            assertion = fault.on_assertion(assertion, scene)
    element = build_assertion(assertion, scene.settings.vocabulary)
    sign(element, scene.settings.signing)
    elements = [element]
    for fault in faults:
        if fault.on_signed:
            elements = fault.on_signed(elements[0], scene)
    return elements


def new_assertion(
    scene: Scene, *, audiences: tuple[str, ...], class_ref: str, service_uuid: str, acting_subject: tuple[bytes, ...]
) -> Assertion:
    """What every AD and BVD declares in the same way; no AuthenticatingAuthority and no Advice (AS-16)."""
    asked = scene.answer.asked
    return Assertion(
        id=new_message_id(),
        issuer=scene.settings.entity_id,
        issue_instant=scene.at,
        name_id=new_transient_id(),
        confirmation=SubjectConfirmation(asked.id, asked.acs_url, scene.at + VALIDITY),
        not_before=scene.at - VALIDITY,
        not_on_or_after=scene.at + VALIDITY,
        audiences=audiences,
        authn_instant=scene.at,
        class_ref=class_ref,
        service_uuid=service_uuid,
        acting_subject=acting_subject,
    )
