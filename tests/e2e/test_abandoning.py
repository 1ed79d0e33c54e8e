"""A person walks away: the login is counted as abandoned, and it can no longer be finished."""

import asyncio
from unittest import mock

import pytest

from routeringsvoorziening import server
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.running import running_chain

LOGIN = 15 * 60


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """One that looks often."""
    with (
        mock.patch.object(server, "COUNTING_EVERY", 0.02),
        running_chain(tmp_path_factory.mktemp("leaving") / "world") as running,
    ):
        yield running


async def test_who_walks_away_is_counted(chain, browser):
    """At DigiD's page; the running server finds it by itself. Coming back afterwards ends on a page."""

    def counted() -> float | None:
        labels = {"frontend": "saml", "service": "none", "outcome": "abandoned"}
        return chain.listening.metrics.registry.get_sample_value("rv_logins_ended_total", labels)

    dv = chain.dienstverlener()
    page = await at_digid(browser, await dv.begin(browser))
    late = await log_in(browser, page)
    assert counted() is None
    chain.clock.push(LOGIN)
    async with asyncio.timeout(10):
        while counted() is None:  # noqa: ASYNC110  another thread's numbers
            await asyncio.sleep(0.02)
    assert counted() == 1
    assert len(chain.audited("login.abandoned")) == 1
    gone = await browser.follow(late)
    assert (gone.status, gone.location) == (410, None)
