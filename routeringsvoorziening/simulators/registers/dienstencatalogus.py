"""The dienstencatalogus, as a BVD sees it: for which services one can be represented, and on what grounds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.simulators.registers.mandates import Action, Kind
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import IdentityKind

_ADULTS: Final = frozenset({Kind.VOLUNTARY, Kind.BEWIND, Kind.CURATELE})
_COURTS: Final = frozenset({Kind.BEWIND, Kind.CURATELE})
_APPOINTMENTS: Final = _ADULTS | {Kind.MENTORSCHAP}
_RECORD: Final = frozenset({Kind.PARENTAL, Kind.CURATELE, Kind.MENTORSCHAP})
_CARE: Final = _RECORD | {Kind.VOLUNTARY}


@dataclass(frozen=True, slots=True)
class MandatableService:
    """A service that somebody may use for somebody else.

    Args:
        dienstverlener: entity ID of the party that offers it (IntendedAudience).
        dienstverlener_name: as pages show it.
        uuid: the ServiceUUID, compared exactly.
        name_nl: its Dutch name.
        name_en: its English name.
        category: what the brondienstvertaling knows it by.
        action: what one does there.
        kinds: the grounds on which one can be represented.
        identity: as what people are declared to it.
        decrypted: the routeringsdienst opens that on the dienstverlener's behalf, so it is encrypted for it.
    """

    dienstverlener: str
    dienstverlener_name: str
    uuid: str
    name_nl: str
    name_en: str
    category: str
    action: Action
    kinds: frozenset[Kind]
    identity: IdentityKind = "legacy-BSN"
    decrypted: bool = False


Dienstencatalogus = Mapping[tuple[str, str], MandatableService]
"""(IntendedAudience, ServiceUUID) to service: only the pair says that a registration is valid (RAD-07)."""


def catalogue_of(services: Iterable[MandatableService]) -> Dienstencatalogus:
    """The catalogue of these services."""
    return {(service.dienstverlener, service.uuid): service for service in services}


_DEMO: Final = (
    (layout.PORTAL, layout.PORTAL_SERVICES[4], "geldzaken", Action.WIJZIGEN, _ADULTS),
    (layout.PORTAL, layout.PORTAL_SERVICES[5], "afspraken", Action.WIJZIGEN, _ADULTS),
    (layout.PORTAL, layout.PORTAL_SERVICES[0], "afspraken", Action.WIJZIGEN, _APPOINTMENTS),
    (layout.PORTAL, layout.PORTAL_SERVICES[1], "vergunningen", Action.WIJZIGEN, _ADULTS),
    (layout.PORTAL, layout.PORTAL_SERVICES[2], "geldzaken", Action.WIJZIGEN, _ADULTS),
    (layout.PORTAL, layout.BUSINESS_SERVICES[4], "geldzaken", Action.WIJZIGEN, _COURTS),
    (layout.PORTAL, layout.PORTAL_SERVICES[3], "dossier", Action.INZIEN, _RECORD),
    (layout.ZORG, layout.ZORG_SERVICES[0], "zorg", Action.WIJZIGEN, _CARE),
    (layout.ZORG, layout.VISIT, "zorg", Action.WIJZIGEN, _CARE),
    (layout.HEIDEWOUDE, layout.CLUSTER_SERVICES[layout.HEIDEWOUDE][1], "zorg", Action.WIJZIGEN, _CARE),
)


def demo_catalogue() -> Dienstencatalogus:
    """The services of the demo world."""
    return catalogue_of(
        MandatableService(
            party.entity_id,
            party.name,
            each.uuid,
            each.name_nl,
            each.name_en,
            category,
            action,
            kinds,
            each.identity,
            party in layout.DECRYPTED,
        )
        for party, each, category, action, kinds in _DEMO
    )
