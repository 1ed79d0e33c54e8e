"""The metadata of dienstverleners, suppliers and services: from a file or inline, verified, and of whom it should be.

What is wrong with one dienstverlener's or supplier's metadata makes one connection unusable, not the whole house.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

from routeringsvoorziening.configuration.findings import Place, Severity
from routeringsvoorziening.configuration.kept import KeptCopies
from routeringsvoorziening.configuration.keys import Circumstances, read_file, warn_of_end
from routeringsvoorziening.configuration.kinds import InspectMetadata
from routeringsvoorziening.configuration.model.dienst import Compat
from routeringsvoorziening.configuration.model.methods import is_url
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
STRICT: Final = Compat()
"""No deviation was agreed."""
_INSPECT_BVD: Final = partial(inspect_identity_provider, role="BVD")
AWAITED_SINCE: Final = datetime.min.replace(tzinfo=UTC)
"""When metadata that was not fetched yet ends: it is never in force."""

T = TypeVar("T", ServiceProvider, Cluster, IdentityProvider)
T_co = TypeVar("T_co", covariant=True)


class Inspect(Protocol[T_co]):
    """Judges a document by the rules of one kind of party."""

    def __call__(
        self, data: bytes, *, trust: TrustBundle, at: datetime, allow_loopback: bool
    ) -> tuple[T_co | None, list[Finding]]:
        """What it holds, and everything that is wrong with it."""


class MetadataReader:
    """Reads and judges metadata under one trust bundle and environment. http is for `.localhost`, outside production.

    Codes of all findings: `file.unreadable`, `file.size`, `metadata.awaited`, those of the wire format,
    `metadata.entity`, `metadata.ends-soon`, `certificate.ends-soon`.

    Args:
        trust: under which every certificate must stand.
        environment: of the configuration.
        circumstances: now, and where findings go.
        kept: the last good copies of what comes from URLs. What is wrong with a copy is a warning only: the running
            server fetches the document itself.
        fetched: documents by their URL, in the place of copies; what is wrong with one of these counts in full.
    """

    def __init__(
        self,
        trust: TrustBundle,
        environment: Environment,
        circumstances: Circumstances,
        *,
        kept: KeptCopies | None = None,
        fetched: Mapping[str, bytes] | None = None,
    ) -> None:
        self._trust, self._circumstances = trust, circumstances
        self._findings = circumstances.findings
        self._allow_loopback = environment != "production"
        self._kept, self._fetched = kept, fetched

    def dienstverlener(
        self, reference: str, directory: Path, place: Place, entity_id: str, compat: Compat = STRICT
    ) -> ServiceProvider | None:
        """A dienstverlener's metadata (MD-01 to MD-06, MD-DV); None when its connection cannot be used."""
        inspect = partial(
            inspect_service_provider,
            allow_missing_expiry=compat.metadata_without_expiry,
            allow_missing_service_uuid=bool(compat.service_index),
        )
        return self._judged(reference, directory, place, entity_id, inspect, Severity.UNUSABLE)

    def supplier(
        self, reference: str, directory: Path, place: Place, entity_id: str, compat: Compat = STRICT
    ) -> Cluster | None:
        """A supplier's metadata (MD-01 to MD-06, MD-LC); None when its connection cannot be used."""
        inspect = partial(inspect_cluster, allow_missing_expiry=compat.metadata_without_expiry)
        cluster = self._judged(reference, directory, place, entity_id, inspect, Severity.UNUSABLE)
        if cluster is not None:
            for member in cluster.members.values():
                for each in member.recipients:
                    warn_of_end(each.certificate, place, self._circumstances)
        return cluster

    def authentication_service(
        self, reference: str, directory: Path, place: Place, entity_id: str, *, inspect: InspectMetadata
    ) -> IdentityProvider | None:
        """The metadata of a login method, by the rules of its kind; None, and an error, when it cannot be used."""
        return self._judged(reference, directory, place, entity_id, inspect, Severity.ERROR)

    def mandate_service(self, reference: str, directory: Path, place: Place, entity_id: str) -> IdentityProvider | None:
        """The metadata of a BVD (MD-AD); None when it cannot be used, as without a key to encrypt for (MD-AD-02)."""
        return self._judged(reference, directory, place, entity_id, _INSPECT_BVD, Severity.UNUSABLE)

    def awaited_service(self, reference: str, entity_id: str) -> IdentityProvider | None:
        """In the place of metadata that is to be fetched: somebody without keys or addresses, never in force.

        So that a service keeps its number among our addresses while it cannot be used. None when nothing is awaited.
        """
        if self._fetched is not None or not is_url(reference):
            return None
        return IdentityProvider(entity_id, (), valid_until=AWAITED_SINCE)

    def _judged(  # noqa: PLR0917
        self,
        reference: str,
        directory: Path,
        place: Place,
        entity_id: str,
        inspect: Inspect[T],
        usual: Severity,
    ) -> T | None:
        """What a document holds, when it obeys the rules and is of that party; `usual` is how bad it is when not."""
        severity = self._severity(reference, usual)
        data = self._bytes_of(reference, directory, place, severity)
        if data is None:
            return None
        at, http = self._circumstances.at, self._allow_loopback
        found, problems = inspect(data, trust=self._trust, at=at, allow_loopback=http)
        self._report(problems, place, severity)
        return found if found is not None and self._fits(_owner(found), entity_id, place, severity) else None

    def _severity(self, reference: str, usual: Severity) -> Severity:
        return Severity.WARNING if is_url(reference) and self._fetched is None else usual

    def _bytes_of(self, reference: str, directory: Path, place: Place, severity: Severity) -> bytes | None:
        if is_url(reference):
            return self._copy_of(reference, place)
        if reference.lstrip().startswith("<"):
            return reference.strip().encode()
        return read_file(directory / reference, place, self._findings, METADATA_BYTES, severity)

    def _copy_of(self, url: str, place: Place) -> bytes | None:
        if self._fetched is not None:
            return self._fetched.get(url)
        copy = None if self._kept is None else self._kept.read(url)
        if copy is None:
            text = f"{place.dotted}: nothing was fetched from {url} yet"
            self._findings.warning("metadata.awaited", place, text, "A running server fetches it by itself.")
        return None if copy is None else copy.data

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


def _owner(found: ServiceProvider | Cluster | IdentityProvider) -> ServiceProvider | IdentityProvider:
    return found.supplier if isinstance(found, Cluster) else found
