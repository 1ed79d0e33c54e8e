"""eHerkenning as a login method: a leg out, an answer back."""

from collections.abc import Mapping
from functools import partial

from routeringsvoorziening.backends.eherkenning.identity import Expected, identity_of
from routeringsvoorziening.backends.eherkenning.requesting import EtdDiensten
from routeringsvoorziening.backends.eherkenning.settings import EHerkenningMethod, levels_of, service_id
from routeringsvoorziening.backends.saml_service.conversation import Conversation
from routeringsvoorziening.broker.ports import AuthenticationTask
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Departure,
    EntityID,
    Identity,
    Leg,
    MandateServiceId,
)


class EHerkenning:
    """The `broker.ports.AuthenticationService` that speaks eTD to a makelaar.

    Args:
        service_id: our short name of it.
        method: what the files say about it.
        conversation: the SAML that goes to and fro.
        diensten: as eTD knows them.
        mandates: the BVDs to which a login may go on.
    """

    def __init__(
        self,
        service_id: AuthenticationServiceId,
        method: EHerkenningMethod,
        conversation: Conversation,
        diensten: EtdDiensten,
        mandates: Mapping[MandateServiceId, EntityID],
    ) -> None:
        self._id = service_id
        self._method = method
        self._conversation = conversation
        self._diensten = diensten
        self._mandates = mandates
        self._levels = levels_of(method)

    @property
    def id(self) -> AuthenticationServiceId:
        """Our short name of it."""
        return self._id

    async def begin(self, task: AuthenticationTask) -> Departure:
        """Send the browser to the makelaar.

        Raises:
            LoginFailed: `UNREACHABLE`, when it is known to be down; `NOT_SUPPORTED`, when eTD does not know the dienst.
        """
        mandate = task.choice.mandate
        requester_ids = () if mandate is None else (self._mandates[mandate],)
        return await self._conversation.ask(task, requester_ids=requester_ids)

    async def complete(self, leg: Leg, task: AuthenticationTask, answer: Mapping[str, str]) -> Identity:
        """The identity behind the artifact that the browser brought.

        Raises:
            LoginFailed: cancelled, failed, unreachable, or an answer that cannot be trusted (its code says why).
        """
        dienst = self._diensten.of(task.service)
        mandate = task.choice.mandate
        expected = Expected(
            self._id,
            service_id(self._method, dienst),
            dienst,
            self._levels,
            self._conversation.own_entity_id,
            bvd=None if mandate is None else self._mandates[mandate],
        )
        return await self._conversation.hear(leg, task, answer, partial(identity_of, task=task, expected=expected))
