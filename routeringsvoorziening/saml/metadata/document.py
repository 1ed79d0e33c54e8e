"""A whole metadata document: its form, who signed it, and how long it holds (MD-01, MD-03, MD-05, AMB-14).

The certificate comes from the signature's own KeyInfo or from the publisher's KeyDescriptor with that KeyName. It is
believed because it stands under the trust bundle and holds the OIN of the publisher's entityID, not because it is
there. From then on only what the signature covers is read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.certificates import check_certificate
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import ParsedEntityId, Role, parse_entity_id
from routeringsvoorziening.saml.instants import parse_instant
from routeringsvoorziening.saml.keys import VerificationKey, key_name_of
from routeringsvoorziening.saml.limits import METADATA, Limits
from routeringsvoorziening.saml.messages.reading import optional
from routeringsvoorziening.saml.metadata.findings import Inspection
from routeringsvoorziening.saml.metadata.keys import certificate_of, read_key
from routeringsvoorziening.saml.parsing import XML_WHITESPACE, Element, parse, read_tree
from routeringsvoorziening.saml.schema import validate
from routeringsvoorziening.saml.second_opinion import confirm
from routeringsvoorziening.saml.signature_profile import check_signature
from routeringsvoorziening.saml.verifying import check_only_signatures_at, evidence_of, verify

_SIGNATURE_CODES: Final = ("sig.", "alg.", "keyinfo.", "id.form", "key.unknown")
_DURATION: Final = re.compile(
    r"P(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})D)?"
    r"(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})(?:\.[0-9]{1,9})?S)?)?"
)


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long a document holds.

    Args:
        valid_until: UTC.
        cache_duration: after which to look again; years count for 365 days and months for 30.
    """

    valid_until: datetime | None = None
    cache_duration: timedelta | None = None


def open_document(data: bytes, kind: str, inspection: Inspection, limits: Limits = METADATA) -> Element:
    """The root of a document, not verified yet. Notes what `parse` raises, `md.structure`, `msg.schema`.

    Raises:
        Unusable: it is no SAML metadata, or has another root element.
    """
    with inspection.needing("MD-01"):
        root = parse(data, limits)
        if root.tag != names.md(kind):
            raise SamlError("md.structure", f"the root is not {kind}")
        validate(root, "metadata")
    return root


def identify(entity: Element, role: Role, inspection: Inspection) -> ParsedEntityId:
    """Whose entry it is. Notes `md.entity` and `md.role` (MD-02).

    Raises:
        Unusable: it has no entityID of that role.
    """
    with inspection.needing("MD-02"):
        parsed = parse_entity_id(entity.attrib["entityID"].strip(XML_WHITESPACE))
        if parsed.role != role:
            raise SamlError("md.role", f"the entityID is of role {parsed.role}, not {role}")
    return parsed


def entries_of(root: Element) -> list[Element]:
    """The EntityDescriptors of an EntitiesDescriptor."""
    return root.findall(names.md("EntityDescriptor"))


def descriptors_of(entity: Element) -> list[Element]:
    """The role descriptors of an EntityDescriptor, which may have an expiry of their own."""
    return [child for child in entity if child.get("protocolSupportEnumeration") is not None]


def the_entry_of_role(root: Element, role: Role, eis: str, inspection: Inspection) -> Element:
    """The one entry of whoever publishes an EntitiesDescriptor. Notes `md.structure`.

    Raises:
        Unusable: there is none or more than one, or an EntitiesDescriptor is nested.
    """
    with inspection.needing(eis):
        if root.find(names.md("EntitiesDescriptor")) is not None:
            raise SamlError("md.structure", "an EntitiesDescriptor inside the EntitiesDescriptor")
        found = [each for each in entries_of(root) if f":{role}:" in each.attrib["entityID"]]
        if len(found) != 1:
            raise SamlError("md.structure", f"not exactly one entry of role {role}")
    return found[0]


def verified_root(
    root: Element, publisher: Element, oin: str, inspection: Inspection, *, also_at: Sequence[str] = ()
) -> Element:
    """The root as its publisher signed it (MD-05).

    When the signature is not good that is noted, and the rest is inspected in the document as it came: it will not be
    used, but whoever made it learns of all its mistakes at once.

    Args:
        root: what must be signed.
        publisher: the EntityDescriptor of who signs: `root` itself or a child of it.
        oin: of the publisher.
        inspection: takes the findings.
        also_at: paths of other elements that may have a signature; whoever allows it, verifies it.
    """
    try:
        check_only_signatures_at(root, [".", *also_at])
        return _verified(root, publisher, oin, inspection)
    except SamlError as error:
        _refuse_signature(error, "MD-05", "the document's signature", inspection)
        return root


