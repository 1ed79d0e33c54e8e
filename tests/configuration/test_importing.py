"""CSV of the national dienstencatalogus: every line to YAML, or every mistake in it in plain words."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.cli import main
from routeringsvoorziening.configuration.importing import organisations, services
from routeringsvoorziening.configuration.importing.cells import CellInvalid, moment_of
from routeringsvoorziening.configuration.importing.merging import (
    Shelf,
    entities_on,
    merge_organisations,
    merge_services,
    open_shelf,
    owners_on,
    written,
)
from routeringsvoorziening.configuration.importing.table import FileRefused, Row, read_table
from routeringsvoorziening.configuration.model.dienst import CatalogueFile, DienstverlenerFile

OIN, OTHER_OIN = "00000009999999999001", "00000009999999999002"
DV, OTHER_DV = f"urn:nl-eid-gdi:1.0:DV:{OIN}:entities:0001", f"urn:nl-eid-gdi:1.0:DV:{OTHER_OIN}:entities:0002"
LC = "urn:nl-eid-gdi:1.0:LC:00000009999999999003:entities:0003"
UUID = "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1003"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NAMES = services.Names()


def service(**changes: str) -> tuple[str, ...]:
    """A line of diensten, with some columns changed."""
    columns = {
        "connection": DV,
        "owner": DV,
        "uuid": UUID,
        "name": "Uitkering aanvragen",
        "level": "25",
        "encryption": "Legacy BSN",
        "new_level": "",
        "new_from": "",
        "new_message": "",
        "digid": "1",
        "question": "Mag dat?",
        "mandates": "0",
        "order": "",
        "kind": "",
        "duration": "",
        "short": "",
        "long": "",
        "active": "1",
        "begins": "01-01-2026 00:00",
        "ends": "",
        "set": "",
    }
    return tuple((columns | changes).values())


def organisation(**changes: str) -> tuple[str, ...]:
    """A line of organisations."""
    columns = {
        "oin": OIN,
        "name": "Gemeente Voorbeeldstad",
        "description": "",
        "active": "1",
        "begins": "",
        "ends": "",
        "role": "0",
        "role_active": "1",
        "role_begins": "",
        "role_ends": "01-07-2027 12:30",
        "services": f"{UUID}#1##",
    }
    return tuple((columns | changes).values())


def line_of(cells: tuple[str, ...], names: services.Names = NAMES, owners: dict[str, str] | None = None):
    (line,) = services.service_lines([Row(1, cells)], names, owners or {})
    return line


def codes(cells: tuple[str, ...], **how) -> set[str]:
    return {each.code for each in line_of(cells, **how).mistakes}


def csv_of(*rows: tuple[str, ...], delimiter: str = ";") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def test_a_good_line_is_a_dienst() -> None:
    """Name, level, login method and window; moments are Amsterdam's."""
    line = line_of(service())
    assert (line.mistakes, line.remarks, line.owner) == ((), (), DV)
    assert line.values == {
        "uuid": UUID,
        "name": {"nl": "Uitkering aanvragen", "en": "Uitkering aanvragen"},
        "minimum_loa": "substantieel",
        "identity": "legacy-BSN",
        "methods": ["digid"],
        "mandates": [],
        "active": True,
        "active_from": "2026-01-01T00:00:00+01:00",
        "active_until": None,
    }


