"""Agreed deviations, in a running server: each works for the connection that has it, for no other, and is counted."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from lxml import etree

from routeringsvoorziening.backends.configuring import load_configuration
from routeringsvoorziening.saml.certificates import load_trust_bundle
from routeringsvoorziening.saml.keys import load_signing_key
from routeringsvoorziening.saml.metadata.reading import read_service_provider
from routeringsvoorziening.saml.metadata.writing import write_service_provider
from routeringsvoorziening.server import RunningServer, running
from routeringsvoorziening.simulators.world.layout import PORTAL, ZORG, ZORG_SERVICES, Party, World
from tests.support.chain.browser import Browser, Page
from tests.support.chain.clock import PushedClock
from tests.support.chain.dienstverlener import Dienstverlener
from tests.support.chain.world import configured, new_world, publish
from tests.support.pki import pki

SWITCHES = f"""  compat:
    relay_state_max: 512
    artifact_destination: any-own
    acs_url: must-match-metadata
    tolerate_requested_authn_context: true
    default_service: true
    metadata_without_expiry: true
    service_index: {{1: {ZORG_SERVICES[0].uuid}, 2: {ZORG_SERVICES[1].uuid}}}
    metadata_redirect_sso: true
"""
CONTEXT = "<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>x</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory, clock: PushedClock) -> World:
    """The hospital's metadata says neither how long it holds nor which dienst is which; all of it was agreed."""
    world = new_world(tmp_path_factory.mktemp("compat") / "demo-world")
    publish(world, clock)
    configured(world, clock)
    _loosen(world, clock)
    file = world.directory / "config" / "dienstverleners" / "zonneveld.yaml"
    file.write_text(file.read_text() + SWITCHES)
    return world


def _loosen(world: World, clock: PushedClock) -> None:
    files = world.files(ZORG)
    trust = load_trust_bundle(pki().trust_pem)
    known = read_service_provider(files.metadata.read_bytes(), trust=trust, at=clock(), allow_loopback=True)
    services = tuple(replace(each, service_uuid=None) for each in known.attribute_services)
    signing = load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())
    loose = replace(known, valid_until=None, cache_duration=None, attribute_services=services)
    files.metadata.write_bytes(write_service_provider(loose, signing))


@pytest.fixture(scope="module")
def loaded(lenient: World, clock: PushedClock):
    """Its configuration, without a mistake."""
    main = lenient.directory / "config" / "routeringsvoorziening.yaml"
    return load_configuration(main, at=clock(), overrides=lenient.variables)


@pytest.fixture
async def serving(loaded, clock: PushedClock) -> AsyncIterator[RunningServer]:
    """A server of it."""
    async with running(loaded, clock=clock) as server:
        yield server


async def send(world: World, clock: PushedClock, party: Party, *, relay_state: str = "state", **how) -> Page:
    """A request of that party, with something changed."""
    dv = Dienstverlener(world, party, clock)
    before = how.pop("before", "")
    element = dv.authn_request(**{"service": "1", **how})
    if before:
        extra = etree.fromstring(
            f'<x xmlns:samlp="{element.nsmap["samlp"]}" xmlns:saml="{element.nsmap["saml"]}">{before}</x>'
        )
        element.insert(1, extra[0])
    async with Browser() as browser:
        return await dv.send(browser, await asyncio.to_thread(dv.signed, element), relay_state=relay_state)


def used(server: RunningServer, party: Party) -> set[str]:
    """The switches that were counted for a party."""
    family = next(each for each in server.metrics.registry.collect() if each.name == "rv_compat_used")
    found = [each.labels for each in family.samples if each.name.endswith("_total")]
    return {each["switch"] for each in found if each["connection"] == party.entity_id}


ALWAYS = {"metadata_without_expiry", "service_index"}


@pytest.mark.eis("MD-03", "AR-06")
async def test_loose_metadata_serves(serving: RunningServer, lenient: World, clock: PushedClock) -> None:
    """Neither expiry nor ServiceUUID: the login begins, and both are counted; nothing is counted for others."""
    assert (await send(lenient, clock, ZORG)).form().fields["SAMLRequest"]
    assert used(serving, ZORG) == ALWAYS
    assert (await send(lenient, clock, PORTAL)).form().fields["SAMLRequest"]
    assert used(serving, PORTAL) == set()


@pytest.mark.parametrize(
    ("how", "switch", "refusal"),
    [
        ({"relay_state": "x" * 236}, "relay_state_max", "relaystate"),
        ({"service": None}, "default_service", None),
        ({"AssertionConsumerServiceIndex": None, "AssertionConsumerServiceURL": ""}, "acs_url", "authn.acs"),
        ({"before": CONTEXT, "inside": "<samlp:NameIDPolicy/>"}, "tolerate_requested_authn_context", "msg.schema"),
    ],
    ids=["relay-state", "no-dienst", "url", "context"],
)
async def test_each_deviation_is_for_its_connection(  # noqa: PLR0917
    serving: RunningServer, lenient: World, clock: PushedClock, how: dict, switch: str, refusal: str | None
) -> None:
    """The hospital logs in and is counted; the same of the city is refused with its own code."""
    for party in (ZORG, PORTAL):
        changes = dict(how)
        if "service" in changes:
            changes["AttributeConsumingServiceIndex"] = changes.pop("service")
        if "AssertionConsumerServiceURL" in changes:
            acs = serving.succession.current.connections[party.entity_id].metadata.acs[0].location
            changes["AssertionConsumerServiceURL"] = acs
        page = await send(lenient, clock, party, **changes)
        if party is ZORG:
            assert page.form().fields["SAMLRequest"], page.text
        elif refusal is None:
            assert page.query("SAMLart")
        else:
            rejected = {"endpoint": "sso", "code": refusal}
            assert page.status == 400
            assert serving.metrics.registry.get_sample_value("rv_rejected_messages_total", rejected) == 1
    assert used(serving, ZORG) == ALWAYS | {switch}
    assert used(serving, PORTAL) == set()


@pytest.mark.eis("MD-RD-04")
async def test_redirect_stands_in_one_document_only(
    serving: RunningServer, lenient: World, http: aiohttp.ClientSession
) -> None:
    """In that for the hospital; it is not accepted, and handing it out is counted."""
    url = f"{lenient.rv_front}/saml/metadata"
    for query in ("", f"?connection={PORTAL.entity_id}", "?connection=x", "?connection="):
        async with http.get(url + query) as answer:
            assert b"HTTP-Redirect" not in await answer.read()
    assert used(serving, ZORG) == set()
    async with http.get(f"{url}?connection={ZORG.entity_id}") as answer:
        assert b"HTTP-Redirect" in await answer.read()
    assert used(serving, ZORG) == {"metadata_redirect_sso"}
    async with http.get(f"{lenient.rv_front}/saml/sso?SAMLRequest=x") as answer:
        assert answer.status == 405
