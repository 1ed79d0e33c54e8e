"""Make a demo world, in the order in which parties come to know each other.

1. `prepare_parties`: certificates of everybody; the metadata of the authenticatiedienst, the BVDs, the dienstverleners.
2. The Routeringsvoorziening reads those with its configuration, and starts.
3. `save_routing_metadata`: its own metadata goes to the others; then the simulators can start.

Both block (files, and about 0.1 s per new certificate): run them off the event loop.
"""

from datetime import datetime

from routeringsvoorziening.saml.etd.catalogue_writing import write_catalogue
from routeringsvoorziening.simulators.bvd import metadata as bvd_metadata
from routeringsvoorziening.simulators.bvd.settings import BvdSettings
from routeringsvoorziening.simulators.declaring.metadata import metadata_of
from routeringsvoorziening.simulators.digid import metadata as digid_metadata
from routeringsvoorziening.simulators.digid.settings import DigidSettings
from routeringsvoorziening.simulators.eherkenning.catalogue import demo_catalogue
from routeringsvoorziening.simulators.eherkenning.settings import MakelaarSettings
from routeringsvoorziening.simulators.eidas import metadata as eidas_metadata
from routeringsvoorziening.simulators.eidas.settings import EidasSettings
from routeringsvoorziening.simulators.portal import metadata as portal_metadata
from routeringsvoorziening.simulators.portal.settings import PortalSettings
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.pki import prepare_pki


def prepare_parties(world: layout.World, *, at: datetime) -> None:
    """Certificates where they are missing or nearly expired, and fresh metadata for these ports.

    Raises:
        OSError: a file cannot be written.
    """
    prepare_pki(world.directory, at=at)
    digid = DigidSettings.of_world(world)
    world.files(layout.DIGID).metadata.write_bytes(digid_metadata.metadata_of(digid, at))
    eidas = EidasSettings.of_world(world)
    world.files(layout.EIDAS).metadata.write_bytes(eidas_metadata.metadata_of(eidas, at))
    makelaar = MakelaarSettings.of_world(world)
    files = world.files(layout.HM)
    files.metadata.write_bytes(metadata_of(makelaar, at))
    files.service_catalogue.write_bytes(write_catalogue(demo_catalogue(world, at), makelaar.signing))
    for party in layout.BVDS:
        bvd = BvdSettings.of_world(world, party)
        world.files(party).metadata.write_bytes(bvd_metadata.metadata_of(bvd, at))
    for website in layout.WEBSITES:
        portal = PortalSettings.of_world(world, website.party)
        world.files(website.party).metadata.write_bytes(portal_metadata.metadata_of(portal, at))
    cluster = portal_metadata.metadata_of(PortalSettings.of_cluster(world), at)
    world.files(layout.CLOUD).metadata.write_bytes(cluster)


def save_routing_metadata(
    world: layout.World, *, for_dienstverleners: bytes, for_services: bytes, for_makelaar: bytes | None = None
) -> None:
    """What the Routeringsvoorziening publishes, where the simulators look for it.

    Raises:
        OSError: a file cannot be written.
    """
    files = world.files(layout.RV)
    files.metadata.write_bytes(for_dienstverleners)
    files.sp_metadata.write_bytes(for_services)
    if for_makelaar is not None:
        files.etd_metadata.write_bytes(for_makelaar)
