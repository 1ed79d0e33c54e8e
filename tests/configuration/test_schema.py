"""The JSON Schema for editors."""

import json

from routeringsvoorziening.backends.configuring import json_schema
from routeringsvoorziening.configuration.model.cluster import ClusterFile
from routeringsvoorziening.configuration.model.dienst import CatalogueFile, DienstverlenerFile
from routeringsvoorziening.configuration.model.main import MainFile


def definition(name: str) -> dict:
    return json_schema()["$defs"][name]


def test_it_knows_every_kind_of_file() -> None:
    """One schema for all, so that an editor needs one setting."""
    names = {each["$ref"].rpartition("/")[2] for each in json_schema()["anyOf"]}
    assert names == {each.__name__ for each in (MainFile, DienstverlenerFile, ClusterFile, CatalogueFile)}


def test_it_is_json_and_complete() -> None:
    """Every reference in it leads somewhere."""
    text = json.dumps(json_schema())
    defined = json_schema()["$defs"]
    used = {part.partition('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert used <= set(defined)


def test_it_explains_and_refuses_unknown_keys() -> None:
    """Descriptions come from the models."""
    compat = definition("Compat")
    assert compat["additionalProperties"] is False
    assert "RelayState" in json.dumps(compat["properties"]["relay_state_max"])


def test_a_variable_may_stand_for_a_number() -> None:
    """`port: ${rv_front_port}` is no mistake to an editor."""
    port = definition("FrontChannel")["properties"]["port"]
    assert {each.get("type") for each in port["anyOf"]} == {"integer", "string"}
