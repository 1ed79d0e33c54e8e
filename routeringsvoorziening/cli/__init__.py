"""The `rv` program: one module per command, imported only when that command runs."""

import importlib
from typing import Final

import click

from routeringsvoorziening import __version__

COMMANDS: Final = ("aansluiten", "bsnk", "check", "demo", "importeer", "metadata", "pki", "serve")


class LazyGroup(click.Group):
    """Finds a command in the module of its name, so that `rv check` does not load the simulators."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command, in alphabetical order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The click command named `command` of module `cli.<name>`."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"routeringsvoorziening.cli.{cmd_name}")
        command: click.Command = module.command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rv")
def main() -> None:
    """The Routeringsvoorziening: the open broker for logging in at the Dutch government."""
