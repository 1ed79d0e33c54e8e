"""The DigiD simulator in a process of its own: `python -m tests.bench.digid DIRECTORY PORT...`."""

import asyncio
import signal
import sys
from pathlib import Path

import uvloop

from routeringsvoorziening.simulators import digid
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.world.layout import Ports, World


async def serve(world: World) -> None:
    """Until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    running = await digid.start(DigidSettings.of_world(world))
    await stopping.wait()
    await running.stop()


if __name__ == "__main__":
    uvloop.run(serve(World(Path(sys.argv[1]), Ports(*map(int, sys.argv[2:])))))
