"""DigiD as a login method: a leg out, an answer back."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from routeringsvoorziening.backends.digid.identity import identity_of
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

NONE: Final[Mapping[MandateServiceId, EntityID]] = MappingProxyType({})


class DigiD:
    """The `broker.ports.AuthenticationService` that speaks ST-SAML to DigiD.

    Args:
        service_id: our short name of it.
        conversation: the SAML that goes to and fro.
        mandates: the BVDs to which a login may go on.
    """

    def __init__(
        self,
        service_id: AuthenticationServiceId,
        conversation: Conversation,
        mandates: Mapping[MandateServiceId, EntityID] = NONE,
    ) -> None:
        self._id = service_id
        self._conversation = conversation
        self._mandates = mandates

    @property
    def id(self) -> AuthenticationServiceId:
        """Our short name of it."""
        return self._id

    async def begin(self, task: AuthenticationTask) -> Departure:
        """Send the browser to DigiD with our own AuthnRequest (RAD-01 to RAD-05).

        When the login goes on to a BVD, RequesterID names it, so that DigiD encrypts who acts for it too (AMB-05).

        Raises:
            LoginFailed: `UNREACHABLE`, when DigiD is known to be down.
        """
        bvd = self._bvd(task)
        requester_ids = () if bvd is None else (bvd,)
        return await self._conversation.ask(task, requester_ids=requester_ids)

    async def complete(self, leg: Leg, task: AuthenticationTask, answer: Mapping[str, str]) -> Identity:
        """The identity behind the artifact that the browser brought.

        Raises:
            LoginFailed: cancelled, failed, unreachable, or an answer that cannot be trusted (its code says why).
        """
        own, opener = self._conversation.own_entity_id, self._conversation.opener(task, self._id)
        bvd = self._bvd(task)
        read = partial(identity_of, task=task, service=self._id, own_entity_id=own, bvd=bvd, opener=opener)
        with_session = self._conversation.with_session(leg, read)
        return await self._conversation.hear(leg, task, answer, with_session, opener=opener)

    def _bvd(self, task: AuthenticationTask) -> EntityID | None:
        """To which the login goes on; None when somebody acts for themselves."""
        mandate = task.choice.mandate
        return None if mandate is None else self._mandates[mandate]
