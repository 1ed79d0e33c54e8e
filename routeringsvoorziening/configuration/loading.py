"""Files to models: the main file and what it includes, every mistake in all of them at once."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.kinds import SERVICES_FIELD, Kinds
from routeringsvoorziening.configuration.model.cluster import ClusterFile
from routeringsvoorziening.configuration.model.dienst import CatalogueFile, DienstverlenerFile
from routeringsvoorziening.configuration.model.main import MainFile
from routeringsvoorziening.configuration.variables import substitute, variables_of
from routeringsvoorziening.configuration.wording import in_words, mend_of
from routeringsvoorziening.configuration.yaml_reading import Document, read_document

FILES_MOST: Final = 20_000
"""Included files per kind."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Located(Generic[M]):
    """A model, and the file that it was read from."""

    document: Document
    model: M

    def place(self, *path: str | int) -> Place:
        """Where a path of the model stands."""
        return self.document.place(*path)

    def resolve(self, path: str) -> Path:
        """A path that the file names: relative to the file."""
        return self.document.file.parent / path


@dataclass(frozen=True, slots=True)
class Files:
    """A configuration as its files say it.

    Args:
        main: the main file.
        dienstverleners: with what they say of themselves.
        catalogue: the dienstencatalogus.
        broken: some included file could not be used.
        kinds: of login method that there are.
        clusters: the suppliers.
    """

    main: Located[MainFile]
    dienstverleners: tuple[Located[DienstverlenerFile], ...]
    catalogue: tuple[Located[CatalogueFile], ...]
    broken: bool
    kinds: Kinds
    clusters: tuple[Located[ClusterFile], ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every YAML file."""
        documents = [self.main.document]
        documents += [each.document for each in self.dienstverleners]
        documents += [each.document for each in self.clusters]
        documents += [each.document for each in self.catalogue]
        return tuple(document.file for document in documents)


def read_files(file: Path, overrides: Mapping[str, str], findings: Findings, kinds: Kinds) -> Files | None:
    """Read the main file and what it includes; None when the main file itself cannot be used.

    Codes: those of `yaml_reading` and `variables`; `field.missing`, `field.unknown`, `field.value`, `files.none`,
    `files.many`.
    """
    document = read_document(file, findings)
    if document is None:
        return None
    variables = variables_of(document, overrides, findings)
    main = _validated(kinds.models.main, substitute(document, variables, findings), findings)
    if main is None:
        return None
    reader = _Includes(main, variables, findings)
    dienstverleners = tuple(reader.read("dienstverleners", main.model.dienstverleners, DienstverlenerFile))
    suppliers = main.model.clusteraansluitingen
    clusters = tuple(reader.read("clusteraansluitingen", suppliers, ClusterFile, needed=False))
    catalogue = tuple(reader.read("dienstencatalogus", main.model.dienstencatalogus, kinds.models.catalogue))
    return Files(main, dienstverleners, catalogue, reader.broken, kinds, clusters)


class _Includes:
    """Reads the files that the main file points at."""

    def __init__(self, main: Located[MainFile], variables: Mapping[str, str], findings: Findings) -> None:
        self._main, self._variables, self._findings = main, variables, findings
        self.broken = False

    def read(self, key: str, pattern: str, model: type[M], *, needed: bool = True) -> Iterator[Located[M]]:
        for path in self._matching(key, pattern, needed=needed):
            document = read_document(path, self._findings)
            located = document and _validated(
                model, substitute(document, self._variables, self._findings), self._findings
            )
            if located:
                yield located
            else:
                self.broken = True

    def _matching(self, key: str, pattern: str, *, needed: bool) -> list[Path]:
        place, directory = self._main.place(key), self._main.document.file.parent
        paths = sorted(islice(directory.glob(pattern), FILES_MOST + 1))
        if needed and not paths:
            self._findings.warning(
                "files.none", place, f"no file matches {pattern}", "Add one, or correct the pattern."
            )
        if len(paths) > FILES_MOST:
            self._findings.error("files.many", place, f"more than {FILES_MOST} files match {pattern}", "Narrow it.")
        return paths[:FILES_MOST]


def _validated(model: type[M], document: Document, findings: Findings) -> Located[M] | None:
    try:
        return Located(document, model.model_validate(document.data))
    except ValidationError as error:
        values: dict[tuple[str | int, ...], list[ErrorDetails]] = {}
        errors = error.errors(include_url=False, include_input=False)
        unknown = [_path_of(each, document) for each in errors if each["type"] == "extra_forbidden"]
        meant = {(*path[:-1], _nearest(str(path[-1]), model)) for path in unknown}
        for each in errors:
            if each["type"] == "missing" and _path_of(each, document) in meant:
                continue  # it is there, under a name that is nearly right
            if not _report(each, model, document, findings):
                values.setdefault(_existing(_path_of(each, document), document), []).append(each)
        for path, about_it in values.items():
            if not any(other[: len(path)] == path != other for other in values):  # it may be wrong for that alone
                _report_value(document.place(*path), about_it, findings)
        return None


def _report(error: ErrorDetails, model: type[BaseModel], document: Document, findings: Findings) -> bool:
    """Tell of a key that is missing or unknown; False for anything else, which is about a value."""
    path = _path_of(error, document)
    place = document.place(*path)
    if error["type"] in {"missing", "union_tag_not_found"}:
        findings.error("field.missing", place, f"{place.dotted} is missing", f"Add `{path[-1]}:`.")
    elif error["type"] == "extra_forbidden":
        findings.error("field.unknown", place, f"{place.dotted} is not known here", _suggestion(str(path[-1]), model))
    else:
        return False
    return True


def _report_value(place: Place, errors: Sequence[ErrorDetails], findings: Findings) -> None:
    """Where a value may be of several kinds, the library says of each why it is none of them."""
    texts = dict.fromkeys(map(in_words, errors))
    mends = dict.fromkeys(filter(None, map(mend_of, errors)))
    findings.error("field.value", place, f"{place.dotted or 'the file'}: {', or '.join(texts)}", " ".join(mends))


def _existing(path: tuple[str | int, ...], document: Document) -> tuple[str | int, ...]:
    """As much of a path as stands in the file; behind it the library puts names of its own."""
    found: Any = document.data
    for depth, step in enumerate(path):
        inside = (isinstance(found, dict) and step in found) or (
            isinstance(found, list) and isinstance(step, int) and step < len(found)
        )
        if not inside:
            return path[:depth]
        found = found[step]
    return path


def _path_of(error: ErrorDetails, document: Document) -> tuple[str | int, ...]:
    """Where it stands in the file: not in the parts of the models, such as the kind by which a method's is chosen."""
    path = tuple(step for step in error["loc"] if step != "[key]")
    if error["type"] in _NO_KIND:
        return (*path, "kind")
    return path[:2] + path[3:] if len(path) > _TAG and path[_TAG] == _kind_said(path, document) else path


def _kind_said(path: tuple[str | int, ...], document: Document) -> object:
    """What the method says of its kind; None elsewhere."""
    found: Any = document.data
    for step in (SERVICES_FIELD, path[1], "kind"):
        found = found.get(step) if isinstance(found, dict) else None
    return found if path[0] == SERVICES_FIELD else None


_TAG: Final = 2
"""Where pydantic puts it in a path."""


_NO_KIND: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})


def _suggestion(name: str, model: type[BaseModel]) -> str:
    near = _nearest(name, model)
    return f"Did you mean `{near}`?" if near else "Remove it, or see `rv check --schema` for what may stand here."


def _nearest(name: str, model: type[BaseModel]) -> str:
    return next(iter(difflib.get_close_matches(name, _known_names(model), n=1)), "")


@cache
def _known_names(model: type[BaseModel]) -> tuple[str, ...]:
    schema = model.model_json_schema()
    parts = (schema, *schema.get("$defs", {}).values())
    return tuple(sorted({name for part in parts for name in part.get("properties", {})}))
