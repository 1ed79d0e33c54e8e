"""What DigiD itself knows of the services: its own copy of the dienstencatalogus, in a file of its own."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, get_args

from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import IdentityKind
from routeringsvoorziening.simulators.world.persons import LEVEL_NAMES

LONGEST_CATALOGUE: Final = 1_048_576
"""Bytes."""


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service for which people may log in.

    Args:
        dienstverlener: entity ID of the party that offers it (IntendedAudience).
        dienstverlener_name: as the login page shows it.
        uuid: the ServiceUUID, compared exactly.
        name_nl: its Dutch name.
        name_en: its English name.
        minimum_loa: 10, 20, 25 or 30.
        identity: as what people are declared to it.
        decrypted: the routeringsdienst opens that on the dienstverlener's behalf, so it is encrypted for it.
    """

    dienstverlener: str
    dienstverlener_name: str
    uuid: str
    name_nl: str
    name_en: str
    minimum_loa: int
    identity: IdentityKind = "legacy-BSN"
    decrypted: bool = False


Catalogue = Mapping[tuple[str, str], KnownService]
"""(IntendedAudience, ServiceUUID) to service: only the pair says that a registration is valid (RAD-07)."""


def catalogue_of(services: Iterable[KnownService]) -> Catalogue:
    """The catalogue of these services.

    Raises:
        ValueError: a level or a kind of identity that does not exist.
    """
    known = {(service.dienstverlener, service.uuid): service for service in services}
    if any(service.minimum_loa not in LEVEL_NAMES for service in known.values()):
        raise ValueError("minimum_loa must be 10, 20, 25 or 30")
    if any(service.identity not in get_args(IdentityKind) for service in known.values()):
        raise ValueError("identity must be legacy-BSN, BSN or Pseudonym")
    return known


def demo_catalogue() -> Catalogue:
    """The services of the demo world."""
    offers = (*((each.party, each.services) for each in layout.WEBSITES), *layout.CLUSTER_SERVICES.items())
    return catalogue_of(
        KnownService(
            party.entity_id,
            party.name,
            each.uuid,
            each.name_nl,
            each.name_en,
            each.minimum_loa,
            each.identity,
            party in layout.DECRYPTED,
        )
        for party, services in offers
        for each in services
    )


def write_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Write the catalogue as JSON."""
    services = [asdict(service) for service in catalogue.values()]
    path.write_text(json.dumps({"services": services}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_catalogue(path: Path) -> Catalogue:
    """Read a catalogue written by `write_catalogue`.

    Raises:
        ValueError: not such a file.
        OSError: the file cannot be read.
    """
    if path.stat().st_size > LONGEST_CATALOGUE:
        raise ValueError(f"{path}: more than {LONGEST_CATALOGUE} bytes")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return catalogue_of(KnownService(**service) for service in document["services"])
    except (KeyError, TypeError) as problem:
        raise ValueError(f"{path}: {problem}") from problem
