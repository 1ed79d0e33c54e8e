"""One EntityDescriptor in its role: its descriptor, its keys, its endpoints (MD-DV, MD-LC, MD-RD, MD-SP, MD-AD)."""

from collections.abc import Mapping
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import ParsedEntityId
from routeringsvoorziening.saml.messages.reading import flag
from routeringsvoorziening.saml.metadata.document import Expiry
from routeringsvoorziening.saml.metadata.endpoints import check_bindings, check_one_default, read_endpoints
from routeringsvoorziening.saml.metadata.findings import Inspection
from routeringsvoorziening.saml.metadata.keys import check_use, read_keys
from routeringsvoorziening.saml.metadata.model import Endpoint, IdentityProvider, KeyUse, MetadataKey, ServiceProvider
from routeringsvoorziening.saml.metadata.services import read_attribute_services
from routeringsvoorziening.saml.parsing import Element

MAX_ENCRYPTION_KEYS: Final = 2
"""Of a dienstverlener in the RD's or a supplier's metadata: one, and the one that replaces it (MD-SP-08, MD-LC-07)."""
MAX_SUPPLIER_KEYS: Final = 4
"""Of a supplier: for messages and for TLS, each with the one that replaces it (MD-LC-04)."""

_ROLE_DESCRIPTORS: Final = frozenset(
    map(
        names.md,
        (
            "RoleDescriptor",
            "IDPSSODescriptor",
            "SPSSODescriptor",
            "AuthnAuthorityDescriptor",
            "AttributeAuthorityDescriptor",
            "PDPDescriptor",
            "AffiliationDescriptor",
        ),
    )
)


def read_provider(entity: Element, who: ParsedEntityId, expiry: Expiry, inspection: Inspection) -> ServiceProvider:
    """The entry of a party that asks: a dienstverlener (MD-DV), a supplier (MD-LC), or the RV (MD-SP-04 to MD-SP-07).

    Raises:
        Unusable: it has another role.
    """
    rules = _PROVIDERS[who.role]
    descriptor = _descriptor(entity, "SPSSODescriptor", rules["descriptor"], inspection)
    _check_protocol(descriptor, inspection)
    for attribute in ("AuthnRequestsSigned", "WantAssertionsSigned"):
        _check_flag(descriptor, attribute, rules["descriptor"], inspection)
    keys = read_keys(descriptor, who.oin, inspection)
    check_use(keys, "signing", rules["keys"], inspection, at_most=MAX_SUPPLIER_KEYS if who.role == "LC" else None)
    if who.role == "DV":  # AMB-15: the RV may leave out a key with which nobody may encrypt for it
        check_use(keys, "encryption", rules["keys"], inspection)
    if who.role == "LC":
        keys = _for_signing_only(keys, inspection)
    services = read_attribute_services(descriptor, inspection)
    if services and who.role != "DV":
        inspection.refuse("md.service", "MD-DV-05", "AttributeConsumingService of a party that is not a DV")
    return ServiceProvider(
        entity_id=who.text,
        keys=keys,
        acs=_consumers(descriptor, rules["acs"], inspection, artifact_only=who.role != "DV"),
        attribute_services=services,
        slo=_logouts_of_provider(descriptor, rules["slo"], inspection),
        valid_until=expiry.valid_until,
        cache_duration=expiry.cache_duration,
    )


_DIENSTVERLENER: Final = {"descriptor": "MD-DV-01", "keys": "MD-DV-02", "acs": "MD-DV-04", "slo": "MD-DV-03"}
_ROUTING: Final = {"descriptor": "MD-SP-04", "keys": "MD-SP-04", "acs": "MD-SP-07", "slo": "MD-SP-06"}
_SUPPLIER: Final = {"descriptor": "MD-LC-03", "keys": "MD-LC-04", "acs": "MD-LC-06", "slo": "MD-LC-05"}
_PROVIDERS: Final = {"DV": _DIENSTVERLENER, "RD": _ROUTING, "LC": _SUPPLIER}


def _for_signing_only(keys: tuple[MetadataKey, ...], inspection: Inspection) -> tuple[MetadataKey, ...]:
    """Nothing is ever encrypted for a supplier: what it publishes for that is not known here (MD-LC-04, ATT-10)."""
    if any("encryption" in key.uses for key in keys):
        inspection.remark("md.keys", "MD-LC-04", "an encryption key of the supplier is not used")
    signing = frozenset[KeyUse]({"signing"})
    return tuple(MetadataKey(key.key_name, key.certificate, signing) for key in keys if "signing" in key.uses)


def read_service(entity: Element, who: ParsedEntityId, expiry: Expiry, inspection: Inspection) -> IdentityProvider:
    """The entry of a party that answers: an AD or BVD (MD-AD), or the RV itself (MD-RD).

    Raises:
        Unusable: it has another role.
    """
    rules = _RV if who.role == "RD" else _SERVICE
    descriptor = _descriptor(entity, "IDPSSODescriptor", rules["descriptor"], inspection)
    _check_protocol(descriptor, inspection)
    _check_flag(descriptor, "WantAuthnRequestsSigned", rules["descriptor"], inspection)
    keys = read_keys(descriptor, who.oin, inspection)
    check_use(keys, "signing", rules["keys"], inspection)
    if who.role == "BVD":
        check_use(keys, "encryption", rules["keys"], inspection)
    resolution = read_endpoints(descriptor, "ArtifactResolutionService", rules["ars"], inspection)
    check_bindings(resolution, names.BINDING_SOAP, "ArtifactResolutionService", rules["ars"], inspection)
    sign_on = read_endpoints(descriptor, "SingleSignOnService", rules["sso"], inspection)
    check_bindings(sign_on, names.BINDING_POST, "SingleSignOnService", rules["sso"], inspection)
    return IdentityProvider(
        entity_id=who.text,
        keys=keys,
        artifact_resolution=resolution,
        single_sign_on=sign_on,
        single_logout=_logouts_of_service(descriptor, who, rules["slo"], inspection),
        valid_until=expiry.valid_until,
        cache_duration=expiry.cache_duration,
    )


