"""What a makelaar's simulator is given: its names, keys and addresses, and where the service catalogue is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from routeringsvoorziening.saml.etd.names import VOCABULARY
from routeringsvoorziening.saml.messages.attributes import Vocabulary
from routeringsvoorziening.simulators.declaring.settings import DeclaringSettings, own_of_world
from routeringsvoorziening.simulators.world import layout


@dataclass(frozen=True, slots=True)
class MakelaarSettings(DeclaringSettings):
    """Everything that `start` needs; `rd_metadata` is that of a dienstverlener of eTD.

    Args:
        catalogue: file with the signed service catalogue; read at the start.
        show_faults: offer "Storingen naspelen" on the login page.
        bvd_metadata: files with the metadata of every BVD for which identities may be encrypted; read at the start.
    """

    catalogue: Path
    show_faults: bool = True
    bvd_metadata: tuple[Path, ...] = ()

    @property
    def vocabulary(self) -> Vocabulary:
        """How its Assertions name attributes."""
        return VOCABULARY

    @classmethod
    def of_world(cls, world: layout.World, *, show_faults: bool = True) -> Self:
        """The makelaar of a demo world, whose PKI exists already; it knows each BVD that has metadata there.

        Raises:
            OSError: a file is missing.
        """
        own = own_of_world(world, layout.HM)
        own["rd_metadata"] = world.files(layout.RV).etd_metadata
        bvds = (world.files(party).metadata for party in layout.BVDS)
        return cls(
            **own,
            catalogue=world.files(layout.HM).service_catalogue,
            show_faults=show_faults,
            bvd_metadata=tuple(path for path in bvds if path.exists()),
        )
