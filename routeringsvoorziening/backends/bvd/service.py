"""A BVD as the core calls it: a leg out with the identity, an answer back."""

from collections.abc import Mapping
from functools import partial

from routeringsvoorziening.backends.bvd.mandate import Representation, mandate_of
from routeringsvoorziening.backends.saml_service.conversation import Conversation
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import Departure, Identity, Leg, Mandate, MandateServiceId


class Bevoegdheidsverklaringsdienst:
    """The `broker.ports.MandateService` that speaks ST-SAML to a BVD.

    Args:
        service_id: our short name of it.
        conversation: the SAML that goes to and fro.
        representation: what it may declare.
    """

    def __init__(
        self, service_id: MandateServiceId, conversation: Conversation, representation: Representation
    ) -> None:
        self._id = service_id
        self._conversation = conversation
        self._representation = representation

    @property
    def id(self) -> MandateServiceId:
        """Our short name of it."""
        return self._id

    async def begin(self, task: AuthenticationTask, identity: Identity) -> Departure:
        """Send the browser to the BVD, with the AD's own Assertion in our AuthnRequest (RBVD-01, RBVD-02).

        Raises:
            LoginFailed: `UNREACHABLE`, when the BVD is known to be down.
        """
        return await self._conversation.ask(task, idp_assertion=identity.evidence)

    async def complete(
        self, leg: Leg, task: AuthenticationTask, identity: Identity, answer: Mapping[str, str]
    ) -> Mandate:
        """The mandate behind the artifact that the browser brought.

        Raises:
            LoginFailed: cancelled, no mandate, unreachable, or an answer that cannot be trusted (its code says why).
        """
        opener = self._conversation.opener(task, self._id)
        read = partial(
            mandate_of,
            task=task,
            identity=identity,
            service=self._id,
            representation=self._representation,
            own_entity_id=self._conversation.own_entity_id,
            opener=opener,
        )
        return await self._conversation.hear(leg, task, answer, read, opener=opener)
