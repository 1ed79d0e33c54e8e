"""The DigiD simulator and one of a BVD in a process of their own: `python -m tests.bench.digid DIRECTORY PORT...`."""

import asyncio
import signal
import sys
from pathlib import Path

import uvloop

from routeringsvoorziening.simulators import bvd, digid
from routeringsvoorziening.simulators.bvd.settings import BvdSettings
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.world.layout import MACHTIGEN, Ports, World


async def serve(world: World) -> None:
    """Until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    machtigen = await bvd.start(BvdSettings.of_world(world, MACHTIGEN))
    running = await digid.start(DigidSettings.of_world(world))
    await stopping.wait()
    await running.stop()
    await machtigen.stop()


if __name__ == "__main__":
    uvloop.run(serve(World(Path(sys.argv[1]), Ports(*map(int, sys.argv[2:])))))
