"""A BVD as the core uses it: the identity goes out byte for byte, a mandate comes back, or the reason why not."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from routeringsvoorziening.backends.bvd.mandate import Representation
from routeringsvoorziening.backends.bvd.service import Bevoegdheidsverklaringsdienst
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
    Mandate,
    MandateServiceId,
    PostForm,
    Reference,
    ServiceUUID,
)
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, read_authn_request
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.saml.names import (
    CANCELLED_MESSAGE,
    STATUS_AUTHN_FAILED,
    STATUS_NO_SUPPORTED_IDP,
    STATUS_REQUEST_DENIED,
    STATUS_REQUEST_UNSUPPORTED,
    STATUS_REQUESTER,
    STATUS_RESPONDER,
)
from routeringsvoorziening.saml.offload import SHORT, CryptoPool
from routeringsvoorziening.saml.on_the_spot import work_around
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.transport.breaker import Breaker
from routeringsvoorziening.transport.client import Answer
from routeringsvoorziening.transport.errors import ExchangeFailed, Unreachable
from tests.support import federation as fed
from tests.support import mandates
from tests.support.clocks import Moment
from tests.support.federation import MINUTE, NOW
from tests.support.mandates import BVD, GEZAG_TYPE
from tests.support.meters import CountingMeter

DIGID, GEZAG = AuthenticationServiceId("digid"), MandateServiceId("gezag")
OWN = Requester(fed.RD, fed.signing_key(fed.RD_OIN), mandates.BVD_ACS, 101, skew=MINUTE, message_age=5 * MINUTE)
LEG = Leg(LegId(mandates.BVD_LEG), LoginId("login"), None, GEZAG, NOW)
TASK = Task(
    Reference("RV-1"),
    EntityID(fed.DV),
    ServiceUUID(fed.SERVICE),
    LoA.SUBSTANTIEEL,
    force_authn=False,
    choice=Choice(DIGID, GEZAG),
)
LEGAL = Representation(frozenset({GEZAG_TYPE, GEZAG_TYPE + "_2"}), mandatory=True)
VOLUNTARY = Representation(frozenset({GEZAG_TYPE}), mandatory=False)


@dataclass
class PlayedBackChannel:
    """A client whose answers are made by the test."""

    fields: dict[str, Any] = field(default_factory=dict)
    refusal: Status | None = None
    failure: ExchangeFailed | None = None
    breaker: Breaker = field(default_factory=Breaker)
    calls: int = 0

    async def post(self, _url: str, body: bytes, _headers: Mapping[str, str]) -> Answer:
        """As `BoundedClient.post`."""
        self.calls += 1
        if self.failure is not None:
            raise self.failure
        (resolve_id,) = unwrap(parse(body)).xpath("@ID")
        if self.refusal is not None:
            return Answer(200, "text/xml", mandates.bvd_refusal(self.refusal, in_response_to=str(resolve_id)))
        return Answer(200, "text/xml", mandates.bvd_answer(in_response_to=str(resolve_id), **self.fields))


@dataclass
class Played:
    """A BVD with everything around it played."""

    bvd: Bevoegdheidsverklaringsdienst
    channel: PlayedBackChannel
    identity: Identity

    async def answer(self, **fields: Any) -> Mandate:
        """What the core gets for the artifact that a browser brings."""
        self.channel.fields = fields
        given = {"RelayState": LEG.id, "SAMLart": mandates.bvd_artifact().text}
        return await self.bvd.complete(LEG, TASK, self.identity, given)

    async def failure(self, **fields: Any) -> Failure:
        """The same, when it must fail."""
        with pytest.raises(LoginFailed) as caught:
            await self.answer(**fields)
        return caught.value.failure


@pytest.fixture
def pool() -> Iterator[CryptoPool]:
    """Threads for XML."""
    pool = CryptoPool()
    yield pool
    pool.close()


def conversation(pool: CryptoPool, channel: PlayedBackChannel, service: Any = None) -> Conversation:
    moment = Moment(NOW)
    resolver = ArtifactResolver("gezag", OWN, client=channel, meter=CountingMeter(), clock=moment)  # type: ignore[arg-type]
    return Conversation(
        service or mandates.bvd_provider(),
        own=OWN,
        resolver=resolver,
        pool=pool,
        store=MemoryStore(moment.seconds),
        clock=moment,
    )


def play(pool: CryptoPool, representation: Representation) -> Played:
    channel = PlayedBackChannel()
    bvd = Bevoegdheidsverklaringsdienst(GEZAG, conversation(pool, channel), representation)
    return Played(bvd, channel, mandates.identity_for_bvd())


@pytest.fixture
def played(pool: CryptoPool) -> Played:
    """A BVD for legal representation."""
    return play(pool, LEGAL)


def opened(form: PostForm, *, as_bvd: bool = True) -> AuthnRequest:
    element = parse(base64.b64decode(form.fields["SAMLRequest"]))
    verified = verify(element, [OWN.signing.verification_key], at=NOW, require_key_name=True)
    return read_authn_request(verified, with_idp_assertion=as_bvd)


@pytest.mark.attack("S48")
async def test_evidence_is_work(played: Played, pool: CryptoPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where very much of it goes into the request, the event loop does not wait for that."""
    asked: list[int] = []

    def for_work(work: int) -> CryptoPool:
        asked.append(work)
        return pool

    monkeypatch.setattr(pool, "for_work", for_work)
    await played.bvd.begin(TASK, played.identity)
    assert asked == [work_around(played.identity.evidence)]
    assert work_around(b"x" * 60_000) > SHORT > asked[0]
    assert work_around(b"<x></x>" * 400) < SHORT < work_around(b"<InclusiveNamespaces></x>" * 400)


