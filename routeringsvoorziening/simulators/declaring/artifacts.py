"""The back channel: an ArtifactResolve over mutual TLS gets the answer that waits, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from routeringsvoorziening.saml.artifact import parse_artifact
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, read_artifact_resolve
from routeringsvoorziening.saml.messages.reading import claimed_issuer
from routeringsvoorziening.saml.metadata.model import RoutingDienst
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.declaring.requests import check_age, check_issuer, check_not_replayed
from routeringsvoorziening.simulators.short_lived import ShortLived

CONTENT_TYPES: Final = frozenset({"text/xml", "application/soap+xml"})


@dataclass(frozen=True, slots=True)
class ResolveJudge:
    """Knows who may resolve.

    Args:
        routing: the routeringsdienst's verified metadata.
        artifact_url: our own address; Destination when there is one.
        seen: message IDs that came before.
    """

    routing: RoutingDienst
    artifact_url: str
    seen: ShortLived[bool]

    def judge(self, body: bytes, at: datetime) -> ArtifactResolve:
        """RES-05: the message rules of an ArtifactResolve.

        Raises:
            SamlError: one of them is broken.
        """
        message = unwrap(parse(body))
        check_issuer(claimed_issuer(message), self.routing)
        resolve = read_artifact_resolve(verify(message, self.routing.service_provider.signing_keys, at=at))
        if resolve.destination is not None and resolve.destination != self.artifact_url:
            raise SamlError("destination", "not our ArtifactResolutionService")
        check_age(resolve.issue_instant, at)
        check_not_replayed(resolve.id, self.seen)
        return resolve


def check_client(certificate: x509.Certificate, routing: RoutingDienst) -> None:
    """TLS-03, TLS-04: the client certificate is one that the routeringsdienst published.

    Raises:
        web.HTTPForbidden: it is another.
    """
    if certificate.fingerprint(SHA256()).hex() not in routing.service_provider.tls_fingerprints:
        raise web.HTTPForbidden(text="client certificate not in the metadata of the routeringsdienst")


def handle_of(resolve: ArtifactResolve) -> str | None:
    """The key of the waiting answer; None when this is no artifact at all."""
    try:
        return parse_artifact(resolve.artifact).handle.hex()
    except SamlError:
        return None
