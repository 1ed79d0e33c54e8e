"""`${name}` in values: filled from the main file's `variables:` and from `--set name=value`.

Meant for what differs per machine: a directory, a port. A variable whose value begins with `./` or `../` is a path,
relative to the main file (or, given with `--set`, to the working directory), and is made absolute, so that it means
the same in every file. `$${` stands for a literal `${`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from routeringsvoorziening.configuration.findings import Findings, YamlPath
from routeringsvoorziening.configuration.yaml_reading import Data, Document

_REFERENCE: Final = re.compile(r"\$(\$?)\{([^{}]*)\}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")


def variables_of(main: Document, overrides: Mapping[str, str], findings: Findings) -> dict[str, str]:
    """The variables of the main file, with the overrides in their place.

    Codes: `variable.form`, `variable.unknown` for an override that the main file does not name.
    """
    declared = main.data.get("variables") if isinstance(main.data, dict) else None
    if declared is None:
        declared = {}
    if not isinstance(declared, dict):
        findings.error("variable.form", main.place("variables"), "must be a mapping of names to values")
        return {}
    variables = {}
    for name, value in declared.items():
        if not _NAME.fullmatch(name) or not isinstance(value, str | int) or isinstance(value, bool):
            text = "a variable is a lower-case name with a text or a whole number"
            findings.error("variable.form", main.place("variables", name), text)
            continue
        variables[name] = _absolute(str(value), main.file.parent)
    return variables | _overridden(main, overrides, declared, findings)


def substitute(document: Document, variables: Mapping[str, str], findings: Findings) -> Document:
    """The document with every `${name}` filled in. Code: `variable.unknown`."""
    return replace(document, data=_Filler(document, variables, findings).fill(document.data, ()))


def _overridden(
    main: Document, overrides: Mapping[str, str], declared: Mapping[str, Data], findings: Findings
) -> dict[str, str]:
    for name in sorted(set(overrides) - set(declared)):
        text = f"the override {name!r} is not among the variables of this file"
        findings.error("variable.unknown", main.place("variables"), text, f"Add `{name}:` there, or drop the override.")
    return {name: _absolute(value, Path.cwd()) for name, value in overrides.items() if name in declared}


def _absolute(value: str, directory: Path) -> str:
    return str((directory / value).resolve()) if value.startswith(("./", "../")) else value


class _Filler:
    """Walks through data and fills variables in."""

    def __init__(self, document: Document, variables: Mapping[str, str], findings: Findings) -> None:
        self._document, self._variables, self._findings = document, variables, findings

    def fill(self, data: Data, path: YamlPath) -> Data:
        if isinstance(data, dict):
            return {key: self.fill(value, (*path, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [self.fill(value, (*path, position)) for position, value in enumerate(data)]
        if isinstance(data, str) and "${" in data:
            return _REFERENCE.sub(lambda found: self._value(found, path), data)
        return data

    def _value(self, found: re.Match[str], path: YamlPath) -> str:
        escaped, name = found.groups()
        if escaped:
            return f"${{{name}}}"
        if name not in self._variables:
            known = ", ".join(sorted(self._variables)) or "none"
            text = f"the variable {name!r} does not exist; known: {known}"
            self._findings.error("variable.unknown", self._document.place(*path), text, "Name it under `variables:`.")
        return self._variables.get(name, "")
