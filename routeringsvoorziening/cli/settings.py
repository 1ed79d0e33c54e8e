"""Options that several commands share: the main file, and values for its variables."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

DEFAULT_FILE: Final = Path("config/routeringsvoorziening.yaml")


def set_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--set name=value`, as often as needed; arrives as `settings`."""
    option = click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="A value for one of the main file's variables.",
    )
    return option(function)


def overrides_of(settings: Sequence[str]) -> dict[str, str]:
    """Name to value.

    Raises:
        click.BadParameter: for what is not NAME=VALUE.
    """
    overrides = {}
    for setting in settings:
        name, found, value = setting.partition("=")
        if not found:
            raise click.BadParameter(f"{setting!r} is not NAME=VALUE", param_hint="--set")
        overrides[name] = value
    return overrides
