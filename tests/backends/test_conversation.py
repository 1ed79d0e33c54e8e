"""A login method as the core uses it: a leg out, an answer back, and everything that can go wrong between."""

import asyncio
import base64
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from lxml import etree
from structlog.testing import capture_logs

from routeringsvoorziening.backends.digid.service import DigiD
from routeringsvoorziening.backends.saml_service.conversation import Conversation
from routeringsvoorziening.backends.saml_service.party import Requester
from routeringsvoorziening.backends.saml_service.resolving import ArtifactResolver
from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.login import Task
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Choice,
    EntityID,
    Identity,
    Leg,
    LegId,
    LoA,
    LoginId,
    PostForm,
    Reference,
    ServiceUUID,
)
from routeringsvoorziening.saml.artifact import new_artifact
from routeringsvoorziening.saml.messages.artifact_resolve import read_artifact_resolve
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, read_authn_request
from routeringsvoorziening.saml.metadata.model import Endpoint
from routeringsvoorziening.saml.names import BINDING_SOAP
from routeringsvoorziening.saml.offload import CryptoPool, PoolBusy
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.transport.breaker import Breaker
from routeringsvoorziening.transport.client import Answer
from routeringsvoorziening.transport.errors import BadAnswer, ExchangeFailed, Unreachable
from tests.support import federation as fed
from tests.support.clocks import Moment
from tests.support.federation import MINUTE, NOW
from tests.support.meters import CountingMeter

DIGID = AuthenticationServiceId("digid")
OWN = Requester(fed.RD, fed.signing_key(fed.RD_OIN), fed.RV_ACS, 7, skew=MINUTE, message_age=5 * MINUTE)
LEG = Leg(LegId(fed.LEG_ID), LoginId("login"), DIGID, None, NOW)
TASK = Task(
    Reference("RV-1"),
    EntityID(fed.DV),
    ServiceUUID(fed.SERVICE),
    LoA.SUBSTANTIEEL,
    force_authn=False,
    choice=Choice(DIGID),
)


@dataclass
class PlayedBackChannel:
    """A client whose answers are made by the test; it reads our ArtifactResolve as the service would."""

    fields: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    status: int = 200
    content_type: str = "text/xml"
    failure: ExchangeFailed | None = None
    breaker: Breaker = field(default_factory=Breaker)
    sent: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """As `BoundedClient.post`."""
        self.sent.append((url, body, headers))
        if self.failure is not None:
            raise self.failure
        made = fed.ad_answer(in_response_to=self.resolve_id, **self.fields) if self.body is None else self.body
        return Answer(self.status, self.content_type, made)

    @property
    def resolve_id(self) -> str:
        """The ID of the last ArtifactResolve."""
        (found,) = unwrap(parse(self.sent[-1][1])).xpath("@ID")
        return str(found)


@dataclass
class Played:
    """DigiD with everything around it played."""

    digid: DigiD
    channel: PlayedBackChannel
    meter: CountingMeter

    async def answer(self, artifact: str | None = None, **task: Any) -> Identity:
        """What the core gets for the artifact that a browser brings."""
        given = {"RelayState": LEG.id, "SAMLart": artifact or fed.ad_artifact().text}
        return await self.digid.complete(LEG, changed_task(**task), given)

    async def failure(self, artifact: str | None = None, **task: Any) -> Failure:
        """The same, when it must fail."""
        with pytest.raises(LoginFailed) as caught:
            await self.answer(artifact, **task)
        return caught.value.failure


def changed_task(**changed: Any) -> Task:
    facts = {name: getattr(TASK, name) for name in Task.__slots__}
    return Task(**(facts | changed))


@pytest.fixture
def pool() -> Iterator[CryptoPool]:
    """Threads for XML."""
    pool = CryptoPool()
    yield pool
    pool.close()


@pytest.fixture
def moment() -> Moment:
    """The clock."""
    return Moment(NOW)


@pytest.fixture
def played(pool: CryptoPool, moment: Moment) -> Played:
    """DigiD, whose back channel the test plays."""
    return play(pool, moment)


def play(pool: CryptoPool, moment: Moment, **metadata: Any) -> Played:
    channel, meter = PlayedBackChannel(), CountingMeter()
    resolver = ArtifactResolver("digid", OWN, client=channel, meter=meter, clock=moment)  # type: ignore[arg-type]
    service = fed.identity_provider(**metadata)
    conversation = Conversation(
        service, own=OWN, resolver=resolver, pool=pool, store=MemoryStore(moment.seconds), clock=moment
    )
    return Played(DigiD(DIGID, conversation), channel, meter)


