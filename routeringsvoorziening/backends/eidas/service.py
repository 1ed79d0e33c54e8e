"""eIDAS as a login method: a leg out, an answer back."""

from collections.abc import Mapping
from functools import partial

from routeringsvoorziening.backends.eidas.identity import identity_of
from routeringsvoorziening.backends.saml_service.conversation import Conversation
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Departure,
    Identity,
    Leg,
    ServiceUUID,
)


class Eidas:
    """The `broker.ports.AuthenticationService` that speaks ST-SAML to the eIDAS-berichtenservice.

    Args:
        service_id: our short name of it.
        conversation: the SAML that goes to and fro, with `ConsentRequest` for our requests.
        attributes: what each dienst may know of somebody, by Name.
    """

    def __init__(
        self,
        service_id: AuthenticationServiceId,
        conversation: Conversation,
        attributes: Mapping[ServiceUUID, frozenset[str]],
    ) -> None:
        self._id = service_id
        self._conversation = conversation
        self._attributes = attributes

    @property
    def id(self) -> AuthenticationServiceId:
        """Our short name of it."""
        return self._id

    async def begin(self, task: AuthenticationTask) -> Departure:
        """Send the browser there with our own AuthnRequest; ProviderName says for whom (RAD-01 to RAD-04).

        Raises:
            LoginFailed: `UNREACHABLE`, when it is known to be down; `NOT_SUPPORTED` for a login that must go on to a
                BVD: people from other countries act for themselves.
        """
        if task.choice.mandate is not None:
            raise LoginFailed(Failure(FailureKind.NOT_SUPPORTED, "eidas.mandate", "no BVD knows who this is"))
        return await self._conversation.ask(task)

    async def complete(self, leg: Leg, task: AuthenticationTask, answer: Mapping[str, str]) -> Identity:
        """The identity behind the artifact that the browser brought.

        Raises:
            LoginFailed: cancelled, failed, unreachable, or an answer that cannot be trusted (its code says why).
        """
        opener = self._conversation.opener(task, self._id)
        read = partial(
            identity_of,
            task=task,
            service=self._id,
            own_entity_id=self._conversation.own_entity_id,
            allowed=self._attributes.get(task.service, frozenset()),
            opener=opener,
        )
        with_session = self._conversation.with_session(leg, read)
        return await self._conversation.hear(leg, task, answer, with_session, opener=opener)
