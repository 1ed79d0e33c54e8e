"""POST /saml/artifact over HTTP: who gets the answer, who does not, and what is noted."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.frontends.saml.artifact import ArtifactResolution
from routeringsvoorziening.frontends.saml.back_channel import PATH, back_channel_application
from routeringsvoorziening.frontends.saml.building import build_answer
from routeringsvoorziening.frontends.saml.pending import PendingAnswer, PendingAnswers
from routeringsvoorziening.frontends.saml.rejecting import Rejections
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.artifact import Artifact, new_artifact
from routeringsvoorziening.saml.messages.artifact_resolve import build_artifact_resolve
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, read_artifact_response
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.soap import unwrap, wrap
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.store.memory import MemoryStore
from routeringsvoorziening.transport.limits import RequestBounds
from routeringsvoorziening.transport.peer import TRUSTED_PROXY, TrustedProxy
from tests.support import federation as fed
from tests.support.clocks import Moment
from tests.support.federation import MINUTE, NOW
from tests.support.meters import CountingMeter, NotingAudit
from tests.support.pki import Pair, leaf

HEADER = "X-Client"


@dataclass
class BackChannel:
    """The application, and what a dienstverlener does with it."""

    client: TestClient[Any, Any]
    pending: PendingAnswers
    meter: CountingMeter
    audit: NotingAudit
    pool: CryptoPool

    async def waiting(self, connection: str = fed.DV) -> Artifact:
        """An artifact with an answer behind it."""
        artifact = new_artifact(fed.RD, 0)
        answer = PendingAnswer("RV-1", connection, fed.REQUEST_ID, fed.DV_ACS, fed.CANCELLED)
        await self.pending.keep(artifact.handle, answer, life=120, trace=900)
        return artifact

    async def post(
        self, body: bytes, pair: Pair | None = None, content_type: str = "text/xml; charset=utf-8"
    ) -> tuple[int, bytes]:
        """Status and body for a body and a client certificate."""
        shown = (pair or fed.tls_pair(fed.DV_OIN)).certificate.public_bytes(Encoding.DER)
        headers = {"Content-Type": content_type, HEADER: base64.b64encode(shown).decode()}
        async with self.client.post(PATH, data=body, headers=headers) as answer:
            assert answer.content_type == "text/xml"
            return answer.status, await answer.read()

    async def resolve(self, artifact: str, **changed: Any) -> ArtifactResponse:
        """A good ArtifactResolve, with fields replaced, answered."""
        status, body = await self.post(fed.artifact_resolve(artifact, **changed))
        assert status == 200
        return await self.pool.run(opened, body)

    async def refused(self, body: bytes, pair: Pair | None = None, **sent: Any) -> str:
        """The code with which a body is refused."""
        status, answer = await self.post(body, pair, **sent)
        assert status == 400
        assert b"Fault" in answer
        assert b"Response" not in answer
        return self.meter.codes[-1]


def opened(body: bytes) -> ArtifactResponse:
    """What a dienstverlener reads in an answer, after it verified the signature."""
    keys = [fed.signing_key(fed.RD_OIN).verification_key]
    return read_artifact_response(verify(unwrap(parse(body)), keys, at=NOW))


@pytest.fixture
async def back(  # noqa: PLR0917
    aiohttp_client: Callable[..., Awaitable[TestClient[Any, Any]]],
    pending: PendingAnswers,
    store: MemoryStore,
    pool: CryptoPool,
    meter: CountingMeter,
    moment: Moment,
) -> BackChannel:
    """The back channel of a Routeringsdienst with two dienstverleners, behind a proxy on this machine."""
    audit = NotingAudit()
    resolution = ArtifactResolution(
        fed.dienst(),
        find=fed.finding(
            fed.connection(), fed.other_connection(), fed.connection(RELAXED, artifact_destination="any-own")
        ),
        pending=pending,
        store=store,
        pool=pool,
        rejections=Rejections("artifact", meter),
        audit=audit,  # type: ignore[arg-type]
        clock=moment,
    )
    app = back_channel_application(resolution, RequestBounds(body_bytes=262_144), meter)
    app[TRUSTED_PROXY] = TrustedProxy([ip_network("127.0.0.0/8")], HEADER)
    return BackChannel(await aiohttp_client(app), pending, meter, audit, pool)


RELAXED_DV = fed.DV.replace("9003", "9008")
RELAXED = fed.service_provider(RELAXED_DV)


@pytest.mark.eis("RES-01", "RES-02", "RES-03", "RES-04", "ARR-01", "ARR-06", "TLS-04")
async def test_the_rightful_party_gets_its_answer(back: BackChannel) -> None:
    """With its signature and its TLS certificate; Destination may be left out."""
    given = await back.resolve((await back.waiting()).text)
    assert given.response is not None
    assert given.in_response_to == "_resolve"
    again = await back.resolve((await back.waiting()).text, id="_second", destination=None)
    assert again.response is not None


async def test_the_signing_certificate_may_be_the_tls_certificate(back: BackChannel) -> None:
    """When the metadata lists it, it may be used for both."""
    artifact = await back.waiting()
    status, body = await back.post(fed.artifact_resolve(artifact.text), leaf(fed.DV_OIN, "signing", ""))
    assert (status, b"samlp:Response" in body) == (200, True)


async def test_soap_12_is_understood(back: BackChannel) -> None:
    """1.1 and 1.2 come in, 1.1 goes out."""
    body = fed.artifact_resolve((await back.waiting()).text)
    body = body.replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope")
    status, answer = await back.post(body, content_type="application/soap+xml")
    assert (status, b"http://schemas.xmlsoap.org/soap/envelope/" in answer) == (200, True)


@pytest.mark.eis("ART-05", "ARR-05")
@pytest.mark.attack("S74")
async def test_an_artifact_gives_its_answer_once(back: BackChannel) -> None:
    """The second time: Success, nothing in it, and an alarm."""
    artifact = await back.waiting()
    await back.resolve(artifact.text)
    assert (await back.resolve(artifact.text, id="_again")).response is None
    assert back.meter.rejected == [("artifact", "artifact.used")]
    assert back.audit.events == [("artifact.refused", {"connection": fed.DV, "code": "artifact.used"})]


@pytest.mark.eis("ART-05")
@pytest.mark.attack("S74")
async def test_of_fifty_at_once_one_wins(back: BackChannel) -> None:
    """Parallel use is still single use."""
    artifact = await back.waiting()
    given = await asyncio.gather(*(back.resolve(artifact.text, id=f"_{number}") for number in range(50)))
    assert sum(each.response is not None for each in given) == 1


@pytest.mark.eis("ART-05")
async def test_an_answer_that_there_was_no_time_to_sign_waits(
    back: BackChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 takes nothing: the very same message, sent again, gets the answer; once."""
    artifact = await back.waiting()
    message = fed.artifact_resolve(artifact.text)

    async def full(function: Callable[..., object], *given: object, **named: object) -> object:
        if function is build_answer:
            raise TooBusy("crypto-back")
        return await running(function, *given, **named)

    running = back.pool.run
    monkeypatch.setattr(back.pool, "run", full)
    monkeypatch.setattr(back.pool, "for_work", lambda _work: back.pool)
    assert (await back.post(message))[0] == 503
    monkeypatch.setattr(back.pool, "run", running)
    status, body = await back.post(message)
    assert (status, b"samlp:Response" in body) == (200, True)
    assert (await back.resolve(artifact.text, id="_again")).response is None


