"""DigiD as a login method: a leg out, an answer back."""

from collections.abc import Mapping
from functools import partial

from routeringsvoorziening.backends.digid.identity import identity_of
from routeringsvoorziening.backends.saml_service.conversation import Conversation
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, Departure, Identity, Leg


class DigiD:
    """The `broker.ports.AuthenticationService` that speaks ST-SAML to DigiD.

    Args:
        service_id: our short name of it.
        conversation: the SAML that goes to and fro.
    """

    def __init__(self, service_id: AuthenticationServiceId, conversation: Conversation) -> None:
        self._id = service_id
        self._conversation = conversation

    @property
    def id(self) -> AuthenticationServiceId:
        """Our short name of it."""
        return self._id

    async def begin(self, task: AuthenticationTask) -> Departure:
        """Send the browser to DigiD with our own AuthnRequest (RAD-01 to RAD-05).

        Raises:
            LoginFailed: `UNREACHABLE`, when DigiD is known to be down.
        """
        return await self._conversation.ask(task)

    async def complete(self, leg: Leg, task: AuthenticationTask, answer: Mapping[str, str]) -> Identity:
        """The identity behind the artifact that the browser brought.

        Raises:
            LoginFailed: cancelled, failed, unreachable, or an answer that cannot be trusted (its code says why).
        """
        read = partial(identity_of, task=task, service=self._id, own_entity_id=self._conversation.own_entity_id)
        return await self._conversation.hear(leg, task, answer, read)
