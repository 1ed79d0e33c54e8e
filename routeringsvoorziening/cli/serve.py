"""`rv serve`: run the Routeringsvoorziening."""

import asyncio
import errno
import gc
import logging
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import click
import structlog
import uvloop

from routeringsvoorziening import __version__
from routeringsvoorziening.backends.configuring import load_configuration, reload_configuration
from routeringsvoorziening.cli.mistakes import stop_for
from routeringsvoorziening.cli.settings import DEFAULT_FILE, overrides_of, set_option
from routeringsvoorziening.configuration.findings import ConfigurationInvalid
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.observability.logs import configure_logging
from routeringsvoorziening.renewal.succession import Succession
from routeringsvoorziening.server import CannotListen, running
from routeringsvoorziening.store.address import StoreAddressInvalid

GARBAGE_BEFORE_COLLECTING: Final = 20_000
"""Objects; a login makes some thousands, nearly all of which end without the collector."""

CHANNELS: Final = {
    "front_channel": ("for browsers", "rv_front_port=18080"),
    "back_channel": ("for servers", "rv_back_port=18443"),
    "management": ("for operators", "rv_management_port=19090"),
}
"""By section of the configuration: for whom, and the variable of the configuration that ships with this."""

Load = Callable[[Configuration], Configuration]
"""From the configuration in use to the next one."""

_log = structlog.get_logger(__name__)


@click.command("serve")
@click.option(
    "--config",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=DEFAULT_FILE,
    show_default=True,
    help="Main file of the configuration.",
)
@set_option
@click.option("--pretty", is_flag=True, help="Log for a person instead of one JSON object per line.")
def command(file: Path, settings: tuple[str, ...], *, pretty: bool) -> None:
    """Run until SIGTERM or SIGINT; then finish what is under way, and stop.

    SIGHUP reads the configuration again and goes on with it; when there is any mistake in it, nothing changes and the
    log says what is wrong. Logins go on.

    Log lines go to standard error. Connections that cannot be used are left out and logged; any other mistake in the
    configuration stops the start, see `rv check`.
    """
    configuration = _load(file, settings)
    writer = configure_logging("pretty" if pretty else "json", configuration.log_level.upper())
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(configuration, partial(_reload, file=file, settings=settings)))
    except CannotListen as problem:
        raise click.ClickException(_advice(problem)) from problem
    except (OSError, StoreAddressInvalid) as problem:
        raise click.ClickException(f"cannot start: {problem}") from problem
    finally:
        logging.shutdown()
        writer.close()


async def serve(configuration: Configuration, reload: Load) -> None:
    """Listen until a signal says to stop."""
    stopping, reloading = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, reloading.set)
    for warning in configuration.warnings:
        _log.warning("configuration", place=str(warning.place), code=warning.code, detail=warning.text)
    async with running(configuration) as server:
        _log.info(
            "listening",
            version=__version__,
            environment=configuration.environment,
            front_channel=server.front_port,
            back_channel=server.back_port,
            management=server.management_port,
        )
        _spare_the_collector()
        task = asyncio.create_task(_reload_when_asked(server.succession, reload, reloading))
        await stopping.wait()
        task.cancel()
        _log.info("stopping")


async def _reload_when_asked(succession: Succession, reload: Load, asked: asyncio.Event) -> None:
    """One reload at a time; asking again while one is under way asks for one more."""
    while True:
        await asked.wait()
        asked.clear()
        try:
            needs_restart = await succession.reload(reload)
        except (ConfigurationInvalid, OSError) as problem:
            _tell_mistakes(problem)
            continue
        except Exception:  # noqa: BLE001  the outermost edge: a mistake of ours must not make this the last reload
            _log.exception("configuration refused, nothing has changed")
            continue
        for warning in succession.current.warnings:
            _log.warning("configuration", place=str(warning.place), code=warning.code, detail=warning.text)
        _log.info(
            "configuration reloaded", connections=len(succession.current.connections), needs_restart=list(needs_restart)
        )


def _tell_mistakes(problem: ConfigurationInvalid | OSError) -> None:
    if isinstance(problem, ConfigurationInvalid):
        for each in problem.findings:
            _log.error("configuration", place=str(each.place), code=each.code, detail=each.text, mend=each.mend)
    _log.error("configuration refused, nothing has changed", problem=type(problem).__name__)


def _reload(current: Configuration, file: Path, settings: tuple[str, ...]) -> Configuration:
    return reload_configuration(current, file, at=datetime.now(UTC), overrides=overrides_of(settings))


def _advice(problem: CannotListen) -> str:
    whom, setting = CHANNELS[problem.channel]
    taken = problem.errno == errno.EADDRINUSE
    what = "something else on this machine listens where we must" if taken else "we cannot listen where we must"
    return (
        f"{what}:\n  {problem.strerror}\n  wanted for the Routeringsvoorziening, {whom} ({problem.channel})\n"
        f"Is another one running? Otherwise take another port: `--set {setting}` where the configuration has that "
        f"variable, else `{problem.channel}.port`"
    )


def _spare_the_collector() -> None:
    """Everything made so far stays for good: the collector need not walk it again, nor look after every few objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_BEFORE_COLLECTING)


def _load(file: Path, settings: tuple[str, ...]) -> Configuration:
    try:
        return load_configuration(file, at=datetime.now(UTC), overrides=overrides_of(settings))
    except ConfigurationInvalid as problem:
        raise stop_for(problem) from problem
