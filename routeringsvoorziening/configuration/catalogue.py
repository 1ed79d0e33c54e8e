"""Who may ask what, and what is open for it: the configured `broker.ports.Catalogue`.

Every window is judged at the moment of the request, never cached (AR-20). The order of the choices is that of our own
short names: the same for everybody, and favouring nobody.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    AuthenticationServiceId,
    EntityID,
    LoA,
    MandateServiceId,
    Offer,
    ServiceUUID,
)
from routeringsvoorziening.configuration.narrowing import narrowed
from routeringsvoorziening.configuration.result import (
    AuthenticationServiceSettings,
    Configuration,
    Connection,
    Dienst,
    Dienstverlener,
    MandateServiceSettings,
    Relation,
    Window,
)

NO_MANDATES: Final[Mapping[MandateServiceId, MandateServiceSettings]] = MappingProxyType({})


class ConfiguredCatalogue:
    """Answers from one configuration; a reload makes a new one."""

    def __init__(
        self,
        *,
        connections: Mapping[EntityID, Connection],
        dienstverleners: Mapping[EntityID, Dienstverlener],
        diensten: Mapping[ServiceUUID, Dienst],
        methods: Mapping[AuthenticationServiceId, AuthenticationServiceSettings],
        mandates: Mapping[MandateServiceId, MandateServiceSettings] = NO_MANDATES,
    ) -> None:
        self._connections = connections
        self._dienstverleners = dienstverleners
        self._diensten = diensten
        self._methods = tuple(methods[each] for each in sorted(methods))
        self._mandates = tuple(mandates[each] for each in sorted(mandates))
        self._connected_mandates = frozenset(each.entity_id for each in self._mandates)

    @classmethod
    def of(cls, configuration: Configuration) -> "ConfiguredCatalogue":
        """The catalogue of a configuration."""
        return cls(
            connections=configuration.connections,
            dienstverleners=configuration.dienstverleners,
            diensten=configuration.diensten,
            methods=configuration.authentication_services,
            mandates=configuration.mandate_services,
        )

    def offer(self, request: AuthenticationRequest, at: datetime) -> Offer:
        """What is open for a request at a moment (AR-14, AR-20, AR-21, LOA-07).

        Raises:
            LoginFailed: `DENIED` with, in this order, `connection.inactive`, `organisation.inactive`, `role.inactive`
                of who asks; `service.unknown`; `cluster.not-registered` and `cluster.inactive` when a supplier asks
                for somebody else's dienstverlener, or for one whose relation with it is not in force;
                `organisation.inactive` and `role.inactive` of the dienstverlener; `service.not-registered` and
                `service.inactive`. `NO_SUPPORTED_SERVICE` with what `narrowed` raises, or with `loa.unreachable` when
                no login method proves what the request asks on top of the dienst's own minimum.
        """
        connection = self._asking(request.connection, at)
        dienst = self._dienst(request)
        relation = _relation(connection, request.dienstverlener, at)
        self._check_dienstverlener(dienst.dienstverlener, at)
        _check_dienst(dienst, relation, at)
        reaching = self._reaching(dienst, max(dienst.minimum_loa, request.minimum_loa))
        return Offer(
            minimum_loa=dienst.minimum_loa,
            choices=narrowed(
                reaching,
                self._allowed_mandates(dienst, at),
                request.preselection,
                connected=self._connected_mandates,
            ),
            dienstverlener_name=self._dienstverleners[dienst.dienstverlener].name,
            service_name=dienst.name,
        )

    def _asking(self, entity_id: EntityID, at: datetime) -> Connection:
        """The connection is configured and in force, and so are the supplier behind it and its role."""
        connection = self._connections.get(entity_id)
        if connection is None or not connection.usable_at(at):
            raise _denied("connection.inactive", "unknown, switched off, outside its window, or expired metadata")
        _check_in_force(connection.organisation, connection.role, at, "the supplier")
        return connection

    def _dienst(self, request: AuthenticationRequest) -> Dienst:
        """The dienst exists and is this dienstverlener's."""
        dienst = self._diensten.get(request.service)
        if dienst is None:
            raise _denied("service.unknown", "not in the dienstencatalogus")
        if dienst.dienstverlener != request.dienstverlener:
            raise _denied("service.not-registered", "of another dienstverlener")
        return dienst

    def _check_dienstverlener(self, entity_id: EntityID, at: datetime) -> None:
        dienstverlener = self._dienstverleners.get(entity_id)
        if dienstverlener is None:
            raise _denied("organisation.inactive", "the dienstverlener is unknown")
        _check_in_force(dienstverlener.window, dienstverlener.role, at, "the dienstverlener")

    def _reaching(self, dienst: Dienst, level: LoA) -> tuple[AuthenticationServiceSettings, ...]:
        """The dienst's login methods that can prove a level; at least one."""
        reaching = tuple(method for method in self._methods if method.max_loa >= level and method.open_for(dienst))
        if not reaching:
            detail = "no login method reaches the level asked for"
            raise LoginFailed(Failure(FailureKind.NO_SUPPORTED_SERVICE, "loa.unreachable", detail))
        return reaching

    def _allowed_mandates(self, dienst: Dienst, at: datetime) -> tuple[MandateServiceSettings, ...]:
        """The BVDs that the dienst allows and that can be used now (MD-AD-01)."""
        return tuple(each for each in self._mandates if each.id in dienst.mandates and each.usable_at(at))


def _check_in_force(organisation: Window, role: Window, at: datetime, who: str) -> None:
    if not organisation.covers(at):
        raise _denied("organisation.inactive", f"{who} is switched off or outside its window")
    if not role.covers(at):
        raise _denied("role.inactive", f"the role of {who} is switched off or outside its window")


def _relation(connection: Connection, dienstverlener: EntityID, at: datetime) -> Relation:
    """This connection may ask for that dienstverlener: it is its own, or of this supplier, now (AR-21)."""
    relation = connection.relation_with(dienstverlener)
    if relation is None:
        code = "cluster.not-registered" if connection.is_cluster else "service.not-registered"
        raise _denied(code, "the dienstverlener is not of this connection")
    if not relation.usable_at(at):
        raise _denied("cluster.inactive", "switched off, outside its window, or expired in the supplier's metadata")
    return relation


def _check_dienst(dienst: Dienst, relation: Relation, at: datetime) -> None:
    """The dienst may be asked for through this connection and is in force, both now (AR-20, AR-21)."""
    window = relation.window_of(dienst.uuid)
    if window is None:
        raise _denied("service.not-registered", "not through this connection")
    if not (window.covers(at) and dienst.window.covers(at)):
        raise _denied("service.inactive", "switched off or outside its window")


def _denied(code: str, detail: str) -> LoginFailed:
    return LoginFailed(Failure(FailureKind.DENIED, code, detail))