@pytest.mark.eis("RBVD-02", "RAD-01", "RAD-02", "RAD-03", "RAD-04")
async def test_the_request_carries_the_identity_as_the_ad_signed_it(played: Played, pool: CryptoPool) -> None:
    """IntendedAudience, ServiceUUID and the AD's own Assertion, whose signature still verifies; no Scoping at all."""
    departure = await played.bvd.begin(TASK, played.identity)
    assert isinstance(departure.message, PostForm)
    assert departure.message.action == mandates.BVD_SSO
    asked = await pool.run(opened, departure.message)
    assert (asked.id, asked.issuer, asked.destination) == (departure.leg, fed.RD, mandates.BVD_SSO)
    assert (asked.intended_audience, asked.service_uuid) == (fed.DV, fed.SERVICE)
    assert (asked.acs_index, asked.acs_url, asked.attribute_index) == (101, None, None)
    assert (asked.idp_list, asked.requester_ids) == (None, ())
    assert asked.idp_assertion == played.identity.evidence
    again = await pool.run(verify, parse(asked.idp_assertion), fed.identity_provider().signing_keys, at=NOW)
    assert again.canonical == played.identity.evidence


@pytest.mark.eis("RAD-05", "ATT-22", "RAD-04")
async def test_the_ad_hears_which_bvd_comes_next_and_only_then(pool: CryptoPool) -> None:
    """RequesterID names the chosen BVD; for yourself there is no Scoping; IdpAssertion never goes to an AD."""
    digid = DigiD(DIGID, conversation(pool, PlayedBackChannel(), fed.identity_provider()), {GEZAG: EntityID(BVD)})
    for choice, expected in ((Choice(DIGID, GEZAG), (BVD,)), (Choice(DIGID), ())):
        facts = {name: getattr(TASK, name) for name in Task.__slots__}
        departure = await digid.begin(Task(**(facts | {"choice": choice})))
        assert isinstance(departure.message, PostForm)
        asked = await pool.run(opened, departure.message)
        assert (asked.requester_ids, asked.idp_list, asked.idp_assertion) == (expected, None, None)


@pytest.mark.eis("ATT-24", "ATT-06", "LOA-06", "ATT-02")
async def test_a_good_answer_is_a_mandate(played: Played) -> None:
    """Who vouches, who is represented, of what kind, and the evidence."""
    mandate = await played.answer()
    assert (mandate.service, mandate.authority, mandate.representation_types) == (GEZAG, BVD, (GEZAG_TYPE,))
    assert [each.recipients for each in mandate.legal_subject] == [{fed.DV}]
    assert parse(mandate.evidence).get("ID")


@pytest.mark.eis("ATT-06")
async def test_two_types_stay_two(played: Played) -> None:
    """In their order."""
    types = (GEZAG_TYPE + "_2", GEZAG_TYPE)
    assert (await played.answer(representation_types=types)).representation_types == types


@pytest.mark.eis("ATT-06", "ATT-24")
async def test_a_voluntary_mandate_need_not_have_a_type(pool: CryptoPool) -> None:
    """With one of the table it is passed on; with another it is refused."""
    played = play(pool, VOLUNTARY)
    assert (await played.answer(representation_types=())).representation_types == ()
    assert (await played.answer(representation_types=(GEZAG_TYPE,))).representation_types == (GEZAG_TYPE,)
    assert (await played.failure(representation_types=("OG0-11",))).code == "attribute.representation"


