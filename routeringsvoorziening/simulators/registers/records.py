"""The one interface of a register, and a table in memory that has it: enough for bewind, curatele and mentorschap."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from routeringsvoorziening.simulators.registers.mandates import Mandate


class NotHeld(Exception):
    """A mandate that a register does not hold, or not any more."""


class Register(Protocol):
    """What holds mandates. It does not judge whether they hold today."""

    @property
    def name(self) -> str:
        """Short and stable, such as `publiek`."""
        ...

    def held_by(self, acting: str) -> Sequence[Mandate]:
        """Every mandate with which this BSN acts for somebody."""
        ...

    def held_for(self, legal: str) -> Sequence[Mandate]:
        """Every mandate with which somebody acts for this BSN."""
        ...

    def is_used(self, mandate: Mandate) -> bool:
        """Whether it held for one time, and that time has been."""
        ...

    def use(self, mandate: Mandate) -> None:
        """Somebody acts with it now.

        Raises:
            NotHeld: it is not held any more, or it held for one time and somebody was first.
        """
        ...

    def watch(self, watcher: Callable[[str, Mandate], None]) -> None:
        """Tell the watcher, with this register's name, of every mandate: those that are there and those that come."""
        ...


class Records:
    """A register in memory. Safe to use from several threads.

    Args:
        name: short and stable.
        mandates: what it holds at the start.
    """

    def __init__(self, name: str, mandates: Iterable[Mandate] = ()) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._by_id: dict[str, Mandate] = {}
        self._by_acting: dict[str, dict[str, Mandate]] = defaultdict(dict)
        self._by_legal: dict[str, dict[str, Mandate]] = defaultdict(dict)
        self._watchers: list[Callable[[str, Mandate], None]] = []
        for each in mandates:
            self.add(each)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def name(self) -> str:
        """Short and stable."""
        return self._name

    def held_by(self, acting: str) -> Sequence[Mandate]:
        """Every mandate with which this BSN acts for somebody."""
        with self._lock:
            return tuple(self._by_acting.get(acting, {}).values())

    def held_for(self, legal: str) -> Sequence[Mandate]:
        """Every mandate with which somebody acts for this BSN."""
        with self._lock:
            return tuple(self._by_legal.get(legal, {}).values())

    def is_used(self, mandate: Mandate) -> bool:  # noqa: ARG002 - of the interface
        """Never: what a court or the law grants is not used up."""
        return False

    def use(self, mandate: Mandate) -> None:
        """It must still be held.

        Raises:
            NotHeld: it is not.
        """
        with self._lock:
            if mandate.id not in self._by_id:
                raise NotHeld(mandate.id)

    def add(self, mandate: Mandate) -> None:
        """From now on it is held.

        Raises:
            ValueError: nobody acts for themselves, and a reference is of one mandate.
        """
        if mandate.acting == mandate.legal:
            raise ValueError(f"{mandate.id}: nobody acts for themselves")
        with self._lock:
            if mandate.id in self._by_id:
                raise ValueError(f"{mandate.id}: held already")
            self._by_id[mandate.id] = mandate
            self._by_acting[mandate.acting][mandate.id] = mandate
            self._by_legal[mandate.legal][mandate.id] = mandate
        for watcher in self._watchers:
            watcher(self._name, mandate)

    def end(self, mandate_id: str) -> None:
        """Withdrawn, or ended by the court: from now on it is not held.

        Raises:
            NotHeld: it was not.
        """
        with self._lock:
            mandate = self._by_id.pop(mandate_id, None)
            if mandate is None:
                raise NotHeld(mandate_id)
            del self._by_acting[mandate.acting][mandate_id]
            del self._by_legal[mandate.legal][mandate_id]

    def watch(self, watcher: Callable[[str, Mandate], None]) -> None:
        """Tell of what is there, and then of what comes."""
        self._watchers.append(watcher)
        for each in list(self._by_id.values()):
            watcher(self._name, each)
