"""The chain, running in a thread of its own, so that every test has a loop of its own and nobody waits for a start."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import aiohttp
import structlog
from structlog.typing import Processor, WrappedLogger

from routeringsvoorziening import server
from routeringsvoorziening.observability.lines import LineWriter
from routeringsvoorziening.observability.logs import configure_logging
from routeringsvoorziening.simulators.buitenland import starting as buitenland
from routeringsvoorziening.simulators.buitenland.faults import FaultSwitch as ForeignFaultSwitch
from routeringsvoorziening.simulators.buitenland.settings import ForeignSettings
from routeringsvoorziening.simulators.bvd import starting as bvd
from routeringsvoorziening.simulators.bvd.faults import FaultSwitches as BvdFaultSwitches
from routeringsvoorziening.simulators.bvd.settings import BvdSettings
from routeringsvoorziening.simulators.digid import starting as digid
from routeringsvoorziening.simulators.digid.faults import FaultSwitches
from routeringsvoorziening.simulators.digid.faults_logout import LogoutFaultSwitch
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.eherkenning import starting as eherkenning
from routeringsvoorziening.simulators.eherkenning.faults import FaultSwitches as MakelaarFaultSwitches
from routeringsvoorziening.simulators.eherkenning.settings import MakelaarSettings
from routeringsvoorziening.simulators.eidas import starting as eidas
from routeringsvoorziening.simulators.eidas.faults import FaultSwitches as EidasFaultSwitches
from routeringsvoorziening.simulators.eidas.settings import EidasSettings
from routeringsvoorziening.simulators.portal import starting as portal
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.registers.demo import demo_stelsel
from routeringsvoorziening.simulators.running import Running
from routeringsvoorziening.simulators.world.layout import BVDS, PORTAL, WEBSITES, Party, World
from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.store.sealing import SealedStore
from routeringsvoorziening.transport.resolver import LocalhostResolver
from tests.support.chain.clock import PushedClock
from tests.support.chain.dienstverlener import Dienstverlener
from tests.support.chain.hostile import HostileAD
from tests.support.chain.world import configured, new_world, publish, rv_files

Furnish = Callable[[World, PushedClock], None]


@dataclass
class Chain:
    """What a test may touch.

    Args:
        faults: of the DigiD simulator; None with a hostile AD.
        logout_faults: of the DigiD simulator, when a session must end.
        bvd_faults: of the BVD simulators, by folder name; a chain has BVDs when it was started with `mandates=True`.
        eidas_faults: of the eIDAS-berichtenservice, towards the RV.
        foreign_faults: of the nodes of other countries, towards the eIDAS-berichtenservice.
        makelaar_faults: of the eHerkenning simulator.
        makelaar: the running eHerkenning simulator; stop it to have it out of reach.
        eidas: the running eIDAS-berichtenservice; stop it to have it out of reach.
        bvds: the running BVD simulators, by folder name; stop one to have it out of reach.
        hostile: takes DigiD's place when the chain was started so.
        stores: the embedded stores of the RV, to look for what should not be in them.
        records: every value that the RV ever stored, before it was sealed.
        on_put: called whenever the RV stores something, in its own thread: a look at it halfway a step.
        log: file with the RV's log lines.
        audit: file with the audit trail.
        furnish: adds to the world and its configuration, before the RV reads them.
    """

    world: World
    clock: PushedClock
    log: Path
    audit: Path
    furnish: Furnish | None = None
    faults: FaultSwitches = field(default_factory=FaultSwitches)
    logout_faults: LogoutFaultSwitch = field(default_factory=LogoutFaultSwitch)
    eidas_faults: EidasFaultSwitches = field(default_factory=EidasFaultSwitches)
    foreign_faults: ForeignFaultSwitch = field(default_factory=ForeignFaultSwitch)
    eidas: Running | None = None
    makelaar_faults: MakelaarFaultSwitches = field(default_factory=MakelaarFaultSwitches)
    makelaar: Running | None = None
    bvd_faults: dict[str, BvdFaultSwitches] = field(default_factory=dict)
    bvds: dict[str, Running] = field(default_factory=dict)
    hostile: HostileAD | None = None
    listening: server.RunningServer | None = None
    loop: asyncio.AbstractEventLoop | None = None
    stores: list[MemoryStore] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    on_put: Callable[[], None] = lambda: None

    def stop(self, running: Running) -> None:
        """Have a party out of reach for the rest of the chain's life."""
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(running.stop(), self.loop).result(30)

    def dienstverlener(self, party: Party = PORTAL) -> Dienstverlener:
        """A driver of that party."""
        return Dienstverlener(self.world, party, self.clock)

    def audited(self, event: str) -> list[dict[str, str]]:
        """The facts of every event of that name, in the order in which they happened."""
        lines = map(json.loads, self.audit.read_text(encoding="utf-8").splitlines())
        return [line["facts"] for line in lines if line["event"] == event]

    @contextmanager
    def refusals(self) -> Iterator[list[str]]:
        """The codes that the RV writes down meanwhile, in the order of its log lines."""
        found: list[str] = []
        noting = _noting_codes(found)
        processors = structlog.get_config()["processors"]
        processors.insert(0, noting)
        try:
            yield found
        finally:
            processors.remove(noting)