@pytest.mark.eis("SIG-05", "ERR-12")
@pytest.mark.attack("S12")
async def test_only_the_message_itself_is_signed(back: BackChannel) -> None:
    """A second signature, deeper down in a message whose own signature holds, is refused."""
    artifact = await back.waiting()
    inner = fed.signed(build_artifact_resolve(fed.resolve_of(artifact.text, id="_inner")), fed.signing_key(fed.DV_OIN))
    outer = build_artifact_resolve(fed.resolve_of(artifact.text))
    etree.SubElement(outer, names.samlp("Extensions")).append(inner)
    body = wrap(fed.signed(outer, fed.signing_key(fed.DV_OIN)))
    assert await back.refused(body) == "sig.count"


@pytest.mark.eis("ARR-05")
@pytest.mark.attack("S75")
async def test_another_party_gets_nothing_and_burns_nothing(back: BackChannel) -> None:
    """A connected party with somebody else's artifact: Success, nothing in it; the rightful party still gets it."""
    artifact = await back.waiting()
    key, pair = fed.signing_key(fed.OTHER_OIN), fed.tls_pair(fed.OTHER_OIN)
    status, body = await back.post(fed.artifact_resolve(artifact.text, key, issuer=fed.OTHER_DV), pair)
    assert (status, b"samlp:Response" in body) == (200, False)
    assert back.meter.codes == ["artifact.requester"]
    assert (await back.resolve(artifact.text, id="_mine")).response is not None


@pytest.mark.eis("ART-05", "ARR-05")
async def test_an_expired_artifact_gives_nothing(back: BackChannel, moment: Moment) -> None:
    """After its life, Success and nothing in it."""
    artifact = await back.waiting()
    moment.advance(timedelta(seconds=121))
    assert (await back.resolve(artifact.text)).response is None


@pytest.mark.eis("ARR-05", "RES-04")
@pytest.mark.attack("S76")
@pytest.mark.parametrize(
    "artifact",
    [
        new_artifact(fed.RD, 0).text,
        new_artifact(fed.RD, 1).text,
        new_artifact(fed.AD, 0).text,
        "AAQ=",
        "not an artifact",
    ],
)
async def test_a_guess_gives_nothing(back: BackChannel, artifact: str) -> None:
    """Unknown, of another endpoint, of another party, or no artifact at all: one and the same answer."""
    await back.waiting()
    assert (await back.resolve(artifact)).response is None
    assert back.meter.codes == ["artifact.unknown"]


