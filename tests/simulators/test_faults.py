"""The faults of the DigiD simulator: each really does what it says, and a careful receiver's checks find it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.loa import level_of
from routeringsvoorziening.saml.messages.artifact_response import read_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, read_assertion
from routeringsvoorziening.saml.messages.response import Response, read_response
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.digid.faults import FAULTS, FaultSwitches
from tests.simulators.conftest import DigidVisit
from tests.support import simulated
from tests.support.simulated import AD, DV, NOW, RD

KEY = simulated.signing_key(AD).verification_key


@dataclass
class Read:
    """An answer as far as a reader of the wire format comes with it."""

    response: Response | None
    assertion: Assertion | None


def read(body: bytes, resolve_id: str) -> Read:
    """Everything that any receiver checks, whatever it asked.

    Raises:
        SamlError: what is wrong.
    """
    envelope = read_artifact_response(verify(unwrap(parse(body)), [KEY], at=NOW))
    if envelope.in_response_to != resolve_id:
        raise SamlError("irt.mismatch")
    if envelope.response is None:
        return Read(None, None)
    response = read_response(envelope.response)
    if response.assertion is None:
        return Read(response, None)
    return Read(response, read_assertion(verify(response.assertion, [KEY], at=NOW)))


async def answer_of(digid: DigidVisit, **form: str) -> tuple[str, Any]:
    """ID of the ArtifactResolve, and the HTTP answer, for a login."""
    artifact, resolve_id = (await digid.log_in(**form)).query["SAMLart"], new_message_id()
    return resolve_id, await digid.resolve(artifact, id=resolve_id)


async def read_of(digid: DigidVisit, **form: str) -> Read:
    """The same, read."""
    resolve_id, answer = await answer_of(digid, **form)
    return read(await answer.read(), resolve_id)


REFUSED_BY_ANY_READER = {
    "garbage": "xml.encoding",
    "truncated": "xml.malformed",
    "wrong-signature": "sig.invalid",
    "altered": "sig.invalid",
    "other-key": "sig.invalid",
    "unsigned-assertion": "sig.missing",
    "no-assertion": "assertion.count",
    "two-assertions": "assertion.count",
    "encrypted-assertion": "assertion.encrypted",
    "no-acting-subject": "attribute.structure",
    "two-acting-subjects": "attribute.structure",
    "unsigned-envelope": "sig.missing",
    "altered-envelope": "sig.invalid",
}


@pytest.mark.parametrize(("fault", "code"), REFUSED_BY_ANY_READER.items())
async def test_what_any_reader_refuses(digid: DigidVisit, fault: str, code: str) -> None:
    """With the fault on, reading ends in its own code; without it the same reading succeeds."""
    digid.faults.switch_on(fault)
    with pytest.raises(SamlError) as refused:
        await read_of(digid)
    assert refused.value.code == code
    digid.faults.clear()
    assert (await read_of(digid)).assertion is not None


def _level(read: Read) -> int:
    assert read.assertion is not None
    return level_of(read.assertion.class_ref)


SEEN: dict[str, Callable[[Read], bool]] = {
    "lower-loa": lambda read: _level(read) == 10,
    "expired": lambda read: read.assertion.not_on_or_after < NOW,
    "not-yet-valid": lambda read: read.assertion.not_before > NOW,
    "other-issuer": lambda read: read.assertion.issuer != AD.entity_id,
    "other-audience": lambda read: RD.entity_id not in read.assertion.audiences,
    "other-recipient": lambda read: read.assertion.confirmation.recipient != simulated.RD_ACS,
    "other-in-response-to": lambda read: read.assertion.confirmation.in_response_to != read.response.in_response_to,
    "other-service": lambda read: read.assertion.service_uuid != simulated.layout.PORTAL_SERVICES[2].uuid,
    "with-advice": lambda read: read.assertion.has_advice,
    "with-authority": lambda read: bool(read.assertion.authenticating_authorities),
    "legal-subject": lambda read: bool(read.assertion.legal_subject),
    "for-another": lambda read: DV.entity_id not in recipients_of(read.assertion.acting_subject[0]),
    "no-response": lambda read: read.response is None,
    "recoverable": lambda read: read.response.status.second == names.STATUS_REQUEST_UNSUPPORTED,
    "other-destination": lambda read: read.response.destination != simulated.RD_ACS,
    "response-in-response-to": lambda read: read.response.in_response_to != read.assertion.confirmation.in_response_to,
}


@pytest.mark.parametrize(("fault", "is_seen"), SEEN.items())
async def test_what_a_receiver_must_notice(digid: DigidVisit, fault: str, is_seen: Callable[[Read], bool]) -> None:
    """The message reads well, and says what it should not; without the fault it does not."""
    digid.faults.switch_on(fault)
    assert is_seen(await read_of(digid))
    digid.faults.clear()
    assert not is_seen(await read_of(digid))


async def test_an_unknown_level_is_none_of_the_four(digid: DigidVisit) -> None:
    """`unknown-loa` declares a level outside the koppelvlak."""
    digid.faults.switch_on("unknown-loa")
    with pytest.raises(SamlError, match="loa"):
        _level(await read_of(digid))


async def test_a_key_without_recipient(digid: DigidVisit) -> None:
    """`no-recipient` leaves out for whom the EncryptedKey is."""
    digid.faults.switch_on("no-recipient")
    found = (await read_of(digid)).assertion
    assert found is not None
    with pytest.raises(SamlError):
        recipients_of(found.acting_subject[0])


async def test_the_same_assertion_id_again(digid: DigidVisit) -> None:
    """`same-assertion-id` repeats the ID of the login before."""
    digid.faults.switch_on("same-assertion-id")
    first, second = [(await read_of(digid)).assertion for _ in range(2)]
    assert first is not None
    assert second is not None
    assert first.id == second.id


async def test_answers_that_are_no_message(digid: DigidVisit) -> None:
    """`unavailable`, `html` and `redirect` answer as something else than a SOAP service."""
    expected = {"unavailable": (503, "text/plain"), "html": (200, "text/html"), "redirect": (302, "text/plain")}
    for fault, (status, content_type) in expected.items():
        digid.faults.clear()
        digid.faults.switch_on(fault)
        _, answer = await answer_of(digid)
        assert (answer.status, answer.content_type) == (status, content_type)


@pytest.mark.parametrize("fault", ["slow", "drip"])
async def test_slow_answers_are_right_in_the_end(digid: DigidVisit, fault: str) -> None:
    """`slow` and `drip` only take their time."""
    digid.faults.switch_on(fault)
    assert (await read_of(digid)).assertion is not None


async def test_hanging_up(digid: DigidVisit) -> None:
    """`hang-up` ends the connection without an answer."""
    digid.faults.switch_on("hang-up")
    artifact = (await digid.log_in()).query["SAMLart"]
    with pytest.raises(aiohttp.ClientConnectionError):
        await digid.resolve(artifact)


async def test_a_huge_answer(digid: DigidVisit) -> None:
    """`huge` sends more than thirty megabytes."""
    digid.faults.switch_on("huge")
    received = 0
    _, answer = await answer_of(digid)
    async for part in answer.content.iter_any():
        received += len(part)
    assert received > 30_000_000


def test_every_fault_is_tried_here() -> None:
    """A new line in the table needs a test."""
    elsewhere = {"unknown-loa", "no-recipient", "same-assertion-id", "unavailable", "html", "redirect"}
    elsewhere |= {"slow", "drip", "hang-up", "huge", "no-bvd-audience", "no-bvd-key"}
    assert set(FAULTS) == set(REFUSED_BY_ANY_READER) | set(SEEN) | elsewhere


def test_an_unknown_fault_cannot_be_switched_on() -> None:
    """A misspelt name is a mistake in the test."""
    with pytest.raises(KeyError):
        FaultSwitches(["no-such-fault"])


async def test_a_fault_for_one_login(digid: DigidVisit) -> None:
    """What is chosen on the page holds for that login alone."""
    assert _level(await read_of(digid, fault="lower-loa")) == 10
    assert _level(await read_of(digid)) == 25


async def test_faults_can_be_kept_off_the_page(new_digid: Any) -> None:
    """Without `show_faults` the page does not offer them, and a form that names one has no effect."""
    digid = await new_digid(show_faults=False)
    page = (await digid.ask()).headers["Location"]
    assert "Storingen naspelen" not in await (await digid.front.get(page)).text()
    assert _level(await read_of(digid, fault="lower-loa")) == 25
