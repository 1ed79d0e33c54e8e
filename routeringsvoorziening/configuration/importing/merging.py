"""What lines make of the YAML that is there: new entries, changed ones, and all the rest as it was."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from routeringsvoorziening.configuration.findings import ConfigurationInvalid, Findings
from routeringsvoorziening.configuration.importing.lines import Line, Outcome
from routeringsvoorziening.configuration.yaml_reading import read_document
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import parse_entity_id

Data = dict[str, Any]
_USUAL: Final[Mapping[str, object]] = {"active": True, "identity": "legacy-BSN"}


@dataclass(slots=True)
class Shelf:
    """The YAML files of one kind, as data, without their variables filled in.

    Args:
        files: path to data.
        single: where everything that is new goes; None for a file per dienstverlener in `directory`.
        directory: of new files.
    """

    directory: Path
    single: Path | None = None
    files: dict[Path, Data] = field(default_factory=dict)
    changed: set[Path] = field(default_factory=set)


def open_shelf(target: Path) -> Shelf:
    """A file, or a directory of `*.yaml`; neither need exist.

    Raises:
        ConfigurationInvalid: a file that is there cannot be read.
    """
    single = target if target.suffix == ".yaml" else None
    paths = [target] if single else sorted(target.glob("*.yaml"))
    findings, files = Findings(), {}
    for path in paths:
        if path.exists():
            document = read_document(path, findings)
            if document is not None and isinstance(document.data, dict):
                files[path] = document.data
    if findings.sorted():
        raise ConfigurationInvalid(findings.sorted())
    return Shelf(target.parent if single else target, single, files)


def owners_on(shelf: Shelf) -> dict[str, str]:
    """ServiceUUID to the entityID of whose it is."""
    return {entry["uuid"]: owner for _, owner, entry in _entries(shelf)}


def entities_on(shelf: Shelf) -> dict[tuple[str, str], str]:
    """OIN and role to the entityID that has a file."""
    found = {}
    for data in shelf.files.values():
        try:
            parsed = parse_entity_id(str(data.get("entity_id", "")))
        except SamlError:
            continue
        found[parsed.oin, str(parsed.role)] = parsed.text
    return found


def merge_services(shelf: Shelf, lines: Iterable[Line]) -> dict[int, Outcome]:
    """Put every good line on the shelf; what came of each, by number."""
    known = {entry["uuid"]: (path, entry) for path, _, entry in _entries(shelf)}
    outcomes: dict[int, Outcome] = {}
    for line in lines:
        if not line.is_good:
            outcomes[line.number] = "refused"
        elif line.key in known:
            path, entry = known[line.key]
            outcomes[line.number] = _update(shelf, path, entry, line.values)
        else:
            _add(shelf, line)
            outcomes[line.number] = "new"
    return outcomes


def merge_organisations(shelf: Shelf, lines: Iterable[Line]) -> dict[int, Outcome]:
    """As `merge_services`, for the files of organisations that are there."""
    known = {str(data.get("entity_id")): (path, data) for path, data in shelf.files.items()}
    outcomes: dict[int, Outcome] = {}
    for line in lines:
        if line.is_good:
            path, data = known[line.owner]
            outcomes[line.number] = _update(shelf, path, data, line.values)
        else:
            outcomes[line.number] = "refused"
    return outcomes


def written(shelf: Shelf) -> dict[Path, bytes]:
    """The files that changed, as YAML. Comments in them are gone."""
    return {
        path: yaml.safe_dump(shelf.files[path], allow_unicode=True, sort_keys=False, width=120).encode()
        for path in sorted(shelf.changed)
    }


def _entries(shelf: Shelf) -> Iterable[tuple[Path, str, Data]]:
    for path, data in shelf.files.items():
        for entry in data.get("diensten") or ():
            if isinstance(entry, dict) and isinstance(entry.get("uuid"), str):
                yield path, str(entry.get("dienstverlener") or data.get("dienstverlener") or ""), entry


def _update(shelf: Shelf, path: Path, entry: Data, values: Mapping[str, Any]) -> Outcome:
    """Only what the CSV knows changes; an English name that somebody wrote stays."""
    before = deepcopy(entry)
    for name, value in values.items():
        if name == "name":
            _rename(entry, value)
        elif isinstance(value, dict):
            _put(entry, name, {key: each for key, each in value.items() if not _is_usual(key, each)})
        else:
            _put(entry, name, value)
    if entry == before:
        return "same"
    shelf.changed.add(path)
    return "changed"


def _rename(entry: Data, names: Mapping[str, str]) -> None:
    current = entry.setdefault("name", {})
    english_was_dutch = current.get("en", current.get("nl")) == current.get("nl")
    current["nl"] = names["nl"]
    if english_was_dutch or "en" not in current:
        current["en"] = names["en"]


def _put(entry: Data, name: str, value: Any) -> None:
    if _is_usual(name, value):
        entry.pop(name, None)
    else:
        entry[name] = value


def _is_usual(name: str, value: Any) -> bool:
    """What need not be written: the default of the YAML."""
    return value is None or value in ([], {}) or value == _USUAL.get(name)


def _add(shelf: Shelf, line: Line) -> None:
    path = shelf.single or _file_of(shelf, line.owner)
    data = shelf.files.setdefault(path, {} if shelf.single else {"dienstverlener": line.owner})
    entry: Data = {"uuid": line.key}
    if data.get("dienstverlener") != line.owner:
        entry["dienstverlener"] = line.owner
    data.setdefault("diensten", []).append(entry)
    _update(shelf, path, entry, line.values)
    shelf.changed.add(path)


def _file_of(shelf: Shelf, owner: str) -> Path:
    """The file of that dienstverlener; a new one is named after its OIN and index."""
    for path, data in shelf.files.items():
        if data.get("dienstverlener") == owner:
            return path
    return shelf.directory / f"{parse_entity_id(owner).oin}-{owner.rpartition(':')[2]}.yaml"
