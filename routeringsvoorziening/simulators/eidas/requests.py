"""Judging an AuthnRequest to the eIDAS-berichtenservice: is the service known, and is it for people from abroad."""

from dataclasses import dataclass
from datetime import datetime

from routeringsvoorziening.simulators.declaring.requests import NOT_REGISTERED, Gate, Refused, denied, unsupported
from routeringsvoorziening.simulators.declaring.scene import Asked
from routeringsvoorziening.simulators.eidas.catalogue import Catalogue, EuropeanService


@dataclass(frozen=True, slots=True)
class EuropeanLogin(Asked):
    """What is kept of an AuthnRequest that passed every check.

    Args:
        service: asked for.
        provider_name: for whom, in the words of the routeringsdienst: what the consent page shows.
    """

    service: EuropeanService
    provider_name: str


@dataclass(frozen=True, slots=True)
class RequestJudge:
    """Knows what may be asked.

    Args:
        gate: knows whom to believe.
        catalogue: the services that we know.
    """

    gate: Gate
    catalogue: Catalogue

    def judge(self, saml_request: str, relay_state: str | None, at: datetime) -> EuropeanLogin:
        """From form fields to a request that may be shown to a person.

        Raises:
            SamlError: not trustworthy; the person gets an error page, the sender gets nothing (ERR-11).
            Refused: trustworthy, but it cannot be honoured.
        """
        request, asked = self.gate.admit(saml_request, relay_state, at)
        if request.requester_ids:
            raise Refused(asked, unsupported("People from other countries act for themselves"))
        service = self.catalogue.get(self.gate.pair_of(request, asked))
        if service is None:
            raise Refused(asked, denied(NOT_REGISTERED))
        provider_name = request.provider_name or service.dienstverlener_name
        return EuropeanLogin(asked.id, asked.requester, asked.acs_url, asked.relay_state, service, provider_name)
