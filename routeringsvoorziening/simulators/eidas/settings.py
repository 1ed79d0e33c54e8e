"""What the eIDAS-berichtenservice simulator is given: its names, keys and addresses, on both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from cryptography import x509

from routeringsvoorziening.saml.encryption import DecryptionKey
from routeringsvoorziening.saml.keys import VerificationKey, load_signing_key
from routeringsvoorziening.simulators.declaring.settings import DeclaringSettings, own_of_world
from routeringsvoorziening.simulators.eidas.catalogue import Catalogue, demo_catalogue
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.europe import COUNTRIES


@dataclass(frozen=True, slots=True)
class EidasSettings(DeclaringSettings):
    """Everything that `start` needs.

    Args:
        catalogue: the services that it knows.
        encryption: for which other nodes encrypt.
        decryption_keys: what opens that.
        nodes_url: base URL of the nodes of other countries, without trailing slash.
        nodes: entity ID of the node of every country to its signing keys.
        show_faults: offer "Storingen naspelen" on the consent page.
    """

    catalogue: Catalogue
    encryption: x509.Certificate
    decryption_keys: tuple[DecryptionKey, ...]
    nodes_url: str
    nodes: Mapping[str, tuple[VerificationKey, ...]] = field(repr=False)
    show_faults: bool = True

    @property
    def node_entity_id(self) -> str:
        """Ours among the nodes: the address of our metadata for them."""
        return self.front_url + layout.EIDAS_METADATA_PATH

    @property
    def node_acs_url(self) -> str:
        """Where the answers of other countries come in."""
        return self.front_url + layout.EIDAS_ACS_PATH

    def node_of(self, country: str) -> str:
        """Entity ID of the node of a country."""
        return f"{self.nodes_url}/{country}/metadata"

    def request_url(self, country: str) -> str:
        """Where a country is asked."""
        return f"{self.nodes_url}/{country}/request"

    @classmethod
    def of_world(cls, world: layout.World, *, catalogue: Catalogue | None = None, show_faults: bool = True) -> Self:
        """The eIDAS-berichtenservice of a demo world, whose PKI exists already.

        Raises:
            OSError: a file is missing.
        """
        files, abroad = world.files(layout.EIDAS), world.files(layout.FOREIGN)
        own = load_signing_key(files.key("encryption").read_bytes(), files.certificate("encryption").read_bytes())
        theirs = load_signing_key(abroad.key("signing").read_bytes(), abroad.certificate("signing").read_bytes())
        return cls(
            **own_of_world(world, layout.EIDAS),
            catalogue=demo_catalogue() if catalogue is None else catalogue,
            encryption=own.certificate,
            decryption_keys=(DecryptionKey(own.key_name, own.private_key),),
            nodes_url=world.buitenland,
            nodes={world.node(each.code): (theirs.verification_key,) for each in COUNTRIES},
            show_faults=show_faults,
        )