@pytest.mark.eis("ATT-20")
@pytest.mark.parametrize(
    ("cell", "identity"), [("Legacy BSN", "legacy-BSN"), ("BSN", "BSN"), ("Pseudoniem", "Pseudonym")]
)
def test_the_encryption_is_the_kind_of_identity(cell, identity) -> None:
    """In our own words, and the usual one is not written down."""
    line = line_of(service(encryption=cell))
    assert (line.mistakes, line.remarks, line.values["identity"]) == ((), (), identity)
    shelf = Shelf(Path())
    merge_services(shelf, [line])
    (entry,) = next(iter(shelf.files.values()))["diensten"]
    assert entry.get("identity", "legacy-BSN") == identity
    assert ("identity" in entry) == (identity != "legacy-BSN")
    assert merge_services(shelf, [line]) == {line.number: "same"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"connection": ""}, "cell.missing"),
        ({"connection": "x"}, "cell.entity"),
        ({"owner": ""}, "cell.missing"),
        ({"owner": LC}, "cell.entity"),
        ({"owner": DV.replace(OIN, OIN[1:])}, "cell.entity"),
        ({"uuid": ""}, "cell.missing"),
        ({"uuid": "336fa5edb569-13fb-b3e4-8968-86c62aea"}, "cell.uuid"),
        ({"name": ""}, "cell.missing"),
        ({"name": "x" * 201}, "cell.length"),
        ({"name": "a\x07b"}, "cell.text"),
        ({"level": ""}, "cell.missing"),
        ({"level": "40"}, "cell.level"),
        ({"encryption": "bsn"}, "cell.encryption"),
        ({"new_level": "11"}, "cell.level"),
        ({"new_level": "30", "new_from": "2026-01-01"}, "cell.date"),
        ({"digid": "ja"}, "cell.flag"),
        ({"question": ""}, "cell.missing"),
        ({"mandates": "2"}, "cell.flag"),
        ({"mandates": "1"}, "cell.missing"),
        ({"active": "true"}, "cell.flag"),
        ({"begins": "1-1-2026 0:00"}, "cell.date"),
        ({"begins": "31-02-2026 00:00"}, "cell.date"),
        ({"begins": "29-03-2026 02:30"}, "cell.date"),
        ({"ends": "01-01-2026 00:00"}, "cell.window"),
        ({"set": "zomaar"}, "cell.set"),
    ],
)
def test_every_mistake_has_its_code(changes, code) -> None:
    """One column is wrong: that code and no other, with the column's number and name."""
    line = line_of(service(**changes))
    assert {each.code for each in line.mistakes} == {code}
    assert all(each.text.startswith("column ") for each in line.mistakes)
    assert line.values == {}


def test_all_mistakes_of_a_line_are_told() -> None:
    """Not only the first."""
    assert codes(service(owner="", level="40", begins="x")) == {"cell.missing", "cell.level", "cell.date"}
    assert {each.code for each in line_of(("",) * 21).mistakes} == {"row.empty"}


def test_a_dienst_cannot_change_hands() -> None:
    """A ServiceUUID that is of somebody else already."""
    assert codes(service(), owners={UUID: OTHER_DV}) == {"row.owner"}
    assert codes(service(), owners={UUID: DV}) == set()


def test_what_is_not_taken_over_is_told() -> None:
    """Level to come, set, mandates without a BVD, no DigiD, no validity."""
    filled = {"order": "1", "kind": "BURGER", "duration": "12", "short": "x", "long": "y"}
    line = line_of(
        service(
            new_level="30",
            new_from="01-01-2027 00:00",
            digid="0",
            active="",
            set=f"{UUID}#DIENSTENSET#1##",
            mandates="1",
            **filled,
        )
    )
    text = " ".join(line.remarks)
    for words in (
        "hoog on 2027-01-01",
        "Dienstenset",
        "--machtigen",
        "no Indicatie DigiD",
        "is empty",
    ):
        assert words in text
    assert (line.mistakes, line.values["active"], line.values["methods"]) == ((), False, [])
    named = line_of(service(mandates="1", **filled), names=services.Names("digid", ("machtigen",)))
    assert (named.values["mandates"], named.remarks) == (["machtigen"], ())


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("01-07-2026 12:30", "2026-07-01T12:30:00+02:00"),
        ("25-10-2026 02:30", "2026-10-25T02:30:00+02:00"),
        ("25-10-2026 03:00", "2026-10-25T03:00:00+01:00"),
    ],
)
def test_summer_and_winter(cell, moment) -> None:
    """As the clocks in Amsterdam stand; of an hour that comes twice, the first."""
    assert moment_of(cell).isoformat() == moment


def moment_or_code(cell: str) -> datetime | str:
    try:
        return moment_of(cell)
    except CellInvalid as problem:
        return f"{problem.code} {problem}"