def check_own_signature(entry: Element, oin: str, eis: str, inspection: Inspection) -> None:
    """When an entry of a verified document is signed itself: by a PKIoverheid key of that OIN (MD-LC-02)."""
    if entry.find(names.ds("Signature")) is None:
        return
    try:
        _verified(entry, entry, oin, inspection)
    except SamlError as error:
        _refuse_signature(error, eis, f"{entry.attrib['entityID'].strip(XML_WHITESPACE)}, its signature", inspection)


def _verified(element: Element, publisher: Element, oin: str, inspection: Inspection) -> Element:
    rules = inspection.rules
    key = _signing_key(element, publisher)
    check_certificate(key.certificate, trust=rules.trust, at=rules.at, oin=oin, usage="signing")
    alone = read_tree(evidence_of(element))  # it stays in its document, where others stand
    verified = verify(alone, [key], at=rules.at)
    confirm(verified)
    return verified.element


def _refuse_signature(error: SamlError, eis: str, place: str, inspection: Inspection) -> None:
    about_signature = error.code.startswith(_SIGNATURE_CODES)
    code = "md.signature" if about_signature else error.code
    why = f"{error.code} {error.detail}".strip() if about_signature else error.detail or error.code
    inspection.refuse(code, eis, f"{place}: {why}")


def _signing_key(root: Element, publisher: Element) -> VerificationKey:
    """The key that the signature points to: with its own certificate, or one of the publisher's KeyDescriptors."""
    form = check_signature(root)
    if form.certificate_der is not None:
        certificate = certificate_of(form.certificate_der)
        return VerificationKey(form.key_name or key_name_of(certificate), certificate)
    for descriptor in publisher.findall(f"*/{names.md('KeyDescriptor')}"):
        if descriptor.get("use") != "encryption":
            key = read_key(descriptor)
            if key.key_name == form.key_name:
                return key
    raise SamlError("key.unknown", "no KeyDescriptor has the KeyName of the signature")


def read_expiry(*elements: Element, eis: str, inspection: Inspection) -> Expiry:
    """The earliest validUntil and the shortest cacheDuration of an entry and what stands around it.

    A validUntil that has passed is noted (MD-03).
    """
    ends: list[datetime] = []
    durations: list[timedelta] = []
    for element in elements:
        own = inspection.attempt(eis, "expiry", partial(_own_expiry, element), code="md.expiry")
        if own is not None:
            ends += [] if own.valid_until is None else [own.valid_until]
            durations += [] if own.cache_duration is None else [own.cache_duration]
    expiry = Expiry(min(ends, default=None), min(durations, default=None))
    if expiry.valid_until is not None and expiry.valid_until <= inspection.rules.at:
        inspection.refuse("md.expired", eis, "validUntil has passed")
    return expiry


def check_expiry(root: Element, eis: str, inspection: Inspection, *, valid_until_needed: bool) -> None:
    """The root says how long it holds: validUntil or cacheDuration (MD-03), or validUntil (MD-AD-01, MD-SP-02)."""
    if root.get("validUntil") is not None or (root.get("cacheDuration") is not None and not valid_until_needed):
        return
    wanted = "no validUntil" if valid_until_needed else "no validUntil and no cacheDuration"
    inspection.refuse("md.expiry", eis, f"the root has {wanted}", unless=inspection.rules.allow_missing_expiry)


def parse_duration(value: str) -> timedelta:
    """An xs:duration that is not negative; years count for 365 days and months for 30.

    Raises:
        SamlError: `md.expiry`.
    """
    match = _DURATION.fullmatch(value)
    if match is None or not any(match.groups()):
        raise SamlError("md.expiry", "cacheDuration is not a positive duration")
    years, months, days, hours, minutes, seconds = (int(each or 0) for each in match.groups())
    return timedelta(days=365 * years + 30 * months + days, hours=hours, minutes=minutes, seconds=seconds)


def _own_expiry(element: Element) -> Expiry:
    end, duration = optional(element, "validUntil"), optional(element, "cacheDuration")
    return Expiry(None if end is None else parse_instant(end), None if duration is None else parse_duration(duration))
