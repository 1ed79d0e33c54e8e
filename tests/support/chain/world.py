"""A demo world made of the test PKI, so that hostile messages can be signed with the very keys of its parties."""

import json
from pathlib import Path

import yaml

from routeringsvoorziening.backends.configuring import load_configuration
from routeringsvoorziening.broker.ports import Clock
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.saml.etd.catalogue_writing import write_catalogue
from routeringsvoorziening.simulators.bvd.metadata import metadata_of as bvd_metadata
from routeringsvoorziening.simulators.bvd.settings import BvdSettings
from routeringsvoorziening.simulators.declaring.metadata import metadata_of
from routeringsvoorziening.simulators.digid.metadata import metadata_of as digid_metadata
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.eherkenning.catalogue import demo_catalogue
from routeringsvoorziening.simulators.eherkenning.settings import MakelaarSettings
from routeringsvoorziening.simulators.eidas.metadata import metadata_of as eidas_metadata
from routeringsvoorziening.simulators.eidas.settings import EidasSettings
from routeringsvoorziening.simulators.portal.metadata import metadata_of as portal_metadata
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.world.bsnk_keys import prepare_bsnk
from routeringsvoorziening.simulators.world.layout import (
    BVDS,
    CLOUD,
    DIGID,
    EIDAS,
    HM,
    PARTIES,
    RV,
    WEBSITES,
    Party,
    Ports,
    World,
)
from tests.support.pki import Pair, leaf, pki
from tests.support.ports import free_ports

PROJECT = Path(__file__).resolve().parents[3]


def new_world(directory: Path) -> World:
    """Keys, certificates and metadata of everybody but the RV, on free ports."""
    world = World(directory, Ports(*free_ports(len(Ports().as_mapping()))))
    (directory / "pki").mkdir(parents=True)
    world.trust_bundle.write_bytes(pki().trust_pem)
    for party in PARTIES:
        write_keys(world, party)
    readers = [each for each in PARTIES if "encryption" in each.purposes and each != RV]
    prepare_bsnk(directory, [(each.folder, each.oin) for each in readers])
    return world


def publish(world: World, clock: Clock) -> None:
    """Metadata of everybody but the RV, that publishes its own."""
    _write(world.files(DIGID).metadata, digid_metadata(DigidSettings.of_world(world), clock()))
    _write(world.files(EIDAS).metadata, eidas_metadata(EidasSettings.of_world(world), clock()))
    makelaar = MakelaarSettings.of_world(world)
    _write(world.files(HM).metadata, metadata_of(makelaar, clock()))
    catalogue = write_catalogue(demo_catalogue(world, clock()), makelaar.signing)
    _write(world.files(HM).service_catalogue, catalogue)
    for party in BVDS:
        _write(world.files(party).metadata, bvd_metadata(BvdSettings.of_world(world, party), clock()))
    for website in WEBSITES:
        portal = PortalSettings.of_world(world, website.party)
        _write(world.files(website.party).metadata, portal_metadata(portal, clock()))
    _write(world.files(CLOUD).metadata, portal_metadata(PortalSettings.of_cluster(world), clock()))


def write_keys(world: World, party: Party) -> None:
    """Certificates of the test PKI, for what that party needs."""
    files = world.files(party)
    files.directory.mkdir(parents=True, exist_ok=True)
    tls = pki().issue(party.oin, "tls", hosts=(party.host, "localhost"), label="tls")
    pairs: dict[str, Pair] = {"signing": leaf(party.oin), "encryption": leaf(party.oin, "encryption"), "tls": tls}
    for purpose in party.purposes:
        pair = pairs[purpose]
        chain = pki().intermediate.certificate_pem if purpose == "tls" else b""
        _write(files.certificate(purpose), pair.certificate_pem + chain)
        _write(files.key(purpose), pair.key_pem)
        files.key(purpose).chmod(0o600)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def configured(
    world: World, clock: Clock, *, mandates: bool = False, opens: bool = True, **changes: object
) -> Configuration:
    """The demo's own configuration in that world; `changes` go over the main file.

    Without `mandates` no dienst allows them, so that a login has one way and begins without a page. Without `opens` no
    dienstverlener has us open identities.
    """
    source = PROJECT / "config"
    folder = world.directory / "config"
    for name in ("dienstverleners", "clusteraansluitingen", "dienstencatalogus"):
        for file in (source / name).glob("*.yaml"):
            lines = file.read_bytes().splitlines(keepends=True)
            kept = [each for each in lines if mandates or not each.lstrip().startswith(b"mandates:")]
            _write(folder / name / file.name, b"".join(kept))
    for file in () if opens else (folder / "dienstverleners").iterdir():
        said = yaml.safe_load(file.read_bytes())
        _write(file, json.dumps({name: each for name, each in said.items() if name != "decryption"}).encode())
    main = yaml.safe_load((source / "routeringsvoorziening.yaml").read_text(encoding="utf-8"))
    merged = {name: _merged(main.get(name), change) for name, change in changes.items()}
    file = folder / "routeringsvoorziening.yaml"
    _write(file, json.dumps(main | merged).encode())
    return load_configuration(file, at=clock(), overrides=world.variables)


def _merged(old: object, new: object) -> object:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return old | {name: _merged(old.get(name), value) for name, value in new.items()}


def rv_files(world: World) -> tuple[Path, Path, Path]:
    """Where the RV's metadata goes: for dienstverleners, for services, and for the makelaar."""
    files = world.files(RV)
    return files.metadata, files.sp_metadata, files.etd_metadata
