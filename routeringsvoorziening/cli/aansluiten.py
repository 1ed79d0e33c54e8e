"""`rv aansluiten`: judge the metadata of somebody who wants to connect, and write the YAML that connects them."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from routeringsvoorziening.backends.configuring import known_already
from routeringsvoorziening.cli.applicant_files import INLINE_SWITCHES, FileExists, Proposal, Wishes, propose, write
from routeringsvoorziening.cli.applicant_report import as_data, as_text
from routeringsvoorziening.cli.settings import DEFAULT_FILE, overrides_of, set_option
from routeringsvoorziening.configuration.findings import ConfigurationInvalid, Place
from routeringsvoorziening.configuration.metadata import METADATA_BYTES
from routeringsvoorziening.configuration.model.common import LEVELS
from routeringsvoorziening.configuration.trusting import trust_in, trust_of
from routeringsvoorziening.saml.certificates import TrustBundle
from routeringsvoorziening.saml.metadata.applicant import Applicant, inspect_applicant
from routeringsvoorziening.saml.metadata.findings import Finding
from routeringsvoorziening.saml.metadata.model import Cluster, ServiceProvider
from routeringsvoorziening.transport.addresses import AddressPolicy
from routeringsvoorziening.transport.errors import ExchangeFailed
from routeringsvoorziening.transport.fetching import DocumentFetcher

FOLDER: Final = Path("aansluiting")
_A_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("aansluiten")
@click.argument("source", metavar="FILE|URL")
@click.option("--config", "main", type=click.Path(path_type=Path), default=DEFAULT_FILE, show_default=True)
@set_option
@click.option("--trust", type=_A_FILE, help="PEM bundle of authorities, instead of the configuration's.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=FOLDER, show_default=True)
@click.option("--name", help="Of the organisation. [default: as its certificate names it]")
@click.option("--loa", type=click.Choice(list(LEVELS)), help="The minimum level of all of its diensten.")
@click.option("--compat", multiple=True, type=click.Choice(sorted(INLINE_SWITCHES)), help="An agreed deviation.")
@click.option("--force", is_flag=True, help="Overwrite files.")
@click.option("--test", is_flag=True, help="A test system: index 9000 and up, http and *.localhost, private addresses.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    source: str,
    main: Path,
    settings: tuple[str, ...],
    trust: Path | None,
    out: Path,
    name: str | None,
    loa: str | None,
    compat: tuple[str, ...],
    force: bool,
    test: bool,
    as_json: bool,
) -> None:
    """Connect a dienstverlener or a supplier: FILE|URL is its signed metadata.

    Judges everything, explains what is wrong, and writes the YAML for you to review: below --out, as it stands below
    config/. Writes nothing, with exit status 1, when it may not be connected.
    """
    at = datetime.now(UTC)
    wishes = Wishes(source, at, name, loa, frozenset(compat))
    bundle = _trust(trust, main, settings, at)
    data = _read(wishes, test=test)
    applicant = _judge(data, bundle, wishes, test=test)
    proposal, written = None, list[Path]()
    if applicant.usable and applicant.found is not None:
        proposal = propose(applicant.found, data, wishes)
        written = _write(proposal, out, force=force)
    known = _known(applicant, main, settings)
    click.echo(
        _json(applicant, wishes, written, known) if as_json else _text(applicant, wishes, proposal, written, known)
    )
    ctx.exit(0 if applicant.usable else 1)


def _trust(bundle: Path | None, main: Path, settings: tuple[str, ...], at: datetime) -> TrustBundle:
    try:
        if bundle is not None:
            return trust_in(bundle, at=at)
        if not main.exists():
            raise click.UsageError("whom to trust? Give --config with `trust:` in it, or --trust.")
        return trust_of(main, overrides_of(settings), at=at)
    except ConfigurationInvalid as problem:
        first = problem.findings[0]
        advice = "`trust:` of the configuration, or --trust, must name the authority of their certificates."
        raise click.ClickException(f"{first.text}. {advice} For the demo's: run `make demo` once.") from problem


def _read(wishes: Wishes, *, test: bool) -> bytes:
    if wishes.is_url:
        return asyncio.run(_fetch(wishes.source, AddressPolicy(anywhere=test)))
    try:
        with Path(wishes.source).open("rb") as file:
            return file.read(METADATA_BYTES + 1)
    except OSError as problem:
        raise click.ClickException(f"{wishes.source} cannot be read: {problem.strerror}") from problem


async def _fetch(url: str, policy: AddressPolicy) -> bytes:
    fetcher = DocumentFetcher(policy)
    try:
        return await fetcher.fetch(url)
    except ExchangeFailed as problem:
        raise click.ClickException(f"{url} cannot be fetched: {problem}") from problem
    finally:
        await fetcher.close()


def _judge(data: bytes, trust: TrustBundle, wishes: Wishes, *, test: bool) -> Applicant:
    applicant = inspect_applicant(
        data,
        trust=trust,
        at=wishes.at,
        allow_loopback=test,
        allow_missing_expiry="metadata_without_expiry" in wishes.compat,
        allow_missing_service_uuid="service_index" in wishes.compat,
    )
    provider = _provider(applicant)
    if provider is None or test or not provider.is_test:
        return applicant
    text = f"{provider.entity_id} is of a test system"
    return replace(applicant, findings=(*applicant.findings, Finding("entity.test", "MD-02", text)))


def _provider(applicant: Applicant) -> ServiceProvider | None:
    found = applicant.found
    return found.supplier if isinstance(found, Cluster) else found


def _known(applicant: Applicant, main: Path, settings: tuple[str, ...]) -> tuple[Place, ...]:
    """Where the configuration names this party already."""
    provider = _provider(applicant)
    return () if provider is None else known_already(provider.entity_id, main, overrides_of(settings))


def _write(proposal: Proposal, out: Path, *, force: bool) -> list[Path]:
    try:
        return write(proposal, out, force=force)
    except FileExists as problem:
        raise click.ClickException(f"there already: {problem}. Nothing was written; --force overwrites.") from problem
    except OSError as problem:
        raise click.ClickException(f"cannot be written: {problem}") from problem


def _text(
    applicant: Applicant, wishes: Wishes, proposal: Proposal | None, written: list[Path], known: tuple[Place, ...]
) -> str:
    parts = [as_text(applicant.found, applicant.findings, wishes.at), _already(known)]
    if proposal is None:
        count = sum(not each.tolerated for each in applicant.findings)
        parts.append(f"May not be connected: {count} {'mistake' if count == 1 else 'mistakes'}. Nothing was written.")
    else:
        parts.append("May be connected. Written, for you to review:\n" + "\n".join(f"  {path}" for path in written))
        parts += proposal.remarks
        parts.append("Then put it below your configuration, and: rv check; a running server takes it over on SIGHUP.")
    return "\n\n".join(part for part in parts if part)


def _already(known: tuple[Place, ...]) -> str:
    if not known:
        return ""
    places = "\n".join(f"  {place}" for place in known)
    return (
        f"Already in your configuration, so this would be a change of what is there:\n{places}\n"
        "Take over what is new. Two files for one party are a mistake, and what you decided in the old one "
        "(federation, compat, methods) is not in the new one."
    )


def _json(applicant: Applicant, wishes: Wishes, written: list[Path], known: tuple[Place, ...]) -> str:
    data: dict[str, Any] = {"ok": applicant.usable, **as_data(applicant.found, applicant.findings, wishes.at)}
    data |= {"written": [str(path) for path in written], "configured": [str(place) for place in known]}
    return json.dumps(data, indent=2, ensure_ascii=False)
