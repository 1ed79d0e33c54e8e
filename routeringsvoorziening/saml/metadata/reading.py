"""From the bytes of a metadata document to values that may be used (MD-01; attacks S81 to S83, S19).

`read_…` refuses a document at its first mistake; `inspect_…` tells every mistake at once, and gives the value only
when it may be used. Both follow the same rules, strictly unless the caller says otherwise. The keyword arguments of
every function here are

    trust                       the certificates under which every certificate must stand
    at                          now, UTC
    role                        of the publisher, as it stands in the entityID
    allow_loopback              http is allowed for hosts under `.localhost`
    allow_missing_expiry        no validUntil or cacheDuration is tolerated
    allow_missing_service_uuid  an AttributeConsumingService without ServiceUUID is tolerated
"""

from datetime import datetime
from functools import partial
from typing import Literal, TypedDict, Unpack

from routeringsvoorziening.saml.certificates import TrustBundle
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.identifiers import Role
from routeringsvoorziening.saml.limits import ROUTING_METADATA
from routeringsvoorziening.saml.metadata.cluster import cluster_of
from routeringsvoorziening.saml.metadata.document import (
    check_expiry,
    descriptors_of,
    entries_of,
    identify,
    open_document,
    read_expiry,
    the_entry_of_role,
    verified_root,
)
from routeringsvoorziening.saml.metadata.entities import IN_ROUTING, read_provider, read_recipients, read_service
from routeringsvoorziening.saml.metadata.findings import Finding, Inspection, Rules
from routeringsvoorziening.saml.metadata.model import Cluster, IdentityProvider, RoutingDienst, ServiceProvider
from routeringsvoorziening.saml.parsing import Element

ProviderRole = Literal["DV", "RD"]
ServiceRole = Literal["AD", "BVD", "RD"]


class Leniency(TypedDict, total=False):
    """What a caller may tolerate; see `Rules`."""

    allow_loopback: bool
    allow_missing_expiry: bool
    allow_missing_service_uuid: bool


def read_service_provider(
    data: bytes, *, trust: TrustBundle, at: datetime, role: ProviderRole = "DV", **leniency: Unpack[Leniency]
) -> ServiceProvider:
    """Metadata of a dienstverlener (MD-DV-01 to MD-DV-07).

    Raises:
        SamlError: the first mistake: `md.…`, `key.…`, `oin.mismatch`, `msg.schema`, or what `parse` raises.
    """
    return Inspection(Rules(trust, at, **leniency)).read(partial(service_provider_of, data, role))


def inspect_service_provider(
    data: bytes, *, trust: TrustBundle, at: datetime, role: ProviderRole = "DV", **leniency: Unpack[Leniency]
) -> tuple[ServiceProvider | None, list[Finding]]:
    """Like `read_service_provider`, with every mistake instead of the first."""
    inspection = Inspection(Rules(trust, at, **leniency))
    return inspection.inspect(partial(service_provider_of, data, role)), inspection.found


def read_identity_provider(
    data: bytes, *, trust: TrustBundle, at: datetime, role: ServiceRole = "AD", **leniency: Unpack[Leniency]
) -> IdentityProvider:
    """Metadata of an AD or BVD (MD-AD-01 to MD-AD-04), or of the RV for dienstverleners (MD-RD-01 to MD-RD-05).

    Raises:
        SamlError: the first mistake: `md.…`, `key.…`, `oin.mismatch`, `msg.schema`, or what `parse` raises.
    """
    return Inspection(Rules(trust, at, **leniency)).read(partial(_identity_provider, data, role))


def inspect_identity_provider(
    data: bytes, *, trust: TrustBundle, at: datetime, role: ServiceRole = "AD", **leniency: Unpack[Leniency]
) -> tuple[IdentityProvider | None, list[Finding]]:
    """Like `read_identity_provider`, with every mistake instead of the first."""
    inspection = Inspection(Rules(trust, at, **leniency))
    return inspection.inspect(partial(_identity_provider, data, role)), inspection.found


def read_routing_dienst(
    data: bytes, *, trust: TrustBundle, at: datetime, **leniency: Unpack[Leniency]
) -> RoutingDienst:
    """Metadata of the RV for AD and BVD, with an entry per dienstverlener (MD-SP-01 to MD-SP-09).

    Raises:
        SamlError: the first mistake: `md.…`, `key.…`, `oin.mismatch`, `msg.schema`, or what `parse` raises.
    """
    return Inspection(Rules(trust, at, **leniency)).read(partial(_routing_dienst, data))