def opened(form: PostForm) -> AuthnRequest:
    element = parse(base64.b64decode(form.fields["SAMLRequest"]))
    return read_authn_request(verify(element, [OWN.signing.verification_key], at=NOW, require_key_name=True))


@pytest.mark.eis("RAD-01", "RAD-02", "RAD-03", "RAD-04", "RAD-05", "AR-07")
async def test_the_request_says_what_the_service_needs(played: Played, pool: CryptoPool) -> None:
    """Signed, of our own ID, for the dienstverlener and its dienst, to the service's address, and nothing more."""
    departure = await played.digid.begin(TASK)
    assert isinstance(departure.message, PostForm)
    assert departure.message.action == fed.AD_SSO
    assert departure.message.fields["RelayState"] == departure.leg
    asked = await pool.run(opened, departure.message)
    assert (asked.id, asked.issuer, asked.destination) == (departure.leg, fed.RD, fed.AD_SSO)
    assert (asked.intended_audience, asked.service_uuid) == (fed.DV, fed.SERVICE)
    assert (asked.acs_index, asked.acs_url, asked.attribute_index) == (7, None, None)
    assert (asked.idp_list, asked.requester_ids, asked.force_authn) == (None, (), False)


@pytest.mark.eis("AR-03")
async def test_force_authn_goes_along(played: Played, pool: CryptoPool) -> None:
    """What the dienstverlener asked is asked of the service."""
    departure = await played.digid.begin(changed_task(force_authn=True))
    assert isinstance(departure.message, PostForm)
    assert (await pool.run(opened, departure.message)).force_authn


@pytest.mark.eis("GEN-01")
async def test_every_leg_has_an_id_of_its_own(played: Played) -> None:
    """Two legs, two IDs."""
    assert (await played.digid.begin(TASK)).leg != (await played.digid.begin(TASK)).leg


@pytest.mark.eis("LOA-02", "AS-22", "ARR-08")
async def test_a_good_answer_is_an_identity(played: Played) -> None:
    """Who vouches, at which level, with the identifier for the dienstverlener and the evidence."""
    identity = await played.answer()
    assert (identity.service, identity.authority, identity.loa) == (DIGID, fed.AD, LoA.SUBSTANTIEEL)
    assert [subject.recipients for subject in identity.acting_subject] == [{fed.DV}]
    assert etree.QName(parse(identity.evidence)).localname == "Assertion"
    assert played.meter.calls == [("digid", "resolve", "ok")]


@pytest.mark.eis("RES-05", "RES-04", "RES-02")
async def test_the_artifact_is_resolved_by_the_rules(played: Played, pool: CryptoPool) -> None:
    """Our ArtifactResolve: signed, to the address in the metadata, with the artifact as it came."""
    artifact = fed.ad_artifact()
    await played.answer(artifact.text)
    (url, body, headers) = played.channel.sent[0]
    assert url == fed.AD_ARTIFACT
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    verified = verify(unwrap(parse(body)), [OWN.signing.verification_key], at=NOW, require_key_name=True)
    resolve = await pool.run(read_artifact_resolve, verified)
    assert (resolve.issuer, resolve.destination, resolve.artifact) == (fed.RD, fed.AD_ARTIFACT, artifact.text)


@pytest.mark.eis("MD-AD-03")
async def test_the_artifact_names_the_endpoint(pool: CryptoPool, moment: Moment) -> None:
    """Of two ArtifactResolutionServices, the one whose index is in the artifact."""
    second = Endpoint(f"{fed.AD_ARTIFACT}/2", BINDING_SOAP, index=2)
    played = play(pool, moment, artifact_resolution=(*fed.identity_provider().artifact_resolution, second))
    await played.answer(fed.ad_artifact(index=2).text)
    assert played.channel.sent[0][0] == second.location


@pytest.mark.attack("S79", "S64")
@pytest.mark.parametrize("artifact", ["", "nonsense", new_artifact(fed.DV, 0).text, new_artifact(fed.AD, 9).text])
async def test_an_artifact_of_another_is_not_even_asked_for(played: Played, artifact: str) -> None:
    """Another source, an unknown endpoint, or no artifact: no call is made."""
    with pytest.raises(LoginFailed) as caught:
        await played.digid.complete(LEG, TASK, {"SAMLart": artifact})
    assert (caught.value.failure.kind, caught.value.failure.code) == (FailureKind.ANSWER_REJECTED, "artifact.form")
    assert not played.channel.sent


