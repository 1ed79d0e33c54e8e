"""One Chromium for all tests that want one: starting it takes longer than most tests."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = os.environ.get("RV_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
"""Path of the program; None when this machine has none."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-port=0",
)
PATIENCE = 60.0
"""Seconds for a cold start on a busy machine."""


@contextmanager
def running_chromium(profile: Path) -> Iterator[str]:
    """The address of a Chromium for `connect_over_cdp`; `profile` is an empty directory of its own."""
    if CHROMIUM is None:
        raise RuntimeError("there is no Chromium on this machine")
    process = subprocess.Popen(
        [CHROMIUM, *FLAGS, f"--user-data-dir={profile}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{_debugging_port(profile / 'DevToolsActivePort')}"
    finally:
        process.terminate()
        process.wait(10)


def _debugging_port(written: Path) -> int:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if written.exists() and (text := written.read_text()).count("\n"):
            return int(text.splitlines()[0])
        time.sleep(0.05)
    raise TimeoutError("Chromium did not start")
