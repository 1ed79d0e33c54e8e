"""Every source at its time: fetch, judge, keep, hand over. One source's trouble is never another's.

    due ─▶ fetch ─▶ same bytes as in use ─▶ confirm the copy
              │        └▶ judge ─▶ good ─▶ keep a copy ─▶ hand over
              │               └▶ bad ──┐
              └▶ nothing ──────────────┴▶ what is in use stays; count, log, look again soon

Documents are judged in a thread. What was judged while something else was handed over goes along in the next change.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol

import structlog

from routeringsvoorziening.broker.ports import Clock
from routeringsvoorziening.configuration.assembling import Part
from routeringsvoorziening.configuration.kept import KeptCopies
from routeringsvoorziening.configuration.result import MetadataSource
from routeringsvoorziening.configuration.sources import Judgement
from routeringsvoorziening.renewal.pace import Pace
from routeringsvoorziening.transport.errors import ExchangeFailed

AT_ONCE: Final = 8
"""Sources that are fetched at the same time; they are judged one by one, because logins need the processor too."""
LOOK: Final = timedelta(seconds=30)
"""At least so often it is looked whether something is due."""
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)

_log = structlog.get_logger(__name__)


class RefreshMeter(Protocol):
    """Counts refreshes."""

    def metadata_refreshed(self, party: str, outcome: str) -> None:
        """One attempt: `renewed`, `unchanged`, `refused`, `rollback`, `failed`, or why the exchange failed."""
        ...

    def metadata_fetched(self, party: str, at: datetime) -> None:
        """Metadata was found good at that moment."""
        ...


@dataclass(slots=True)
class _State:
    """What is known of one source."""

    due: datetime = _BEGINNING
    failures: int = 0
    digest: bytes = b""
    cache_duration: timedelta | None = None
    valid_until: datetime | None = None


class Refresher:
    """Keeps all sources of a running server fresh.

    Args:
        sources: those of the configuration in use, asked anew every time.
        fetch: a URL to its document; raises `ExchangeFailed`.
        judge: a source and a document to what may be used of it; runs in a thread.
        hand_over: takes what is good, with its source; after it returns it is in use.
        kept: the copies on disk, of the configuration in use.
        meter: counts.
        clock: now, UTC.
        pace: how often.
        chance: from 0 to 1, for spreading.
    """

    def __init__(
        self,
        *,
        sources: Callable[[], Sequence[MetadataSource]],
        fetch: Callable[[str], Awaitable[bytes]],
        judge: Callable[[MetadataSource, bytes, datetime], Judgement],
        hand_over: Callable[[Sequence[tuple[MetadataSource, Part]]], Awaitable[None]],
        kept: Callable[[], KeptCopies],
        meter: RefreshMeter,
        clock: Clock,
        pace: Pace | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._sources = sources
        self._fetch = fetch
        self._judge = judge
        self._hand_over = hand_over
        self._kept = kept
        self._meter = meter
        self._clock = clock
        self._pace = pace or Pace()
        self._chance = chance
        self._states: dict[str, _State] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._judging = asyncio.Lock()
        self._judged: list[tuple[MetadataSource, Part]] = []
        self._handing = asyncio.Lock()
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.refresh_due()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_wait()):
                    await self._woken.wait()
            self._woken.clear()

    def forget(self) -> None:
        """The configuration was read anew: everything is due, and judged again whatever was judged before."""
        self._states = {}
        self._woken.set()

    async def refresh_due(self, only: Callable[[MetadataSource], bool] = lambda _source: True) -> None:
        """Whatever is due now, of the sources that are wanted; returns when all of it is done."""
        sources = {each.url: each for each in self._sources()}
        self._states = {url: self._states.get(url, _State()) for url in sources}
        now = self._clock()
        due = [each for url, each in sources.items() if self._states[url].due <= now and only(each)]
        await asyncio.gather(*(self._refresh(each, self._states[each.url]) for each in due))

    async def _refresh(self, source: MetadataSource, state: _State) -> None:
        async with self._turns:
            try:
                outcome = await self._outcome(source, state)
            except Exception:  # noqa: BLE001  the outermost edge of a source, whose trouble is never another's
                _log.exception("refreshing failed", party=source.party, url=source.url)
                outcome = "failed"
        now = self._clock()
        self._meter.metadata_refreshed(source.party, outcome)
        if outcome in {"renewed", "unchanged"}:
            self._meter.metadata_fetched(source.party, now)
            state.failures = 0
            state.due = self._pace.after_success(now, state.cache_duration, state.valid_until, self._chance)
        else:
            state.failures += 1
            state.due = self._pace.after_failure(now, state.failures, state.cache_duration, self._chance)

    async def _outcome(self, source: MetadataSource, state: _State) -> str:
        try:
            data = await self._fetch(source.url)
        except ExchangeFailed as failed:
            _log.warning("metadata not fetched", party=source.party, url=source.url, code=failed.reason)
            return failed.reason
        digest = sha256(data).digest()
        if digest == state.digest:
            await self._keep(source, data, confirm=True)
            return "unchanged"
        return await self._take(source, state, data, digest)

    async def _take(self, source: MetadataSource, state: _State, data: bytes, digest: bytes) -> str:
        async with self._judging:
            judgement = await asyncio.to_thread(self._judge, source, data, self._clock())
        if judgement.part is None:
            _log.warning("metadata refused", party=source.party, url=source.url, code=judgement.code)
            return "rollback" if judgement.is_rollback else "refused"
        await self._keep(source, data)
        self._judged.append((source, judgement.part))
        await self._hand_over_all()
        state.digest, metadata = digest, judgement.metadata
        state.cache_duration, state.valid_until = metadata.cache_duration, metadata.valid_until
        _log.info("metadata renewed", party=source.party, url=source.url)
        return "renewed"

    async def _hand_over_all(self) -> None:
        """What was judged meanwhile goes along: one change of the configuration for all of it."""
        async with self._handing:
            parts, self._judged = self._judged, []
            if parts:
                await self._hand_over(parts)

    async def _keep(self, source: MetadataSource, data: bytes, *, confirm: bool = False) -> None:
        """A copy for the next start, or that the one there is still good. Without it everything works all the same."""
        now = self._clock()
        try:
            if not (confirm and await asyncio.to_thread(self._kept().confirm, source.url, now)):
                await asyncio.to_thread(self._kept().write, source.url, data, now)
        except OSError as problem:
            _log.error("metadata not kept", party=source.party, url=source.url, problem=type(problem).__name__)

    def _seconds_to_wait(self) -> float:
        earliest = min((state.due for state in self._states.values()), default=None)
        if earliest is None:
            return LOOK.total_seconds()
        return min(max((earliest - self._clock()).total_seconds(), 1.0), LOOK.total_seconds())
