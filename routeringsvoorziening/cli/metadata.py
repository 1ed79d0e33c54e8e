"""`rv metadata`: our own signed metadata."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

import click

from routeringsvoorziening.backends.configuring import load_configuration
from routeringsvoorziening.cli.mistakes import stop_for
from routeringsvoorziening.cli.settings import DEFAULT_FILE, overrides_of, set_option
from routeringsvoorziening.configuration.findings import ConfigurationInvalid
from routeringsvoorziening.server import our_metadata

Audience = Literal["dv", "dv-redirect", "ad"]


@click.command("metadata")
@click.argument("audience", type=click.Choice(get_args(Audience)))
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
def command(audience: Audience, file: Path, settings: tuple[str, ...], out: Path | None) -> None:
    """Write our own signed metadata: for dienstverleners (dv), or for authenticatiediensten and BVDs (ad).

    The same as what a running server hands out at /saml/metadata and /saml/metadata/sp; dv-redirect is what it hands
    out for a connection with `metadata_redirect_sso`.
    """
    at = datetime.now(UTC)
    try:
        configuration = load_configuration(file, at=at, overrides=overrides_of(settings))
    except ConfigurationInvalid as problem:
        raise stop_for(problem) from problem
    document = our_metadata(configuration, audience, valid_until=at + configuration.own.metadata_validity)
    if out is None:
        click.echo(document, nl=False)
    else:
        out.write_bytes(document)