@pytest.mark.eis("TLS-03", "TLS-04")
@pytest.mark.attack("S75", "S77")
async def test_the_tls_certificate_must_be_the_issuer_s(back: BackChannel) -> None:
    """A good signature over another connected party's TLS certificate is refused, and burns nothing."""
    artifact = await back.waiting()
    for pair in (fed.tls_pair(fed.OTHER_OIN), leaf(fed.DV_OIN, "tls", "unpublished"), leaf(fed.DV_OIN, "encryption")):
        assert await back.refused(fed.artifact_resolve(artifact.text), pair) == "tls.client"
    assert (await back.resolve(artifact.text)).response is not None


@pytest.mark.eis("TLS-03")
@pytest.mark.attack("S77")
async def test_no_certificate_is_no_answer(back: BackChannel) -> None:
    """Without a client certificate nothing is even read."""
    async with back.client.post(PATH, data=b"x", headers={"Content-Type": "text/xml"}) as answer:
        assert answer.status == 400
    assert back.meter.codes == ["tls.client"]


@pytest.mark.eis("RES-03", "SIG-06", "SIG-12", "ERR-12")
async def test_the_signature_must_be_the_issuer_s(back: BackChannel) -> None:
    """Signed by another connected party in this one's name, or not at all: never a Response."""
    artifact = await back.waiting()
    forged = fed.artifact_resolve(artifact.text, fed.signing_key(fed.OTHER_OIN))
    assert await back.refused(forged) == "key.unknown"
    altered = fed.artifact_resolve(artifact.text).replace(b"_resolve", b"_resolvf")
    assert await back.refused(altered) == "sig.invalid"
    assert (await back.resolve(artifact.text)).response is not None


@pytest.mark.eis("RES-02", "GEN-01", "GEN-03", "GEN-04", "ERR-12")
@pytest.mark.attack("S65", "S67")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"destination": fed.SSO}, "destination"),
        ({"destination": fed.ARTIFACT + "/"}, "destination"),
        ({"issue_instant": NOW - 7 * MINUTE}, "time.past"),
        ({"issue_instant": NOW + 2 * MINUTE}, "time.future"),
        ({"issuer": fed.AD}, "issuer.unknown"),
    ],
)
async def test_a_message_that_breaks_a_rule_is_refused(back: BackChannel, changed: dict[str, Any], code: str) -> None:
    """Each with its own code, and the artifact is not used up."""
    artifact = await back.waiting()
    assert await back.refused(fed.artifact_resolve(artifact.text, **changed)) == code
    assert (await back.resolve(artifact.text)).response is not None


@pytest.mark.eis("GEN-01")
@pytest.mark.attack("S62")
async def test_a_message_counts_once(back: BackChannel) -> None:
    """The same ArtifactResolve again is a replay."""
    body = fed.artifact_resolve((await back.waiting()).text)
    assert (await back.post(body))[0] == 200
    assert await back.refused(body) == "msg.replay"


@pytest.mark.eis("ERR-12", "RES-01")
@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "xml.malformed"), (b"<x/>", "soap.structure"), (b"\xff\xfe<\x00", "xml.encoding")],
)
async def test_what_is_no_soap_is_refused(back: BackChannel, body: bytes, code: str) -> None:
    """Bare or broken XML gets a fault."""
    assert await back.refused(body) == code


async def test_another_content_type_is_refused(back: BackChannel) -> None:
    """A form is not SOAP."""
    assert await back.refused(b"a=b", content_type="application/x-www-form-urlencoded") == "binding"


async def test_an_agreed_destination_is_accepted_and_counted(back: BackChannel) -> None:
    """Where agreed, our SSO address will do (it is what some software sends)."""
    artifact = await back.waiting(RELAXED_DV)
    given = await back.resolve(artifact.text, issuer=RELAXED_DV, destination=fed.SSO)
    assert given.response is not None
    assert back.meter.compat == [(RELAXED_DV, "artifact_destination")]


async def test_other_ways_in_are_closed(back: BackChannel) -> None:
    """GET, and other paths, are faults as well."""
    for method, path, status in (("GET", PATH, 405), ("PUT", PATH, 405), ("POST", "/saml/sso", 404)):
        async with back.client.request(method, path) as answer:
            assert (answer.status, answer.content_type) == (status, "text/xml")


async def test_rules_of_http_are_counted(back: BackChannel) -> None:
    """Those of ours and those of the framework, as on the front channel."""
    assert (await back.post(b"x" * 262_145))[0] == 413
    async with back.client.get("/nowhere") as answer:
        assert answer.status == 404
    assert back.meter.rejected == [("artifact", "http.size"), ("artifact", "http.404")]


async def test_a_full_house_is_counted(back: BackChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    """503, and by the name of the bound."""

    async def full(*_: object, **__: object) -> None:
        raise TooBusy("crypto", 7)

    monkeypatch.setattr(back.pool, "run", full)
    monkeypatch.setattr(back.pool, "for_work", lambda _work: back.pool)
    assert (await back.post(b"<x/>"))[0] == 503
    assert (back.meter.bounds, back.meter.rejected) == (["crypto"], [])
