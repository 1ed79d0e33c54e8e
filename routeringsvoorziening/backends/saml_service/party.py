"""The two sides of a conversation: we, as services see us, and the service, as its metadata describes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from routeringsvoorziening.saml.artifact import Artifact, source_id_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.metadata.model import Endpoint, IdentityProvider
from routeringsvoorziening.saml.names import BINDING_POST, BINDING_SOAP


@dataclass(frozen=True, slots=True)
class Requester:
    """We, as services see us.

    Args:
        entity_id: of the Routeringsdienst.
        signing: what we sign requests with.
        acs_url: where answers of this service come back, as published to it.
        acs_index: of that address in our metadata.
        skew: that we allow between the clocks.
        message_age: how old a message on the back channel may be.
    """

    entity_id: str
    signing: SigningKey
    acs_url: str
    acs_index: int
    skew: timedelta
    message_age: timedelta


def single_sign_on_url(service: IdentityProvider) -> str:
    """Where the browser posts our AuthnRequest.

    Raises:
        SamlError: `md.endpoint`.
    """
    return _first(service.single_sign_on, BINDING_POST).location


def single_logout_url(service: IdentityProvider) -> str:
    """Where the browser posts our LogoutRequest (MD-AD-04).

    Raises:
        SamlError: `md.endpoint`.
    """
    return _first(service.single_logout, BINDING_POST).location


def check_not_expired(service: IdentityProvider, now: datetime) -> None:
    """Metadata past its validUntil is not used, keys included (MD-AD-01).

    Raises:
        SamlError: `md.expired`.
    """
    if service.valid_until is not None and now >= service.valid_until:
        raise SamlError("md.expired", "of the service")


def artifact_resolution_url(service: IdentityProvider, artifact: Artifact) -> str:
    """Where this artifact is resolved: the endpoint with its index, of the entity that it names (MD-AD-03, S79).

    Raises:
        SamlError: `artifact.form` for the artifact of another party or an unknown endpoint.
    """
    if artifact.source_id != source_id_of(service.entity_id):
        raise SamlError("artifact.form", "of another source")
    for endpoint in service.artifact_resolution:
        if endpoint.index == artifact.endpoint_index and endpoint.binding == BINDING_SOAP:
            return endpoint.location
    raise SamlError("artifact.form", "no such endpoint index")


def _first(endpoints: tuple[Endpoint, ...], binding: str) -> Endpoint:
    for endpoint in endpoints:
        if endpoint.binding == binding:
            return endpoint
    raise SamlError("md.endpoint", "none with the binding that is used")
