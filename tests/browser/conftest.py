"""A real Chromium before the running chain. Screenshots stand under build/screenshots."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.support.chain.running import running_chain

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def chromium():
    """The machine's own Chromium, without a window; gone with its module, because while it lives no other loop can run."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("chromium is not installed: tests/system-packages.sh installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """RV, DigiD simulator and portals, over real sockets."""
    with running_chain(tmp_path_factory.mktemp("browser") / "world") as running:
        yield running


@pytest.fixture(params=SIZES)
def size(request) -> str:
    """Desktop and phone."""
    return request.param


@pytest.fixture
def shots(request, size):
    """Takes a numbered screenshot of a page, named after the test."""
    taken = []

    def shoot(page, name: str) -> None:
        taken.append(name)
        test = request.node.originalname.removeprefix("test_")[:40]
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{test}-{size}-{len(taken):02}-{name}.png", full_page=True)

    return shoot


@pytest.fixture
def page(chromium, size):
    """A page in a fresh profile, in Dutch; whatever the console complains about fails the test."""
    context = chromium.new_context(viewport=SIZES[size], locale="nl-NL")
    fresh, complaints = context.new_page(), []
    fresh.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    fresh.on("pageerror", lambda error: complaints.append(str(error)))
    fresh.set_default_timeout(10_000)
    yield fresh
    context.close()
    assert [each for each in complaints if "status of 4" not in each] == []


@pytest.fixture
def plain_page(chromium, size):
    """A page in a browser that runs no script."""
    context = chromium.new_context(viewport=SIZES[size], locale="nl-NL", java_script_enabled=False)
    fresh = context.new_page()
    fresh.set_default_timeout(10_000)
    yield fresh
    context.close()
