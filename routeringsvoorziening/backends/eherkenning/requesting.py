"""Our AuthnRequest to a makelaar (eTD, DV-HM AuthnRequest)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routeringsvoorziening.backends.eherkenning.settings import EHerkenningDienst
from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.backends.saml_service.requesting import signed_form
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import LegId, PostForm, ServiceUUID
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, write_authn_request
from routeringsvoorziening.saml.names import BINDING_ARTIFACT

NOT_AT_ETD = Failure(FailureKind.NOT_SUPPORTED, "service.absent", "the dienst is not known at eTD")


@dataclass(frozen=True, slots=True)
class EtdDiensten:
    """Our diensten, as eTD knows them."""

    by_uuid: Mapping[ServiceUUID, EHerkenningDienst]

    def of(self, service: ServiceUUID) -> EHerkenningDienst:
        """What a dienst says for eTD.

        Raises:
            LoginFailed: `NOT_SUPPORTED`: it says nothing (any more).
        """
        if service not in self.by_uuid:
            raise LoginFailed(NOT_AT_ETD)
        return self.by_uuid[service]

    def service_uuid(self, service: ServiceUUID) -> str:
        """Under which the makelaar declares for it."""
        return self.of(service).service_uuid or service

    def build(
        self,
        own: Requester,
        destination: str,
        leg: LegId,
        task: AuthenticationTask,
        *,
        force_authn: bool,  # noqa: ARG002 - see below
        requester_ids: tuple[str, ...],
        idp_assertion: bytes | None,  # noqa: ARG002 - a makelaar gets none
        now: datetime,
    ) -> PostForm:
        """A signed AuthnRequest. The level, and for whom to encrypt, stand in the service catalogue, by the index.

        Always ForceAuthn: sessions at a makelaar are not ours to see, nor to end. RequesterID names the BVD that comes
        after it, as towards an authenticatiedienst of ST-SAML (AMB-05); eTD itself has no word for that.
        """
        message = write_authn_request(
            AuthnRequest(
                id=leg,
                issuer=own.entity_id,
                destination=destination,
                issue_instant=now,
                force_authn=True,
                acs_url=own.acs_url,
                protocol_binding=BINDING_ARTIFACT,
                attribute_index=self.of(task.service).service_index,
                requester_ids=requester_ids,
            )
        )
        return signed_form(message, own, destination, leg)
