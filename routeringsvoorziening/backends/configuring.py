"""The configuration of a house with every login method that there is: `configuration.check`, given the registry."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from routeringsvoorziening.backends.registry import known_kinds
from routeringsvoorziening.configuration import check, schema
from routeringsvoorziening.configuration.check import Inspection
from routeringsvoorziening.configuration.findings import Place
from routeringsvoorziening.configuration.known import places_of
from routeringsvoorziening.configuration.result import Configuration

Values = Mapping[str, str]


def inspect_configuration(
    file: Path, *, at: datetime, overrides: Values | None = None, environ: Values | None = None
) -> Inspection:
    """See `configuration.check.inspect_configuration`."""
    return check.inspect_configuration(file, kinds=known_kinds(), at=at, overrides=overrides, environ=environ)


def load_configuration(
    file: Path, *, at: datetime, overrides: Values | None = None, environ: Values | None = None
) -> Configuration:
    """See `configuration.check.load_configuration`.

    Raises:
        ConfigurationInvalid: with every mistake.
    """
    return check.load_configuration(file, kinds=known_kinds(), at=at, overrides=overrides, environ=environ)


def reload_configuration(
    current: Configuration, file: Path, *, at: datetime, overrides: Values | None = None, environ: Values | None = None
) -> Configuration:
    """See `configuration.check.reload_configuration`.

    Raises:
        ConfigurationInvalid: with every mistake; go on with `current`.
    """
    return check.reload_configuration(current, file, kinds=known_kinds(), at=at, overrides=overrides, environ=environ)


def known_already(entity_id: str, file: Path, overrides: Values) -> tuple[Place, ...]:
    """See `configuration.known.places_of`."""
    return places_of(entity_id, file, overrides, kinds=known_kinds())


def json_schema() -> dict[str, Any]:
    """See `configuration.schema.json_schema`."""
    return schema.json_schema(known_kinds())
