"""Numbers that change many times in every login, counted at the price of an addition and added up when asked for.

A counter and a histogram of prometheus-client take a lock, check their labels and look for their bucket in Python each
time. Here one event loop counts, so that nothing of it is needed; the exposition has the same names and the same form.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector


class Tally(Collector):
    """How often, by labels, and how long, by the first of them.

    Args:
        name: of the counter, without `_total`.
        counted: what the counter says.
        timed: the name of the histogram, and what it says.
        labels: their names; their values come from small, closed sets.
        buckets: upper bounds, in seconds, ascending.
    """

    def __init__(
        self, name: str, counted: str, timed: tuple[str, str], labels: Sequence[str], buckets: Sequence[float]
    ) -> None:
        self._name, self._counted, self._timed = name, counted, timed
        self._labels = tuple(labels)
        self._buckets = tuple(buckets)
        self._times: Counter[tuple[str, ...]] = Counter()
        self._placed: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def add(self, labels: tuple[str, ...], seconds: float) -> None:
        """One more."""
        self._times[labels] += 1
        first = labels[0]
        if first not in self._placed:
            self._seconds[first] = 0.0  # before `_placed`, by which another thread goes
            self._placed[first] = [0] * (len(self._buckets) + 1)
        self._placed[first][bisect_left(self._buckets, seconds)] += 1
        self._seconds[first] += seconds

    def collect(self) -> Iterator[Metric]:
        """As prometheus-client asks it, maybe from another thread: of copies."""
        times = CounterMetricFamily(self._name, self._counted, labels=self._labels)
        for labels, number in self._times.copy().items():
            times.add_metric(labels, number)
        yield times
        seconds = HistogramMetricFamily(*self._timed, labels=self._labels[:1])
        for first, placed in self._placed.copy().items():
            seconds.add_metric([first], self._cumulative(placed), self._seconds[first])
        yield seconds

    def _cumulative(self, placed: Sequence[int]) -> list[tuple[str, float]]:
        found, below = [], 0
        for bound, number in zip((*map(str, self._buckets), "+Inf"), placed, strict=True):
            below += number
            found.append((bound, float(below)))
        return found
