"""The BVD simulators as they really listen, with DigiD in front of them: metadata on disk, TLS on the back channel."""

import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import decrypt_id
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.keys import SigningKey, load_signing_key
from routeringsvoorziening.saml.messages.artifact_resolve import ArtifactResolve, build_artifact_resolve
from routeringsvoorziening.saml.messages.artifact_response import read_artifact_response
from routeringsvoorziening.saml.messages.assertion import read_assertion
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest, build_authn_request
from routeringsvoorziening.saml.messages.response import read_response
from routeringsvoorziening.saml.metadata.model import Endpoint, RoutingDienst, ServiceProvider
from routeringsvoorziening.saml.metadata.reading import read_identity_provider
from routeringsvoorziening.saml.metadata.writing import write_routing_dienst
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.soap import unwrap, wrap
from routeringsvoorziening.saml.verifying import Verified, verify
from routeringsvoorziening.simulators import bvd, digid
from routeringsvoorziening.simulators.browser import Browser, LostOnTheWay, represent
from routeringsvoorziening.simulators.bvd.settings import BvdSettings
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.portal.certificates import metadata_key
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.preparing import prepare_parties, save_routing_metadata
from routeringsvoorziening.simulators.registers.demo import demo_stelsel
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.families import residents
from routeringsvoorziening.transport.client import BoundedClient
from routeringsvoorziening.transport.errors import Unreachable
from routeringsvoorziening.transport.tls import client_context
from tests.support.ports import free_ports

REASON = "settings and TLS files are read in the test itself"
RECORD = layout.PORTAL_SERVICES[3].uuid


@dataclass
class Rd:
    """The Routeringsdienst of this test: it sends a browser on, and fetches what is behind an artifact."""

    world: layout.World
    key: SigningKey
    client: BoundedClient

    def request(self, party: layout.Party, **changed: Any) -> dict[str, str]:
        """The fields with which a browser is sent to a party."""
        message = AuthnRequest(
            id=new_message_id(),
            issuer=layout.RV.entity_id,
            destination=self.world.front(party) + layout.SSO_PATH,
            issue_instant=datetime.now(UTC),
            acs_index=0,
            intended_audience=layout.PORTAL.entity_id,
            **changed,
        )
        element = build_authn_request(message)
        sign(element, self.key)
        return {"SAMLRequest": base64.b64encode(etree.tostring(element)).decode()}

    async def fetch(self, party: layout.Party, address: str) -> Verified:
        """The verified Assertion behind the artifact in an address."""
        (artifact,) = parse_qs(urlsplit(address).query)["SAMLart"]
        element = build_artifact_resolve(
            ArtifactResolve(new_message_id(), layout.RV.entity_id, datetime.now(UTC), artifact)
        )
        sign(element, self.key)
        url = self.world.back(party) + layout.ARTIFACT_PATH
        answer = await self.client.post(url, wrap(element), {"Content-Type": "text/xml"})
        role = "AD" if party is layout.DIGID else "BVD"
        trust = BvdSettings.of_world(self.world, layout.GEZAG).trust
        provider = read_identity_provider(
            self.world.files(party).metadata.read_bytes(),
            trust=trust,
            at=datetime.now(UTC),
            role=role,
            allow_loopback=True,
        )
        now = datetime.now(UTC)
        message = read_artifact_response(verify(unwrap(parse(answer.body)), provider.signing_keys, at=now))
        assert message.response is not None
        assertion = read_response(message.response).assertion
        assert assertion is not None
        return verify(assertion, provider.signing_keys, at=now, require_key_name=True)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose certificates are made once."""
    return tmp_path_factory.mktemp("world")


@pytest.fixture
def world(directory: Path) -> layout.World:
    """A demo world on free ports, in which the Routeringsdienst has handed its metadata out."""
    world = layout.World(directory, layout.Ports(*free_ports(13)))
    prepare_parties(world, at=datetime.now(UTC))
    save_routing_metadata(world, for_dienstverleners=b"", for_services=_routing(world))
    return world


def _routing(world: layout.World) -> bytes:
    files = world.files(layout.RV)
    keys = tuple(metadata_key(files.certificate(purpose), "signing") for purpose in ("signing", "tls"))
    provider = ServiceProvider(
        layout.RV.entity_id,
        (*keys, metadata_key(files.certificate("encryption"), "encryption")),
        acs=(Endpoint(world.rv_acs, names.BINDING_ARTIFACT, 0, is_default=True),),
        valid_until=datetime.now(UTC) + timedelta(days=1),
    )
    dv = PortalSettings.of_world(world)
    recipients = ServiceProvider(dv.entity_id, dv.metadata_keys).recipients
    return write_routing_dienst(RoutingDienst(provider, {dv.entity_id: recipients}), _key(world))


def _key(world: layout.World) -> SigningKey:
    files = world.files(layout.RV)
    return load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())


def _client(world: layout.World, party: layout.Party | None) -> BoundedClient:
    if party is None:
        return BoundedClient(tls=client_context(world.trust_bundle))
    files = world.files(party)
    return BoundedClient(
        tls=client_context(world.trust_bundle, certificate=files.certificate("tls"), key=files.key("tls"))
    )


@pytest.fixture
async def rd(world: layout.World) -> AsyncIterator[Rd]:
    """DigiD and all BVDs listen, with one stelsel behind them."""
    stelsel = demo_stelsel(datetime.now(UTC)).stelsel
    async with AsyncExitStack() as stack:
        running = [await digid.start(DigidSettings.of_world(world))]
        running += [await bvd.start(BvdSettings.of_world(world, party), stelsel=stelsel) for party in layout.BVDS]
        for each in running:
            stack.push_async_callback(each.stop)
        client = _client(world, layout.RV)
        stack.push_async_callback(client.close)
        yield Rd(world, _key(world), client)


async def to_acs(browser: Browser, act: Any) -> str:
    """Do something that ends at the Routeringsdienst, where nobody listens; gives the address."""
    with pytest.raises(aiohttp.ClientConnectionError):
        await act
    return browser.page.headers["Location"]


@pytest.mark.allow_blocking(REASON)
@pytest.mark.eis("RBVD-01", "RBVD-02", "RBVD-03", "AS-15", "ATT-22", "ATT-24", "LOA-06", "TLS-04", "MD-AD-02")
@pytest.mark.parametrize(
    ("party", "person", "mandate", "service"),
    [
        (layout.GEZAG, "shanti", "gezag-shanti-anaya", RECORD),
        (layout.BEWIND, "willem", "mentorschap-willem-gerrit", RECORD),
        (layout.MACHTIGEN, "fenna", "publiek-fenna-joke", layout.PORTAL_SERVICES[0].uuid),
    ],
    ids=["gezag", "bewind", "machtigen"],
)
async def test_a_person_logs_in_and_acts_for_another(
    rd: Rd, *, party: layout.Party, person: str, mandate: str, service: str
) -> None:
    """Through DigiD and a BVD with a browser, and over the wire: the dienstverlener's key opens both identities."""
    asked = {"service_uuid": service, "requester_ids": (party.entity_id,)}
    async with Browser() as browser:
        await browser.request("POST", rd.world.digid_front + layout.SSO_PATH, rd.request(layout.DIGID, **asked))
        page = await browser.open(rd.world.digid_front + browser.page.headers["Location"])
        address = await to_acs(browser, browser.submit(page.forms[0], person=person, means="document", action="login"))
        declared = await rd.fetch(layout.DIGID, address)
        fields = rd.request(party, service_uuid=service, idp_assertion=declared.canonical)
        await browser.request("POST", rd.world.front(party) + layout.SSO_PATH, fields)
        await browser.open(rd.world.front(party) + browser.page.headers["Location"])
        with pytest.raises(LostOnTheWay):
            await represent(browser, "gezag-nobody")
        address = await to_acs(browser, represent(browser, mandate))
    assertion = read_assertion(await rd.fetch(party, address))
    people = {each.bsn: each.key for each in residents(datetime.now(UTC).date())}
    settings = PortalSettings.of_world(rd.world)
    found = [
        people[decrypt_id(parse(*each), entity_id=settings.entity_id, keys=settings.decryption_keys).value]
        for each in (assertion.acting_subject, assertion.legal_subject)
    ]
    assert found == [person, mandate.rpartition("-")[2]]


