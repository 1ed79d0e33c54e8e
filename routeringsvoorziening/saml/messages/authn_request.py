"""AuthnRequest: a dienstverlener asks the RV, and the RV asks an authenticatiedienst (ST-SAML, DV AuthN-request)."""

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from saml2 import saml, samlp

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import attribute_value, attribute_value_holding, element_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.messages.building import header
from routeringsvoorziening.saml.moulds import Mould
from routeringsvoorziening.saml.parsing import XML_WHITESPACE, Element, canonical
from routeringsvoorziening.saml.signature_profile import prefixes_within
from routeringsvoorziening.saml.verifying import Verified


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """What the message says; whether that is allowed is for its receiver to judge.

    Args:
        id: NCName.
        issuer: entityID of the sender.
        destination: URL to which it was addressed.
        issue_instant: UTC.
        force_authn: no existing session may answer (AR-03).
        is_passive: no interaction with the person; the koppelvlak does not know it (AMB-25).
        acs_index: AssertionConsumerServiceIndex (AR-04).
        acs_url: AssertionConsumerServiceURL, which the koppelvlak forbids.
        protocol_binding: ProtocolBinding, which goes with `acs_url`.
        attribute_index: AttributeConsumingServiceIndex (AR-06).
        intended_audience: entityID of the dienstverlener, from Extensions (AR-11).
        service_uuid: from Extensions (AR-12).
        idp_list: ProviderIDs of Scoping/IDPList; None when there is no IDPList.
        requester_ids: of Scoping.
        provider_name: never shown (AR-09).
        has_extensions: whether Extensions is there at all (AR-05).
        requested_authn_context: whether RequestedAuthnContext is there; the catalogue decides about the level.
        misplaced_authn_context: it stands where the schema forbids it, and that was tolerated.
        idp_assertion: what IdpAssertion holds, towards a BVD only: the signed Assertion of the authenticatiedienst as
            one `saml:Assertion` element that declares its own prefixes (RBVD-02, AMB-26). Its signature is verified
            by nobody yet, but still verifies.
    """

    id: str
    issuer: str
    destination: str
    issue_instant: datetime
    force_authn: bool = False
    is_passive: bool = False
    acs_index: int | None = None
    acs_url: str | None = None
    protocol_binding: str | None = None
    attribute_index: int | None = None
    intended_audience: str | None = None
    service_uuid: str | None = None
    idp_list: tuple[str, ...] | None = None
    requester_ids: tuple[str, ...] = ()
    provider_name: str | None = None
    has_extensions: bool = False
    requested_authn_context: bool = False
    misplaced_authn_context: bool = False
    idp_assertion: bytes | None = field(default=None, repr=False)


def build_authn_request(request: AuthnRequest) -> Element:
    """The message, unsigned. Extensions is there when one of its three attributes is given.

    Raises:
        SamlError: `id.duplicate`: an ID of `idp_assertion` occurs twice, or is that of the request.
    """
    return element_of(_node(request))


def write_authn_request(request: AuthnRequest) -> bytes:
    """The same, in exclusive canonical XML; `idp_assertion` must be in that form.

    Raises:
        SamlError: as `build_authn_request`.
    """
    return _MOULD.write(request)


def _node(request: AuthnRequest) -> samlp.AuthnRequest:
    return samlp.AuthnRequest(
        **header(message_id=request.id, issuer=request.issuer, issue_instant=request.issue_instant),
        destination=request.destination,
        force_authn="true" if request.force_authn else None,
        is_passive="true" if request.is_passive else None,
        assertion_consumer_service_index=_digits(request.acs_index),
        assertion_consumer_service_url=request.acs_url,
        protocol_binding=request.protocol_binding,
        attribute_consuming_service_index=_digits(request.attribute_index),
        provider_name=request.provider_name,
        extensions=_extensions(request),
        scoping=_scoping(request),
    )


_MOULD: Final = Mould(_node)


def _digits(number: int | None) -> str | None:
    return None if number is None else str(number)


def _extensions(request: AuthnRequest) -> samlp.Extensions | None:
    given = ((names.INTENDED_AUDIENCE, request.intended_audience), (names.SERVICE_UUID, request.service_uuid))
    attributes = [
        saml.Attribute(name=name, attribute_value=[attribute_value(value)])
        for name, value in given
        if value is not None
    ]
    if request.idp_assertion is not None:
        attributes.append(_idp_assertion_attribute(request.idp_assertion))
    return samlp.Extensions(extension_elements=attributes) if attributes else None


def _idp_assertion_attribute(assertion: bytes) -> saml.Attribute:
    """The Assertion byte for byte, as child element: only so its signature stays (RBVD-02)."""
    return saml.Attribute(name=names.IDP_ASSERTION, attribute_value=[attribute_value_holding(assertion)])


