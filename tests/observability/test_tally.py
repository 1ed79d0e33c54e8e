"""A tally says the same, in the same words, as a counter and a histogram of prometheus-client."""

import re

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from routeringsvoorziening.observability.tally import Tally

BUCKETS = (0.001, 0.01, 1.0)
EVENTS = st.lists(
    st.tuples(
        st.tuples(st.sampled_from(["put", "take"]), st.sampled_from(["leg", "login"]), st.sampled_from(["ok", "none"])),
        st.sampled_from([0.0, 0.001, 0.0010001, 0.5, 1.0, 7.0]),
    ),
    max_size=30,
)


def told(registry: CollectorRegistry) -> set[str]:
    """The lines of an exposition, without when a metric was made."""
    return {line for line in generate_latest(registry).decode().splitlines() if not re.search("_created", line)}


@given(EVENTS)
def test_what_is_told_is_what_the_library_would_tell(events: list[tuple[tuple[str, str, str], float]]) -> None:
    """Names, labels, buckets and sums, a value on the edge of a bucket included."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    labels = ("operation", "kind", "outcome")
    tally = Tally("x_operations", "Times", ("x_seconds", "Seconds"), labels, BUCKETS)
    ours.register(tally)
    counter = Counter("x_operations_total", "Times", labels, registry=theirs)
    histogram = Histogram("x_seconds", "Seconds", labels[:1], buckets=BUCKETS, registry=theirs)
    for values, seconds in events:
        tally.add(values, seconds)
        counter.labels(*values).inc()
        histogram.labels(values[0]).observe(seconds)
    assert told(ours) == told(theirs)


def test_can_be_read_while_a_label_is_new() -> None:
    """By another thread, at the very moment that the first of its kind is placed."""

    class Watched(dict[str, list[int]]):
        def __setitem__(self, first: str, placed: list[int]) -> None:
            super().__setitem__(first, placed)
            read.append(len(list(tally.collect())))

    read: list[int] = []
    tally = Tally("t", "times", ("t_seconds", "seconds"), ("kind",), (1.0,))
    tally._placed = Watched()
    tally.add(("a",), 0.5)
    assert read == [2]
