"""`rv check`: every mistake in a configuration at once, and what it adds up to."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from routeringsvoorziening.backends.configuring import inspect_configuration, json_schema
from routeringsvoorziening.cli.mistakes import counted, told
from routeringsvoorziening.cli.settings import DEFAULT_FILE, overrides_of, set_option
from routeringsvoorziening.cli.tables import table
from routeringsvoorziening.configuration.check import Inspection
from routeringsvoorziening.configuration.kept import KeptCopies
from routeringsvoorziening.configuration.result import Configuration, Dienst
from routeringsvoorziening.configuration.summary import certificates, compat_switches, federations, windows

HOUR = timedelta(hours=1)
DEPARTURE = (
    "opening identities on behalf of a dienstverlener departs from ST-SAML, in which nobody but the dienstverlener can "
    "read them (ATT-10, ENC-03). It is agreed with each of those above; every opening is in the audit trail."
)


@click.command("check")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default=DEFAULT_FILE)
@set_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the files, for an editor, and stop.")
@click.pass_context
def command(ctx: click.Context, file: Path, settings: tuple[str, ...], *, as_json: bool, schema: bool) -> None:
    """Check a configuration: FILE is the main file.

    Prints every mistake with file, line and path, then what is configured. Exit status 1 when there are mistakes;
    a LEFT OUT connection is one, although the rest would start.
    """
    if schema:
        click.echo(json.dumps(json_schema(), indent=2))
        return
    at = datetime.now(UTC)
    inspection = inspect_configuration(file, at=at, overrides=overrides_of(settings))
    click.echo(json.dumps(as_data(inspection, at), indent=2) if as_json else as_text(inspection, at))
    ctx.exit(1 if inspection.mistakes else 0)


def as_text(inspection: Inspection, at: datetime) -> str:
    """For people: findings, then the summary when there is a configuration."""
    parts = told(inspection.findings)
    if inspection.configuration is not None:
        parts.append(_summary(inspection.configuration, at))
    parts.append(counted(inspection.findings))
    return "\n\n".join(parts)


def as_data(inspection: Inspection, at: datetime) -> dict[str, Any]:
    """For programs."""
    data: dict[str, Any] = {
        "ok": not inspection.mistakes,
        "findings": [
            {
                "severity": each.severity.value,
                "code": each.code,
                "file": str(each.place.file),
                "line": each.place.line,
                "path": each.place.dotted,
                "text": each.text,
                "mend": each.mend,
            }
            for each in inspection.findings
        ],
    }
    if inspection.configuration is not None:
        data["configured"] = _counts(inspection.configuration, at)
    return data


def _counts(configuration: Configuration, at: datetime) -> dict[str, Any]:
    return {
        "environment": configuration.environment,
        "methods": sorted(configuration.authentication_services),
        "mandates": sorted(configuration.mandate_services),
        "connections": sorted(configuration.connections),
        "left_out": sorted(configuration.left_out),
        "federations": {each.name: list(members) for each, members in federations(configuration)},
        "diensten": len(configuration.diensten),
        "compat": [{"connection": each.connection, each.switch: each.value} for each in compat_switches(configuration)],
        "decryption": sorted(configuration.decryption.held) if configuration.decryption else [],
        "notices": [DEPARTURE] if configuration.decryption else [],
        "certificates": [
            {"party": each.party, "purpose": each.purpose, "days_left": each.days_left(at)}
            for each in certificates(configuration)
        ],
    }


def _summary(configuration: Configuration, at: datetime) -> str:
    own = configuration.own.entity_id
    parts = [
        f"{configuration.environment}: {own}",
        _methods(configuration),
        _mandates(configuration),
        _connections(configuration),
        _federations(configuration),
        _diensten(configuration),
        _certificates(configuration, at),
        _sources(configuration, at),
        _compat(configuration),
        _decryption(configuration),
    ]
    return "\n\n".join(part for part in parts if part)


def _methods(configuration: Configuration) -> str:
    rows = [
        (each.id, each.kind, each.name.nl, each.max_loa.name.lower(), each.entity_id)
        for each in configuration.authentication_services.values()
    ]
    return table(("login method", "kind", "name", "at most", "entity ID"), rows)


def _mandates(configuration: Configuration) -> str:
    rows = [
        (each.id, each.kind, each.name.nl, "legal" if each.legal else "voluntary", each.entity_id)
        for each in configuration.mandate_services.values()
    ]
    return table(("mandate service", "kind", "name", "representation", "entity ID"), rows) if rows else ""


def _connections(configuration: Configuration) -> str:
    rows = [
        (each.name.nl, windows(each.window), str(len(each.relations)) if each.is_cluster else "itself", each.entity_id)
        for each in configuration.connections.values()
    ]
    return table(("connection", "active", "asks for", "entity ID"), rows) if rows else ""


def _federations(configuration: Configuration) -> str:
    """Of a supplier there is a session per dienstverlener behind it."""
    rows = [
        (federation.name, _minutes(federation.idle), _minutes(federation.maximum), entity_id)
        for federation, members in federations(configuration)
        for entity_id in members
    ]
    return table(("federation", "ends unused after", "ends after", "connection"), rows) if rows else ""


def _minutes(time: timedelta) -> str:
    return f"{time / timedelta(minutes=1):g} minutes"


def _diensten(configuration: Configuration) -> str:
    rows = [
        (
            each.name.nl,
            each.minimum_loa.name.lower(),
            ", ".join(_open_for(each, configuration)) or "none",
            ", ".join(sorted(each.mandates)) or "-",
            each.identity,
            windows(each.window),
            configuration.dienstverleners[each.dienstverlener].name.nl,
            each.uuid,
        )
        for each in configuration.diensten.values()
    ]
    header = ("dienst", "at least", "methods", "mandates", "identity", "active", "dienstverlener", "ServiceUUID")
    return table(header, rows) if rows else ""


def _open_for(dienst: Dienst, configuration: Configuration) -> list[str]:
    """The login methods that people can choose: allowed, with all that they need, and of a level that does."""
    methods = configuration.authentication_services.values()
    return sorted(each.id for each in methods if each.open_for(dienst) and each.max_loa >= dienst.minimum_loa)


def _certificates(configuration: Configuration, at: datetime) -> str:
    rows = [
        (each.party, each.purpose, f"{each.certificate.not_valid_after_utc:%Y-%m-%d}", str(each.days_left(at)))
        for each in certificates(configuration)
    ]
    return table(("certificate of", "purpose", "valid until", "days left"), rows)


def _sources(configuration: Configuration, at: datetime) -> str:
    """What is fetched, and how old its copy is."""
    if configuration.metadata_cache is None or not configuration.sources:
        return ""
    kept = KeptCopies(configuration.metadata_cache)
    copies = [(each, kept.read(each.url)) for each in configuration.sources]
    rows = [
        (each.party, "never" if copy is None else f"{(at - copy.fetched_at) // HOUR} hours ago", each.url)
        for each, copy in copies
    ]
    return table(("metadata of", "fetched", "from"), rows)


def _decryption(configuration: Configuration) -> str:
    """For whom identities are opened here, and that this is not as the koppelvlak has it."""
    held = configuration.decryption.held if configuration.decryption else {}
    rows = [
        (
            configuration.dienstverleners[each].name.nl,
            ", ".join(sorted({str(key.key_set_version) for key in keys})),
            each,
        )
        for each, keys in held.items()
    ]
    if not rows:
        return ""
    return table(("identities opened for", "key sets", "dienstverlener"), rows) + f"\n\nNOTICE: {DEPARTURE}"


def _compat(configuration: Configuration) -> str:
    rows = [(each.connection, each.switch, str(each.value)) for each in compat_switches(configuration)]
    return table(("compat of", "switch", "value"), rows) if rows else "No compat switches are on."
