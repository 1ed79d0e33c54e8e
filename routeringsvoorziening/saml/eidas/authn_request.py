"""AuthnRequest between nodes: who asks, for which kind of service, at which level, for which attributes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from lxml import etree
from saml2 import saml, samlp
from saml2.extension.requested_attributes import RequestedAttribute, RequestedAttributes
from saml2.extension.sp_type import SPType

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import MESSAGE_PREFIXES, element_of, verbatim
from routeringsvoorziening.saml.eidas.building import header
from routeringsvoorziening.saml.eidas.schema import validate
from routeringsvoorziening.saml.eidas.vocabulary import ATTRIBUTES, EXTENSIONS, LEVELS, AttributeKind
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.verifying import Verified

ServiceKind = Literal["public", "private"]
_PREFIXES: Final = {**MESSAGE_PREFIXES, "eidas": EXTENSIONS}


def _eidas(local: str) -> str:
    return f"{{{EXTENSIONS}}}{local}"


@dataclass(frozen=True, slots=True)
class EidasRequest:
    """What the message says.

    Args:
        id: NCName.
        issuer: entity ID of the node that asks: the address of its metadata.
        destination: URL of the node that is asked.
        issue_instant: UTC.
        minimum_level: 20, 25 or 30: what must be reached at least.
        node_country: ISO 3166-1 alpha-2 of the node that asks.
        attributes: asked for; those of a minimum data set are required.
        service_kind: SPType.
        provider_name: for whom; shown to the person.
    """

    id: str
    issuer: str
    destination: str
    issue_instant: datetime
    minimum_level: int
    node_country: str
    attributes: tuple[AttributeKind, ...]
    service_kind: ServiceKind = "public"
    provider_name: str | None = None


def build_eidas_request(request: EidasRequest) -> Element:
    """The message, unsigned; ForceAuthn always, as eIDAS knows no single sign-on across borders."""
    return element_of(
        samlp.AuthnRequest(
            **header(message_id=request.id, issuer=request.issuer, issue_instant=request.issue_instant),
            destination=request.destination,
            force_authn="true",
            is_passive="false",
            provider_name=request.provider_name,
            extensions=samlp.Extensions(extension_elements=_extensions(request)),
            name_id_policy=samlp.NameIDPolicy(allow_create="true", format=names.NAMEID_UNSPECIFIED),
            requested_authn_context=samlp.RequestedAuthnContext(
                comparison="minimum",
                authn_context_class_ref=[saml.AuthnContextClassRef(text=LEVELS[request.minimum_level])],
            ),
        ),
        _PREFIXES,
    )


def _extensions(request: EidasRequest) -> list[object]:
    country = etree.Element(_eidas("NodeCountry"), nsmap={"eidas": EXTENSIONS})
    country.text = request.node_country
    wanted = [
        RequestedAttribute(
            name=each.name,
            friendly_name=each.friendly_name,
            name_format=names.ATTRIBUTE_URI,
            is_required="true" if each.mandatory else "false",
        )
        for each in request.attributes
    ]
    return [
        verbatim(country),
        SPType(text=request.service_kind),
        RequestedAttributes(requested_attribute=wanted),
    ]


def read_eidas_request(verified: Verified) -> EidasRequest:
    """What a verified AuthnRequest says.

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `destination`, `loa`, `attribute.structure`, `node.forbidden`.
    """
    element = verified.element
    reading.check_message(element, names.samlp("AuthnRequest"), None)
    validate(element)
    if not reading.flag(element, "ForceAuthn") or reading.flag(element, "IsPassive"):
        raise SamlError("msg.value", "ForceAuthn must be true, IsPassive false")
    extensions = reading.one(element, names.samlp("Extensions"))
    kind = reading.filled(reading.one(extensions, _eidas("SPType")))
    return EidasRequest(
        id=element.attrib["ID"],
        issuer=reading.issuer(element),
        destination=reading.destination(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        minimum_level=_minimum_level(element),
        node_country=reading.filled(reading.one(extensions, _eidas("NodeCountry"))),
        attributes=_requested(extensions),
        service_kind="private" if kind == "private" else "public",
        provider_name=reading.optional(element, "ProviderName"),
    )


def _minimum_level(element: Element) -> int:
    """One level, and at least that."""
    context = reading.one(element, names.samlp("RequestedAuthnContext"), "loa")
    if context.get("Comparison") != "minimum":
        raise SamlError("loa", "the Comparison is not minimum")
    return level_of(reading.filled(reading.one(context, names.saml("AuthnContextClassRef"), "loa"), "loa"))


def level_of(uri: str) -> int:
    """20, 25 or 30.

    Raises:
        SamlError: `loa`.
    """
    for level, known in LEVELS.items():
        if uri == known:
            return level
    raise SamlError("loa", "not one of the three levels of eIDAS")


def _requested(extensions: Element) -> tuple[AttributeKind, ...]:
    """Each once. One that we do not know may be asked for, and is not given; a required one must be known."""
    parent = reading.one(extensions, _eidas("RequestedAttributes"))
    found: list[AttributeKind] = []
    for each in parent.findall(_eidas("RequestedAttribute")):
        kind = ATTRIBUTES.get(each.attrib["Name"])
        if kind is None and reading.flag(each, "isRequired"):
            raise SamlError("attribute.structure", "an attribute is required that does not exist")
        if kind in found:
            raise SamlError("attribute.structure", "an attribute is asked for twice")
        if kind is not None:
            found.append(kind)
    return tuple(found)
