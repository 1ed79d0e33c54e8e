"""The demo's own configuration, with keys and metadata made once, copied for every test that changes something."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routeringsvoorziening.backends.configuring import inspect_configuration
from routeringsvoorziening.configuration.check import Inspection
from routeringsvoorziening.configuration.findings import Finding
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.keys import load_signing_key
from routeringsvoorziening.saml.metadata.model import (
    AttributeConsumingService,
    Cluster,
    ClusterMember,
    Endpoint,
    IdentityProvider,
    MetadataKey,
    ServiceProvider,
)
from routeringsvoorziening.saml.metadata.writing import write_cluster, write_identity_provider, write_service_provider
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import (
    BELASTINGEN,
    CLOUD,
    DIGID,
    EIDAS,
    HM,
    PORTAL,
    ZORG,
    DemoService,
    Party,
    World,
)
from routeringsvoorziening.simulators.world.pki import prepare_pki

AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
CONFIG = Path(__file__).parents[2] / "config"


def published(world: World, party: Party, *purposes: str) -> tuple[MetadataKey, ...]:
    """KeyDescriptors of a party; the TLS key is listed as signing."""
    found = []
    for purpose in purposes:
        files = world.files(party)
        key = load_signing_key(files.key(purpose).read_bytes(), files.certificate(purpose).read_bytes())
        use = "encryption" if purpose == "encryption" else "signing"
        found.append(MetadataKey(key.key_name, key.certificate, frozenset({use})))
    return tuple(found)


def dienstverlener_metadata(
    world: World, party: Party, acs: str, services: tuple[DemoService, ...], **changed: object
) -> bytes:
    """A dienstverlener's signed metadata."""
    provider = {
        "entity_id": party.entity_id,
        "keys": published(world, party, "signing", "tls", "encryption"),
        "acs": (Endpoint(acs, names.BINDING_ARTIFACT, 1, is_default=True),),
        "slo": (Endpoint(f"{acs}/logout", names.BINDING_POST),),
        "attribute_services": tuple(
            AttributeConsumingService(each.index, each.index == 1, {"nl": each.name_nl}, each.uuid) for each in services
        ),
        "valid_until": AT + timedelta(days=60),
    }
    files = world.files(party)
    signing = load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())
    return write_service_provider(ServiceProvider(**(provider | changed)), signing)  # type: ignore[arg-type]


def members(world: World, *parties: Party) -> dict[str, ClusterMember]:
    """Entries of dienstverleners in a supplier's metadata."""
    found = {}
    for party in parties:
        (key,) = published(world, party, "encryption")
        recipient = Recipient(party.entity_id, key.key_name, key.certificate)
        found[party.entity_id] = ClusterMember(party.entity_id, (recipient,))
    return found


def supplier_metadata(
    world: World, *, behind: dict[str, ClusterMember] | None = None, party: Party = CLOUD, **changed: object
) -> bytes:
    """A supplier's signed metadata, with the dienstverleners behind it."""
    supplier = {
        "entity_id": party.entity_id,
        "keys": published(world, party, "signing", "tls"),
        "acs": (Endpoint(f"{world.cluster_front}/acs", names.BINDING_ARTIFACT, 0, is_default=True),),
        "slo": (Endpoint(f"{world.cluster_front}/slo", names.BINDING_POST),),
        "valid_until": AT + timedelta(days=60),
    }
    files = world.files(party)
    signing = load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())
    entries = members(world, *layout.BEHIND_CLOUD) if behind is None else behind
    return write_cluster(Cluster(ServiceProvider(**(supplier | changed)), entries), signing)  # type: ignore[arg-type]


def digid_metadata(world: World, party: Party = DIGID, **changed: object) -> bytes:
    """An authenticatiedienst's signed metadata."""
    provider = {
        "entity_id": party.entity_id,
        "keys": published(world, party, "signing", "tls"),
        "artifact_resolution": (Endpoint(f"{world.back(party)}/saml/artifact", names.BINDING_SOAP, 0, True),),
        "single_sign_on": (Endpoint(f"{world.front(party)}/saml/sso", names.BINDING_POST),),
        "valid_until": AT + timedelta(days=60),
    }
    files = world.files(party)
    signing = load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())
    return write_identity_provider(IdentityProvider(**(provider | changed)), signing)  # type: ignore[arg-type]


