"""ArtifactResolve: the receiver of an artifact asks for the message behind it (ST-SAML, DV artifact resolve)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from saml2 import samlp

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import element_of
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.messages.building import header
from routeringsvoorziening.saml.moulds import Mould
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.verifying import Verified


@dataclass(frozen=True, slots=True)
class ArtifactResolve:
    """What the message says.

    Args:
        id: NCName.
        issuer: entityID of the sender.
        issue_instant: UTC.
        artifact: as it was received, trimmed; not yet parsed (RES-04).
        destination: URL of the ArtifactResolutionService; optional (RES-02).
    """

    id: str
    issuer: str
    issue_instant: datetime
    artifact: str = field(repr=False)
    destination: str | None = None


def build_artifact_resolve(resolve: ArtifactResolve) -> Element:
    """The message, unsigned."""
    return element_of(_node(resolve))


def write_artifact_resolve(resolve: ArtifactResolve) -> bytes:
    """The same, in exclusive canonical XML."""
    return _MOULD.write(resolve)


def _node(resolve: ArtifactResolve) -> samlp.ArtifactResolve:
    return samlp.ArtifactResolve(
        **header(message_id=resolve.id, issuer=resolve.issuer, issue_instant=resolve.issue_instant),
        destination=resolve.destination,
        artifact=samlp.Artifact(text=resolve.artifact),
    )


_MOULD: Final = Mould(_node)


def read_artifact_resolve(verified: Verified) -> ArtifactResolve:
    """What a verified ArtifactResolve says.

    Raises:
        SamlError: `msg.type`, `msg.version`, `id.form`, `msg.schema`, `msg.structure`, `msg.value`, `time.missing`,
            `time.format`, `node.forbidden`.
    """
    element = verified.element
    reading.check_message(element, names.samlp("ArtifactResolve"))
    return ArtifactResolve(
        id=element.attrib["ID"],
        issuer=reading.issuer(element),
        issue_instant=reading.instant(element, "IssueInstant"),
        artifact=reading.filled(reading.one(element, names.samlp("Artifact"))),
        destination=reading.optional(element, "Destination"),
    )
