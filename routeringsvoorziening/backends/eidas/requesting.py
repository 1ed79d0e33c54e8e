"""Our own AuthnRequest to the eIDAS-berichtenservice: that of ST-SAML, which also says for whom a person consents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.backends.saml_service.requesting import build_request
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import EntityID, LegId, PostForm


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """Builds requests with a ProviderName, which ST-SAML keeps for this very purpose (AR-09).

    Args:
        names: of the dienstverleners, as people know them.
    """

    names: Mapping[EntityID, str]

    def __call__(
        self,
        own: Requester,
        destination: str,
        leg: LegId,
        task: AuthenticationTask,
        *,
        force_authn: bool,
        requester_ids: tuple[str, ...],
        idp_assertion: bytes | None,
        now: datetime,
    ) -> PostForm:
        """A form for the browser, whose ID and RelayState are the leg's id."""
        return build_request(
            own,
            destination,
            leg,
            task,
            force_authn=force_authn,
            requester_ids=requester_ids,
            idp_assertion=idp_assertion,
            provider_name=self.names.get(task.dienstverlener),
            now=now,
        )
