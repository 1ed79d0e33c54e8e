"""Judging an AuthnRequest of a dienstverlener of eTD: which service, by its index, and for whom to encrypt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd.catalogue import KnownService, ServiceCatalogue
from routeringsvoorziening.saml.etd.identifiers import service_id_of
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest
from routeringsvoorziening.saml.metadata.model import IdentityProvider, RoutingDienst
from routeringsvoorziening.simulators.declaring.requests import Gate, Refused, unsupported
from routeringsvoorziening.simulators.declaring.scene import Asked

LOGIN_LIFE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class LoginRequest(Asked):
    """What is kept of an AuthnRequest that passed every check.

    Args:
        service: what was asked for.
        recipients: the dienstverlener, by the certificates of the service catalogue.
        bvd: to which the person goes next, to act for somebody else; None when for the organisation.
    """

    service: KnownService
    recipients: tuple[Recipient, ...] = ()
    bvd: IdentityProvider | None = None


@dataclass(frozen=True, slots=True)
class RequestJudge:
    """Knows what may be asked.

    Args:
        gate: knows whom to believe.
        catalogue: the services that there are.
        bvds: entity ID to the verified metadata of every BVD for which we encrypt.
    """

    gate: Gate
    catalogue: ServiceCatalogue
    bvds: Mapping[str, IdentityProvider]

    def judge(self, saml_request: str, relay_state: str | None, at: datetime) -> LoginRequest:
        """From form fields to a request that may be shown to a person.

        Raises:
            SamlError: not trustworthy; the person gets an error page, the sender gets nothing.
            Refused: trustworthy, but it cannot be honoured.
        """
        request, asked = self.gate.admit(saml_request, relay_state, at)
        service = self._service_of(request, asked)
        bvd = self._bvd_of(request, asked, at)
        recipients = service.instance.recipients
        return LoginRequest(asked.id, asked.requester, asked.acs_url, asked.relay_state, service, recipients, bvd)

    def _service_of(self, request: AuthnRequest, asked: Asked) -> KnownService:
        """By AttributeConsumingServiceIndex, which with the OIN of who asks makes the ServiceID."""
        if request.attribute_index is None:
            raise Refused(asked, unsupported("AttributeConsumingServiceIndex is mandatory"))
        if not request.force_authn or request.requested_authn_context or request.intended_audience:
            raise Refused(asked, unsupported("Not a request that eTD knows"))
        service = self.catalogue.service(service_id_of(asked.requester, request.attribute_index))
        if service is None:
            raise Refused(asked, unsupported("The service is not in the service catalogue"))
        return service

    def _bvd_of(self, request: AuthnRequest, asked: Asked, at: datetime) -> IdentityProvider | None:
        """As an authenticatiedienst of ST-SAML does it: eTD itself has no word for this (AMB-05)."""
        if not request.requester_ids:
            return None
        bvd = self.bvds.get(request.requester_ids[0])
        usable = bvd is not None and bvd.recipients and (bvd.valid_until is None or at < bvd.valid_until)
        if len(request.requester_ids) > 1 or not usable:
            raise Refused(asked, unsupported("This BVD is not known here"))
        return bvd


def acs_by_url(request: AuthnRequest, routing: RoutingDienst) -> str:
    """The AssertionConsumerService of the metadata that the request names, for an artifact.

    Raises:
        SamlError: `msg.structure` when it names none, or one that is not there.
    """
    known = {each.location for each in routing.service_provider.acs}
    if request.acs_url not in known or request.protocol_binding != names.BINDING_ARTIFACT:
        raise SamlError("msg.structure", "no AssertionConsumerServiceURL of the metadata, with HTTP-Artifact")
    return request.acs_url
