"""What a DigiD simulator is given: its names, keys and addresses, and what it knows of the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from routeringsvoorziening.simulators.declaring.settings import DeclaringSettings, own_of_world
from routeringsvoorziening.simulators.digid.catalogue import Catalogue, demo_catalogue
from routeringsvoorziening.simulators.world import layout


@dataclass(frozen=True, slots=True)
class DigidSettings(DeclaringSettings):
    """Everything that `start` needs.

    Args:
        catalogue: the services that DigiD knows.
        show_faults: offer "Storingen naspelen" on the login page.
        bvd_metadata: files with the metadata of every BVD for which identities may be encrypted; read at the start.
        domains: entity ID of a dienstverlener to the domain in which its websites share a session; empty: no SSO.
    """

    catalogue: Catalogue
    show_faults: bool = True
    bvd_metadata: tuple[Path, ...] = ()
    domains: Mapping[str, str] = field(default_factory=dict)

    @property
    def logout_url(self) -> str:
        """Where sessions are ended."""
        return self.front_url + layout.LOGOUT_PATH

    @classmethod
    def of_world(
        cls,
        world: layout.World,
        *,
        catalogue: Catalogue | None = None,
        show_faults: bool = True,
        domains: Mapping[str, str] = layout.SSO_DOMAINS,
    ) -> Self:
        """The DigiD of a demo world, whose PKI exists already; it knows each BVD that has metadata there.

        Raises:
            OSError: a file is missing.
        """
        bvds = (world.files(party).metadata for party in layout.BVDS)
        return cls(
            **own_of_world(world, layout.DIGID),
            catalogue=demo_catalogue() if catalogue is None else catalogue,
            show_faults=show_faults,
            bvd_metadata=tuple(path for path in bvds if path.exists()),
            domains=domains,
        )