@given(st.datetimes().filter(lambda each: 1 < each.year < 9999))
def test_every_moment_is_read_or_does_not_exist(local) -> None:
    """What is read shows the same clock; what is refused was skipped."""
    local = local.replace(second=0, microsecond=0, fold=0)
    cell = f"{local.day:02}-{local.month:02}-{local.year:04} {local.hour:02}:{local.minute:02}"
    found = moment_or_code(cell)
    if isinstance(found, str):
        assert found.startswith("cell.date")
        assert "put forward" in found
    else:
        assert found.replace(tzinfo=None, fold=0) == local


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_separators_and_marks(delimiter) -> None:
    """As spreadsheets write it, with a byte order mark, blank lines and quoted commas and newlines."""
    rows = [services.HEADINGS, service(name='Zeg "ja", of\nnee')]
    data = b"\xef\xbb\xbf" + csv_of(*rows, delimiter=delimiter).replace(b"Dienstenset\r\n", b"Dienstenset\r\n\r\n")
    heading, row = read_table(data, (21, 11))
    assert services.is_heading(heading)
    assert (row.number, row.cells[3]) == (3, 'Zeg "ja", of\nnee')


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "csv.empty"),
        (b"\r\n\r\n", "csv.empty"),
        (b"a;b;c\r\n", "csv.width"),
        (csv_of(service(), service()[:20]), "csv.width"),
        ("é;é".encode("latin-1"), "csv.encoding"),
        (b"a\x00;b", "csv.encoding"),
        (b'"a;b\n', "csv.form"),
        (b"x" * (16 * 1_048_576 + 1), "csv.size"),
        (b"x" * 200_000, "csv.form"),
        (b";" * 200_000, "csv.width"),
        (b'"' * 300_000, "csv.form"),
        (b"x\n" * 200_000, "csv.size"),
    ],
    ids=["empty", "blank", "narrow", "ragged", "latin-1", "nul", "quote", "large", "cell", "wide", "quotes", "rows"],
)
def test_a_file_that_is_none_is_refused(data, code) -> None:
    """As a whole."""
    with pytest.raises(FileRefused) as refused:
        read_table(data, (21, 11))
    assert refused.value.code == code


def test_a_duplicate_refuses_the_whole_file() -> None:
    """Also when it is written in capitals."""
    rows = [Row(1, service()), Row(2, service(uuid=UUID.upper()))]
    with pytest.raises(FileRefused) as refused:
        services.service_lines(rows, NAMES, {})
    assert (refused.value.code, "lines 1 and 2" in str(refused.value)) == ("csv.duplicate", True)
    with pytest.raises(FileRefused) as refused:
        organisations.organisation_lines([Row(1, organisation()), Row(2, organisation())], {})
    assert refused.value.code == "csv.duplicate"


def width_or_code(data: bytes) -> set[int] | str:
    try:
        return {len(row.cells) for row in read_table(data, (1, 2, 21))}
    except FileRefused as refused:
        return refused.code


@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_a_refusal(data) -> None:
    """Never anything else; and rows are all as wide."""
    found = width_or_code(data)
    assert found.startswith("csv.") if isinstance(found, str) else len(found) == 1


NASTY = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "0", "1", "25", DV, LC, UUID, "BSN", "29-03-2026 02:30", "01-01-2026 00:00", "#", "=1+1"]),
)


@given(st.lists(NASTY, min_size=21, max_size=21))
def test_any_cells_are_a_dienst_or_mistakes(cells) -> None:
    """Whatever stands in a line; a dienst that comes out is one that the configuration accepts."""
    line = line_of(tuple(cells))
    assert bool(line.mistakes) != bool(line.values)
    assert all(each.text and "." in each.code for each in line.mistakes)
    if line.values:
        shelf = open_shelf(Path("nowhere"))
        merge_services(shelf, [line])
        CatalogueFile.model_validate(yaml.safe_load(next(iter(written(shelf).values()))))