def _noting_codes(found: list[str]) -> Processor:
    """A processor of log lines that notes the `code` of each."""

    def note(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if "code" in event:
            found.append(str(event["code"]))
        return event

    return note


_writers: list[LineWriter] = []


@contextmanager
def _one_log(target: Path) -> Iterator[None]:
    """Logging is of the process: the outermost chain's file takes the lines of a chain within it."""
    if not _writers:
        _writers.append(configure_logging(target=target, linger=0.0))
        try:
            yield
        finally:
            _writers.pop().close()
    else:
        yield


async def _start(chain: Chain, stack: AsyncExitStack, *, hostile: bool, changes: dict[str, object]) -> None:
    world, clock = chain.world, chain.clock
    await asyncio.to_thread(publish, world, clock)
    if chain.furnish is not None:
        await asyncio.to_thread(chain.furnish, world, clock)
    configuration = await asyncio.to_thread(partial(configured, world, clock, **changes))
    chain.listening = await stack.enter_async_context(server.running(configuration, clock=clock))
    await _fetch_metadata(world)
    if hostile:
        chain.hostile = HostileAD(world)
        await chain.hostile.start()
        stack.push_async_callback(chain.hostile.stop)
        return
    settings, logout_faults = DigidSettings.of_world(world), chain.logout_faults
    running = [await digid.start(settings, faults=chain.faults, logout_faults=logout_faults, clock=clock)]
    portals = [PortalSettings.of_world(world, website.party) for website in WEBSITES]
    portals.append(PortalSettings.of_cluster(world))
    running += [await portal.start(each, clock=clock) for each in portals]
    chain.eidas = await eidas.start(EidasSettings.of_world(world), faults=chain.eidas_faults, clock=clock)
    running.append(chain.eidas)
    makelaar = MakelaarSettings.of_world(world)
    chain.makelaar = await eherkenning.start(makelaar, faults=chain.makelaar_faults, clock=clock)
    running.append(chain.makelaar)
    running.append(await buitenland.start(ForeignSettings.of_world(world), faults=chain.foreign_faults, clock=clock))
    if changes.get("mandates"):
        running += await _start_bvds(chain)
    for each in running:
        stack.push_async_callback(each.stop)


async def _start_bvds(chain: Chain) -> list[Running]:
    """They share the registers."""
    registers = await asyncio.to_thread(demo_stelsel, chain.clock())
    for party in BVDS:
        faults = chain.bvd_faults[party.folder] = BvdFaultSwitches()
        settings = await asyncio.to_thread(BvdSettings.of_world, chain.world, party)
        chain.bvds[party.folder] = await bvd.start(
            settings, stelsel=registers.stelsel, faults=faults, clock=chain.clock
        )
    return list(chain.bvds.values())


async def _fetch_metadata(world: World) -> None:
    """As an operator does it: with a browser, once."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=LocalhostResolver())) as session:
        for file, path in zip(rv_files(world), RV_METADATA, strict=True):
            async with session.get(world.rv_front + path) as answer:
                answer.raise_for_status()
                file.write_bytes(await answer.read())


RV_METADATA = ("/saml/metadata", "/saml/metadata/sp", "/saml/metadata/eherkenning")


@contextmanager
def running_chain(
    directory: Path, *, hostile: bool = False, furnish: Furnish | None = None, **changes: object
) -> Iterator[Chain]:
    """Everybody listens for as long as the context lasts."""
    with _one_log(directory.parent / "rv.log"):
        yield from _run(directory, hostile, furnish, changes)


def _run(directory: Path, hostile: bool, furnish: Furnish | None, changes: dict[str, object]) -> Iterator[Chain]:
    clock = PushedClock()
    chain = Chain(new_world(directory), clock, directory.parent / "rv.log", directory / "audit.jsonl", furnish)
    changes = {"audit": {"file": str(chain.audit)}, **changes}
    ready, failed = threading.Event(), []

    def remembered(*arguments: object, **options: object) -> MemoryStore:
        store = MemoryStore(clock.seconds, *arguments, **options)
        chain.stores.append(store)
        return store

    async def live() -> None:
        async with AsyncExitStack() as stack:
            await _start(chain, stack, hostile=hostile, changes=changes)
            ready.set()
            await done.wait()

    def work() -> None:
        nonlocal loop
        try:
            loop.run_until_complete(live())
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failed.append(error)
            ready.set()

    opening = "routeringsvoorziening.store.opening"
    loop = chain.loop = asyncio.new_event_loop()
    done = asyncio.Event()

    class Watched(SealedStore):
        async def put(self, kind: str, key: str, value: bytes, ttl: float) -> None:
            chain.records.append(value)
            chain.on_put()
            await super().put(kind, key, value, ttl)

    with (
        mock.patch(f"{opening}.MemoryStore", lambda _clock, **options: remembered(**options)),
        mock.patch(f"{opening}.SealedStore", Watched),
    ):
        thread = threading.Thread(target=work, name="chain", daemon=True)
        thread.start()
        ready.wait(60)
    try:
        if failed:
            raise failed[0]
        yield chain
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(30)
        loop.close()
