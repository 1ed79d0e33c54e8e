"""What the nodes of other countries are given: an address, a key, and the Dutch node that may ask them."""

from dataclasses import dataclass
from typing import Self

from routeringsvoorziening.saml.encryption import Recipient
from routeringsvoorziening.saml.keys import SigningKey, VerificationKey, load_signing_key
from routeringsvoorziening.simulators.world import layout


@dataclass(frozen=True, slots=True)
class DutchNode:
    """The eIDAS-berichtenservice, as another node knows it from its metadata.

    Args:
        entity_id: the address of that metadata.
        acs_url: where Responses go.
        signing: what its requests are verified with.
        encryption: for whom assertions are encrypted.
    """

    entity_id: str
    acs_url: str
    signing: VerificationKey
    encryption: Recipient


@dataclass(frozen=True, slots=True)
class ForeignSettings:
    """Everything that `start` needs.

    Args:
        base_url: without trailing slash; every country has a path below it.
        port: where to listen; 0 takes a free one.
        signing: what Responses are signed with.
        asker: who may ask.
        show_faults: offer "Play a failure" on the login page.
    """

    base_url: str
    port: int
    signing: SigningKey
    asker: DutchNode
    show_faults: bool = True

    def entity_id(self, country: str) -> str:
        """Of the node of a country: the address of its metadata."""
        return f"{self.base_url}/{country}/metadata"

    def request_url(self, country: str) -> str:
        """Where it is asked."""
        return f"{self.base_url}/{country}/request"

    @classmethod
    def of_world(cls, world: layout.World, *, show_faults: bool = True) -> Self:
        """Those of a demo world, whose PKI exists already.

        Raises:
            OSError: a file is missing.
        """
        files, dutch = world.files(layout.FOREIGN), world.files(layout.EIDAS)
        signing, encryption = (
            load_signing_key(dutch.key(each).read_bytes(), dutch.certificate(each).read_bytes())
            for each in ("signing", "encryption")
        )
        entity_id = world.dutch_node
        return cls(
            base_url=world.buitenland,
            port=world.ports.buitenland,
            signing=load_signing_key(files.key("signing").read_bytes(), files.certificate("signing").read_bytes()),
            asker=DutchNode(
                entity_id,
                world.front(layout.EIDAS) + layout.EIDAS_ACS_PATH,
                signing.verification_key,
                Recipient(entity_id, encryption.key_name, encryption.certificate),
            ),
            show_faults=show_faults,
        )