@given(st.lists(NASTY, min_size=11, max_size=11))
def test_any_cells_are_an_organisation_or_mistakes(cells) -> None:
    """Whatever stands in a line."""
    (line,) = organisations.organisation_lines([Row(1, tuple(cells))], {(OIN, "DV"): DV})
    assert bool(line.mistakes) != bool(line.values)


@given(
    st.lists(
        st.tuples(st.uuids().map(str), st.text(min_size=1, max_size=50), st.sampled_from(["10", "20", "25", "30"])),
        min_size=1,
        max_size=5,
        unique_by=lambda each: each[0],
    )
)
def test_importing_twice_changes_nothing(diensten) -> None:
    """What was written reads back as it was."""
    rows = [Row(n, service(uuid=uuid, name=name, level=level)) for n, (uuid, name, level) in enumerate(diensten, 1)]
    lines = services.service_lines(rows, NAMES, {})
    shelf = open_shelf(Path("nowhere"))
    first = merge_services(shelf, lines)
    assert set(first.values()) <= {"new", "refused"}
    again = open_shelf(Path("nowhere"))
    again.files = {path: yaml.safe_load(content) for path, content in written(shelf).items()}
    second = merge_services(again, lines)
    assert set(second.values()) <= {"same", "refused"}
    assert written(again) == {}


@pytest.fixture
def importeer(tmp_path):
    """Runs `rv importeer` on some lines."""

    def run(rows: list[tuple[str, ...]], into: Path, *arguments: str):
        source = tmp_path / "in.csv"
        source.write_bytes(csv_of(*rows))
        return CliRunner().invoke(main, ["importeer", str(source), "--into", str(into), *arguments])

    return run


def test_dry_unless_told_otherwise(importeer, tmp_path) -> None:
    """The report says what would happen; --write does it, in a file per dienstverlener."""
    into = tmp_path / "dienstencatalogus"
    rows = [services.HEADINGS, service(), service(uuid=UUID.replace("1003", "1004"), owner=OTHER_DV, connection=LC)]
    dry = importeer(rows, into)
    assert (dry.exit_code, into.exists()) == (0, False)
    assert "line 2     OK, new" in dry.output
    assert "Would be written with --write:" in dry.output
    assert importeer(rows, into, "--write").exit_code == 0
    names = sorted(path.name for path in into.iterdir())
    assert names == [f"{OIN}-0001.yaml", f"{OTHER_OIN}-0002.yaml"]
    model = CatalogueFile.model_validate(yaml.safe_load((into / names[0]).read_text()))
    assert [(owner, part.uuid) for owner, part in model.owned] == [(DV, UUID)]
    assert "OK, as it was" in importeer(rows, into).output


def test_good_lines_go_in_beside_bad_ones(importeer, tmp_path) -> None:
    """Each with its own report; exit status 1."""
    rows = [service(), service(uuid=UUID.replace("1003", "1004"), level="40")]
    result = importeer(rows, tmp_path / "all.yaml", "--write", "--json")
    data = json.loads(result.output)
    assert (result.exit_code, data["ok"]) == (1, False)
    assert [(line["line"], line["outcome"]) for line in data["lines"]] == [(1, "new"), (2, "refused")]
    assert [each["code"] for each in data["lines"][1]["mistakes"]] == ["cell.level"]
    diensten = yaml.safe_load((tmp_path / "all.yaml").read_text())["diensten"]
    assert [(each["uuid"], each["dienstverlener"]) for each in diensten] == [(UUID, DV)]


def test_a_refused_file_writes_nothing(importeer, tmp_path) -> None:
    """The reason, with its code."""
    result = importeer([service(), service()], tmp_path / "all.yaml", "--write")
    assert (result.exit_code, (tmp_path / "all.yaml").exists()) == (1, False)
    assert "[csv.duplicate]" in result.output


