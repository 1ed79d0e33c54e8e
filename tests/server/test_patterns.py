"""Every regular expression of ours costs at most in proportion to its text, whatever somebody sends."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

import routeringsvoorziening

LENGTH = 20_000
CPU_SECONDS = 0.25
"""A pattern that goes back and forth over 20,000 characters takes several times that, or hours."""
STARTS = (
    "",
    "urn:nl-eid-gdi:1.0:",
    "<?xml version='1.0'",
    ' id="',
    'charset="utf-8"',
    "P1Y",
    "AA/BB/x",
    "${",
    "https://x",
)
PUMPED = (
    " ",
    "\t",
    "\r\n",
    "a",
    "A",
    "0",
    "1.",
    "-",
    "=",
    '"',
    "#",
    "<",
    "/",
    "/x ",
    " x",
    "a-",
    "0 ",
    'a" id="',
    "${",
    "é",
)


def patterns() -> Iterator[tuple[str, "re.Pattern[str] | re.Pattern[bytes]"]]:
    """Those that stand in a module, by where they stand."""
    for module in pkgutil.walk_packages(routeringsvoorziening.__path__, "routeringsvoorziening."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name.partition('.')[2]}.{name}", value


FOUND = dict(patterns())


def cost(pattern: "re.Pattern[str] | re.Pattern[bytes]", text: str) -> float:
    """Seconds of CPU for looking in every way."""
    data = text.encode() if isinstance(pattern.pattern, bytes) else text
    started = time.thread_time()
    pattern.fullmatch(data)
    pattern.match(data)
    for _ in pattern.finditer(data):
        pass
    return time.thread_time() - started


def worst(pattern: "re.Pattern[str] | re.Pattern[bytes]") -> float:
    """The most expensive of all texts that are tried, each at its cheapest of three."""
    texts = (start + pumped * (LENGTH // len(pumped)) + "\x00" for start in STARTS for pumped in PUMPED)
    return max(
        min(cost(pattern, text) for _ in range(3)) if cost(pattern, text) > CPU_SECONDS else 0.0 for text in texts
    )


def test_there_are_patterns_to_try():
    """The search finds them."""
    assert len(FOUND) > 20


@pytest.mark.attack("S48")
@pytest.mark.parametrize("name", FOUND)
def test_no_text_keeps_a_pattern_busy(name):
    """Starts that fit some pattern, then one thing repeated, then an end that fits none."""
    assert worst(FOUND[name]) <= CPU_SECONDS


def test_a_greedy_pattern_would_be_seen():
    """The positive control."""
    assert cost(re.compile(r"\s*x"), " " * LENGTH) > CPU_SECONDS