def bvd_metadata(world: World, party: Party, **changed: object) -> bytes:
    """A BVD's signed metadata."""
    front, back = world.front(party), world.back(party)
    provider = {
        "entity_id": party.entity_id,
        "keys": published(world, party, "signing", "tls", "encryption"),
        "artifact_resolution": (Endpoint(f"{back}/saml/artifact", names.BINDING_SOAP, 0, is_default=True),),
        "single_sign_on": (Endpoint(f"{front}/saml/sso", names.BINDING_POST),),
        "valid_until": AT + timedelta(days=60),
    }
    files = world.files(party)
    signing = load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes())
    return write_identity_provider(IdentityProvider(**(provider | changed)), signing)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Keys and metadata of the whole demo world; for copying only."""
    world = World(tmp_path_factory.mktemp("demo-world"))
    prepare_pki(world.directory, at=AT)
    portal = dienstverlener_metadata(world, PORTAL, world.portal_acs, layout.PORTAL_SERVICES)
    world.files(PORTAL).metadata.write_bytes(portal)
    belastingen = dienstverlener_metadata(
        world, BELASTINGEN, f"{world.website(BELASTINGEN)}/acs", layout.BELASTINGEN_SERVICES
    )
    world.files(BELASTINGEN).metadata.write_bytes(belastingen)
    zorg = dienstverlener_metadata(world, ZORG, world.zorg_acs, layout.ZORG_SERVICES)
    world.files(ZORG).metadata.write_bytes(zorg)
    world.files(DIGID).metadata.write_bytes(digid_metadata(world))
    eidas = digid_metadata(world, EIDAS, valid_until=AT + timedelta(days=90))
    world.files(EIDAS).metadata.write_bytes(eidas)
    makelaar = digid_metadata(world, HM, valid_until=AT + timedelta(days=90))
    world.files(HM).metadata.write_bytes(makelaar)
    for party in layout.BVDS:
        world.files(party).metadata.write_bytes(bvd_metadata(world, party))
    world.files(CLOUD).metadata.write_bytes(supplier_metadata(world))
    return world


@dataclass
class Room:
    """A copy of the configuration and its world, to spoil."""

    directory: Path
    at: datetime = AT

    @property
    def main(self) -> Path:
        """The main file."""
        return self.directory / "config" / "routeringsvoorziening.yaml"

    @property
    def world(self) -> World:
        """Where keys and metadata are."""
        return World(self.directory / "demo-world")

    def file(self, name: str) -> Path:
        """A file of the configuration; without a name, the main one."""
        return self.directory / "config" / name if name else self.main

    def replace(self, old: str, new: str, name: str = "") -> int:
        """Change the one place that says `old`; returns its line."""
        path = self.file(name)
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        path.write_text(text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def add(self, lines: str, name: str = "") -> int:
        """Add lines at the end; returns the line of the first."""
        path = self.file(name)
        text = path.read_text()
        path.write_text(text + lines)
        return text.count("\n") + 1

    def inspect(
        self, overrides: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None
    ) -> Inspection:
        """What the configuration room says; no environment variables unless given."""
        return inspect_configuration(self.main, at=self.at, overrides=overrides, environ=environ or {})

    def only(self, **arguments: Mapping[str, str]) -> Finding:
        """The one finding that there must be."""
        (finding,) = self.inspect(**arguments).findings
        return finding


@pytest.fixture
def room(pristine: World, tmp_path: Path) -> Room:
    """The demo's configuration, without mistakes."""
    shutil.copytree(CONFIG, tmp_path / "config")
    shutil.copytree(pristine.directory, tmp_path / "demo-world")
    return Room(tmp_path)


@pytest.fixture
def make_metadata() -> Callable[..., bytes]:
    return dienstverlener_metadata


@pytest.fixture
def make_supplier_metadata() -> Callable[..., bytes]:
    return supplier_metadata


@pytest.fixture
def make_members() -> Callable[..., dict[str, ClusterMember]]:
    return members


@pytest.fixture
def make_digid_metadata() -> Callable[..., bytes]:
    return digid_metadata
