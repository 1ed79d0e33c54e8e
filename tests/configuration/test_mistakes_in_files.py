"""Mistakes in the form of a file: each with its code, its file and its line. The twin is `test_the_demo_has_no_findings`."""

from datetime import timedelta

import pytest

from routeringsvoorziening.configuration.findings import Severity
from routeringsvoorziening.simulators.world.layout import ZORG

STAD = "dienstverleners/voorbeeldstad.yaml"
CATALOGUE = "dienstencatalogus/voorbeeldstad.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "path", "below"),
    [
        ("", "environment: demo", "environment: [demo", "yaml.syntax", "", 3),
        ("", "environment: demo", "environment: demo\nenvironment: test", "yaml.duplicate-key", "environment", 1),
        ("", "environment: demo", "environment: !!python/name:os.system demo", "yaml.tag", "environment", 0),
        ("", "environment: demo", "? [a, b]\n: c\nenvironment: demo", "yaml.key", "", 0),
        ("", "environment: demo", "environment: demmo", "field.value", "environment", 0),
        ("", "environment: demo", "enviroment: demo", "field.unknown", "enviroment", 0),
        ("", "max_loa: hoog", "max_loa: zeer-hoog", "field.value", "authentication_services.digid.max_loa", 0),
        ("", "  digid:\n", "  DigiD:\n", "field.value", "authentication_services.DigiD", 0),
        ("", "RD:00000004183317817000", "RD:0000004183317817000", "field.value", "own.entity_id", 0),
        ("", "base_url: http://rv", "base_url: ftp://rv", "field.value", "front_channel.base_url", 0),
        ("", "port: ${rv_front_port}", "port: 70000", "field.value", "front_channel.port", 0),
        ("", "port: ${rv_front_port}", "port: ${front_port}", "variable.unknown", "front_channel.port", 0),
        ("", "key: ${world}/rv/tls.key", "key: env:RV_TLS_KEY", "field.value", "own.tls.key", 0),
        (STAD, "en: Municipality", "en: *naam  # ", "yaml.alias", "", 0),
        (STAD, "  metadata:", "  metdata:", "field.unknown", "connection.metdata", 0),
        (CATALOGUE, "minimum_loa: laag", "", "field.missing", "diensten[1].minimum_loa", -4),
        (CATALOGUE, "minimum_loa: laag", "minimum_loa: midden", "field.value", "diensten[1].minimum_loa", 0),
        (CATALOGUE, "00:00:00+01:00", "00:00:00", "field.value", "diensten[3].active_from", 0),
        (CATALOGUE, "methods: [digid]", "methods: []", "field.value", "diensten[2].methods", 0),
    ],
)
def test_a_mistake_has_its_code_file_line_and_path(room, *, file, old, new, code, path, below) -> None:
    """Every mistake is found where it stands, and stops the start."""
    line = room.replace(old, new, file)
    found = {(each.code, each.place.dotted): each for each in room.inspect().findings}
    finding = found[code, path]
    assert finding.severity is Severity.ERROR
    assert finding.place.file == room.file(file)
    assert finding.place.line == line + below


def test_a_misspelling_gets_a_suggestion(room) -> None:
    """The nearest known key is named."""
    room.replace("minimum_loa: laag", "minimum_lao: laag", CATALOGUE)
    (finding,) = room.inspect().findings  # and not also that it is missing
    assert (finding.code, finding.mend) == ("field.unknown", "Did you mean `minimum_loa`?")


def test_an_inverted_window_is_refused(room) -> None:
    """A dienst cannot end before it begins."""
    line = room.replace(
        "active_from: 2026-01-01T00:00:00+01:00",
        "active_from: 2026-01-01T00:00:00Z\n    active_until: 2026-01-01T01:00:00+01:00",
        CATALOGUE,
    )
    finding = next(each for each in room.inspect().findings if each.code == "field.value")
    assert "active_from must be before active_until" in finding.text
    assert finding.place.line == line - 6


@pytest.mark.eis("ART-05")
@pytest.mark.parametrize(("life", "codes"), [(900, set()), ("PT15M", set()), (901, {"field.value"})])
def test_an_artifact_lives_fifteen_minutes_at_most(room, life, codes) -> None:
    """900 seconds, in either notation, and no more."""
    room.add(f"times:\n  artifact_life: {life}\n")
    assert {each.code for each in room.inspect().findings} == codes


@pytest.mark.eis("AS-07")
@pytest.mark.parametrize(("hoog", "codes"), [(120, set()), (119, {"field.value"})])
def test_conditions_outlast_the_confirmation(room, hoog, codes) -> None:
    """Per level, the conditions are configurable and never shorter than the subject confirmation."""
    room.add(f"times:\n  conditions:\n    hoog: {hoog}\n")
    inspection = room.inspect()
    assert {each.code for each in inspection.findings} == codes
    if not codes:
        times = inspection.configuration.times
        assert times.conditions.hoog == timedelta(seconds=120)
        assert times.conditions.laag == timedelta(seconds=900)


@pytest.mark.parametrize(
    "switch",
    [
        "relay_state_max: 512",
        "artifact_destination: any-own",
        "acs_url: must-match-metadata",
        "tolerate_requested_authn_context: true",
        "default_service: true",
        "metadata_without_expiry: true",
        "service_index: {1: 7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1003}",
        "metadata_redirect_sso: true",
    ],
)
def test_compat_switches_are_off_until_written(room, switch) -> None:
    """Each switch is strict by default and changes for its own connection alone."""
    before = room.inspect().configuration
    room.add(f"  compat:\n    {switch}\n", "dienstverleners/zonneveld.yaml")
    after = room.inspect().configuration
    name = switch.partition(":")[0]
    assert len({str(getattr(each.compat, name)) for each in before.connections.values()}) == 1
    changed = [key for key, each in after.connections.items() if each.compat != before.connections[key].compat]
    assert changed == [ZORG.entity_id]


@pytest.mark.parametrize(
    "switch", ["metadata_without_signature: true", "relay_state_max: 79", "service_index: {-1: x}"]
)
def test_what_is_no_switch_is_refused(room, switch) -> None:
    """An unknown switch, or a value that is none, is never accepted silently."""
    line = room.add(f"  compat:\n    {switch}\n", "dienstverleners/zonneveld.yaml")
    findings = [each for each in room.inspect().findings if each.severity is Severity.ERROR]
    assert {each.code for each in findings} <= {"field.unknown", "field.value"}
    assert findings[0].place.line == line + 1


def test_a_missing_main_file_is_one_finding(room) -> None:
    """No file, no guesses."""
    room.main.unlink()
    assert room.only().code == "file.unreadable"


def test_a_pattern_without_files_is_a_warning(room) -> None:
    """Nobody can log in then, but it may be meant."""
    room.replace("dienstencatalogus: dienstencatalogus/*.yaml", "dienstencatalogus: diensten/*.yaml")
    codes = {each.code for each in room.inspect().findings}
    assert codes == {"files.none", "dienstverlener.no-diensten", "metadata.service", "cluster.dienst"}


def test_a_broken_file_does_not_blame_the_others(room) -> None:
    """A dienstverlener that could not be read is not reported as unknown too."""
    room.replace("entity_id:", "entityid:", STAD)
    assert {each.code for each in room.inspect().findings} == {"field.unknown"}
