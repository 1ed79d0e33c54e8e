"""`rv importeer`: a CSV of the national dienstencatalogus to our YAML, dry unless told otherwise."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from routeringsvoorziening.configuration.findings import ConfigurationInvalid
from routeringsvoorziening.configuration.importing import organisations, services
from routeringsvoorziening.configuration.importing.lines import Line, Outcome
from routeringsvoorziening.configuration.importing.merging import (
    Shelf,
    entities_on,
    merge_organisations,
    merge_services,
    open_shelf,
    owners_on,
    written,
)
from routeringsvoorziening.configuration.importing.table import MOST_BYTES, FileRefused, read_table

MARKS: Final = {"new": "OK, new", "changed": "OK, changed", "same": "OK, as it was", "refused": "REFUSED"}


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file."""

    lines: list[Line]
    outcomes: dict[int, Outcome]
    files: dict[Path, bytes]


@click.command("importeer")
@click.argument("source", metavar="CSV", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    required=True,
    help="A YAML file, or a directory with a file per dienstverlener: config/dienstencatalogus.",
)
@click.option("--write/--dry-run", "really", default=False, help="Write the lines that are OK. [default: --dry-run]")
@click.option("--digid", default="digid", show_default=True, help="Our short name for the login method DigiD.")
@click.option("--machtigen", multiple=True, help="Our short name for a BVD, for diensten with Machtigen.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    source: Path,
    into: Path,
    really: bool,
    digid: str,
    machtigen: tuple[str, ...],
    as_json: bool,
) -> None:
    """Import a CSV of diensten (21 columns) or of organisations (11 columns).

    Says for every line what it makes or what is wrong with it. A file with a dienst or an organisation in it twice is
    refused as a whole. Writes nothing without --write; a file that changes loses its comments, and its old text stays
    beside it with .bak behind its name. Exit status 1 when a line was refused.
    """
    try:
        with source.open("rb") as file:
            imported = _import(file.read(MOST_BYTES + 1), open_shelf(into), services.Names(digid, machtigen))
        if really:
            _write(imported.files)
    except FileRefused as problem:
        raise click.ClickException(f"{source} is refused: {problem} [{problem.code}]") from problem
    except ConfigurationInvalid as problem:
        first = problem.findings[0]
        raise click.ClickException(f"{first.place}: {first.text}") from problem
    except OSError as problem:
        raise click.ClickException(f"cannot be read or written: {problem}") from problem
    click.echo(_json(imported, really=really) if as_json else _text(imported, really=really))
    ctx.exit(1 if "refused" in imported.outcomes.values() else 0)


def _import(data: bytes, shelf: Shelf, names: services.Names) -> Imported:
    """Which of the two files it is, shows from its width.

    Raises:
        FileRefused: nothing of it is taken.
    """
    rows = read_table(data, (services.WIDTH, organisations.WIDTH))
    if len(rows[0].cells) == services.WIDTH:
        rows = rows[1:] if services.is_heading(rows[0]) else rows
        lines = services.service_lines(rows, names, owners_on(shelf))
        outcomes = merge_services(shelf, lines)
    else:
        rows = rows[1:] if organisations.is_heading(rows[0]) else rows
        lines = organisations.organisation_lines(rows, entities_on(shelf))
        outcomes = merge_organisations(shelf, lines)
    return Imported(lines, outcomes, written(shelf))


def _write(files: dict[Path, bytes]) -> None:
    """Each in one step, the old text beside it."""
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.with_name(f"{path.name}.bak").write_bytes(path.read_bytes())
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(content)
        fresh.replace(path)


def _text(imported: Imported, *, really: bool) -> str:
    parts = [_line_text(line, imported.outcomes[line.number]) for line in imported.lines]
    counts = [f"{_count(imported, outcome)} {mark}" for outcome, mark in MARKS.items() if _count(imported, outcome)]
    parts += ["", ", ".join(counts) or "No lines."]
    if imported.files:
        parts.append("Written:" if really else "Would be written with --write:")
        parts += [f"  {path}" for path in imported.files]
    return "\n".join(parts)


def _count(imported: Imported, outcome: str) -> int:
    return sum(each == outcome for each in imported.outcomes.values())


def _line_text(line: Line, outcome: Outcome) -> str:
    lines = [f"line {line.number:<5} {MARKS[outcome]:14} {line.key}"]
    lines += [f"           {each.text} [{each.code}]" for each in line.mistakes]
    lines += [f"           note: {each}" for each in line.remarks]
    return "\n".join(lines)


def _json(imported: Imported, *, really: bool) -> str:
    data: dict[str, Any] = {
        "ok": not _count(imported, "refused"),
        "written": [str(path) for path in imported.files] if really else [],
        "would_write": [str(path) for path in imported.files],
        "lines": [
            {
                "line": line.number,
                "key": line.key,
                "outcome": imported.outcomes[line.number],
                "mistakes": [{"code": each.code, "text": each.text} for each in line.mistakes],
                "notes": list(line.remarks),
            }
            for line in imported.lines
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)
