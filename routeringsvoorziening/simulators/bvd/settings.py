"""What a BVD simulator is given: its names, keys and addresses, and on which grounds it declares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from cryptography import x509

from routeringsvoorziening.saml.encryption import DecryptionKey
from routeringsvoorziening.saml.keys import load_signing_key
from routeringsvoorziening.simulators.bsnk import BsnkKeys
from routeringsvoorziening.simulators.declaring.settings import DeclaringSettings, own_of_world
from routeringsvoorziening.simulators.registers.mandates import Kind
from routeringsvoorziening.simulators.registers.offices import DEMO_OFFICES
from routeringsvoorziening.simulators.world import layout

Text = tuple[str, str]
"""Dutch and English."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What makes one BVD another than the next.

    Args:
        name: as its pages call it.
        title: what a person does there, as a choice page may say it.
        kinds: the grounds on which it declares.
    """

    name: Text
    title: Text
    kinds: frozenset[Kind]


PROFILES: Final[Mapping[str, Profile]] = {
    layout.MACHTIGEN.entity_id: Profile(
        ("Machtigen", "Mandates"), ("met een machtiging", "with a mandate"), frozenset({Kind.VOLUNTARY})
    ),
    layout.GEZAG.entity_id: Profile(
        ("Ouderlijk gezag", "Parental authority"), ("voor mijn kind", "for my child"), frozenset({Kind.PARENTAL})
    ),
    layout.BEWIND.entity_id: Profile(
        ("Bewind, curatele en mentorschap", "Court-appointed representatives"),
        ("als bewindvoerder, curator of mentor", "as an administrator, guardian or mentor"),
        frozenset({Kind.BEWIND, Kind.CURATELE, Kind.MENTORSCHAP}),
    ),
}
"""The BVDs of the demo world, by entity ID."""


@dataclass(frozen=True, slots=True)
class BvdSettings(DeclaringSettings):
    """Everything that `start` needs.

    Args:
        profile: its words and grounds.
        encryption: its encryption certificates, all that its metadata publishes (MD-AD-02).
        decryption_keys: the keys that belong to them.
        ad_metadata: files with the metadata of every authenticatiedienst whose declarations it accepts.
        show_faults: offer "Storingen naspelen" on the page.
        bsnk: its BSNk keys, for a declaration that does not hold a plain BSN.
        makelaar_metadata: files with the metadata of every makelaar of eTD whose declarations it accepts.
        offices: KvK number of an office to the BSN under which the registers have its cases.
    """

    profile: Profile
    encryption: tuple[x509.Certificate, ...]
    decryption_keys: tuple[DecryptionKey, ...]
    ad_metadata: tuple[Path, ...]
    show_faults: bool = True
    bsnk: BsnkKeys | None = None
    makelaar_metadata: tuple[Path, ...] = ()
    offices: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of_world(cls, world: layout.World, party: layout.Party, *, show_faults: bool = True) -> Self:
        """One of the demo world's BVDs, whose PKI exists already; it accepts the world's DigiD.

        That of bewind accepts eHerkenning as well, when it has metadata there: courts appoint professionals.

        Args:
            world: where files stand and who listens where.
            party: one of `layout.BVDS`.
            show_faults: offer "Storingen naspelen" on the page.

        Raises:
            OSError: a file is missing.
        """
        files, makelaar = world.files(party), world.files(layout.HM).metadata
        for_offices = party == layout.BEWIND and makelaar.exists()
        pair = load_signing_key(files.key("encryption").read_bytes(), files.certificate("encryption").read_bytes())
        return cls(
            **own_of_world(world, party),
            profile=PROFILES[party.entity_id],
            encryption=(pair.certificate,),
            decryption_keys=(DecryptionKey(pair.key_name, pair.private_key),),
            ad_metadata=(world.files(layout.DIGID).metadata,),
            show_faults=show_faults,
            bsnk=BsnkKeys.of_world(world, party),
            makelaar_metadata=(makelaar,) if for_offices else (),
            offices=DEMO_OFFICES if for_offices else {},
        )
