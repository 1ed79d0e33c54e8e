"""Judging an AuthnRequest to a BVD: the service, the grounds, and who is acting."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest
from routeringsvoorziening.simulators.bvd.idp_assertion import Acting, IdpAssertionJudge
from routeringsvoorziening.simulators.declaring.requests import NOT_REGISTERED, Gate, Refused, denied, unsupported
from routeringsvoorziening.simulators.declaring.scene import Asked
from routeringsvoorziening.simulators.registers.dienstencatalogus import Dienstencatalogus, MandatableService
from routeringsvoorziening.simulators.registers.mandates import Kind

CHOICE_LIFE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class PendingChoice(Asked):
    """What is kept of an AuthnRequest that passed every check, while a person chooses.

    Args:
        service: what it is about.
        acting: who chooses, as the authenticatiedienst declared it.
    """

    service: MandatableService
    acting: Acting = field(repr=False)


@dataclass(frozen=True, slots=True)
class RequestJudge:
    """Knows what may be asked. RequesterID, IDPList and AttributeConsumingServiceIndex are not looked at (RAD-06).

    Args:
        gate: knows whom to believe.
        catalogue: the services for which one can be represented.
        kinds: the grounds on which we declare.
        declarations: judges IdpAssertion.
    """

    gate: Gate
    catalogue: Dienstencatalogus
    kinds: Collection[Kind]
    declarations: IdpAssertionJudge

    def judge(self, saml_request: str, relay_state: str | None, at: datetime) -> PendingChoice:
        """From form fields to a choice that may be shown to a person.

        Raises:
            SamlError: not trustworthy; the person gets an error page, the sender gets nothing (ERR-11).
            Refused: trustworthy, but it cannot be honoured.
        """
        request, asked = self.gate.admit(saml_request, relay_state, at, with_idp_assertion=True)
        service = self._service_of(request, asked)
        acting = self._acting_of(request, asked, service, at)
        return PendingChoice(asked.id, asked.requester, asked.acs_url, asked.relay_state, service, acting)

    def _service_of(self, request: AuthnRequest, asked: Asked) -> MandatableService:
        """RAD-07: the pair IntendedAudience + ServiceUUID is registered; and this is the BVD for it (ERR-07)."""
        service = self.catalogue.get(self.gate.pair_of(request, asked))
        if service is None:
            raise Refused(asked, denied(NOT_REGISTERED))
        if service.kinds.isdisjoint(self.kinds):
            raise Refused(asked, unsupported("This service does not support this kind of representation"))
        return service

    def _acting_of(self, request: AuthnRequest, asked: Asked, service: MandatableService, at: datetime) -> Acting:
        """RBVD-03: no representation without the declaration of an authenticatiedienst that complies.

        The code says which rule it breaks, and nothing of what stands in it (ERR-13).
        """
        if request.idp_assertion is None:
            raise Refused(asked, denied("IdpAssertion is mandatory"))
        try:
            return self.declarations.judge(
                request.idp_assertion, requester=request.issuer, service_uuid=service.uuid, at=at
            )
        except SamlError as problem:
            raise Refused(asked, denied(f"IdpAssertion is refused: {problem.code}")) from problem
