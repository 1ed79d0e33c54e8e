"""`rv pki`: make the test PKI of a world, or renew what nearly ends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from routeringsvoorziening.cli.tables import table
from routeringsvoorziening.simulators.world.layout import World
from routeringsvoorziening.simulators.world.pki import Issued, prepare_pki
from routeringsvoorziening.simulators.world.profile import ProfileInvalid, read_profile


@click.command("pki")
@click.option(
    "--world",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-world"),
    show_default=True,
    help="The directory in which keys and certificates stand.",
)
@click.option(
    "--profile",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Which parties; see certs-example/. Without it: those of the demo.",
)
@click.option("--force", is_flag=True, help="Make everything anew, also what is still good.")
def command(world: Path, profile: Path | None, *, force: bool) -> None:
    """Make a test PKI: root, intermediate, and per party a signing, an encryption and a TLS certificate.

    Running it again only renews what nearly ends. For tests and demonstrations, never for production.
    """
    try:
        wanted = read_profile(profile) if profile else None
        issued = prepare_pki(world, wanted, at=datetime.now(UTC), force=force)
    except (OSError, ProfileInvalid) as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(describe(issued))
    click.echo(f"\nTrust bundle: {World(world).trust_bundle}")


def describe(issued: Sequence[Issued]) -> str:
    """Every certificate on a line, those that were just made marked as such."""
    return table(
        ("party", "purpose", "OIN", "valid until", "", "file", "subject"),
        [
            (
                each.party,
                each.purpose,
                each.oin,
                f"{each.valid_until:%Y-%m-%d}",
                "made" if each.renewed else "kept",
                str(each.certificate),
                each.subject,
            )
            for each in issued
        ],
    )
