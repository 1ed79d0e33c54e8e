"""Two suppliers in one chain: each asks for the dienstverleners that agreed to it, for as long as that holds (AR-21)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.keys import load_signing_key
from routeringsvoorziening.saml.metadata.model import Cluster, ClusterMember, Endpoint, ServiceProvider
from routeringsvoorziening.saml.metadata.writing import write_cluster
from routeringsvoorziening.simulators.portal.certificates import metadata_key
from routeringsvoorziening.simulators.world.layout import CLOUD, DIJKZICHT, HEIDEWOUDE, POLDERVEEN, Party, World
from tests.support.chain.clock import PushedClock
from tests.support.chain.dienstverlener import at_digid, log_in
from tests.support.chain.reading import acting_bsn, has_response, statuses
from tests.support.chain.running import Chain, running_chain
from tests.support.chain.supplier import Supplier
from tests.support.chain.world import write_keys
from tests.support.pki import leaf

FENNA = "954214304"
HOUR = timedelta(hours=1)
HARBOUR = Party(
    "havencloud",
    "Leverancier Havencloud",
    "urn:nl-eid-gdi:1.0:LC:00000009999999999030:entities:9001",
    "00000009999999999030",
    "havencloud.localhost",
    ("signing", "tls"),
)
"""Also connects Heidewoude and, for an hour, Polderveen; its metadata lists Dijkzicht, that never agreed to it."""


def furnish(world: World, clock: PushedClock) -> None:
    """The second supplier's keys, metadata and configuration."""
    write_keys(world, HARBOUR)
    files = world.files(HARBOUR)
    files.metadata.write_bytes(_metadata(world, clock))
    file = world.directory / "config" / "clusteraansluitingen" / "havencloud.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(_cluster(files.metadata, clock)), encoding="utf-8")


def _metadata(world: World, clock: PushedClock) -> bytes:
    files = world.files(HARBOUR)
    supplier = ServiceProvider(
        entity_id=HARBOUR.entity_id,
        keys=tuple(metadata_key(files.certificate(each), "signing") for each in ("signing", "tls")),
        acs=(Endpoint("http://havencloud.localhost/acs", names.BINDING_ARTIFACT, 0, is_default=True),),
        valid_until=clock() + timedelta(days=30),
    )
    signing = load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())
    return write_cluster(
        Cluster(supplier, dict(_member(world, each) for each in (DIJKZICHT, HEIDEWOUDE, POLDERVEEN))), signing
    )


def _member(world: World, party: Party) -> tuple[str, ClusterMember]:
    key = metadata_key(world.files(party).certificate("encryption"), "encryption")
    return party.entity_id, ClusterMember(party.entity_id, (Recipient(party.entity_id, key.key_name, key.certificate),))


def _cluster(metadata: Path, clock: PushedClock) -> dict[str, object]:
    return {
        "entity_id": HARBOUR.entity_id,
        "name": {"nl": HARBOUR.name, "en": HARBOUR.name},
        "connection": {"metadata": str(metadata)},
        "dienstverleners": [
            {"entity_id": HEIDEWOUDE.entity_id},
            {"entity_id": POLDERVEEN.entity_id, "active_until": (clock() + HOUR).isoformat()},
        ],
    }


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> Iterator[Chain]:
    """The demo's chain with a second supplier."""
    with running_chain(tmp_path_factory.mktemp("suppliers") / "world", furnish=furnish) as running:
        yield running


def supplier(chain: Chain, party: Party, behind: Party) -> Supplier:
    """One of the two, asking for somebody."""
    return Supplier(chain.world, party, chain.clock, behind=behind)


async def outcome(asking: Supplier, browser) -> tuple[str | None, str | None]:
    """How a login ends that begins now: the two codes."""
    page = await asking.begin(browser)
    if page.status == 200:
        page = await browser.follow(await log_in(browser, await at_digid(browser, page), means="document"))
    assert page.status == 303, page.text
    return statuses((await asking.resolve(page.query("SAMLart"))).root)[:2]


GRANTED, DENIED = ("Success", None), ("Requester", "RequestDenied")


@pytest.mark.eis("AR-21", "AS-08", "ATT-04")
@pytest.mark.parametrize("party", [CLOUD, HARBOUR], ids=lambda party: party.folder)
async def test_a_dienstverlener_may_have_two_suppliers(chain, browser, party):
    """The same dienst through either: the audience is who asked and the dienstverlener, who alone can read who it is."""
    asking = supplier(chain, party, HEIDEWOUDE)
    page = await at_digid(browser, await asking.begin(browser))
    home = await browser.follow(await log_in(browser, page, means="document"))
    root = (await asking.resolve(home.query("SAMLart"))).root
    audience = "//*[local-name()='Response']/*[local-name()='Assertion']/*/*/*[local-name()='Audience']/text()"
    assert root.xpath(audience) == [party.entity_id, HEIDEWOUDE.entity_id]
    assert acting_bsn(root, leaf(HEIDEWOUDE.oin, "encryption").key, HEIDEWOUDE.entity_id) == FENNA


@pytest.mark.eis("AR-21")
@pytest.mark.attack("S79")
async def test_a_dienstverlener_of_one_supplier_is_not_the_other_s(chain, browser):
    """Its agreement counts, not what a supplier's metadata says of itself."""
    assert await outcome(supplier(chain, CLOUD, DIJKZICHT), browser) == GRANTED
    assert await outcome(supplier(chain, HARBOUR, DIJKZICHT), browser) == DENIED


@pytest.mark.eis("AR-21", "ARR-05")
@pytest.mark.attack("S75", "S79")
async def test_one_supplier_does_not_collect_for_the_other(chain, browser):
    """An artifact is of who asked, also where both connect the dienstverlener."""
    mine, other = supplier(chain, CLOUD, HEIDEWOUDE), supplier(chain, HARBOUR, HEIDEWOUDE)
    page = await at_digid(browser, await mine.begin(browser))
    artifact = (await browser.follow(await log_in(browser, page, means="document"))).query("SAMLart")
    assert not has_response((await other.resolve(artifact)).root)
    assert has_response((await mine.resolve(artifact)).root)


@pytest.mark.eis("AR-21")
async def test_a_relation_ends_when_its_time_has_passed(chain, browser):
    """Judged at the request, while the RV runs: with this supplier it is over, with the other it goes on."""
    through = {party: supplier(chain, party, POLDERVEEN) for party in (HARBOUR, CLOUD)}
    assert await outcome(through[HARBOUR], browser) == GRANTED
    chain.clock.push(HOUR.total_seconds() + 1)
    assert await outcome(through[HARBOUR], browser) == DENIED
    assert await outcome(through[CLOUD], browser) == GRANTED
