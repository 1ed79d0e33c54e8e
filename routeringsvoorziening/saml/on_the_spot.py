"""Short work, done at once by whoever asks for it, and not by a thread.

A thread does not take work in Python off the event loop: it takes the interpreter's lock, for which the loop then
waits. For a call of a millisecond or two, waking a thread and handing that lock to and fro, at every step that lets go
of it, costs a fifth of a login and shortens nobody's wait (docs/decisions/0014). How long a call takes at most is known
from what it works on, hostile or not, because `parsing` bounds all else.

What is done here holds up the loop, so there is an allowance: beyond it, threads do the work, within their own bounds.
"""

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from time import perf_counter
from typing import Final, ParamSpec, TypeVar

from routeringsvoorziening.saml.written import KEEPS_PREFIXES

P = ParamSpec("P")
R = TypeVar("R")

PER_TAG: Final = 64
PER_ATTRIBUTE: Final = 16
"""What they cost, in bytes that are neither: elements, prefixes at each of them, and attributes are what takes time."""
UNSEEN: Final = 4
"""What a character of base64 may hide."""


def work_in(message: bytes | str) -> int:
    """How much work a message can be.

    Args:
        message: XML, or XML in base64.

    Returns:
        Bytes, as if it were nothing but text.
    """
    if isinstance(message, str):
        return UNSEEN * len(message)
    return len(message) + PER_TAG * message.count(b"<") + PER_ATTRIBUTE * message.count(b"=")


def work_around(finished: bytes) -> int:
    """The same of finished XML that goes into a message of ours as it is, after a look at every byte.

    But not when a signature in it keeps prefixes: then the whole message is read again.
    """
    return work_in(finished) if KEEPS_PREFIXES in finished else len(finished) // 2


class Allowance:
    """How much of the event loop's time short work may take: a share of the time that passes.

    Args:
        share: seconds that may be spent per second that passes.
        saved: seconds that can be saved up, for work that comes all at once.
        clock: seconds that never go back.
    """

    def __init__(self, share: float, saved: float = 0.025, clock: Callable[[], float] = perf_counter) -> None:
        self._share = share
        self._saved = saved
        self._clock = clock
        self._left = saved
        self._at = clock()

    @property
    def left(self) -> float:
        """Seconds that may still be spent now; below zero when the last call took more than there was."""
        now = self._clock()
        self._left = min(self._saved, self._left + (now - self._at) * self._share)
        self._at = now
        return self._left

    def spend(self, seconds: float) -> None:
        """So much was used."""
        self._left -= seconds


class OnTheSpot:
    """Has the methods of `offload.CryptoPool` that call a function, and calls it at once.

    Args:
        allowance: pays for it.
        clock: seconds that never go back.
    """

    def __init__(self, allowance: Allowance, clock: Callable[[], float] = perf_counter) -> None:
        self._allowance = allowance
        self._clock = clock

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function, in a copy of the caller's context as a thread does; what it raises comes through."""
        started = self._clock()
        try:
            return copy_context().run(partial(function, *args, **kwargs))
        finally:
            self._allowance.spend(self._clock() - started)

    run_earned = run
