"""XML work in lanes, so that whoever is not known yet keeps nobody waiting who is.

    front   what anybody can post: AuthnRequest, LogoutRequest, LogoutResponse
    back    what was asked for: ArtifactResolve over mutual TLS, answers of services, our own metadata

Each lane has its own workers and its own queue: the operating system shares the processors between them. What is short
is done at once, on the event loop, of which each lane may take its share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.observability.health import CheckFailed, PartlyWell
from routeringsvoorziening.saml.offload import MAXIMUM_LOST, CryptoPool, PoolBusy, PoolTimeout

P = ParamSpec("P")
R = TypeVar("R")

FRONT_SHARE: Final = 0.25
"""Of the event loop's time; when logins take all of that, less than a tenth of it is work of the front lane."""
BACK_SHARE: Final = 0.6
"""The same; then less than half of it is work of the back lane."""


class BoundedPool(CryptoPool):
    """The crypto pool, with its bounds as the core knows bounds: 503, and a count by the name of the bound.

    Raises in `run`, `run_earned` and `check_room`:
        TooBusy: `crypto-front` or `crypto-back` when the lane is full, `crypto-hang` when the call hung.
    """

    def __init__(
        self, lane: str, *, workers: int = 2, timeout: float = 5.0, max_pending: int = 64, share: float = BACK_SHARE
    ) -> None:
        super().__init__(workers, timeout, max_pending, share=share)
        self._lane = lane

    def check_room(self) -> None:
        """As `CryptoPool.check_room`."""
        try:
            super().check_room()
        except PoolBusy:
            raise TooBusy(f"crypto-{self._lane}") from None

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `CryptoPool.run`."""
        try:
            return await super().run(function, *args, **kwargs)
        except PoolBusy:
            raise TooBusy(f"crypto-{self._lane}") from None
        except PoolTimeout:
            raise TooBusy("crypto-hang") from None

    async def run_earned(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `CryptoPool.run_earned`."""
        try:
            return await super().run_earned(function, *args, **kwargs)
        except PoolBusy:
            raise TooBusy(f"crypto-{self._lane}") from None
        except PoolTimeout:
            raise TooBusy("crypto-hang") from None

    def check(self) -> None:
        """For readiness.

        Raises:
            PartlyWell: workers hang, and others do their work.
            CheckFailed: nobody does.
        """
        if not self.healthy or self.lost >= MAXIMUM_LOST:
            raise CheckFailed(f"{self.lost} crypto workers hang, none is left: {self._lane}")
        if self.lost:
            raise PartlyWell(f"{self.lost} crypto workers hang: {self._lane}")


@dataclass(frozen=True, slots=True)
class Lanes:
    """One pool per kind of work."""

    front: BoundedPool
    back: BoundedPool

    @classmethod
    def of(cls, *, workers: int, max_pending: int) -> "Lanes":
        """As many workers and as long a queue in each."""
        return cls(
            BoundedPool("front", workers=workers, max_pending=max_pending, share=FRONT_SHARE),
            BoundedPool("back", workers=workers, max_pending=max_pending, share=BACK_SHARE),
        )

    def close(self) -> None:
        """As `CryptoPool.close`, of both."""
        self.front.close()
        self.back.close()

    async def check(self) -> None:
        """As `BoundedPool.check`, of both; that one cannot work weighs most."""
        partly = None
        for pool in (self.front, self.back):
            try:
                pool.check()
            except PartlyWell as error:
                partly = error
        if partly is not None:
            raise partly
