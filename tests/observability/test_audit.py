"""The audit trail: written, or said not to be."""

import asyncio
import json

import pytest

from routeringsvoorziening.broker.vocabulary import Reference
from routeringsvoorziening.observability.audit import LineAuditTrail

REFERENCE = Reference("RV-AAAA-BBBB")


@pytest.fixture
def make_trail(at):
    """A function that makes trails which end with the test."""
    made: list[LineAuditTrail] = []

    def make(target) -> LineAuditTrail:
        made.append(LineAuditTrail(target, clock=lambda: at))
        return made[-1]

    yield make
    for trail in made:
        trail.close()


async def test_an_event_is_one_line(make_trail, tmp_path):
    """Time, reference, event and facts, in the file when `record` returns."""
    await make_trail(tmp_path / "audit").record("login.begun", REFERENCE, {"connection": "urn:x"})
    assert json.loads(await asyncio.to_thread((tmp_path / "audit").read_text)) == {
        "time": "2026-06-01T12:00:00.000Z",
        "reference": "RV-AAAA-BBBB",
        "event": "login.begun",
        "facts": {"connection": "urn:x"},
    }


@pytest.mark.attack("S91")
async def test_no_bsn_and_no_second_line(make_trail, tmp_path, bsn):
    """Even when a fact would hold one."""
    await make_trail(tmp_path / "audit").record("login.failed", REFERENCE, {"detail": f'{bsn}\n{{"event": "x"}}'})
    text = await asyncio.to_thread((tmp_path / "audit").read_text)
    assert bsn not in text
    assert len(text.splitlines()) == 1


async def test_what_cannot_be_written_is_an_os_error(make_trail, tmp_path):
    """So that the caller gives no declaration (fail closed)."""
    with pytest.raises(OSError, match="not written"):
        await make_trail(tmp_path / "missing" / "audit").record("login.declared", REFERENCE, {})
