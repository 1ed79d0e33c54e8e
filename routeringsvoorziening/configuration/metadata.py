"""The metadata of dienstverleners, suppliers and services: from a file or inline, verified, and of whom it should be.

What is wrong with one dienstverlener's or supplier's metadata makes one connection unusable, not the whole house.
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from routeringsvoorziening.configuration.findings import Place, Severity
from routeringsvoorziening.configuration.keys import Circumstances, read_file, warn_of_end
from routeringsvoorziening.configuration.result import Environment
from routeringsvoorziening.saml.certificates import TrustBundle
from routeringsvoorziening.saml.metadata.findings import Finding
from routeringsvoorziening.saml.metadata.model import Cluster, IdentityProvider, ServiceProvider
from routeringsvoorziening.saml.metadata.reading import (
    inspect_cluster,
    inspect_identity_provider,
    inspect_service_provider,
)

METADATA_BYTES: Final = 16 * 1_048_576
SOON: Final = timedelta(days=1)
"""Metadata that ends within this time is worth a warning."""


class MetadataReader:
    """Reads and judges metadata under one trust bundle and environment. http is for `.localhost`, outside production.

    Codes of all findings: `file.unreadable`, `file.size`, those of the wire format, `metadata.entity`,
    `metadata.ends-soon`, `certificate.ends-soon`.
    """

    def __init__(self, trust: TrustBundle, environment: Environment, circumstances: Circumstances) -> None:
        self._trust, self._circumstances = trust, circumstances
        self._findings = circumstances.findings
        self._allow_loopback = environment != "production"

    def dienstverlener(self, reference: str, directory: Path, place: Place, entity_id: str) -> ServiceProvider | None:
        """A dienstverlener's metadata (MD-01 to MD-06, MD-DV); None when its connection cannot be used."""
        data = self._bytes_of(reference, directory, place, Severity.UNUSABLE)
        if data is None:
            return None
        at = self._circumstances.at
        provider, problems = inspect_service_provider(
            data, trust=self._trust, at=at, allow_loopback=self._allow_loopback
        )
        self._report(problems, place, Severity.UNUSABLE)
        return provider if provider and self._fits(provider, entity_id, place, Severity.UNUSABLE) else None

    def supplier(self, reference: str, directory: Path, place: Place, entity_id: str) -> Cluster | None:
        """A supplier's metadata (MD-01 to MD-06, MD-LC); None when its connection cannot be used."""
        data = self._bytes_of(reference, directory, place, Severity.UNUSABLE)
        if data is None:
            return None
        at = self._circumstances.at
        cluster, problems = inspect_cluster(data, trust=self._trust, at=at, allow_loopback=self._allow_loopback)
        self._report(problems, place, Severity.UNUSABLE)
        if cluster is None or not self._fits(cluster.supplier, entity_id, place, Severity.UNUSABLE):
            return None
        for member in cluster.members.values():
            for each in member.recipients:
                warn_of_end(each.certificate, place, self._circumstances)
        return cluster

    def authentication_service(
        self, reference: str, directory: Path, place: Place, entity_id: str
    ) -> IdentityProvider | None:
        """The metadata of an authenticatiedienst (MD-AD); None, and an error, when it cannot be used."""
        data = self._bytes_of(reference, directory, place, Severity.ERROR)
        if data is None:
            return None
        at = self._circumstances.at
        provider, problems = inspect_identity_provider(
            data, trust=self._trust, at=at, allow_loopback=self._allow_loopback
        )
        self._report(problems, place, Severity.ERROR)
        return provider if provider and self._fits(provider, entity_id, place, Severity.ERROR) else None

    def mandate_service(self, reference: str, directory: Path, place: Place, entity_id: str) -> IdentityProvider | None:
        """The metadata of a BVD (MD-AD); None when it cannot be used, as without a key to encrypt for (MD-AD-02)."""
        data = self._bytes_of(reference, directory, place, Severity.UNUSABLE)
        if data is None:
            return None
        at, http = self._circumstances.at, self._allow_loopback
        provider, problems = inspect_identity_provider(data, trust=self._trust, at=at, role="BVD", allow_loopback=http)
        self._report(problems, place, Severity.UNUSABLE)
        return provider if provider and self._fits(provider, entity_id, place, Severity.UNUSABLE) else None

    def _bytes_of(self, reference: str, directory: Path, place: Place, severity: Severity) -> bytes | None:
        if reference.lstrip().startswith("<"):
            return reference.strip().encode()
        return read_file(directory / reference, place, self._findings, METADATA_BYTES, severity)

    def _report(self, problems: Iterable[Finding], place: Place, severity: Severity) -> None:
        for problem in problems:
            text = f"the metadata breaks {problem.eis}: {problem.text}"
            actual = Severity.WARNING if problem.tolerated else severity
            self._findings.add(actual, problem.code, place, text, "Ask its owner for correct metadata.")

    def _fits(
        self, provider: ServiceProvider | IdentityProvider, entity_id: str, place: Place, severity: Severity
    ) -> bool:
        if provider.entity_id != entity_id:
            text = f"the metadata is of {provider.entity_id}, not of {entity_id}"
            mend = "Correct entity_id, or take the right metadata."
            self._findings.add(severity, "metadata.entity", place, text, mend)
            return False
        self._warn_of_ends(provider, place)
        return True

    def _warn_of_ends(self, provider: ServiceProvider | IdentityProvider, place: Place) -> None:
        for key in {each.fingerprint: each for each in provider.keys}.values():
            warn_of_end(key.certificate, place, self._circumstances)
        ends = provider.valid_until
        if ends is not None and ends < self._circumstances.at + SOON:
            text = f"the metadata may be used until {ends:%Y-%m-%d %H:%M} UTC only"
            self._findings.warning("metadata.ends-soon", place, text, "Fetch newer metadata.")
