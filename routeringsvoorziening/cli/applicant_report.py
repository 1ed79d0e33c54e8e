"""What was found in somebody's metadata: for people, and as data."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from routeringsvoorziening.cli.applicant_files import organisation_of
from routeringsvoorziening.cli.explaining import meaning_of
from routeringsvoorziening.cli.tables import table
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.metadata.findings import Finding
from routeringsvoorziening.saml.metadata.model import Cluster, MetadataKey, ServiceProvider


def as_text(found: ServiceProvider | Cluster | None, findings: Iterable[Finding], at: datetime) -> str:
    """Who, keys, addresses, diensten; then every finding with its meaning and its mend."""
    parts = list(_sections(found, at)) if found is not None else []
    parts += [_finding(each) for each in findings]
    return "\n\n".join(parts)


def as_data(found: ServiceProvider | Cluster | None, findings: Iterable[Finding], at: datetime) -> dict[str, Any]:
    """The same for programs."""
    return {"found": None if found is None else _found(found, at), "findings": [_finding_data(f) for f in findings]}


def _sections(found: ServiceProvider | Cluster, at: datetime) -> Iterator[str]:
    provider = found.supplier if isinstance(found, Cluster) else found
    yield _who(provider, at, "supplier" if isinstance(found, Cluster) else "dienstverlener")
    keys = [_key_row(key, at) for key in provider.keys]
    if keys:
        yield table(("key for", "days left", "valid until", "KeyName"), keys)
    addresses = [(str(each.index), "yes" if each.is_default else "", each.location) for each in provider.acs]
    if addresses:
        yield table(("ACS index", "default", "address"), addresses)
    services = [
        (str(each.index), "yes" if each.is_default else "", each.service_uuid or "-", " / ".join(each.names.values()))
        for each in provider.attribute_services
    ]
    if services:
        yield table(("dienst index", "default", "ServiceUUID", "name"), services)
    if isinstance(found, Cluster):
        yield _members(found, at)


def _who(provider: ServiceProvider, at: datetime, kind: str) -> str:
    ends = "not said" if provider.valid_until is None else f"{provider.valid_until:%Y-%m-%d %H:%M} UTC"
    left = "" if provider.valid_until is None else f" ({(provider.valid_until - at).days} days)"
    again = "" if provider.cache_duration is None else f", look again after {provider.cache_duration}"
    lines = [
        f"{kind}: {provider.entity_id}",
        f"  organisation  {organisation_of(provider) or 'not in its certificates'}",
        f"  OIN           {provider.oin}",
        f"  valid until   {ends}{left}{again}",
    ]
    return "\n".join(lines)


def _key_row(key: MetadataKey, at: datetime) -> tuple[str, str, str, str]:
    ends = key.certificate.not_valid_after_utc
    return "+".join(sorted(key.uses)), str((ends - at).days), f"{ends:%Y-%m-%d}", key.key_name


def _members(cluster: Cluster, at: datetime) -> str:
    rows = [(each.entity_id, _days(each.recipients, at)) for each in cluster.members.values()]
    return table(("dienstverlener", "days left of its encryption keys"), rows)


def _days(recipients: Iterable[Recipient], at: datetime) -> str:
    return ", ".join(str((each.certificate.not_valid_after_utc - at).days) for each in recipients)


def _finding(finding: Finding) -> str:
    meaning, mend = meaning_of(finding)
    mark = "remark " if finding.tolerated else "MISTAKE"
    lines = [f"{mark}  {finding.eis}  {finding.text}", f"         {meaning}"]
    if not finding.tolerated:
        lines.append(f"         -> {mend}")
    return "\n".join([*lines, f"         [{finding.code}]"])


def _finding_data(finding: Finding) -> dict[str, Any]:
    meaning, mend = meaning_of(finding)
    return {
        "code": finding.code,
        "requirement": finding.eis,
        "text": finding.text,
        "meaning": meaning,
        "mend": mend,
        "mistake": not finding.tolerated,
    }


def _found(found: ServiceProvider | Cluster, at: datetime) -> dict[str, Any]:
    provider = found.supplier if isinstance(found, Cluster) else found
    data: dict[str, Any] = {
        "kind": "supplier" if isinstance(found, Cluster) else "dienstverlener",
        "entity_id": provider.entity_id,
        "organisation": organisation_of(provider),
        "oin": provider.oin,
        "valid_until": None if provider.valid_until is None else provider.valid_until.isoformat(),
        "keys": [
            {"uses": sorted(key.uses), "key_name": key.key_name, "days_left": int(_key_row(key, at)[1])}
            for key in provider.keys
        ],
        "acs": [{"index": each.index, "default": each.is_default, "location": each.location} for each in provider.acs],
        "diensten": [
            {"index": each.index, "service_uuid": each.service_uuid, "names": dict(each.names)}
            for each in provider.attribute_services
        ],
    }
    if isinstance(found, Cluster):
        data["dienstverleners"] = list(found.members)
    return data
