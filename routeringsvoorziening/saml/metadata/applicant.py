"""The metadata of somebody who wants to connect: a dienstverlener or a supplier, told from the document itself.

For people: what stands there is shown also when it may not be used, so that whoever made it sees what we saw. Nothing
but `usable` metadata is ever configured from this.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Unpack

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.certificates import TrustBundle
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.limits import METADATA
from routeringsvoorziening.saml.metadata.cluster import cluster_of
from routeringsvoorziening.saml.metadata.findings import Finding, Inspection, Rules, Unusable
from routeringsvoorziening.saml.metadata.model import Cluster, ServiceProvider
from routeringsvoorziening.saml.metadata.reading import Leniency, service_provider_of
from routeringsvoorziening.saml.parsing import parse


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a document says, and what is wrong with it.

    Args:
        found: as it stands there; None when there was nothing to make out.
        findings: every mistake and remark, in the order in which they were found.
    """

    found: ServiceProvider | Cluster | None
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether it may be connected."""
        return self.found is not None and all(each.tolerated for each in self.findings)


def inspect_applicant(data: bytes, *, trust: TrustBundle, at: datetime, **leniency: Unpack[Leniency]) -> Applicant:
    """Judge a document by every rule: MD-LC for an EntitiesDescriptor, MD-DV for anything else."""
    inspection = Inspection(Rules(trust, at, **leniency))
    reader = partial(cluster_of, data) if _is_cluster(data) else partial(service_provider_of, data, "DV")
    try:
        found = reader(inspection)
    except Unusable:
        found = None
    return Applicant(found, tuple(dict.fromkeys(inspection.found)))


def _is_cluster(data: bytes) -> bool:
    try:
        return parse(data, METADATA).tag == names.md("EntitiesDescriptor")
    except SamlError:
        return False