@pytest.mark.eis("ATT-24", "ATT-07", "LOA-06", "ATT-10", "AS-15", "AS-16", "AS-22", "ATT-05", "ATT-02")
@pytest.mark.attack("S63", "S66", "S67", "S70")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"representation_types": ()}, "attribute.representation"),
        ({"representation_types": ("urn:nl-eid-gdi:1.1:RT:Onbekend",)}, "attribute.representation"),
        ({"representation_types": (GEZAG_TYPE, "OG0-11")}, "attribute.representation"),
        ({"class_ref": "http://eidas.europa.eu/LoA/high"}, "loa"),
        ({"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Unspecified"}, "loa"),
        ({"legal_subject": ()}, "subject.identifier"),
        ({"legal_subject": (mandates.encrypted_child(mandates.bvd_keys()),)}, "subject.identifier"),
        ({"acting_subject": (fed.encrypted_for(mandates.bvd_keys()),)}, "subject.identifier"),
        ({"audiences": (fed.DV,)}, "audience"),
        ({"issuer": fed.AD}, "issuer.mismatch"),
        ({"confirmation": {"in_response_to": fed.LEG_ID}}, "irt.mismatch"),
        ({"confirmation": {"recipient": fed.RV_ACS}}, "recipient"),
        ({"service_uuid": fed.SECOND_SERVICE}, "attribute.service"),
        ({"not_on_or_after": NOW - MINUTE}, "time.past"),
        ({"issue_instant": NOW + 2 * MINUTE}, "time.future"),
        (
            {
                "advice": (
                    b"<saml:AssertionURIRef xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'>x</saml:AssertionURIRef>",
                )
            },
            "advice.forbidden",
        ),
    ],
)
async def test_a_wrong_answer_is_refused(played: Played, changed: dict[str, Any], code: str) -> None:
    """Each rule broken once; the twin of `test_a_good_answer_is_a_mandate`."""
    failure = await played.failure(**changed)
    assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, code)


@pytest.mark.eis("ATT-10")
@pytest.mark.parametrize("name", ["acting_subject", "legal_subject"])
async def test_what_we_could_read_is_refused(played: Played, name: str) -> None:
    """Nobody encrypts an identity for the Routeringsdienst."""
    ourselves = fed.service_provider(fed.RD, fed.RD_OIN)
    value = mandates.encrypted_child(fed.service_provider(), ourselves)
    failure = await played.failure(**{name: (value,)})
    assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, "subject.identifier")


@pytest.mark.eis("AS-13", "ATT-17")
@pytest.mark.attack("S40")
async def test_an_answer_that_repeats_an_id_of_the_identity_is_refused(played: Played) -> None:
    """Both originals must stand in one Advice, and neither can be changed."""
    assertion_id = str(parse(played.identity.evidence).get("ID"))
    failure = await played.failure(id=assertion_id)
    assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, "id.duplicate")
    failure = await played.failure(acting_subject=(played.identity.acting_subject[0].encrypted,))
    assert failure.code == "id.duplicate"


@pytest.mark.attack("S62")
async def test_a_mandate_counts_once(played: Played) -> None:
    """The same Assertion behind another artifact is a replay."""
    await played.answer(id="_the-same")
    failure = await played.failure(id="_the-same")
    assert (failure.kind, failure.code) == (FailureKind.ANSWER_REJECTED, "msg.replay")


@pytest.mark.eis("ERR-04", "RBVD-05", "ERR-08", "ERR-09")
@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (
            Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, CANCELLED_MESSAGE),
            FailureKind.CANCELLED,
            "backend.cancelled",
        ),
        (Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, None), FailureKind.AUTHENTICATION_FAILED, "backend.failed"),
        (
            Status(STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED, "Not now"),
            FailureKind.NOT_SUPPORTED,
            "backend.unsupported",
        ),
        (Status(STATUS_REQUESTER, STATUS_REQUEST_DENIED, None), FailureKind.DENIED, "backend.denied"),
        (
            Status(STATUS_REQUESTER, STATUS_NO_SUPPORTED_IDP, None),
            FailureKind.NO_SUPPORTED_SERVICE,
            "backend.no-supported-idp",
        ),
    ],
)
async def test_no_mandate_is_told_as_it_is(played: Played, status: Status, kind: FailureKind, code: str) -> None:
    """A BVD that says no says why."""
    played.channel.refusal = status
    failure = await played.failure()
    assert (failure.kind, failure.code) == (kind, code)


@pytest.mark.eis("RBVD-05")
async def test_a_bvd_that_does_not_answer_is_unreachable(played: Played) -> None:
    """And nobody is sent to one that is known to be down."""
    played.channel.failure = Unreachable("timeout")
    failure = await played.failure()
    assert (failure.kind, failure.code) == (FailureKind.UNREACHABLE, "backend.timeout")
    for _ in range(5):
        played.channel.breaker.failed(played.channel.breaker.enter())
    with pytest.raises(LoginFailed) as caught:
        await played.bvd.begin(TASK, played.identity)
    assert (caught.value.failure.kind, caught.value.failure.code) == (FailureKind.UNREACHABLE, "backend.breaker-open")


@pytest.mark.attack("S64", "S79")
async def test_the_ad_s_artifact_is_not_the_bvd_s(played: Played) -> None:
    """An artifact of another source is not even asked for."""
    with pytest.raises(LoginFailed) as caught:
        await played.bvd.complete(LEG, TASK, played.identity, {"SAMLart": fed.ad_artifact().text})
    assert caught.value.failure.code == "artifact.form"
    assert not played.channel.calls
