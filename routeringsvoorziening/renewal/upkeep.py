"""Keeps a running server's metadata fresh for as long as it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from routeringsvoorziening.broker.ports import Clock
from routeringsvoorziening.configuration.kept import KeptCopies
from routeringsvoorziening.configuration.model.refresh import MetadataRefresh
from routeringsvoorziening.configuration.result import Configuration, MetadataSource
from routeringsvoorziening.configuration.sources import Judgement, judge
from routeringsvoorziening.observability.metrics import Metrics
from routeringsvoorziening.renewal.pace import Pace
from routeringsvoorziening.renewal.refresher import Refresher
from routeringsvoorziening.renewal.succession import Succession
from routeringsvoorziening.renewal.telling import providers_of
from routeringsvoorziening.transport.addresses import AddressPolicy
from routeringsvoorziening.transport.fetching import BOUNDS, DocumentFetcher
from routeringsvoorziening.transport.tls import client_context

UNCONFIGURED: Final = Path("metadata-cache")
"""Never used: a configuration with sources has a directory for their copies."""
PATIENCE: Final = 10.0
"""Seconds that a start waits for metadata of which there is no good copy."""


@asynccontextmanager
async def keeping_fresh(succession: Succession, metrics: Metrics, clock: Clock) -> AsyncIterator[None]:
    """Fetch what is missing now, within bounds, and go on fetching in the background while the context lasts."""
    configuration = succession.current
    fetcher = await _fetcher(configuration)
    refresher = _refresher(succession, fetcher, metrics, clock)
    succession.on_reload(refresher.forget)
    await asyncio.to_thread(_tell_copies, configuration, metrics)
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await refresher.refresh_due(lambda source: _is_missing(source, succession.current, clock()))
    task = asyncio.create_task(refresher.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await fetcher.close()


def _refresher(succession: Succession, fetcher: DocumentFetcher, metrics: Metrics, clock: Clock) -> Refresher:
    settings = succession.current.metadata_refresh

    def judged(source: MetadataSource, data: bytes, at: datetime) -> Judgement:
        return judge(succession.current, source, data, at)

    return Refresher(
        sources=lambda: succession.current.sources,
        fetch=fetcher.fetch,
        judge=judged,
        hand_over=succession.adopt,
        kept=lambda: KeptCopies(succession.current.metadata_cache or UNCONFIGURED),
        meter=metrics,
        clock=clock,
        pace=_pace(settings),
    )


async def _fetcher(configuration: Configuration) -> DocumentFetcher:
    """Under the authorities that the system trusts: what a document says is proven by its own signature."""
    settings = configuration.metadata_refresh
    policy = AddressPolicy(anywhere=configuration.environment != "production", networks=settings.networks)
    tls = await asyncio.to_thread(client_context)
    return DocumentFetcher(policy, tls=tls, bounds=replace(BOUNDS, total=settings.timeout.total_seconds()))


def _pace(settings: MetadataRefresh) -> Pace:
    return Pace(settings.least, settings.most, settings.usual)


def _is_missing(source: MetadataSource, configuration: Configuration, at: datetime) -> bool:
    """Nothing of this party can be used now."""
    metadata = {each.entity_id: each for each in providers_of(configuration)}.get(source.party)
    return metadata is None or (metadata.valid_until is not None and metadata.valid_until <= at)


def _tell_copies(configuration: Configuration, metrics: Metrics) -> None:
    if configuration.metadata_cache is None:
        return
    kept = KeptCopies(configuration.metadata_cache)
    for source in configuration.sources:
        copy = kept.read(source.url)
        if copy is not None:
            metrics.metadata_fetched(source.party, copy.fetched_at)
