"""Every source at its time, from a real web server, on a clock that is pushed; whatever goes wrong weakens nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from routeringsvoorziening.configuration.kept import Copy, KeptCopies
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.configuration.sources import adopt, judge
from routeringsvoorziening.renewal.pace import Pace
from routeringsvoorziening.renewal.refresher import Refresher
from routeringsvoorziening.simulators.world.layout import DIGID, ZORG
from routeringsvoorziening.transport.addresses import AddressPolicy
from routeringsvoorziening.transport.fetching import DocumentFetcher

HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """A refresher, and what it did."""

    configuration: Configuration
    refresher: Refresher = None
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    changes: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def metadata_refreshed(self, party: str, outcome: str) -> None:
        """Note it."""
        self.outcomes.append((party, outcome))

    def metadata_fetched(self, party: str, at: datetime) -> None:
        """Good news needs no note."""

    async def take(self, found: Sequence) -> None:
        """Put it in the configuration."""
        self.changes += 1
        self.changed.set()
        self.configuration = adopt(self.configuration, [part for _, part in found])

    async def round(self) -> dict[str, str]:
        """Refresh what is due; the outcomes by party."""
        self.outcomes.clear()
        await self.refresher.refresh_due()
        return dict(self.outcomes)

    @property
    def zorg(self):
        """What is in use of the hospital."""
        return self.configuration.connections[ZORG.entity_id].metadata


@pytest.fixture
async def desk(setting, clock, website) -> AsyncIterator[Desk]:
    """Both documents are published."""
    website.documents |= {"/zorg": setting.zorg, "/digid": setting.digid}
    desk = Desk(await asyncio.to_thread(setting.load))
    fetcher = DocumentFetcher(AddressPolicy(anywhere=True))
    desk.refresher = Refresher(
        sources=lambda: desk.configuration.sources,
        fetch=fetcher.fetch,
        judge=lambda source, data, at: judge(desk.configuration, source, data, at),
        hand_over=desk.take,
        kept=lambda: KeptCopies(setting.kept),
        meter=desk,
        clock=clock,
        pace=Pace(usual=HOUR),
        chance=lambda: 0.0,
    )
    yield desk
    await fetcher.close()
    await asyncio.sleep(0)


async def copy_of(setting, website) -> Copy | None:
    """The hospital's, on disk."""
    return await asyncio.to_thread(KeptCopies(setting.kept).read, website.url("/zorg"))


async def test_at_first_everything_is_fetched(desk, setting, website) -> None:
    """Who was left out comes in, DigiD comes into force, and both have a copy on disk."""
    assert ZORG.entity_id in desk.configuration.left_out
    assert await desk.round() == {ZORG.entity_id: "renewed", DIGID.entity_id: "renewed"}
    assert desk.configuration.left_out == frozenset()
    assert desk.configuration.authentication_services["digid"].metadata.keys
    copy = await copy_of(setting, website)
    assert copy.data == setting.zorg


@pytest.mark.eis("MD-04")
async def test_it_looks_again_when_it_is_time(desk, clock, website) -> None:
    """Not before; the same document changes nothing."""
    await desk.round()
    clock.push(HOUR.total_seconds() - 5)
    assert await desk.round() == {}
    clock.push(10)
    changes = desk.changes
    assert await desk.round() == {ZORG.entity_id: "unchanged", DIGID.entity_id: "unchanged"}
    assert (desk.changes, website.asked.count("/zorg")) == (changes, 2)


async def test_new_metadata_takes_the_place_of_the_old(desk, clock, website, zorg_at) -> None:
    """With the next look."""
    await desk.round()
    before = desk.zorg.valid_until
    website.documents["/zorg"] = zorg_at(HOUR)
    clock.push(HOUR.total_seconds())
    assert (await desk.round())[ZORG.entity_id] == "renewed"
    assert desk.zorg.valid_until > before


