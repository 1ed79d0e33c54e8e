"""The DigiD simulator in the role AD: artifacts, and what waits behind them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.artifact import new_artifact, parse_artifact, source_id_of
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.encryption import decrypt_id
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, read_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, read_assertion
from routeringsvoorziening.saml.messages.response import Response, read_response
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.world.persons import BY_KEY
from tests.simulators.conftest import DigidVisit, NewDigid
from tests.support import simulated
from tests.support.simulated import AD, BSN, DV, MINUTE, NOW, RD, Clock, recipient

KEY = simulated.signing_key(AD).verification_key


def opened(body: bytes) -> ArtifactResponse:
    """The ArtifactResponse, verified."""
    return read_artifact_response(verify(unwrap(parse(body)), [KEY], at=NOW))


def response_in(body: bytes) -> Response:
    """The Response in it."""
    response = opened(body).response
    assert response is not None
    return read_response(response)


def assertion_in(body: bytes) -> Assertion:
    """The Assertion in it, verified by its own signature."""
    element = response_in(body).assertion
    assert element is not None
    return read_assertion(verify(element, [KEY], at=NOW))


async def logged_in(digid: DigidVisit, **form: str) -> bytes:
    """A login and the answer behind its artifact."""
    location = await digid.log_in(**form)
    return await (await digid.resolve(location.query["SAMLart"])).read()


@pytest.mark.eis("ART-04", "ART-06", "RSP-08")
@pytest.mark.parametrize("action", ["login", "cancel", "fail"])
async def test_the_browser_goes_back_with_an_artifact(digid: DigidVisit, action: str) -> None:
    """To the ACS of the metadata, with RelayState as it came; also when nobody logged in."""
    location = await digid.log_in(action)
    assert str(location.with_query(None)) == simulated.RD_ACS
    assert location.query["RelayState"] == "leg-1"
    artifact = parse_artifact(location.query["SAMLart"])
    assert (artifact.endpoint_index, artifact.source_id) == (0, source_id_of(AD.entity_id))


async def test_without_relay_state_there_is_none(digid: DigidVisit) -> None:
    """Absent stays absent."""
    page = (await digid.ask(relay_state=None)).headers["Location"]
    answer = await digid.front.post(page, data={"action": "cancel"}, allow_redirects=False)
    assert "RelayState" not in answer.headers["Location"]


@pytest.mark.eis("ARR-08", "RSP-08", "RSP-03")
async def test_the_answer_is_for_the_request(digid: DigidVisit) -> None:
    """ArtifactResponse and Response refer to what was asked, and the Response is addressed to the ACS."""
    body = await logged_in(digid)
    envelope, response = opened(body), response_in(body)
    assert envelope.issuer == response.issuer == AD.entity_id
    assert response.destination == simulated.RD_ACS
    assert response.status.success


@pytest.mark.eis("AS-01", "AS-02", "AS-03", "AS-04", "AS-05", "AS-06", "AS-09", "AS-15", "AS-16", "ATT-05", "ATT-23")
async def test_the_declaration_is_that_of_an_authenticatiedienst(digid: DigidVisit) -> None:
    """Audience the RD alone; no authorities, no Advice, nobody represented; two minutes for the confirmation."""
    body = await logged_in(digid)
    assertion, response = assertion_in(body), response_in(body)
    assert assertion.audiences == (RD.entity_id,)
    assert (assertion.authenticating_authorities, assertion.has_advice, assertion.legal_subject) == ((), False, ())
    assert assertion.confirmation.recipient == simulated.RD_ACS
    assert assertion.confirmation.in_response_to == response.in_response_to
    assert assertion.confirmation.not_on_or_after - assertion.issue_instant == timedelta(minutes=2)
    assert assertion.authn_instant == assertion.issue_instant == NOW
    assert assertion.service_uuid == simulated.layout.PORTAL_SERVICES[2].uuid


@pytest.mark.eis("LOA-01", "LOA-02", "LOA-04")
@pytest.mark.parametrize(
    ("means", "level"),
    [("app", "http://eidas.europa.eu/LoA/substantial"), ("document", "http://eidas.europa.eu/LoA/high")],
)
async def test_the_level_is_that_of_the_means(digid: DigidVisit, means: str, level: str) -> None:
    """What was really proven, above the minimum too."""
    assert assertion_in(await logged_in(digid, means=means)).class_ref == level


@pytest.mark.eis("ATT-01", "ATT-10", "ATT-11", "ATT-12", "ATT-20", "ENC-01", "ENC-02", "ENC-03")
async def test_the_identity_is_for_the_dienstverlener_alone(digid: DigidVisit) -> None:
    """One value; its recipient is the dienstverlener's EntityID, who finds the BSN in it."""
    body = await logged_in(digid, person="shanti")
    (value,) = assertion_in(body).acting_subject
    assert recipients_of(value) == {DV.entity_id}
    name_id = decrypt_id(parse(value), entity_id=DV.entity_id, keys=[simulated.decryption_key(DV)])
    assert (name_id.value, name_id.name_qualifier) == (BY_KEY["shanti"].bsn, names.ID_LEGACY_BSN)
    assert BY_KEY["shanti"].bsn.encode() not in body


@pytest.mark.eis("ATT-13", "ATT-14", "ATT-15", "ATT-18")
async def test_every_certificate_gets_a_key(new_digid: NewDigid) -> None:
    """With two encryption certificates in the metadata, either key opens the identity."""
    digid = await new_digid(simulated.rd_as_asker(recipient(DV), recipient(DV, "next")))
    (value,) = assertion_in(await logged_in(digid)).acting_subject
    for label in ("", "next"):
        keys = [simulated.decryption_key(DV, label)]
        assert decrypt_id(parse(value), entity_id=DV.entity_id, keys=keys).value == BSN


