"""The whole chain in one process: the Routeringsvoorziening and the other parties, each with its own listener."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from routeringsvoorziening.backends.configuring import load_configuration
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.server import running
from routeringsvoorziening.simulators import buitenland, bvd, digid, eherkenning, eidas, portal
from routeringsvoorziening.simulators.buitenland.settings import ForeignSettings
from routeringsvoorziening.simulators.bvd.settings import BvdSettings
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.eherkenning.settings import MakelaarSettings
from routeringsvoorziening.simulators.eidas.settings import EidasSettings
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.preparing import prepare_parties, save_routing_metadata
from routeringsvoorziening.simulators.registers.demo import demo_stelsel
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.transport.client import BoundedClient

Tell = Callable[[str], None]
"""Told what is being done, for the person who waits."""

AUDIT_FILE: Final = "audit.jsonl"
_HTTP_OK: Final = 200
_USED: Final = {
    "rv_front": "the Routeringsvoorziening, for browsers",
    "rv_back": "the Routeringsvoorziening, for servers",
    "rv_management": "the Routeringsvoorziening, for operators",
    "digid_front": "the DigiD simulator, for browsers",
    "digid_back": "the DigiD simulator, for servers",
    "eidas_front": "the eIDAS-berichtenservice simulator, for browsers",
    "eidas_back": "the eIDAS-berichtenservice simulator, for servers",
    "buitenland": "the nodes of other countries",
    "eherkenning_front": "the eHerkenning simulator, for browsers",
    "eherkenning_back": "the eHerkenning simulator, for servers",
    "portal": "the demo portal",
    "belastingen": "its second website",
    "zorg": "the portal of Ziekenhuis Zonneveld",
    "cluster": "the portal of the supplier",
} | {
    f"{party.folder}_{side}": f"the BVD {party.name}, for {whom}"
    for party in layout.BVDS
    for side, whom in (("front", "browsers"), ("back", "servers"))
}


def check_ports(ports: layout.Ports) -> None:
    """Nobody else listens where the demo must.

    Raises:
        click.ClickException: naming every port that is taken, and the way out.
    """
    taken = [(name, port) for name, port in ports.as_mapping().items() if name in _USED and _is_taken(port)]
    if taken:
        lines = [f"  {port}  wanted for {_USED[name]}" for name, port in taken]
        raise click.ClickException(
            "something else on this machine listens where the demo must:\n"
            + "\n".join(lines)
            + "\nIs another demo running? Otherwise take other ports, and a world of its own:"
            + "\n  .venv/bin/rv demo --port-base 18080 --world demo-world-2"
        )


def free_ports() -> layout.Ports:
    """Ports on which nobody listens now."""
    sockets = [socket.socket() for _ in layout.Ports().as_mapping()]
    try:
        for each in sockets:
            each.bind((layout.LOOPBACK, 0))
        return layout.Ports(*(each.getsockname()[1] for each in sockets))
    finally:
        for each in sockets:
            each.close()


@asynccontextmanager
async def chain(world: layout.World, file: Path, tell: Tell) -> AsyncIterator[None]:
    """Everything, for as long as the context lasts.

    Args:
        world: where files stand and who listens where.
        file: main file of the Routeringsvoorziening's configuration.
        tell: told of each step.

    Raises:
        OSError: a port is taken, or a file cannot be read or written.
        ConfigurationInvalid: with every mistake in the configuration.
        SamlError: metadata that is not to be trusted.
    """
    async with AsyncExitStack() as stack:
        tell("certificates and metadata of every party")
        await asyncio.to_thread(prepare_parties, world, at=datetime.now(UTC))
        configuration = await asyncio.to_thread(_configuration, world, file)
        tell("the Routeringsvoorziening")
        await stack.enter_async_context(running(configuration))
        await _hand_out_metadata(world)
        tell("the DigiD simulator")
        ad = await digid.start(await asyncio.to_thread(DigidSettings.of_world, world))
        stack.push_async_callback(ad.stop)
        tell("the eIDAS-berichtenservice simulator, and the nodes of other countries")
        await _start_eidas(world, stack)
        tell("the eHerkenning simulator")
        hm = await eherkenning.start(await asyncio.to_thread(MakelaarSettings.of_world, world))
        stack.push_async_callback(hm.stop)
        tell("the bevoegdheidsverklaringsdiensten: machtigen, gezag, bewind")
        await _start_bvds(world, stack)
        tell("the two websites of Gemeente Voorbeeldstad, and that of Ziekenhuis Zonneveld")
        for party in (layout.PORTAL, layout.BELASTINGEN, layout.ZORG):
            dv = await portal.start(await asyncio.to_thread(PortalSettings.of_world, world, party))
            stack.push_async_callback(dv.stop)
        tell("the portal of Leverancier Voorbeeldcloud, for three municipalities")
        lc = await portal.start(await asyncio.to_thread(PortalSettings.of_cluster, world))
        stack.push_async_callback(lc.stop)
        yield


async def _start_eidas(world: layout.World, stack: AsyncExitStack) -> None:
    service = await eidas.start(await asyncio.to_thread(EidasSettings.of_world, world))
    stack.push_async_callback(service.stop)
    nodes = await buitenland.start(await asyncio.to_thread(ForeignSettings.of_world, world))
    stack.push_async_callback(nodes.stop)


async def _start_bvds(world: layout.World, stack: AsyncExitStack) -> None:
    """They share the registers, as there is one of each."""
    registers = await asyncio.to_thread(demo_stelsel, datetime.now(UTC))
    for party in layout.BVDS:
        settings = await asyncio.to_thread(BvdSettings.of_world, world, party)
        running_bvd = await bvd.start(settings, stelsel=registers.stelsel)
        stack.push_async_callback(running_bvd.stop)


def _configuration(world: layout.World, file: Path) -> Configuration:
    configuration = load_configuration(file, at=datetime.now(UTC), overrides=world.variables)
    return replace(configuration, audit_file=world.directory / AUDIT_FILE)


async def _hand_out_metadata(world: layout.World) -> None:
    """As in real life: the parties fetch what the Routeringsvoorziening publishes."""
    client = BoundedClient()
    try:
        documents = []
        for path in (layout.METADATA_PATH, layout.SP_METADATA_PATH, layout.ETD_METADATA_PATH):
            answer = await client.get(world.rv_front + path)
            if answer.status != _HTTP_OK:
                raise click.ClickException(f"the Routeringsvoorziening gave no metadata: HTTP {answer.status}")
            documents.append(answer.body)
    finally:
        await client.close()
    ours, for_services, for_makelaar = documents
    await asyncio.to_thread(
        save_routing_metadata, world, for_dienstverleners=ours, for_services=for_services, for_makelaar=for_makelaar
    )


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((layout.LOOPBACK, port))
        except OSError:
            return True
    return False