@pytest.mark.eis("LOA-01", "LOA-05", "AS-22")
@pytest.mark.attack("S69")
@pytest.mark.parametrize(
    ("class_ref", "minimum"),
    [
        ("http://eidas.europa.eu/LoA/low", LoA.SUBSTANTIEEL),
        ("http://eidas.europa.eu/LoA/substantial", LoA.HOOG),
        ("http://eidas.europa.eu/LoA/highest", LoA.BASIS),
        ("urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified", LoA.BASIS),
    ],
)
async def test_a_level_that_is_unknown_or_too_low_is_refused(played: Played, class_ref: str, minimum: LoA) -> None:
    """An AD never delivers less than the dienst needs; what does is not to be trusted."""
    played.channel.fields = {"class_ref": class_ref}
    failure = await played.failure(minimum_loa=minimum)
    assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, "loa")


@pytest.mark.eis("LOA-02")
@pytest.mark.parametrize(
    ("class_ref", "level"),
    [
        ("http://eid.logius.nl/LoA/basic", LoA.BASIS),
        ("http://eID.logius.nl/LoA/basic", LoA.BASIS),
        ("http://eidas.europa.eu/LoA/high", LoA.HOOG),
    ],
)
async def test_a_level_is_that_of_the_login(played: Played, class_ref: str, level: LoA) -> None:
    """Also above the minimum, and in the other spelling of basis (AMB-01)."""
    played.channel.fields = {"class_ref": class_ref}
    assert (await played.answer(minimum_loa=LoA.BASIS)).loa is level


@pytest.mark.eis("ATT-01", "ATT-10", "ATT-11", "AS-22")
@pytest.mark.attack("S70")
async def test_the_identifier_must_be_for_the_dienstverlener_and_not_for_us(played: Played) -> None:
    """Encrypted for another dienstverlener, or for ourselves or a supplier as well, it is refused."""
    other = fed.service_provider(fed.OTHER_DV, fed.OTHER_OIN)
    ourselves = fed.service_provider(fed.RD, fed.RD_OIN)
    supplier = fed.service_provider(fed.OTHER_DV.replace(":DV:", ":LC:"), fed.OTHER_OIN)
    for providers in ((other,), (fed.service_provider(), ourselves), (fed.service_provider(), supplier)):
        played.channel.fields = {"acting_subject": (fed.encrypted_for(*providers),)}
        failure = await played.failure()
        assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, "subject.identifier")


@pytest.mark.eis("ATT-23", "ATT-02")
async def test_a_represented_person_is_left_behind(played: Played) -> None:
    """What an AD must not say about somebody else does not become part of the identity."""
    other = fed.encrypted_for(fed.service_provider())
    played.channel.fields = {"legal_subject": (other,), "representation_types": ("urn:x",)}
    identity = await played.answer()
    assert len(identity.acting_subject) == 1
    assert identity.attributes == {}


@pytest.mark.attack("S62")
async def test_an_assertion_counts_once(played: Played) -> None:
    """The same Assertion behind another artifact is a replay."""
    played.channel.fields = {"id": "_the-same"}
    await played.answer()
    failure = await played.failure()
    assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, "msg.replay")


@pytest.mark.eis("ERR-10", "AS-22")
async def test_a_broken_rule_keeps_its_code(played: Played) -> None:
    """Whatever the wire format refuses is an answer that cannot be trusted, under the same code."""
    played.channel.fields = {"audiences": (fed.DV,)}
    failure = await played.failure()
    assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, "audience")


@pytest.mark.eis("ERR-10")
async def test_a_rejected_message_can_be_found_again(played: Played) -> None:
    """Who it claims to be from, and its IDs, in the failure for the audit trail and in a warning; no content of it."""
    played.channel.fields = {"audiences": (fed.DV,), "id": "_the-assertion"}
    with capture_logs() as lines:
        failure = await played.failure()
    assert failure.issuer == fed.AD
    assert len(failure.message_ids.split()) == 3
    assert failure.message_ids.endswith(" _the-assertion")
    (line,) = lines
    assert (line["event"], line["log_level"], line["code"]) == ("answer rejected", "warning", "audience")
    assert (line["service"], line["message_ids"]) == (fed.AD, failure.message_ids)


@pytest.mark.eis("ERR-10")
async def test_what_has_no_name_is_rejected_without_one(played: Played) -> None:
    """Also then the code is in the log; an Issuer that is no EntityID is content, and stays out of it."""
    played.channel.body = fed.ad_envelope(None, issuer="999990019")
    with capture_logs() as lines:
        failure = await played.failure()
    assert failure.issuer == ""
    played.channel.body = b"not xml"
    with capture_logs() as more:
        failure = await played.failure()
    assert (failure.issuer, failure.message_ids) == ("", "")
    assert [line["code"] for line in (*lines, *more)] == ["issuer.mismatch", "xml.malformed"]
    assert "999990019" not in str(lines)