def test_what_people_wrote_stays(importeer, tmp_path) -> None:
    """An English name, another dienst, a key that the CSV does not know; the old text is kept beside it."""
    into = tmp_path / "stad.yaml"
    into.write_text(
        f"dienstverlener: {DV}\ndiensten:\n  - uuid: {UUID}\n    name: {{nl: Oud, en: Apply}}\n"
        f"    minimum_loa: basis\n    mandates: [gezag]\n  - uuid: other\n    name: {{nl: A, en: B}}\n    minimum_loa: hoog\n"
    )
    before = into.read_text()
    result = importeer([service(ends="01-01-2030 00:00")], into, "--write", "--machtigen", "machtigen")
    assert "OK, changed" in result.output
    first, second = yaml.safe_load(into.read_text())["diensten"]
    assert first["name"] == {"nl": "Uitkering aanvragen", "en": "Apply"}
    assert (first["minimum_loa"], first["active_until"]) == ("substantieel", "2030-01-01T00:00:00+01:00")
    assert second["uuid"] == "other"
    assert into.with_name("stad.yaml.bak").read_text() == before


def test_a_dienst_of_another_file_cannot_be_taken(importeer, tmp_path) -> None:
    """Whose it is, the YAML says."""
    (tmp_path / "zorg.yaml").write_text(
        f"dienstverlener: {OTHER_DV}\ndiensten:\n  - uuid: {UUID}\n    name: {{nl: A, en: A}}\n    minimum_loa: hoog\n"
    )
    result = importeer([service()], tmp_path)
    assert "[row.owner]" in result.output
    assert owners_on(open_shelf(tmp_path)) == {UUID: OTHER_DV}


def test_broken_yaml_stops_the_import(importeer, tmp_path) -> None:
    """Nothing is guessed."""
    (tmp_path / "zorg.yaml").write_text("a: b: c")
    result = importeer([service()], tmp_path, "--write")
    assert result.exit_code == 1
    assert "zorg.yaml:1" in result.output


def test_organisations_update_who_is_connected(importeer, tmp_path) -> None:
    """Name, window and role, by OIN and role; who has no file yet is told to connect."""
    file = tmp_path / "stad.yaml"
    file.write_text(f"entity_id: {DV}\nname: {{nl: Stad, en: City}}\nconnection: {{metadata: stad.xml}}\n")
    rows = [organisations.HEADINGS, organisation(active="0"), organisation(oin=OTHER_OIN), organisation(role="2")]
    result = importeer(rows, tmp_path, "--write", "--json")
    lines = json.loads(result.output)["lines"]
    assert [line["outcome"] for line in lines] == ["changed", "refused", "refused"]
    assert [[each["code"] for each in line["mistakes"]] for line in lines] == [[], ["row.unknown"], ["row.unknown"]]
    model = DienstverlenerFile.model_validate(yaml.safe_load(file.read_text()))
    assert (model.name.nl, model.name.en, model.active) == ("Gemeente Voorbeeldstad", "City", False)
    assert model.role.active_until == datetime(2027, 7, 1, 12, 30, tzinfo=AMSTERDAM)
    assert model.connection.metadata == "stad.xml"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"oin": ""}, "cell.missing"),
        ({"oin": "9999999999001"}, "cell.oin"),
        ({"name": ""}, "cell.missing"),
        ({"active": "x"}, "cell.flag"),
        ({"role": ""}, "cell.missing"),
        ({"role": "3"}, "cell.role"),
        ({"role_begins": "01-07-2027 12:31"}, "cell.window"),
        ({"services": "x"}, "cell.set"),
    ],
)
def test_every_mistake_of_an_organisation_has_its_code(changes, code) -> None:
    """One column is wrong: that code and no other."""
    (line,) = organisations.organisation_lines([Row(1, organisation(**changes))], {(OIN, "DV"): DV})
    assert {each.code for each in line.mistakes} == {code}


def test_organisations_are_known_by_oin_and_role(tmp_path) -> None:
    """From the files that are there; others do not count."""
    (tmp_path / "a.yaml").write_text(f"entity_id: {DV}\n")
    (tmp_path / "b.yaml").write_text("entity_id: x\n")
    shelf = open_shelf(tmp_path)
    assert entities_on(shelf) == {(OIN, "DV"): DV}
    (line,) = organisations.organisation_lines([Row(1, organisation())], entities_on(shelf))
    assert merge_organisations(shelf, [line]) == {1: "changed"}
