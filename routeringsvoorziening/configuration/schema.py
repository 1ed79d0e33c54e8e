"""JSON Schema for editors: the main file, and the kinds of file that it includes."""

from typing import Any, Final

from pydantic import TypeAdapter

from routeringsvoorziening.configuration.kinds import Kinds
from routeringsvoorziening.configuration.model.cluster import ClusterFile
from routeringsvoorziening.configuration.model.dienst import DienstverlenerFile

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE: Final = {"type": "string", "pattern": r"\$\{[a-z][a-z0-9_]*\}"}
_NARROW: Final = ("pattern", "format", "enum", "const")


def json_schema(kinds: Kinds) -> dict[str, Any]:
    """One schema that accepts each kind of file; `${name}` may stand for any single value."""
    schema = _with_variables(TypeAdapter(_any_of(kinds)).json_schema())
    return {"$schema": DIALECT, "title": "Routeringsvoorziening", **schema}


def _any_of(kinds: Kinds) -> Any:
    return kinds.models.main | DienstverlenerFile | ClusterFile | kinds.models.catalogue


def _with_variables(schema: Any) -> Any:
    """The schema, with an alternative at every value that would not accept a variable."""
    if isinstance(schema, list):
        return [_with_variables(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _with_variables(value) if key not in _NARROW else value for key, value in schema.items()}
    kind = schema.get("type")
    narrow = kind in ("integer", "number", "boolean") or (kind == "string" and any(key in schema for key in _NARROW))
    return {"anyOf": [kept, _VARIABLE]} if narrow else kept