async def test_a_cancelled_login_is_no_warning(played: Played) -> None:
    """What a service says in good order is not written down as its mistake."""
    with capture_logs() as lines:
        await played.answer()
    assert lines == []


async def test_an_artifact_is_not_resolved_when_nobody_can_judge_it(played: Played, pool: CryptoPool) -> None:
    """It can be resolved once: without room in the pool nobody asks for it, and it can be brought again."""
    pool.close()
    with pytest.raises(PoolBusy):
        await played.answer()
    assert played.channel.sent == []


async def test_what_was_resolved_is_judged_in_a_full_pool(moment: Moment) -> None:
    """The answer came while others filled the pool: it waits its turn."""
    pool = CryptoPool(workers=1, max_pending=1)
    played, gate = play(pool, moment), threading.Event()
    answering = played.channel.post

    async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        others.append(asyncio.create_task(pool.run(gate.wait, 5)))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.05, gate.set)
        return await answering(url, body, headers)

    others: list[asyncio.Task[bool]] = []
    played.channel.post = post  # type: ignore[method-assign]
    assert (await played.answer()).authority == fed.AD
    await asyncio.gather(*others)
    pool.close()


@pytest.mark.attack("S79")
@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "xml.malformed"), (b"<html/>", "soap.structure"), (b"not xml", "xml.malformed")],
)
async def test_garbage_is_refused(played: Played, body: bytes, code: str) -> None:
    """No SOAP, no XML, nothing."""
    played.channel.body = body
    failure = await played.failure()
    assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, code)


@pytest.mark.attack("S79")
async def test_another_content_type_is_refused(played: Played) -> None:
    """HTML with status 200 is not an answer."""
    played.channel.content_type = "text/html"
    failure = await played.failure()
    assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, "backend.content-type")


@pytest.mark.parametrize(
    ("failure", "kind", "code"),
    [
        (Unreachable("timeout"), FailureKind.UNREACHABLE, "backend.timeout"),
        (Unreachable("refused"), FailureKind.UNREACHABLE, "backend.refused"),
        (Unreachable("tls"), FailureKind.UNREACHABLE, "backend.tls"),
        (Unreachable("overloaded"), FailureKind.UNREACHABLE, "backend.overloaded"),
        (BadAnswer("redirect"), FailureKind.ANSWER_REJECTED, "backend.redirect"),
        (BadAnswer("too-large"), FailureKind.ANSWER_REJECTED, "backend.too-large"),
    ],
)
async def test_no_answer_is_not_a_bad_answer(
    played: Played, failure: ExchangeFailed, kind: FailureKind, code: str
) -> None:
    """Who does not answer may be tried again; who answers wrongly may not be trusted. Both are counted."""
    played.channel.failure = failure
    failed = await played.failure()
    assert (failed.kind, failed.code) == (kind, code)
    assert played.meter.calls == [("digid", "resolve", failure.reason)]


@pytest.mark.parametrize("status", [400, 404, 500, 503])
async def test_a_service_that_cannot_is_unreachable(played: Played, status: int) -> None:
    """An HTTP error is no answer."""
    played.channel.status = status
    failed = await played.failure()
    assert (failed.kind, failed.code) == (FailureKind.UNREACHABLE, "backend.http-status")


async def test_nobody_is_sent_to_a_service_that_is_down(played: Played) -> None:
    """With the breaker open, the failure comes before the journey."""
    for _ in range(5):
        played.channel.breaker.failed(played.channel.breaker.enter())
    with pytest.raises(LoginFailed) as caught:
        await played.digid.begin(TASK)
    assert (caught.value.failure.kind, caught.value.failure.code) == (FailureKind.UNREACHABLE, "backend.breaker-open")


@pytest.mark.eis("MD-AD-01")
async def test_expired_metadata_is_not_used(played: Played, moment: Moment) -> None:
    """After validUntil nobody is sent there, and nothing that comes from there counts."""
    moment.now = fed.identity_provider().valid_until  # type: ignore[assignment]
    with pytest.raises(LoginFailed) as caught:
        await played.digid.begin(TASK)
    assert (caught.value.failure.kind, caught.value.failure.code) == (FailureKind.UNREACHABLE, "md.expired")
    assert (await played.failure()).code == "md.expired"
