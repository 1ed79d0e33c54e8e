"""`rv metadata`: our own signed metadata."""

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import click

from routeringsvoorziening.backends.configuring import load_configuration
from routeringsvoorziening.backends.connecting import publications
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId
from routeringsvoorziening.cli.mistakes import stop_for
from routeringsvoorziening.cli.settings import DEFAULT_FILE, overrides_of, set_option
from routeringsvoorziening.configuration.findings import ConfigurationInvalid
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.server import Audience, our_metadata


@click.command("metadata")
@click.argument("audience", metavar="AUDIENCE")
@click.option(
    "--config",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=DEFAULT_FILE,
    show_default=True,
    help="Main file of the configuration.",
)
@set_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output.")
def command(audience: str, file: Path, settings: tuple[str, ...], out: Path | None) -> None:
    """Write our own signed metadata: for dienstverleners (dv), or for authenticatiediensten and BVDs (ad).

    The same as what a running server hands out at /saml/metadata and /saml/metadata/sp; dv-redirect is what it hands
    out for a connection with `metadata_redirect_sso`. A login method that gets metadata of its own, as the makelaar of
    eHerkenning does, is an AUDIENCE by its short name.
    """
    at = datetime.now(UTC)
    try:
        configuration = load_configuration(file, at=at, overrides=overrides_of(settings))
    except ConfigurationInvalid as problem:
        raise stop_for(problem) from problem
    document = _document(configuration, audience, at + configuration.own.metadata_validity)
    if out is None:
        click.echo(document, nl=False)
    else:
        out.write_bytes(document)


def _document(configuration: Configuration, audience: str, valid_until: datetime) -> bytes:
    own = publications(configuration).get(AuthenticationServiceId(audience))
    if own is not None:
        return own(valid_until)
    for known in get_args(Audience):
        if audience == known:
            return our_metadata(configuration, known, valid_until=valid_until)
    known_ones = ", ".join((*get_args(Audience), *publications(configuration)))
    raise click.UsageError(f"there is no metadata of ours for {audience!r}; there is for {known_ones}")
