"""From an answer that waits to the bytes on the back channel: Assertion, Response, ArtifactResponse, envelope.

Everything is built when the artifact is resolved, so that the times in it are fresh (AMB-19). Between the steps the
switched-on faults have their say; without any, what comes out obeys every rule of an authenticatiedienst.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import NameId, encrypt_id
from routeringsvoorziening.saml.identifiers import new_message_id, new_transient_id
from routeringsvoorziening.saml.loa import uri_of
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, build_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, SubjectConfirmation, build_assertion
from routeringsvoorziening.saml.messages.response import Response, build_response
from routeringsvoorziening.saml.messages.status import SUCCESS, Status
from routeringsvoorziening.saml.parsing import Element, canonical
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.soap import wrap
from routeringsvoorziening.simulators.digid.faults import Fault
from routeringsvoorziening.simulators.digid.scene import Scene

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
    """RSP-08: the Response, with one signed Assertion when somebody logged in and none otherwise."""
    request, outcome = scene.answer.request, scene.answer.outcome
    status = outcome if isinstance(outcome, Status) else SUCCESS
    assertions = signed_assertions(scene, faults) if scene.login else []
    message = Response(
        id=new_message_id(),
        in_response_to=request.id,
        issuer=scene.settings.entity_id,
        destination=request.acs_url,
        issue_instant=scene.at,
        status=status,
        assertion=assertions[0] if assertions else None,
    )
    response = build_response(message)
    response.extend(assertions[1:])
    return response


def signed_assertions(scene: Scene, faults: tuple[Fault, ...]) -> list[Element]:
    """The signed Assertion, as a list because faults may want none or two."""
    assertion = assertion_of(scene)
    for fault in faults:
        if fault.on_assertion:
            assertion = fault.on_assertion(assertion, scene)
    element = build_assertion(assertion)
    sign(element, scene.settings.signing)
    elements = [element]
    for fault in faults:
        if fault.on_signed:
            elements = fault.on_signed(elements[0], scene)
    return elements


def assertion_of(scene: Scene) -> Assertion:
    """What DigiD declares: no AuthenticatingAuthority and no Advice (AS-16), audience the RD (AS-15)."""
    request, login = scene.answer.request, scene.login
    if login is None or request.service is None:
        raise ValueError("nobody logged in")
    return Assertion(
        id=new_message_id(),
        issuer=scene.settings.entity_id,
        issue_instant=scene.at,
        name_id=new_transient_id(),
        confirmation=SubjectConfirmation(request.id, request.acs_url, scene.at + VALIDITY),
        not_before=scene.at - VALIDITY,
        not_on_or_after=scene.at + VALIDITY,
        audiences=(request.requester,),
        authn_instant=scene.at,
        session_index=None,
        class_ref=uri_of(login.means.level),
        authenticating_authorities=(),
        service_uuid=request.service.uuid,
        acting_subject=(acting_subject(scene),),
        legal_subject=(),
        representation_types=(),
    )


def acting_subject(scene: Scene) -> bytes:
    """ATT-10 to ATT-20: the BSN for each encryption certificate of the dienstverlener, and for nobody else."""
    login, service = scene.login, scene.answer.request.service
    if login is None or service is None:
        raise ValueError("nobody logged in")
    recipients = scene.routing.dienstverleners[service.dienstverlener]
    name_id = NameId(login.person.bsn.zfill(9), names.ID_LEGACY_BSN)
    return canonical(encrypt_id(name_id, recipients))