@pytest.mark.eis("GEN-01", "AS-02")
async def test_ids_and_transient_ids_differ(digid: DigidVisit) -> None:
    """Two logins of one person share nothing."""
    first, second = [assertion_in(await logged_in(digid)) for _ in range(2)]
    assert first.id != second.id
    assert first.name_id != second.name_id


@pytest.mark.eis("ERR-02", "ERR-03", "RSP-05")
@pytest.mark.parametrize(
    ("action", "second", "message"),
    [
        ("cancel", names.STATUS_AUTHN_FAILED, names.CANCELLED_MESSAGE),
        ("fail", names.STATUS_AUTHN_FAILED, "Authentication failed"),
        ("level", names.STATUS_NO_AUTHN_CONTEXT, "Level of assurance not reached"),
    ],
)
async def test_who_does_not_log_in_is_reported(digid: DigidVisit, action: str, second: str, message: str) -> None:
    """Responder, the right second code, and the text; no Assertion."""
    response = response_in(await logged_in(digid, action=action))
    assert (response.status.code, response.status.second) == (names.STATUS_RESPONDER, second)
    assert response.status.message == message
    assert response.assertion is None


@pytest.mark.eis("ART-07", "ARR-05")
async def test_an_answer_is_given_once(digid: DigidVisit) -> None:
    """Of many at the same time exactly one gets it; the others get Success without Response."""
    artifact = (await digid.log_in()).query["SAMLart"]
    answers = await asyncio.gather(*(digid.resolve(artifact) for _ in range(10)))
    found = [opened(await answer.read()).response for answer in answers]
    assert sum(each is not None for each in found) == 1


@pytest.mark.eis("ART-07", "ARR-05")
@pytest.mark.parametrize(("waited", "there"), [(14 * MINUTE, True), (15 * MINUTE, False)])
async def test_an_answer_waits_fifteen_minutes(digid: DigidVisit, clock: Clock, waited: timedelta, there: bool) -> None:
    """And then it is gone."""
    artifact = (await digid.log_in()).query["SAMLart"]
    clock.advance(waited)
    body = await (await digid.resolve(artifact, issue_instant=clock())).read()
    assert (opened(body).response is not None) == there


@pytest.mark.eis("AS-04", "AS-09")
async def test_times_are_those_of_the_resolve(digid: DigidVisit, clock: Clock) -> None:
    """A late resolve gets a fresh declaration (AMB-19)."""
    artifact = (await digid.log_in()).query["SAMLart"]
    clock.advance(10 * MINUTE)
    body = await (await digid.resolve(artifact, issue_instant=clock())).read()
    assert assertion_in(body).issue_instant == clock()


@pytest.mark.eis("ARR-05")
@pytest.mark.parametrize("artifact", ["nonsense", new_artifact(AD.entity_id, 0).text])
async def test_an_unknown_artifact_gives_nothing(digid: DigidVisit, artifact: str) -> None:
    """Success without Response."""
    envelope = opened(await (await digid.resolve(artifact)).read())
    assert envelope.status.success
    assert envelope.response is None


@pytest.mark.eis("RES-05", "ERR-12")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"issuer": DV.entity_id}, "issuer.unknown"),
        ({"destination": "https://elsewhere.example/"}, "destination"),
        ({"issue_instant": NOW - timedelta(hours=1)}, "time.past"),
        ({"key": simulated.signing_key(RD, "x")}, "key.unknown"),
    ],
)
async def test_a_wrong_resolve_is_refused(digid: DigidVisit, changed: dict[str, Any], code: str) -> None:
    """An HTTP error with its code, and the answer keeps waiting for the right one."""
    artifact = (await digid.log_in()).query["SAMLart"]
    refused = await digid.resolve(artifact, **changed)
    assert refused.status == 400
    assert code in await refused.text()
    assert opened(await (await digid.resolve(artifact)).read()).response is not None


@pytest.mark.eis("RES-05")
async def test_a_destination_that_is_ours_is_fine(digid: DigidVisit) -> None:
    """It is optional, and right when it is our own."""
    artifact = (await digid.log_in()).query["SAMLart"]
    answer = await digid.resolve(artifact, destination="https://digid.localhost:8444/saml/artifact")
    assert opened(await answer.read()).response is not None


@pytest.mark.eis("GEN-01")
async def test_a_resolve_comes_once(digid: DigidVisit) -> None:
    """The same message a second time is refused."""
    body = simulated.rd_resolve((await digid.log_in()).query["SAMLart"])
    assert (await digid.post_back(body)).status == 200
    assert (await digid.post_back(body)).status == 400


@pytest.mark.eis("TLS-03", "TLS-04")
async def test_the_client_certificate_must_be_published(digid: DigidVisit) -> None:
    """Another party's certificate, and another of the RD's own, are refused."""
    artifact = (await digid.log_in()).query["SAMLart"]
    for pair in (simulated.leaf(DV.oin, "tls"), simulated.leaf(RD.oin, "tls", "other")):
        assert (await digid.resolve(artifact, certificate=pair)).status == 403
    assert (await digid.resolve(artifact)).status == 200


async def test_the_content_type_must_be_xml(digid: DigidVisit) -> None:
    """A form is not taken."""
    body = simulated.rd_resolve((await digid.log_in()).query["SAMLart"])
    assert (await digid.post_back(body, content_type="application/x-www-form-urlencoded")).status == 415


@pytest.mark.eis("MD-SP-09")
async def test_the_acs_is_the_rds_own(new_digid: NewDigid) -> None:
    """What stands in a dienstverlener's entry plays no part: it is not even read."""
    digid = await new_digid(replace(simulated.rd_as_asker()))
    assert str((await digid.log_in()).with_query(None)) == simulated.RD_ACS
