"""Who may ask what, and what is open for it: the configured `broker.ports.Catalogue`.

Every window is judged at the moment of the request, never cached (AR-20). The order of the choices is that of our own
short names: the same for everybody, and favouring nobody.
"""

from collections.abc import Mapping
from datetime import datetime

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    AuthenticationServiceId,
    Choice,
    EntityID,
    LoA,
    Offer,
    Preselection,
    ServiceUUID,
)
from routeringsvoorziening.configuration.result import (
    AuthenticationServiceSettings,
    Configuration,
    Connection,
    Dienst,
    Dienstverlener,
)


class ConfiguredCatalogue:
    """Answers from one configuration; a reload makes a new one."""

    def __init__(
        self,
        *,
        connections: Mapping[EntityID, Connection],
        dienstverleners: Mapping[EntityID, Dienstverlener],
        diensten: Mapping[ServiceUUID, Dienst],
        methods: Mapping[AuthenticationServiceId, AuthenticationServiceSettings],
    ) -> None:
        self._connections = connections
        self._dienstverleners = dienstverleners
        self._diensten = diensten
        self._methods = tuple(methods[each] for each in sorted(methods))

    @classmethod
    def of(cls, configuration: Configuration) -> "ConfiguredCatalogue":
        """The catalogue of a configuration."""
        return cls(
            connections=configuration.connections,
            dienstverleners=configuration.dienstverleners,
            diensten=configuration.diensten,
            methods=configuration.authentication_services,
        )

    def offer(self, request: AuthenticationRequest, at: datetime) -> Offer:
        """What is open for a request at a moment (AR-14, AR-20, LOA-07).

        Raises:
            LoginFailed: `DENIED` with `connection.inactive`, `service.unknown`, `service.not-registered` or
                `service.inactive`; `NO_SUPPORTED_SERVICE` with `preselection.empty`, or with `loa.unreachable` when no
                login method proves what the request asks on top of the dienst's own minimum.
        """
        self._check_connection(request.connection, at)
        dienst = self._registered(request, at)
        reaching = self._reaching(dienst, max(dienst.minimum_loa, request.minimum_loa))
        return Offer(
            minimum_loa=dienst.minimum_loa,
            choices=_narrowed(reaching, request.preselection),
            dienstverlener_name=self._dienstverleners[dienst.dienstverlener].name,
            service_name=dienst.name,
        )

    def _check_connection(self, entity_id: EntityID, at: datetime) -> None:
        """The connection is configured, switched on, within its window, and its metadata has not expired."""
        connection = self._connections.get(entity_id)
        if connection is None or not connection.usable_at(at):
            raise _denied("connection.inactive", "unknown, switched off, outside its window, or expired metadata")

    def _registered(self, request: AuthenticationRequest, at: datetime) -> Dienst:
        """The dienst exists, is this dienstverlener's, may be asked through this connection, and is in force."""
        dienst = self._diensten.get(request.service)
        if dienst is None:
            raise _denied("service.unknown", "not in the dienstencatalogus")
        if dienst.dienstverlener != request.dienstverlener or request.connection not in dienst.connections:
            raise _denied("service.not-registered", "of another dienstverlener or connection")
        dienstverlener = self._dienstverleners.get(dienst.dienstverlener)
        if dienstverlener is None or not dienstverlener.window.covers(at):
            raise _denied("service.not-registered", "the dienstverlener is not active")
        if not dienst.window.covers(at):
            raise _denied("service.inactive", "switched off or outside its window")
        return dienst

    def _reaching(self, dienst: Dienst, level: LoA) -> tuple[AuthenticationServiceSettings, ...]:
        """The dienst's login methods that can prove a level."""
        return tuple(
            method
            for method in self._methods
            if method.max_loa >= level and (dienst.methods is None or method.id in dienst.methods)
        )


def _narrowed(methods: tuple[AuthenticationServiceSettings, ...], preselection: Preselection) -> tuple[Choice, ...]:
    """What the preselection leaves; acting for somebody else needs a BVD, and none is configured yet."""
    if not methods:
        raise _nothing_left("loa.unreachable", "no login method reaches the level asked for")
    wanted = preselection.authentication_services
    choices = tuple(Choice(each.id) for each in methods if wanted is None or each.entity_id in wanted)
    if not choices or preselection.mandate_required:
        raise _nothing_left("preselection.empty", "nothing that was preselected is open for this dienst")
    return choices


def _denied(code: str, detail: str) -> LoginFailed:
    return LoginFailed(Failure(FailureKind.DENIED, code, detail))


def _nothing_left(code: str, detail: str) -> LoginFailed:
    return LoginFailed(Failure(FailureKind.NO_SUPPORTED_SERVICE, code, detail))
