"""The simulators as they really listen: with a PKI on disk, and mutual TLS on the back channel."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.keys import load_signing_key
from routeringsvoorziening.saml.metadata.model import Endpoint, IdentityProvider, RoutingDienst, ServiceProvider
from routeringsvoorziening.saml.metadata.writing import write_identity_provider, write_routing_dienst
from routeringsvoorziening.simulators import digid, portal
from routeringsvoorziening.simulators.browser import Browser
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.portal.certificates import metadata_key
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.preparing import prepare_parties, save_routing_metadata
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.transport.client import BoundedClient
from routeringsvoorziening.transport.errors import Unreachable
from routeringsvoorziening.transport.tls import client_context
from tests.support.ports import free_ports

TOMORROW = timedelta(days=1)


@pytest.fixture(scope="module")
def pki_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose certificates are made once."""
    return tmp_path_factory.mktemp("world")


@pytest.fixture
def world(pki_directory: Path) -> layout.World:
    """A demo world on free ports, in which the Routeringsvoorziening has handed its metadata out."""
    world = layout.World(pki_directory, layout.Ports(*free_ports(len(layout.Ports().as_mapping()))))
    prepare_parties(world, at=datetime.now(UTC))
    save_routing_metadata(world, for_dienstverleners=_for_dienstverleners(world), for_services=_for_services(world))
    return world


def _keys(world: layout.World) -> tuple[object, ...]:
    files = world.files(layout.RV)
    uses = (("signing", "signing"), ("tls", "signing"), ("encryption", "encryption"))
    return tuple(metadata_key(files.certificate(purpose), use) for purpose, use in uses)


def _signing(world: layout.World):
    files = world.files(layout.RV)
    return load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())


def _for_dienstverleners(world: layout.World) -> bytes:
    provider = IdentityProvider(
        layout.RV.entity_id,
        _keys(world)[:2],
        artifact_resolution=(Endpoint(f"{world.rv_back}/saml/artifact", names.BINDING_SOAP, 0, is_default=True),),
        single_sign_on=(Endpoint(f"{world.rv_front}/saml/sso", names.BINDING_POST),),
        single_logout=(Endpoint(f"{world.rv_front}/saml/logout", names.BINDING_POST),),
        valid_until=datetime.now(UTC) + TOMORROW,
    )
    return write_identity_provider(provider, _signing(world))


def _for_services(world: layout.World) -> bytes:
    provider = ServiceProvider(
        layout.RV.entity_id,
        _keys(world),
        acs=(Endpoint(world.rv_acs, names.BINDING_ARTIFACT, 0, is_default=True),),
        valid_until=datetime.now(UTC) + TOMORROW,
    )
    dv = PortalSettings.of_world(world)
    recipients = ServiceProvider(dv.entity_id, dv.metadata_keys).recipients
    return write_routing_dienst(RoutingDienst(provider, {dv.entity_id: recipients}), _signing(world))


@pytest.fixture
async def running_digid(world: layout.World) -> AsyncIterator[object]:
    """A DigiD simulator that listens."""
    running = await digid.start(_digid_settings(world))
    yield running
    await running.stop()


_digid_settings: Callable[[layout.World], DigidSettings] = DigidSettings.of_world


def _caller(world: layout.World, party: layout.Party | None) -> BoundedClient:
    if party is None:
        return BoundedClient(tls=client_context(world.trust_bundle))
    files = world.files(party)
    return BoundedClient(
        tls=client_context(world.trust_bundle, certificate=files.certificate("tls"), key=files.key("tls"))
    )


@pytest.mark.allow_blocking("settings and TLS files are read in the test itself")
@pytest.mark.eis("TLS-03", "TLS-04")
@pytest.mark.parametrize(("party", "status"), [(layout.RV, 400), (layout.PORTAL, 403), (None, None)])
async def test_the_back_channel_wants_the_rds_certificate(
    world: layout.World, running_digid: object, party: layout.Party | None, status: int | None
) -> None:
    """The routeringsdienst comes as far as the message; another party and nobody do not."""
    client = _caller(world, party)
    url = world.digid_back + layout.ARTIFACT_PATH
    try:
        if status is None:
            with pytest.raises(Unreachable):
                await client.post(url, b"<x/>", {"Content-Type": "text/xml"})
        else:
            assert (await client.post(url, b"<x/>", {"Content-Type": "text/xml"})).status == status
    finally:
        await client.close()


@pytest.mark.allow_blocking("settings and TLS files are read in the test itself")
async def test_the_portal_starts_by_itself(world: layout.World) -> None:
    """Its page shows its services; after stopping nobody listens."""
    running = await portal.start(PortalSettings.of_world(world))
    async with Browser() as browser:
        page = await browser.open(f"{running.url}/")
        assert page.status == 200
        assert all(service.name_nl in page.text for service in layout.PORTAL_SERVICES)
    await running.stop()
    await running.stop()
    again = await portal.start(PortalSettings.of_world(world))
    await again.stop()


@pytest.mark.allow_blocking("settings and TLS files are read in the test itself")
async def test_the_second_dienstverlener_starts_too(world: layout.World) -> None:
    """The same portal under another name."""
    running = await portal.start(PortalSettings.of_world(world, layout.ZORG))
    async with Browser(language="en") as browser:
        assert "My Zonneveld" in (await browser.open(f"{running.url}/")).text
    await running.stop()


@pytest.mark.allow_blocking("settings and TLS files are read in the test itself")
async def test_a_taken_port_is_an_error_that_leaves_nothing_behind(world: layout.World, running_digid: object) -> None:
    """The second simulator does not start."""
    with pytest.raises(OSError, match="in use"):
        await digid.start(_digid_settings(world))


@pytest.mark.allow_blocking("settings and TLS files are read in the test itself")
async def test_a_second_encryption_key_is_published(world: layout.World) -> None:
    """When `encryption-next` is there, metadata lists both and the portal holds both."""
    files = world.files(layout.PORTAL)
    other = world.files(layout.ZORG)
    for suffix in ("pem", "key"):
        (files.directory / f"encryption-next.{suffix}").write_bytes(
            (other.directory / f"encryption.{suffix}").read_bytes()
        )
    try:
        settings = PortalSettings.of_world(world)
    finally:
        for suffix in ("pem", "key"):
            (files.directory / f"encryption-next.{suffix}").unlink()
    assert len(settings.decryption_keys) == 2
    assert len([key for key in settings.metadata_keys if "encryption" in key.uses]) == 2