_SERVICE: Final = {
    "descriptor": "MD-AD-01",
    "keys": "MD-AD-02",
    "ars": "MD-AD-03",
    "sso": "MD-AD-03",
    "slo": "MD-AD-04",
}
_RV: Final = {
    "descriptor": "MD-RD-01",
    "keys": "MD-RD-02",
    "ars": "MD-RD-03",
    "sso": "MD-RD-04",
    "slo": "MD-RD-05",
}


IN_ROUTING: Final = {"keys": "MD-SP-08", "acs": "MD-SP-09"}
"""The rules of a dienstverlener's entry in the metadata of the RV."""
IN_CLUSTER: Final = {"keys": "MD-LC-07", "acs": "MD-LC-08"}
"""The rules of a dienstverlener's entry in the metadata of its supplier."""


def read_recipients(
    entity: Element, who: ParsedEntityId, rules: Mapping[str, str], inspection: Inspection
) -> tuple[Recipient, ...]:
    """The keys of a dienstverlener in another's metadata. Its AssertionConsumerService counts for nothing.

    Raises:
        Unusable: it has another role.
    """
    descriptor = _descriptor(entity, "SPSSODescriptor", rules["keys"], inspection)
    _check_protocol(descriptor, inspection)
    keys = read_keys(descriptor, who.oin, inspection, place=f"{who.text}: ")
    check_use(keys, "encryption", rules["keys"], inspection, at_most=MAX_ENCRYPTION_KEYS)
    if len(read_endpoints(descriptor, "AssertionConsumerService", rules["acs"], inspection)) != 1:
        text = f"{who.text} does not have exactly one AssertionConsumerService"
        inspection.refuse("md.endpoint", rules["acs"], text)
    return ServiceProvider(who.text, keys).recipients


def _descriptor(entity: Element, kind: str, eis: str, inspection: Inspection) -> Element:
    """The one role descriptor, of that kind and no other."""
    found = [child for child in entity if child.tag in _ROLE_DESCRIPTORS]
    with inspection.needing(eis):
        if [child.tag for child in found] != [names.md(kind)]:
            raise SamlError("md.role", f"not exactly one role descriptor, of kind {kind}")
    return found[0]


def _check_protocol(descriptor: Element, inspection: Inspection) -> None:
    if descriptor.get("protocolSupportEnumeration", "").split() != [names.PROTOCOL]:
        inspection.refuse("md.structure", "MD-06", "protocolSupportEnumeration is not SAML 2.0")


def _check_flag(descriptor: Element, attribute: str, eis: str, inspection: Inspection) -> None:
    if not flag(descriptor, attribute):
        inspection.refuse("md.structure", eis, f"{attribute} is not true")


def _consumers(descriptor: Element, eis: str, inspection: Inspection, *, artifact_only: bool) -> tuple[Endpoint, ...]:
    """The AssertionConsumerServices with binding HTTP-Artifact; a dienstverlener may list others, for other parties."""
    kind = "AssertionConsumerService"
    found = read_endpoints(descriptor, kind, eis, inspection)
    check_one_default(found, kind, eis, inspection)
    usable = tuple(each for each in found if each.binding == names.BINDING_ARTIFACT)
    if not usable or (artifact_only and len(usable) != len(found)):
        check_bindings(found, names.BINDING_ARTIFACT, kind, eis, inspection)
    elif len(usable) != len(found):
        inspection.remark("md.endpoint", eis, f"a {kind} with another binding than HTTP-Artifact is not used")
    return usable


def _logouts_of_provider(descriptor: Element, eis: str, inspection: Inspection) -> tuple[Endpoint, ...]:
    """SingleLogoutService is optional; if it is there, one has binding HTTP-POST (MD-DV-03, MD-SP-06)."""
    found = read_endpoints(descriptor, "SingleLogoutService", eis, inspection)
    usable = tuple(each for each in found if each.binding == names.BINDING_POST)
    if found and not usable:
        inspection.refuse("md.endpoint", eis, "no SingleLogoutService has binding HTTP-POST")
    return usable


def _logouts_of_service(
    descriptor: Element, who: ParsedEntityId, eis: str, inspection: Inspection
) -> tuple[Endpoint, ...]:
    """The RV has at least one, an AD at most one, a BVD none; all HTTP-POST (MD-RD-05, MD-AD-04)."""
    kind = "SingleLogoutService"
    found = read_endpoints(descriptor, kind, eis, inspection)
    check_bindings(found, names.BINDING_POST, kind, eis, inspection, needed=who.role == "RD")
    if who.role == "BVD" and found:
        inspection.refuse("md.endpoint", eis, f"a BVD has no {kind}")
    if who.role == "AD" and len(found) > 1:
        inspection.refuse("md.endpoint", eis, f"an AD has one {kind}")
    return found
