"""Judging an AuthnRequest to DigiD: is the service known, and the BVD that will see the identity too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.simulators.declaring.requests import NOT_REGISTERED, Gate, Refused, denied
from routeringsvoorziening.simulators.declaring.scene import Asked
from routeringsvoorziening.simulators.digid.catalogue import Catalogue, KnownService
from routeringsvoorziening.simulators.digid.logins import LoginRequest


@dataclass(frozen=True, slots=True)
class RequestJudge:
    """Knows what may be asked.

    Args:
        gate: knows whom to believe.
        catalogue: the services that we know.
        bvds: entity ID to the verified metadata of every BVD for which we encrypt.
    """

    gate: Gate
    catalogue: Catalogue
    bvds: Mapping[str, IdentityProvider]

    def judge(self, saml_request: str, relay_state: str | None, at: datetime) -> LoginRequest:
        """From form fields to a request that may be shown to a person.

        Raises:
            SamlError: not trustworthy; the person gets an error page, the sender gets nothing (ERR-11).
            Refused: trustworthy, but it cannot be honoured.
        """
        request, asked = self.gate.admit(saml_request, relay_state, at)
        bvd = self._bvd_of(request, asked, at)
        service = self._service_of(request, asked)
        return LoginRequest(
            asked.id, asked.requester, asked.acs_url, asked.relay_state, service, request.force_authn, bvd
        )

    def _bvd_of(self, request: AuthnRequest, asked: Asked, at: datetime) -> IdentityProvider | None:
        """AMB-05: RequesterID names the one BVD that represents; its metadata says for which keys to encrypt."""
        if not request.requester_ids:
            return None
        bvd = self.bvds.get(request.requester_ids[0])
        usable = bvd is not None and bvd.recipients and (bvd.valid_until is None or at < bvd.valid_until)
        if len(request.requester_ids) > 1 or not usable:
            raise Refused(asked, Status(names.STATUS_REQUESTER, names.STATUS_NO_SUPPORTED_IDP))
        return bvd

    def _service_of(self, request: AuthnRequest, asked: Asked) -> KnownService:
        """RAD-07: the pair IntendedAudience + ServiceUUID stands in our catalogue and the RD's metadata."""
        service = self.catalogue.get(self.gate.pair_of(request, asked))
        if service is None:
            raise Refused(asked, denied(NOT_REGISTERED))
        return service
