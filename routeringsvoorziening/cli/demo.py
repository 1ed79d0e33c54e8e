"""`rv demo`: the whole chain on this machine, to click through or to check."""

import asyncio
import json
import logging
import signal
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import click

from routeringsvoorziening.cli import demo_eherkenning
from routeringsvoorziening.cli.demo_chain import chain, check_ports, free_ports
from routeringsvoorziening.cli.demo_check import as_data, try_all, whole_line
from routeringsvoorziening.cli.demo_eidas import logins_as_data, refusals_as_data, try_crossings
from routeringsvoorziening.cli.demo_sso import as_data as sessions_as_data
from routeringsvoorziening.cli.demo_sso import try_sessions
from routeringsvoorziening.cli.mistakes import stop_for
from routeringsvoorziening.cli.settings import DEFAULT_FILE
from routeringsvoorziening.configuration.findings import ConfigurationInvalid
from routeringsvoorziening.observability.logs import configure_logging
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import Ports, World

LOG_FILE: Final = "rv.log"
LAST_PORT_BASE: Final = 65_000


@click.command("demo")
@click.option(
    "--world",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where keys, metadata and logs stand. [default: demo-world; for --check a directory that vanishes]",
)
@click.option(
    "--port-base", type=click.IntRange(1024, LAST_PORT_BASE), help="Take consecutive ports from here. [default: 8080..]"
)
@click.option(
    "--config",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=DEFAULT_FILE,
    show_default=True,
    help="Main file of the configuration.",
)
@click.option("--check", "checking", is_flag=True, help="Log in in every way without a window, on free ports; stop.")
@click.option("--json", "as_json", is_flag=True, help="With --check: one JSON object as the last line.")
@click.pass_context
def command(
    ctx: click.Context, directory: Path | None, port_base: int | None, file: Path, *, checking: bool, as_json: bool
) -> None:
    """Run the Routeringsvoorziening with everybody around it: the whole chain, on this machine.

    To log in: DigiD, eHerkenning, and eIDAS with eight countries. For somebody else: three mandate services (BVD).
    To log in at: the portals of a municipality (two), of a hospital, and of a supplier with three municipalities.
    All of them ship with it.

    Everything is made on the spot: certificates, keys and metadata. Nothing leaves this machine.
    """
    if checking:
        with tempfile.TemporaryDirectory(prefix="rv-demo-") as scratch:
            ports = Ports.from_base(port_base) if port_base else free_ports()
            ctx.exit(_check(World(directory or Path(scratch), ports), file, as_json=as_json))
    world = World(directory or Path("demo-world"), Ports.from_base(port_base) if port_base else Ports())
    check_ports(world.ports)
    _run(world, serve(world, file))


def _check(world: World, file: Path, *, as_json: bool) -> int:
    result = _run(world, check(world, file))
    if as_json:
        click.echo(json.dumps(result))
    return 0 if result["ok"] else 1


async def serve(world: World, file: Path) -> None:
    """Until Ctrl-C."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopping.set)
    async with chain(world, file, _tell):
        click.echo(welcome(world))
        await stopping.wait()
        click.echo("\nStopping.")


async def check(world: World, file: Path) -> dict[str, Any]:
    """Once through everything."""
    async with chain(world, file, _tell):
        began = time.perf_counter()
        data = as_data(await try_all(world, click.echo))
        crossings = await try_crossings(world, click.echo)
        errands = await demo_eherkenning.try_errands(world, click.echo)
        sessions = await try_sessions(world, click.echo)
        fine = [each.ok for each in crossings] + [each.ok for each in errands] + [each.ok for each in sessions]
        logins = data["logins"] + logins_as_data(crossings) + demo_eherkenning.logins_as_data(errands)
        milliseconds = round((time.perf_counter() - began) * 1000, 1)
        click.echo(whole_line(f"{len(logins)} logins that succeed, and what must not", milliseconds))
        return data | {
            "ok": data["ok"] and all(fine),
            "ms": milliseconds,
            "logins": logins,
            "refusals": data["refusals"] + refusals_as_data(crossings) + demo_eherkenning.refusals_as_data(errands),
            "sessions": sessions_as_data(sessions),
        }


def welcome(world: World) -> str:
    """What to open, and what to do there."""
    return f"""
Ready. Open   {click.style(world.portal_front + "/", bold=True)}

  1. Choose a service and press "Inloggen met DigiD".
  2. Pick a test person and a way to log in: there are no passwords, and Fenna can do everything.
  3. Back at the portal: who logged in, every message of the exchange, and what was verified.
  4. Log out to be somebody else.

For somebody else: choose "Voor iemand anders" at a service, or press "Inloggen en daarna kiezen voor wie".
  Fenna          with a mandate of her neighbour Joke
  Shanti         for her children: ouderlijk gezag
  Noor           bewindvoerder by profession, for many; Willem is the mentor of his father

For an organisation: "Inloggen met eHerkenning" at "Bedrijfsafval melden" and the services after it.
  Bram           for his bakery; Sanne for one branch of it; Omar as its accountant, in a chain of mandates
  Lotte          works for a bewindvoerder: "Bijstand voor cliënten", "Voor iemand anders"

From another country: "Inloggen met eIDAS" at "Verblijf melden", "Bedrijf vestigen" or "Pensioen opvragen".
  Lotte (Belgium), Nikos (Greece)   have a BSN; the others get in under a pseudonym, or not at all

Also open
  {world.website(layout.BELASTINGEN)}/
      The second website of the same municipality: single sign-on. Log in at one, then at the other: no questions.
      Log out at one, and both ask again.
  {world.zorg_front}/
      A hospital that has the Routeringsvoorziening open structures of BSNk on its behalf (docs/decisions/0011).
      Also from another country: "Inloggen met eIDAS" at "Afspraak in de polikliniek".
  {world.cluster_front}/
      The portal of a supplier that connects three municipalities and cannot read who logged in.

Try also: cancel, fail, or a failure of DigiD's under "Storingen naspelen".

  Routeringsvoorziening  {world.rv_front}/saml/metadata   (servers: {world.rv_back}, mutual TLS)
  DigiD simulator        {world.digid_front}/saml/metadata
  eHerkenning simulator  {world.front(layout.HM)}/saml/metadata
  eIDAS simulator        {world.front(layout.EIDAS)}/saml/metadata   (as a node: {world.dutch_node})
  Other countries        {world.buitenland}/BE/metadata
  Metrics and health     {world.rv_management}/metrics  /health/ready
  Keys, metadata, logs   {world.directory}/

Ctrl-C stops everything."""


def _tell(text: str) -> None:
    click.echo(f"- {text}", err=True)


def _run(world: World, main: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end with the log in a file; mistakes become one clear message."""
    world.directory.mkdir(parents=True, exist_ok=True)
    writer = configure_logging("json", "INFO", world.directory / LOG_FILE)
    try:
        return asyncio.run(main)
    except ConfigurationInvalid as problem:
        raise stop_for(problem) from problem
    except (OSError, SamlError) as problem:
        raise click.ClickException(f"the demo cannot start: {problem}") from problem
    except KeyboardInterrupt:
        return None
    finally:
        logging.shutdown()
        writer.close()
