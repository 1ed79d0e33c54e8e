"""Where a configuration speaks of a party already, without judging the rest of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.kinds import Kinds
from routeringsvoorziening.configuration.loading import Files, read_files


def places_of(entity_id: str, file: Path, overrides: Mapping[str, str], *, kinds: Kinds) -> tuple[Place, ...]:
    """Every place where the files name that party: as a dienstverlener, as a supplier, or behind one.

    Args:
        entity_id: of the party.
        file: the main file; without a usable one there is no place.
        overrides: values for its variables.
        kinds: of login method that there are.
    """
    files = read_files(file, overrides, Findings(), kinds) if file.exists() else None
    return () if files is None else tuple(_places(files, entity_id))


def _places(files: Files, entity_id: str) -> Iterator[Place]:
    for organisation in files.dienstverleners:
        if organisation.model.entity_id == entity_id:
            yield organisation.place("entity_id")
    for cluster in files.clusters:
        if cluster.model.entity_id == entity_id:
            yield cluster.place("entity_id")
        for number, member in enumerate(cluster.model.dienstverleners):
            if member.entity_id == entity_id:
                yield cluster.place("dienstverleners", number, "entity_id")
