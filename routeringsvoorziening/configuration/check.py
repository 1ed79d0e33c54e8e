"""The whole of it: files in; a configuration, or everything that is wrong, out.

Reading takes files, RSA and XML: run it off the event loop.
"""

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from routeringsvoorziening.configuration.assembling import Assembler
from routeringsvoorziening.configuration.crossing import check_crossings
from routeringsvoorziening.configuration.findings import ConfigurationInvalid, Finding, Findings, Severity
from routeringsvoorziening.configuration.keys import Circumstances
from routeringsvoorziening.configuration.kinds import Kinds
from routeringsvoorziening.configuration.loading import read_files
from routeringsvoorziening.configuration.result import Configuration


@dataclass(frozen=True, slots=True)
class Inspection:
    """What came out: `configuration` is None when it cannot be used; `findings` are worst first."""

    configuration: Configuration | None
    findings: tuple[Finding, ...]

    @property
    def mistakes(self) -> tuple[Finding, ...]:
        """The findings that are more than a warning."""
        return tuple(each for each in self.findings if each.severity is not Severity.WARNING)


def inspect_configuration(
    file: Path,
    *,
    kinds: Kinds,
    at: datetime,
    overrides: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Inspection:
    """Read everything, and say everything that is wrong.

    Args:
        file: the main file.
        kinds: of login method that there are.
        at: now, aware; certificates and metadata must be valid then.
        overrides: values for the main file's `variables:`.
        environ: where `env:NAME` is looked up; the process's environment by default.
    """
    findings, configuration = Findings(), None
    with _resting_collector():
        files = read_files(file, overrides or {}, findings, kinds)
        if files is not None:
            check_crossings(files, findings)
            circumstances = Circumstances(at, os.environ if environ is None else environ, findings)
            configuration = Assembler(files, circumstances).assemble()
    return Inspection(configuration, findings.sorted())


@contextmanager
def _resting_collector() -> Iterator[None]:
    """Nearly everything that is read stays: there is no use in searching it for garbage again and again as it grows."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def load_configuration(
    file: Path,
    *,
    kinds: Kinds,
    at: datetime,
    overrides: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Configuration:
    """The configuration to start with. Connections that cannot be used are left out; they stand in `warnings`.

    Raises:
        ConfigurationInvalid: with every mistake.
    """
    inspection = inspect_configuration(file, kinds=kinds, at=at, overrides=overrides, environ=environ)
    if inspection.configuration is None:
        raise ConfigurationInvalid(inspection.mistakes)
    return inspection.configuration


def reload_configuration(
    current: Configuration,
    file: Path,
    *,
    kinds: Kinds,
    at: datetime,
    overrides: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Configuration:
    """A configuration to go on with, or the mistakes; `current` stays as it is.

    Stricter than the start: a connection or a BVD that works now does not stop working by a mistake.

    Raises:
        ConfigurationInvalid: with every mistake; go on with `current`.
    """
    inspection = inspect_configuration(file, kinds=kinds, at=at, overrides=overrides, environ=environ)
    fresh = inspection.configuration
    working = [each for each in current.connections.values() if each.usable_at(at)]
    served = {(each.entity_id, name) for each in working for name in each.relations}
    if fresh is None or fresh.left_out & {each.entity_id for each in working} or fresh.left_out_members & served:
        raise ConfigurationInvalid(inspection.mistakes)
    if fresh.left_out_mandates & current.mandate_services.keys():
        raise ConfigurationInvalid(inspection.mistakes)
    return fresh
