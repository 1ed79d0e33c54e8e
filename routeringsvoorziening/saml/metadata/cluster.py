"""A supplier's metadata: one signed file with its own entry and one per dienstverlener (MD-LC-01 to MD-LC-08).

The supplier signs for all: only its own entry says where answers go and with what messages and TLS are proven. Of a
dienstverlener nothing counts but whom to encrypt for. One of which the validUntil or every certificate has passed is
left out with a remark, and the others still work; whatever else is wrong with an entry is wrong with the document.
"""

from dataclasses import replace
from typing import Final

from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.identifiers import ParsedEntityId
from routeringsvoorziening.saml.metadata.document import (
    Expiry,
    check_expiry,
    check_own_signature,
    descriptors_of,
    entries_of,
    identify,
    open_document,
    read_expiry,
    the_entry_of_role,
    verified_root,
)
from routeringsvoorziening.saml.metadata.entities import IN_CLUSTER, read_provider, read_recipients
from routeringsvoorziening.saml.metadata.findings import Inspection, Unusable
from routeringsvoorziening.saml.metadata.model import Cluster, ClusterMember
from routeringsvoorziening.saml.parsing import Element

_ENTRIES: Final = "md:EntityDescriptor"


def cluster_of(data: bytes, inspection: Inspection) -> Cluster:
    """The supplier and its dienstverleners; every mistake is noted.

    Raises:
        Unusable: it is no such document, or not of an LC.
    """
    root = open_document(data, "EntitiesDescriptor", inspection)
    publisher = the_entry_of_role(root, "LC", "MD-LC-01", inspection)
    who = identify(publisher, "LC", inspection)
    signed = verified_root(root, publisher, who.oin, inspection, also_at=[_ENTRIES])
    entry = the_entry_of_role(signed, "LC", "MD-LC-01", inspection)
    check_own_signature(entry, who.oin, "MD-LC-02", inspection)
    check_expiry(signed, "MD-03", inspection, valid_until_needed=False)
    around = read_expiry(signed, eis="MD-03", inspection=Inspection(inspection.rules))
    expiry = read_expiry(signed, entry, *descriptors_of(entry), eis="MD-03", inspection=inspection)
    supplier = read_provider(entry, who, expiry, inspection)
    return Cluster(supplier, _members(signed, entry, around, inspection))


def _members(root: Element, publisher: Element, around: Expiry, inspection: Inspection) -> dict[str, ClusterMember]:
    found: dict[str, ClusterMember] = {}
    seen: set[str] = set()
    for entry in entries_of(root):
        if entry is publisher:
            continue
        member = _member(entry, around, inspection)
        if member.entity_id in seen:
            inspection.refuse("md.entity", "MD-LC-01", f"{member.entity_id} occurs twice")
        seen.add(member.entity_id)
        if member.recipients and (member.valid_until is None or member.valid_until > inspection.rules.at):
            found[member.entity_id] = member
    return found


def _member(entry: Element, around: Expiry, inspection: Inspection) -> ClusterMember:
    """One dienstverlener. Its own validUntil counts for it alone; when that has passed it is remarked (MD-LC-02)."""
    who = identify(entry, "DV", inspection)
    check_own_signature(entry, who.oin, "MD-LC-02", inspection)
    own = Inspection(inspection.rules)
    expiry = read_expiry(entry, *descriptors_of(entry), eis="MD-LC-02", inspection=own)
    for each in own.found:
        inspection.remark(each.code, each.eis, f"{who.text}: {each.text}")
    ends = [each for each in (around.valid_until, expiry.valid_until) if each is not None]
    return ClusterMember(who.text, _recipients(entry, who, inspection), min(ends, default=None))


def _recipients(entry: Element, who: ParsedEntityId, inspection: Inspection) -> tuple[Recipient, ...]:
    """Its keys; none when every certificate has passed, which is remarked (MD-LC-07)."""
    own = Inspection(inspection.rules)
    try:
        found = read_recipients(entry, who, IN_CLUSTER, own)
    except Unusable:
        inspection.found += own.found
        raise
    passed = not found and any(each.tolerated and each.code == "key.expired" for each in own.found)
    inspection.found += [replace(each, tolerated=True) for each in own.found] if passed else own.found
    return found