@pytest.mark.allow_blocking(REASON)
@pytest.mark.eis("TLS-03", "TLS-04")
@pytest.mark.parametrize(("party", "status"), [(layout.RV, 400), (layout.DIGID, 403), (None, None)])
async def test_the_back_channel_wants_the_rds_certificate(
    rd: Rd, party: layout.Party | None, status: int | None
) -> None:
    """The routeringsdienst comes as far as the message; another party and nobody do not."""
    client = _client(rd.world, party)
    url = rd.world.back(layout.GEZAG) + layout.ARTIFACT_PATH
    try:
        if status is None:
            with pytest.raises(Unreachable):
                await client.post(url, b"<x/>", {"Content-Type": "text/xml"})
        else:
            assert (await client.post(url, b"<x/>", {"Content-Type": "text/xml"})).status == status
    finally:
        await client.close()


@pytest.mark.allow_blocking(REASON)
async def test_one_starts_by_itself_and_stops(world: layout.World) -> None:
    """With the demo's registers of its own; after stopping nobody listens, and it can start again."""
    for _ in range(2):
        running = await bvd.start(BvdSettings.of_world(world, layout.GEZAG))
        assert set(running.ports) == {"front", "back"}
        async with Browser() as browser:
            assert "Wat bestaat er over mij?" in (await browser.open(f"{running.url}/")).text
        await running.stop()


def test_digid_knows_the_bvds_that_published(directory: Path) -> None:
    """Whose metadata stands in the world; a world without them has a DigiD that knows none."""
    world = layout.World(directory, layout.Ports())
    prepare_parties(world, at=datetime.now(UTC))
    assert len(DigidSettings.of_world(world).bvd_metadata) == len(layout.BVDS)
    for party in layout.BVDS:
        world.files(party).metadata.unlink()
    assert DigidSettings.of_world(world).bvd_metadata == ()
