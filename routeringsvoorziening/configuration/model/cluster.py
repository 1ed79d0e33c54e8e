"""Suppliers of cluster connections (leveranciers clusteraansluiting, LC) and the dienstverleners behind them."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from routeringsvoorziening.configuration.model.common import EntityIdText, Names, Windowed
from routeringsvoorziening.configuration.model.dienst import ConnectionPart, RolePart, ServiceUuidText


class MemberDienstPart(Windowed):
    """One dienst that may be asked for through this supplier, for as long as that holds."""

    uuid: ServiceUuidText


def _written_out(dienst: object) -> object:
    return {"uuid": dienst} if isinstance(dienst, str) else dienst


MemberDienst = Annotated[
    MemberDienstPart, BeforeValidator(_written_out, json_schema_input_type=ServiceUuidText | MemberDienstPart)
]
"""A ServiceUUID alone, or with a window."""


class MemberPart(Windowed):
    """A dienstverlener behind the supplier, for as long as it has agreed to that."""

    entity_id: EntityIdText
    """Role DV; it stands in the supplier's metadata too."""
    name: Names | None = None
    """As people know it. Absent: it has a file of its own under `dienstverleners/`."""
    diensten: Annotated[tuple[MemberDienst, ...], Field(min_length=1)] | None = None
    """Diensten of this dienstverlener that may be asked for through this supplier. Absent: all of them."""


class ClusterFile(Windowed):
    """One file of `clusteraansluitingen/`: a supplier that connects many dienstverleners over one connection."""

    entity_id: EntityIdText
    """Role LC."""
    name: Names
    role: RolePart = RolePart()
    """That it is a leverancier clusteraansluiting."""
    connection: ConnectionPart
    """The metadata is one signed EntitiesDescriptor, with the supplier and every dienstverlener (MD-LC-01)."""
    dienstverleners: Annotated[tuple[MemberPart, ...], Field(min_length=1, max_length=10_000)]
