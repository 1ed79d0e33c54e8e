"""`rv check`."""

import json

import pytest
from click.testing import CliRunner

from routeringsvoorziening.cli import check as module
from routeringsvoorziening.cli import main
from routeringsvoorziening.simulators.world import layout

CATALOGUE = "dienstencatalogus/voorbeeldstad.yaml"


@pytest.fixture
def check(room, monkeypatch):
    """Runs `rv check` on the room, at the room's time."""

    class Clock:
        @staticmethod
        def now(_: object):
            return room.at

    monkeypatch.setattr(module, "datetime", Clock)
    return lambda *arguments: CliRunner().invoke(main, ["check", str(room.main), *arguments])


def test_a_good_configuration_is_summed_up(check) -> None:
    """Methods, connections, diensten, certificates with their days; exit status 0."""
    result = check()
    assert result.exit_code == 0
    assert "No mistakes." in result.output
    for word in ("DigiD", "Gemeente Voorbeeldstad", "Uitkering aanvragen", "substantieel", "days left", "364"):
        assert word in result.output
    assert "No compat switches are on." in result.output


def test_the_login_methods_of_a_dienst_are_those_that_can_be_chosen(check) -> None:
    """Not all that there are: some need more than the dienst says, or do not reach its level."""
    lines = [line for line in check().output.splitlines() if "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1" in line]
    methods = {line[:60].split("  ")[0]: line for line in lines}
    assert " digid, eidas " in methods["Verblijf melden"]
    assert " digid " in methods["Uitkering aanvragen"]
    assert " eherkenning " in methods["Bedrijfsafval melden"]


def test_federations_are_summed_up(check) -> None:
    """Who shares a login, and for how long."""
    lines = [line.split() for line in check().output.splitlines() if " minutes" in line]
    for party in (layout.PORTAL, layout.BELASTINGEN):
        assert ["voorbeeldstad", "15", "minutes", "120", "minutes", party.entity_id] in lines
    assert ["voorbeeldcloud", "15", "minutes", "120", "minutes", layout.CLOUD.entity_id] in lines
    told = json.loads(check("--json").output)["configured"]["federations"]
    assert told["voorbeeldcloud"] == [layout.CLOUD.entity_id]
    assert len(told["voorbeeldstad"]) == 2


def test_mistakes_are_printed_with_place_and_mend(room, check) -> None:
    """All of them, with file, line, path, code and what to do; exit status 1."""
    line = room.replace("minimum_loa: laag", "minimum_lao: laag", CATALOGUE)
    room.replace("RD:00000004183317817000", "DV:00000004183317817000")
    result = check()
    assert result.exit_code == 1
    assert f"{room.file(CATALOGUE)}:{line}  diensten[1].minimum_lao" in result.output
    assert "Did you mean `minimum_loa`?" in result.output
    assert "[entity.role]" in result.output


def test_a_connection_that_is_left_out_is_a_mistake(room, check) -> None:
    """The rest is summed up, and the exit status is 1."""
    room.replace("${world}/zorg/metadata.xml", "${world}/portal/metadata.xml", "dienstverleners/zonneveld.yaml")
    result = check()
    assert result.exit_code == 1
    assert "LEFT OUT" in result.output
    assert "Uitkering aanvragen" in result.output


def test_a_warning_alone_is_no_mistake(room, check) -> None:
    """It is printed; exit status 0."""
    room.file("dienstencatalogus/zonneveld.yaml").unlink()
    room.file("dienstverleners/zonneveld.yaml").unlink()
    room.file("dienstencatalogus/voorbeeldstad-belastingen.yaml").unlink()
    room.file("dienstverleners/voorbeeldstad-belastingen.yaml").unlink()
    room.replace("  federation: voorbeeldstad", "  #", "dienstverleners/voorbeeldstad.yaml")
    result = check()
    assert result.exit_code == 0
    assert "No mistakes, 1 x WARNING: see above." in result.output
    assert "[federation.unused]" in result.output


def test_compat_switches_are_listed(room, check) -> None:
    """Every deviation that is on, with its connection."""
    room.add("  compat:\n    relay_state_max: 512\n", "dienstverleners/zonneveld.yaml")
    lines = check().output.splitlines()
    assert any("entities:9004" in line and "relay_state_max" in line and "512" in line for line in lines)


def test_json_is_for_programs(room, check) -> None:
    """The same findings and counts, as one object."""
    good = json.loads(check("--json").output)
    assert (good["ok"], good["findings"], good["configured"]["diensten"]) == (
        True,
        [],
        len(room.inspect().configuration.diensten),
    )
    line = room.replace("environment: demo", "environment: demmo")
    bad = json.loads(check("--json").output)
    finding = bad["findings"][0]
    assert (bad["ok"], finding["code"], finding["line"], finding["path"]) == (False, "field.value", line, "environment")


def test_a_variable_can_be_set(room, check) -> None:
    """`--set world=…` points at another world."""
    result = check("--set", f"world={room.directory / 'nowhere'}")
    assert result.exit_code == 1
    assert "nowhere/rv/signing.pem" in result.output


def test_a_setting_needs_a_value(check) -> None:
    """NAME=VALUE, or the usage."""
    result = check("--set", "world")
    assert result.exit_code == 2
    assert "NAME=VALUE" in result.output


def test_the_schema_is_printed() -> None:
    """For an editor; no configuration is needed."""
    result = CliRunner().invoke(main, ["check", "--schema"])
    assert result.exit_code == 0
    assert "anyOf" in json.loads(result.output)