def inspect_routing_dienst(
    data: bytes, *, trust: TrustBundle, at: datetime, **leniency: Unpack[Leniency]
) -> tuple[RoutingDienst | None, list[Finding]]:
    """Like `read_routing_dienst`, with every mistake instead of the first."""
    inspection = Inspection(Rules(trust, at, **leniency))
    return inspection.inspect(partial(_routing_dienst, data)), inspection.found


def read_cluster(data: bytes, *, trust: TrustBundle, at: datetime, **leniency: Unpack[Leniency]) -> Cluster:
    """Metadata of a supplier with the dienstverleners that it connects (MD-LC-01 to MD-LC-08).

    Raises:
        SamlError: the first mistake: `md.…`, `key.…`, `oin.mismatch`, `msg.schema`, or what `parse` raises.
    """
    return Inspection(Rules(trust, at, **leniency)).read(partial(cluster_of, data))


def inspect_cluster(
    data: bytes, *, trust: TrustBundle, at: datetime, **leniency: Unpack[Leniency]
) -> tuple[Cluster | None, list[Finding]]:
    """Like `read_cluster`, with every mistake instead of the first."""
    inspection = Inspection(Rules(trust, at, **leniency))
    return inspection.inspect(partial(cluster_of, data)), inspection.found


def service_provider_of(data: bytes, role: Role, inspection: Inspection) -> ServiceProvider:
    """A dienstverlener, or the RV alone; every mistake is noted.

    Raises:
        Unusable: it is no such document, or of another role.
    """
    root = open_document(data, "EntityDescriptor", inspection)
    who = identify(root, role, inspection)
    entity = verified_root(root, root, who.oin, inspection)
    check_expiry(entity, "MD-03", inspection, valid_until_needed=False)
    expiry = read_expiry(entity, *descriptors_of(entity), eis="MD-03", inspection=inspection)
    return read_provider(entity, who, expiry, inspection)


def _identity_provider(data: bytes, role: Role, inspection: Inspection) -> IdentityProvider:
    root = open_document(data, "EntityDescriptor", inspection)
    who = identify(root, role, inspection)
    entity = verified_root(root, root, who.oin, inspection)
    eis = "MD-03" if role == "RD" else "MD-AD-01"
    check_expiry(entity, eis, inspection, valid_until_needed=role != "RD")
    expiry = read_expiry(entity, *descriptors_of(entity), eis=eis, inspection=inspection)
    return read_service(entity, who, expiry, inspection)


def _routing_dienst(data: bytes, inspection: Inspection) -> RoutingDienst:
    root = open_document(data, "EntitiesDescriptor", inspection, ROUTING_METADATA)
    publisher = the_entry_of_role(root, "RD", "MD-SP-01", inspection)
    who = identify(publisher, "RD", inspection)
    signed = verified_root(root, publisher, who.oin, inspection)
    entry = the_entry_of_role(signed, "RD", "MD-SP-01", inspection)
    check_expiry(signed, "MD-SP-02", inspection, valid_until_needed=True)
    expiry = read_expiry(signed, entry, *descriptors_of(entry), eis="MD-SP-02", inspection=inspection)
    provider = read_provider(entry, who, expiry, inspection)
    others = [each for each in entries_of(signed) if each is not entry]
    return RoutingDienst(provider, _dienstverleners(others, inspection))


def _dienstverleners(entries: list[Element], inspection: Inspection) -> dict[str, tuple[Recipient, ...]]:
    """The keys of every dienstverlener. An entry whose own validUntil has passed is left out, with a remark."""
    found: dict[str, tuple[Recipient, ...]] = {}
    for entry in entries:
        who = identify(entry, "DV", inspection)
        if who.text in found:
            inspection.refuse("md.entity", "MD-SP-01", f"{who.text} occurs twice")
        own = Inspection(inspection.rules)
        read_expiry(entry, *descriptors_of(entry), eis="MD-SP-03", inspection=own)
        recipients = read_recipients(entry, who, IN_ROUTING, inspection)
        for each in own.found:
            inspection.remark(each.code, each.eis, f"{who.text}: {each.text}")
        found[who.text] = () if own.found else recipients
    return {entity_id: recipients for entity_id, recipients in found.items() if recipients}
