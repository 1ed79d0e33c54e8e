"""The brondienstvertaling: which services a ground covers, for which ages, and what the declaration calls it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from routeringsvoorziening.simulators.registers.dienstencatalogus import MandatableService
from routeringsvoorziening.simulators.registers.mandates import Action, Kind, Mandate

OLDEST: Final = 200
"""Years; above any age."""
LONGEST_FILE: Final = 65536
"""Bytes."""
DEFAULT_FILE: Final = Path(__file__).with_name("brondienstvertaling.yaml")

Age = Annotated[int, Field(ge=0, le=OLDEST)]


class TranslationInvalid(ValueError):
    """A table that cannot be read; the text lists every mistake."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RepresentationType(_Part):
    """A value of the attribute RepresentationType.

    Args of the YAML:
        urn: as it goes over the wire (ATT-07).
        published: whether it stands in the koppelvlak's table.
    """

    urn: Annotated[str, Field(pattern=r"^urn:nl-eid-gdi:1\.1:RT:[A-Za-z0-9_]{1,80}$")]
    published: bool


class Coverage(_Part):
    """One ground and the services that it covers.

    Args of the YAML:
        kind: the ground.
        categories: of services.
        from_age: of who is represented, in whole years.
        until_age: the first age at which it covers them no more.
        type: name of the representation type; a voluntary mandate has none.
    """

    kind: Kind
    categories: Annotated[frozenset[str], Field(min_length=1)]
    from_age: Age = 0
    until_age: Age = OLDEST
    type: str | None = None


class Brondienstvertaling(_Part):
    """The whole table."""

    representation_types: Mapping[str, RepresentationType]
    coverage: tuple[Coverage, ...]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for each in self.coverage:
            if each.type is not None and each.type not in self.representation_types:
                raise ValueError(f"no representation type {each.type}")
            if (each.type is None) is not (each.kind is Kind.VOLUNTARY):
                raise ValueError(f"{each.kind.value}: a representation type belongs to every ground but the voluntary")
            if each.from_age >= each.until_age:
                raise ValueError(f"{each.kind.value}: until_age must be above from_age")
        return self

    def for_service(self, service: MandatableService) -> "ServiceTranslation":
        """The part of the table that is about one service."""
        lines = [each for each in self.coverage if each.kind in service.kinds and service.category in each.categories]
        by_kind = {
            kind: tuple((each.from_age, each.until_age, self._urns(each.type)) for each in lines if each.kind is kind)
            for kind in service.kinds
        }
        return ServiceTranslation(service.uuid, service.action, by_kind)

    def _urns(self, name: str | None) -> tuple[str, ...]:
        return () if name is None else (self.representation_types[name].urn,)


@dataclass(frozen=True, slots=True)
class ServiceTranslation:
    """What covers one service.

    Args:
        uuid: its ServiceUUID.
        action: what one does there.
        lines: ground to (first age, first age no more, URNs of the representation type).
    """

    uuid: str
    action: Action
    lines: Mapping[Kind, tuple[tuple[int, int, tuple[str, ...]], ...]]

    def translate(self, mandate: Mandate, age: int) -> tuple[str, ...] | None:
        """What the declaration says of the ground, as URNs, perhaps none; None when it does not cover the service.

        Args:
            mandate: one that holds today.
            age: of who is represented, in whole years.
        """
        if mandate.action < self.action or (mandate.services is not None and self.uuid not in mandate.services):
            return None
        covering = [urns for first, end, urns in self.lines.get(mandate.kind, ()) if first <= age < end]
        return tuple(dict.fromkeys(urn for urns in covering for urn in urns)) if covering else None


def read_translation(path: Path = DEFAULT_FILE) -> Brondienstvertaling:
    """Read a table from YAML.

    Raises:
        TranslationInvalid: the file is no valid table.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(LONGEST_FILE + 1)
    if len(data) > LONGEST_FILE:
        raise TranslationInvalid(f"{path}: more than {LONGEST_FILE} bytes")
    try:
        return Brondienstvertaling.model_validate(yaml.safe_load(data))
    except (yaml.YAMLError, ValidationError) as problem:
        raise TranslationInvalid(f"{path}: {problem}") from problem


@cache
def default_translation() -> Brondienstvertaling:
    """The table that comes with the simulator."""
    return read_translation()
