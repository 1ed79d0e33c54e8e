"""Which ways are open: of all that a dienst allows, what the dienstverlener's own choice leaves (AR-14 to AR-19).

The order is neutral and stable: first for yourself, then for somebody else, each by our own short names.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Choice,
    EntityID,
    MandateServiceId,
    Preselection,
)


class Method(Protocol):
    """A login method, as far as narrowing goes."""

    @property
    def id(self) -> AuthenticationServiceId:
        """Our short name of it."""
        ...

    @property
    def entity_id(self) -> EntityID:
        """As dienstverleners name it."""
        ...

    def goes_on_to(self, mandate: MandateServiceId) -> bool:
        """Whether a login with it may go on to a BVD."""
        ...


class Mandates(Protocol):
    """A BVD, as far as narrowing goes."""

    @property
    def id(self) -> MandateServiceId:
        """Our short name of it."""
        ...

    @property
    def entity_id(self) -> EntityID:
        """As dienstverleners name it."""
        ...


def narrowed(
    methods: Sequence[Method],
    mandates: Sequence[Mandates],
    preselection: Preselection,
    *,
    connected: Collection[EntityID],
) -> tuple[Choice, ...]:
    """What a preselection leaves; never empty.

    Args:
        methods: the login methods that the dienst allows.
        mandates: the BVDs that it allows and that can be used now.
        preselection: of the dienstverlener.
        connected: every BVD that we know, whatever the dienst allows.

    Raises:
        LoginFailed: `NO_SUPPORTED_SERVICE`: `preselection.unsupported` when the person must act through a BVD and one
            that was named is not connected (ERR-15), `preselection.empty` when nothing is left (AR-16).
    """
    if preselection.mandate_required and not (preselection.mandate_services or frozenset()) <= set(connected):
        raise _nothing_left("preselection.unsupported", "a RequesterID is not a BVD that is connected")
    login = [each for each in methods if _among(each.entity_id, preselection.authentication_services)]
    through = [each.id for each in mandates if _among(each.entity_id, preselection.mandate_services)]
    ways: list[MandateServiceId | None] = [*through] if preselection.mandate_required else [None, *through]
    choices = tuple(Choice(method.id, way) for way in ways for method in login if way is None or method.goes_on_to(way))
    if not choices:
        raise _nothing_left("preselection.empty", "nothing that was preselected is open for this dienst")
    return choices


def _among(entity_id: EntityID, wanted: frozenset[EntityID] | None) -> bool:
    return wanted is None or entity_id in wanted


def _nothing_left(code: str, detail: str) -> LoginFailed:
    return LoginFailed(Failure(FailureKind.NO_SUPPORTED_SERVICE, code, detail))
