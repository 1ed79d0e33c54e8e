"""The demo world's organisations: who is in it, and what it is called.

The entity IDs stay whatever the ports and the directory, because metadata and the dienstencatalogus repeat them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Purpose = Literal["signing", "encryption", "tls"]
PURPOSES: Final[tuple[Purpose, ...]] = ("signing", "encryption", "tls")


@dataclass(frozen=True, slots=True)
class Party:
    """One organisation of the demo world.

    Args:
        folder: its directory below the world's, and its name on the command line.
        name: as people know it.
        entity_id: as metadata and messages name it; index 9000 and up is for test systems (MD-02).
        oin: twenty digits, equal to those in the entity ID.
        host: the name under `.localhost` on which it listens.
        purposes: what it has a certificate for.
    """

    folder: str
    name: str
    entity_id: str
    oin: str
    host: str
    purposes: tuple[Purpose, ...] = PURPOSES


RV: Final = Party(
    "rv",
    "Routeringsvoorziening",
    "urn:nl-eid-gdi:1.0:RD:00000004183317817000:entities:9001",
    "00000004183317817000",
    "rv.localhost",
)
DIGID: Final = Party(
    "digid",
    "DigiD (simulator)",
    "urn:nl-eid-gdi:1.0:AD:00000004166909913000:entities:9002",
    "00000004166909913000",
    "digid.localhost",
)
PORTAL: Final = Party(
    "portal",
    "Gemeente Voorbeeldstad",
    "urn:nl-eid-gdi:1.0:DV:00000009999999999001:entities:9003",
    "00000009999999999001",
    "portal.localhost",
)
ZORG: Final = Party(
    "zorg",
    "Ziekenhuis Zonneveld",
    "urn:nl-eid-gdi:1.0:DV:00000009999999999002:entities:9004",
    "00000009999999999002",
    "zorg.localhost",
)
BELASTINGEN: Final = Party(
    "belastingen",
    "Belastingen Voorbeeldstad",
    "urn:nl-eid-gdi:1.0:DV:00000009999999999001:entities:9008",
    "00000009999999999001",
    "belastingen.localhost",
)
"""The second website of Gemeente Voorbeeldstad: the same organisation, another entity ID."""
MACHTIGEN: Final = Party(
    "machtigen",
    "Machtigen (simulator)",
    "urn:nl-eid-gdi:1.0:BVD:00000009999999999005:entities:9005",
    "00000009999999999005",
    "machtigen.localhost",
)
GEZAG: Final = Party(
    "gezag",
    "Ouderlijk gezag (simulator)",
    "urn:nl-eid-gdi:1.0:BVD:00000009999999999006:entities:9006",
    "00000009999999999006",
    "gezag.localhost",
)
BEWIND: Final = Party(
    "bewind",
    "Bewind, curatele en mentorschap (simulator)",
    "urn:nl-eid-gdi:1.0:BVD:00000009999999999007:entities:9007",
    "00000009999999999007",
    "bewind.localhost",
)
BVDS: Final = (MACHTIGEN, GEZAG, BEWIND)
"""The bevoegdheidsverklaringsdiensten."""
HM: Final = Party(
    "eherkenning",
    "eHerkenning-makelaar (simulator)",
    "urn:etoegang:HM:00000009999999999020:entities:9009",
    "00000009999999999020",
    "eherkenning.localhost",
)
"""The herkenningsmakelaar: of eTD, so its entity ID has another form."""
EIDAS: Final = Party(
    "eidas",
    "eIDAS-berichtenservice (simulator)",
    "urn:nl-eid-gdi:1.0:AD:00000009999999999021:entities:9010",
    "00000009999999999021",
    "eidas.localhost",
)
FOREIGN: Final = Party(
    "buitenland",
    "eIDAS-knooppunten van andere landen (sim)",
    "urn:eidas:node:00000009999999999023:entities:9011",
    "00000009999999999023",
    "buitenland.localhost",
    ("signing",),
)
"""The nodes of other countries. On the wire each is named by the address of its metadata, see `World.node`."""
RV_AT_ETD: Final = "urn:etoegang:DV:00000004183317817000:entities:9001"
"""The Routeringsvoorziening as eTD knows it: a dienstverlener of the makelaar."""
CLOUD: Final = Party(
    "voorbeeldcloud",
    "Leverancier Voorbeeldcloud",
    "urn:nl-eid-gdi:1.0:LC:00000009999999999010:entities:9001",
    "00000009999999999010",
    "voorbeeldcloud.localhost",
    ("signing", "tls"),
)
"""A supplier of a cluster connection: it signs for others, and has no key that opens an identity."""
DIJKZICHT: Final = Party(
    "dijkzicht",
    "Gemeente Dijkzicht",
    "urn:nl-eid-gdi:1.0:DV:00000009999999999011:entities:9001",
    "00000009999999999011",
    "dijkzicht.localhost",
    ("encryption",),
)
HEIDEWOUDE: Final = Party(
    "heidewoude",
    "Gemeente Heidewoude",
    "urn:nl-eid-gdi:1.0:DV:00000009999999999012:entities:9001",
    "00000009999999999012",
    "heidewoude.localhost",
    ("encryption",),
)
POLDERVEEN: Final = Party(
    "polderveen",
    "Gemeente Polderveen",
    "urn:nl-eid-gdi:1.0:DV:00000009999999999013:entities:9001",
    "00000009999999999013",
    "polderveen.localhost",
    ("encryption",),
)
BEHIND_CLOUD: Final = (DIJKZICHT, HEIDEWOUDE, POLDERVEEN)
"""The dienstverleners behind the supplier: each with a key of its own and nothing else."""
PARTIES: Final = (RV, DIGID, HM, EIDAS, FOREIGN, PORTAL, BELASTINGEN, ZORG, *BVDS, CLOUD, *BEHIND_CLOUD)
DECRYPTED: Final = (ZORG,)
"""Dienstverleners that have the RV open what BSNk made for them, and get the BSN in the usual way."""
SSO_DOMAINS: Final[Mapping[str, str]] = {
    PORTAL.entity_id: "voorbeeldstad",
    BELASTINGEN.entity_id: "voorbeeldstad",
    **{party.entity_id: party.folder for party in BEHIND_CLOUD},
}
"""Entity ID to the domain within which DigiD keeps a session: of one organisation, also behind a supplier (SSO-01)."""