@pytest.mark.eis("MD-01")
@pytest.mark.attack("S81", "S85")
@pytest.mark.parametrize(
    ("spoil", "outcome"),
    [
        (lambda data: data.replace(b"zorg.localhost", b"evil.localhost"), "refused"),
        (lambda data: data[: len(data) // 2], "refused"),
        (lambda data: b"", "refused"),
        (lambda data: b"<html>maintenance</html>", "refused"),
        (lambda data: None, "http-status"),
    ],
)
async def test_a_bad_document_weakens_nothing(  # noqa: PLR0917
    desk, setting, clock, website, spoil, outcome
) -> None:
    """What is in use stays, and so does the copy; it is looked at again soon, and then all is well."""
    await desk.round()
    good, copy = desk.zorg, await copy_of(setting, website)
    website.documents["/zorg"] = spoil(setting.zorg)
    clock.push(HOUR.total_seconds())
    assert await desk.round() == {ZORG.entity_id: outcome, DIGID.entity_id: "unchanged"}
    assert desk.zorg is good
    assert await copy_of(setting, website) == copy
    website.documents["/zorg"] = setting.zorg
    clock.push(60)
    assert await desk.round() == {ZORG.entity_id: "unchanged"}


@pytest.mark.attack("S81")
async def test_an_older_document_stays_out(desk, clock, website, zorg_at) -> None:
    """It was good once, and ends sooner than the one in use."""
    await desk.round()
    good = desk.zorg
    website.documents["/zorg"] = zorg_at(-24 * HOUR)
    clock.push(HOUR.total_seconds())
    assert (await desk.round())[ZORG.entity_id] == "rollback"
    assert desk.zorg is good


@pytest.mark.attack("S82", "S85")
async def test_the_metadata_of_somebody_else_stays_out(desk, setting, clock, website) -> None:
    """Signed and valid, at the wrong address."""
    await desk.round()
    good = desk.zorg
    website.documents["/zorg"] = setting.digid
    clock.push(HOUR.total_seconds())
    assert (await desk.round())[ZORG.entity_id] == "refused"
    assert desk.zorg is good


@pytest.mark.eis("MD-03")
@pytest.mark.attack("S85")
async def test_what_is_in_use_ends_at_its_own_time(desk, clock, website) -> None:
    """When nothing better comes: after its validUntil nobody can use it any more."""
    await desk.round()
    website.documents.clear()
    connection = desk.configuration.connections[ZORG.entity_id]
    clock.push((desk.zorg.valid_until - clock()).total_seconds() - 5)
    await desk.round()
    assert desk.zorg is connection.metadata
    assert connection.usable_at(clock())
    clock.push(10)
    assert not desk.configuration.connections[ZORG.entity_id].usable_at(clock())


async def test_failures_are_tried_again_less_and_less_often(desk, clock, website) -> None:
    """After one minute, then two, then four."""
    website.documents.pop("/zorg")
    await desk.round()
    for minutes in (1, 2, 4):
        clock.push(60 * minutes - 5)
        assert ZORG.entity_id not in await desk.round()
        clock.push(5)
        assert (await desk.round())[ZORG.entity_id] == "http-status"


async def test_one_that_hangs_holds_nobody_up(desk) -> None:
    """The others are in use before it answers."""
    hanging, fetch = asyncio.Event(), desk.refresher._fetch

    async def slow(url: str) -> bytes:
        if url.endswith("/zorg"):
            await hanging.wait()
        return await fetch(url)

    desk.refresher._fetch = slow
    task = asyncio.create_task(desk.refresher.refresh_due())
    async with asyncio.timeout(30):
        await desk.changed.wait()
    assert desk.configuration.authentication_services["digid"].metadata.keys
    assert ZORG.entity_id in desk.configuration.left_out
    hanging.set()
    await task
    assert ZORG.entity_id in desk.configuration.connections


async def test_without_a_place_for_copies_it_works_all_the_same(desk, setting) -> None:
    """The disk is full, say: the log says so, and the metadata is in use."""
    setting.kept.write_text("a file where the directory should be")
    assert (await desk.round())[ZORG.entity_id] == "renewed"
    assert desk.zorg.keys


async def test_after_a_reload_everything_is_judged_again(desk) -> None:
    """Whatever was judged before."""
    await desk.round()
    assert await desk.round() == {}
    desk.refresher.forget()
    assert await desk.round() == {ZORG.entity_id: "renewed", DIGID.entity_id: "renewed"}


@pytest.mark.allow_blocking("without a configured log, tracebacks are made on the loop")
async def test_what_nobody_thought_of_stays_with_its_source(desk, clock) -> None:
    """One that breaks every time is logged and tried again later; the others are in use."""
    judged = desk.refresher._judge

    def broken(source, data: bytes, at: datetime):
        if source.party == ZORG.entity_id:
            raise ZeroDivisionError
        return judged(source, data, at)

    desk.refresher._judge = broken
    assert await desk.round() == {ZORG.entity_id: "failed", DIGID.entity_id: "renewed"}
    desk.refresher._judge = judged
    assert await desk.round() == {}
    clock.push(60)
    assert await desk.round() == {ZORG.entity_id: "renewed"}


async def test_it_runs_in_the_background_and_can_be_woken(desk) -> None:
    """A reload does not wait for the next look."""
    task = asyncio.create_task(desk.refresher.run())
    async with asyncio.timeout(60):
        while len(desk.outcomes) < 2:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)
        desk.refresher.forget()
        while len(desk.outcomes) < 4:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
