"""The configuration in use, and how another takes its place while the server runs.

There is one way: the applications of the new configuration are made beside those that serve, and take over in one
step. Who is under way ends as they began; logins live in the store, and go on. When anything goes wrong before that
step, nothing has changed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from routeringsvoorziening.broker.ports import Clock
from routeringsvoorziening.configuration.assembling import Part
from routeringsvoorziening.configuration.result import Configuration, MetadataSource, StoreSettings
from routeringsvoorziening.configuration.sources import adopt, metadata_of
from routeringsvoorziening.observability.metrics import Metrics
from routeringsvoorziening.renewal.telling import check_parties, tell_anew, tell_everything

FIXED: Final = (
    "front_channel",
    "back_channel",
    "management",
    "log_level",
    "audit_file",
    "limits",
    "trust_file",
    "metadata_refresh",
)
"""What sockets, files and tables were made of at the start; to change these takes a restart."""

Prepare = Callable[[Configuration], Awaitable[Callable[[], None]]]
"""Makes everything that serves a configuration; calling what comes back lets it serve."""


class Succession:
    """Holds the configuration in use.

    Args:
        configuration: the first one; it serves already.
        prepare: see `Prepare`.
        metrics: is told of certificates, metadata and reloads.
        clock: now, UTC.
    """

    def __init__(self, configuration: Configuration, prepare: Prepare, metrics: Metrics, clock: Clock) -> None:
        self._current = configuration
        self._prepare = prepare
        self._metrics = metrics
        self._clock = clock
        self._moving = asyncio.Lock()
        self._reloaded: list[Callable[[], None]] = []
        tell_everything(configuration, metrics)

    @property
    def current(self) -> Configuration:
        """The configuration in use."""
        return self._current

    def on_reload(self, call: Callable[[], None]) -> None:
        """Have something called after every reload."""
        self._reloaded.append(call)

    async def check_parties(self) -> None:
        """For readiness.

        Raises:
            PartlyWell: some metadata has ended or is missing.
        """
        check_parties(self._current, self._clock())

    async def reload(self, load: Callable[[Configuration], Configuration]) -> tuple[str, ...]:
        """Go on with another configuration.

        Args:
            load: from the one in use to the next one; reads files, so that it runs in a thread.

        Returns:
            What differs and takes a restart: paths in the main file.

        Raises:
            ConfigurationInvalid: with every mistake; nothing has changed.
        """
        async with self._moving:
            try:
                fresh = await asyncio.to_thread(load, self._current)
                pinned, kept = pin(self._current, fresh)
                (await self._prepare(pinned))()
            except Exception:
                self._metrics.configuration_reloaded("refused")
                raise
            self._current = pinned
            tell_everything(pinned, self._metrics)
        self._metrics.configuration_reloaded("done")
        for call in self._reloaded:
            call()
        return kept

    async def adopt(self, found: Sequence[tuple[MetadataSource, Part]]) -> None:
        """Go on with fresh metadata. A source that a reload has replaced meanwhile does not count any more."""
        async with self._moving:
            sources = {id(each) for each in self._current.sources}
            parts = [part for source, part in found if id(source) in sources]
            if not parts:
                return
            fresh = adopt(self._current, parts)
            (await self._prepare(fresh))()
            self._current = fresh
            for part in parts:
                tell_anew(metadata_of(part), self._metrics)


def pin(current: Configuration, fresh: Configuration) -> tuple[Configuration, tuple[str, ...]]:
    """The fresh configuration with what cannot change while sockets are open, and the names of what would have."""
    kept = [name for name in FIXED if getattr(fresh, name) != getattr(current, name)]
    if _differ(current.store, fresh.store):
        kept.append("store")
    if current.own.tls.certificate != fresh.own.tls.certificate:
        kept.append("own.tls")
    unchanged = {name: getattr(current, name) for name in FIXED}
    own = replace(fresh.own, tls=current.own.tls)
    return replace(fresh, **unchanged, store=current.store, own=own), tuple(kept)


def _differ(current: StoreSettings, fresh: StoreSettings) -> bool:
    """By address and key ids: a store in memory without configured keys has a new key at every reading."""
    ids = [[each.id for each in settings.sealing_keys] for settings in (current, fresh)]
    return current.url != fresh.url or ids[0] != ids[1]