def _scoping(request: AuthnRequest) -> samlp.Scoping | None:
    if request.idp_list is None and not request.requester_ids:
        return None
    entries = [samlp.IDPEntry(provider_id=each) for each in request.idp_list or ()]
    return samlp.Scoping(
        idp_list=samlp.IDPList(idp_entry=entries) if entries else None,
        requester_id=[samlp.RequesterID(text=each) for each in request.requester_ids],
    )


def read_authn_request(
    verified: Verified, *, tolerate_requested_authn_context: bool = False, with_idp_assertion: bool = False
) -> AuthnRequest:
    """What a verified AuthnRequest says. Optional elements that the koppelvlak does not know are ignored (GEN-05).

    Args:
        verified: the message.
        tolerate_requested_authn_context: accept a RequestedAuthnContext at a place where the schema forbids it.
        with_idp_assertion: read IdpAssertion, as a BVD does; everybody else must not look at it (AR-13, RAD-06).

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `destination`, `attribute.structure`, `node.forbidden`.
    """
    element = verified.element
    requested = element.find(names.samlp("RequestedAuthnContext")) is not None
    misplaced = requested and tolerate_requested_authn_context and not _in_order(element)
    if misplaced:
        element = _without(element, names.samlp("RequestedAuthnContext"))
    reading.check_message(element, names.samlp("AuthnRequest"))
    extensions = reading.at_most_one(element, names.samlp("Extensions"))
    scoping = reading.at_most_one(element, names.samlp("Scoping"))
    return AuthnRequest(
        id=element.attrib["ID"],
        issuer=reading.issuer(element),
        destination=reading.destination(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        force_authn=reading.flag(element, "ForceAuthn"),
        is_passive=reading.flag(element, "IsPassive"),
        acs_index=reading.number(element, "AssertionConsumerServiceIndex"),
        acs_url=reading.optional(element, "AssertionConsumerServiceURL"),
        protocol_binding=reading.optional(element, "ProtocolBinding"),
        attribute_index=reading.number(element, "AttributeConsumingServiceIndex"),
        intended_audience=None if extensions is None else _extension(extensions, names.INTENDED_AUDIENCE),
        service_uuid=None if extensions is None else _extension(extensions, names.SERVICE_UUID),
        idp_list=None if scoping is None else _idp_list(scoping),
        requester_ids=() if scoping is None else _requester_ids(scoping),
        provider_name=reading.optional(element, "ProviderName"),
        has_extensions=extensions is not None,
        requested_authn_context=requested,
        misplaced_authn_context=misplaced,
        idp_assertion=_idp_assertion(extensions) if extensions is not None and with_idp_assertion else None,
    )


def _in_order(element: Element) -> bool:
    """Whether RequestedAuthnContext stands behind everything but Scoping, as the schema wants it."""
    children = [child.tag for child in element]
    position = children.index(names.samlp("RequestedAuthnContext"))
    return set(children[position + 1 :]) <= {names.samlp("Scoping")}


def _without(element: Element, name: str) -> Element:
    copied = copy.deepcopy(element)
    for child in copied.findall(name):
        copied.remove(child)
    return copied


def _extension(extensions: Element, name: str) -> str:
    """One Attribute of that name with one value (AR-11, AR-12); others are not looked at (AR-13)."""
    attributes = _attributes(extensions, name)
    if len(attributes) != 1:
        raise SamlError("attribute.structure", f"Extensions does not have exactly one {name}")
    value = reading.one(attributes[0], names.saml("AttributeValue"), "attribute.structure")
    return reading.filled(value, "attribute.structure")


def _attributes(extensions: Element, name: str) -> list[Element]:
    return [each for each in extensions.findall(names.saml("Attribute")) if each.get("Name") == name]


def _idp_assertion(extensions: Element) -> bytes | None:
    """One Attribute with one value that is one Assertion element; with the prefixes that its signature wants kept."""
    attributes = _attributes(extensions, names.IDP_ASSERTION)
    if not attributes:
        return None
    if len(attributes) > 1:
        raise SamlError("attribute.structure", "Extensions has more than one IdpAssertion")
    value = reading.one(attributes[0], names.saml("AttributeValue"), "attribute.structure")
    children = reading.only_elements(value, "attribute.structure")
    if [child.tag for child in children] != [names.saml("Assertion")]:
        raise SamlError("attribute.structure", "IdpAssertion is not exactly one Assertion")
    return canonical(children[0], prefixes_within(children[0]))


def _idp_list(scoping: Element) -> tuple[str, ...] | None:
    """The ProviderIDs; GetComplete is never followed."""
    found = scoping.find(names.samlp("IDPList"))
    if found is None:
        return None
    return tuple(entry.attrib["ProviderID"].strip(XML_WHITESPACE) for entry in found.findall(names.samlp("IDPEntry")))


def _requester_ids(scoping: Element) -> tuple[str, ...]:
    return tuple(reading.filled(each) for each in scoping.findall(names.samlp("RequesterID")))
