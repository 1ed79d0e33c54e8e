"""The demo world: who is in it, where they listen, what they are called and where their files stand.

Everything here is a frozen value, so that a demo, a test and a bench can each have a world of their own: another
directory, other ports. The names and the entity IDs stay, because metadata and the dienstencatalogus repeat them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Literal, Self

SSO_PATH: Final = "/saml/sso"
LOGOUT_PATH: Final = "/saml/logout"
ARTIFACT_PATH: Final = "/saml/artifact"
METADATA_PATH: Final = "/saml/metadata"
SP_METADATA_PATH: Final = "/saml/metadata/sp"
ETD_METADATA_PATH: Final = "/saml/metadata/eherkenning"
EIDAS_METADATA_PATH: Final = "/eidas/metadata"
EIDAS_ACS_PATH: Final = "/eidas/acs"
RV_ACS_PATH: Final = "/saml/acs/digid"
PORTAL_ACS_PATH: Final = "/acs"
PORTAL_LOGOUT_PATH: Final = "/slo"
LOOPBACK: Final = "127.0.0.1"

Purpose = Literal["signing", "encryption", "tls"]
IdentityKind = Literal["legacy-BSN", "BSN", "Pseudonym"]
"""As what a service gets a person: the last part of the NameQualifier (ATT-20)."""
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


@dataclass(frozen=True, slots=True)
class DemoService:
    """A dienst of the demo's dienstencatalogus.

    Args:
        uuid: the ServiceUUID.
        index: of the AttributeConsumingService in the dienstverlener's metadata.
        name_nl: its Dutch name.
        name_en: its English name.
        minimum_loa: 10, 20, 25 or 30.
        identity: as what people are declared to it.
        methods: how somebody can log in for it; names of `LOGIN_METHODS`.
    """

    uuid: str
    index: int
    name_nl: str
    name_en: str
    minimum_loa: int
    identity: IdentityKind = "legacy-BSN"
    methods: tuple[str, ...] = ("digid",)


LOGIN_METHODS: Final[Mapping[str, tuple[Party, str]]] = {
    "digid": (DIGID, "DigiD"),
    "eherkenning": (HM, "eHerkenning"),
    "eidas": (EIDAS, "eIDAS"),
}
"""By our short name: who declares it, and as what people know it."""
PORTAL_SERVICES: Final = (
    DemoService("7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1001", 1, "Afspraak maken", "Make an appointment", 10),
    DemoService("7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1002", 2, "Parkeervergunning", "Parking permit", 20),
    DemoService("7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1003", 3, "Uitkering aanvragen", "Apply for benefits", 25),
    DemoService("7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1004", 4, "Medisch dossier inzien", "View your medical record", 30),
    DemoService("7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1005", 5, "Subsidie aanvragen", "Apply for a grant", 10, "BSN"),
    DemoService("7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1006", 6, "Burgerpanel", "Citizens' panel", 10, "Pseudonym"),
)
STAY: Final = DemoService(
    "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1021", 21, "Verblijf melden", "Report your stay", 20, "BSN", ("digid", "eidas")
)
BUSINESS: Final = DemoService(
    "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1022", 22, "Bedrijf vestigen", "Set up a business", 25, "Pseudonym", ("eidas",)
)
PENSION: Final = DemoService(
    "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1023", 23, "Pensioen opvragen", "Request your pension", 30, "BSN", ("eidas",)
)
EUROPEAN_SERVICES: Final = (STAY, BUSINESS, PENSION)
"""Of the portal: those that are open for people from other countries."""
PSEUDONYM_TOO: Final = frozenset({STAY.uuid})
"""Of those that want a BSN, the ones that let somebody from another country in under a pseudonym who has none."""
BUSINESS_SERVICES: Final = (
    DemoService(
        "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1201",
        11,
        "Bedrijfsafval melden",
        "Report business waste",
        10,
        methods=("eherkenning",),
    ),
    DemoService(
        "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1202",
        12,
        "Parkeerontheffing voor bedrijven",
        "Parking exemption for businesses",
        20,
        methods=("eherkenning",),
    ),
    DemoService(
        "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1203",
        13,
        "Subsidie voor ondernemers",
        "Grants for entrepreneurs",
        25,
        methods=("eherkenning",),
    ),
    DemoService(
        "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1204",
        14,
        "Omgevingsvergunning aanvragen",
        "Apply for an environmental permit",
        30,
        methods=("eherkenning",),
    ),
    DemoService(
        "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1205",
        15,
        "Bijstand voor cliënten",
        "Benefits for clients",
        25,
        methods=("eherkenning",),
    ),
    DemoService(
        "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1206",
        16,
        "Bijstand voor zelfstandigen",
        "Benefits for the self-employed",
        25,
        "BSN",
        ("eherkenning",),
    ),
    DemoService(
        "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1207",
        17,
        "Ondernemerspanel",
        "Entrepreneurs' panel",
        20,
        "Pseudonym",
        ("eherkenning",),
    ),
)
"""For organisations, at the same dienstverlener; index is also that of the ServiceID at eTD.

Those with another kind of identity are for an eenmanszaak, which is a person too: BSNk knows who.
"""
FOR_A_BRANCH: Final = frozenset({BUSINESS_SERVICES[2].uuid})
"""The services that take a mandate for one vestiging."""
CLUSTER_SERVICES: Final = {
    DIJKZICHT: (
        DemoService("5c1e8a70-2d43-4f19-8b6e-91a7d3c43001", 1, "Verhuizing doorgeven", "Report a move", 20),
        DemoService("5c1e8a70-2d43-4f19-8b6e-91a7d3c43002", 2, "Paspoort vermist", "Passport lost", 25),
    ),
    HEIDEWOUDE: (
        DemoService("5c1e8a70-2d43-4f19-8b6e-91a7d3c43003", 1, "Mijn afval", "My waste", 10),
        DemoService("5c1e8a70-2d43-4f19-8b6e-91a7d3c43005", 2, "Hulp en zorg aanvragen", "Apply for care", 25),
    ),
    POLDERVEEN: (DemoService("5c1e8a70-2d43-4f19-8b6e-91a7d3c43004", 1, "Kwijtschelding", "Tax remission", 30),),
}
"""By dienstverlener behind the supplier."""
VISIT: Final = DemoService(
    "3a9e5c42-8f7d-4b06-b2c1-6e0d4a7f2002",
    2,
    "Afspraak in de polikliniek",
    "Outpatient appointment",
    10,
    methods=("digid", "eidas"),
)
"""Of the hospital, that has the RV open identities: a plain BSN also for people from other countries."""
ZORG_SERVICES: Final = (
    DemoService("3a9e5c42-8f7d-4b06-b2c1-6e0d4a7f2001", 1, "Mijn Zonneveld", "My Zonneveld", 25),
    VISIT,
)


BELASTINGEN_SERVICES: Final = (
    DemoService("7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1101", 1, "Aanslagen bekijken", "View your tax assessments", 20),
    DemoService("7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1102", 2, "Kwijtschelding aanvragen", "Apply for remission", 30),
)


@dataclass(frozen=True, slots=True)
class Website:
    """A dienstverlener with a portal.

    Args:
        party: who it is.
        services: what a citizen can do there.
    """

    party: Party
    services: tuple[DemoService, ...]

    @property
    def sso(self) -> bool:
        """Whether it shares a login with another website."""
        return self.party.entity_id in SSO_DOMAINS


WEBSITES: Final = (
    Website(PORTAL, (*PORTAL_SERVICES, *BUSINESS_SERVICES, *EUROPEAN_SERVICES)),
    Website(BELASTINGEN, BELASTINGEN_SERVICES),
    Website(ZORG, ZORG_SERVICES),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """The TCP port of every listener."""

    rv_front: int = 8080
    rv_back: int = 8443
    rv_management: int = 9090
    digid_front: int = 8081
    digid_back: int = 8444
    portal: int = 8082
    zorg: int = 8083
    machtigen_front: int = 8084
    machtigen_back: int = 8446
    gezag_front: int = 8085
    gezag_back: int = 8447
    bewind_front: int = 8086
    bewind_back: int = 8448
    belastingen: int = 8087
    cluster: int = 8088
    eherkenning_front: int = 8089
    eherkenning_back: int = 8449
    eidas_front: int = 8091
    eidas_back: int = 8450
    buitenland: int = 8092

    @classmethod
    def from_base(cls, base: int) -> Self:
        """Consecutive ports from `base` up, in the order of the fields."""
        return cls(*range(base, base + len(fields(cls))))

    def as_mapping(self) -> Mapping[str, int]:
        """Field name to port."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PartyFiles:
    """Where a party keeps its keys, certificates and metadata."""

    directory: Path

    def certificate(self, purpose: str) -> Path:
        """PEM of the certificate for `signing`, `encryption` or `tls` (TLS: with the intermediate behind it)."""
        return self.directory / f"{purpose}.pem"

    def key(self, purpose: str) -> Path:
        """PEM of the private key that belongs to `certificate(purpose)`; mode 0600."""
        return self.directory / f"{purpose}.key"

    @property
    def metadata(self) -> Path:
        """The party's signed metadata; of the RV the variant for dienstverleners."""
        return self.directory / "metadata.xml"

    @property
    def etd_metadata(self) -> Path:
        """The RV's signed metadata as a dienstverlener of eTD, for the makelaar."""
        return self.directory / "metadata-eherkenning.xml"

    @property
    def service_catalogue(self) -> Path:
        """The signed service catalogue of eTD, where the makelaar keeps it."""
        return self.directory / "servicecatalogus.xml"

    @property
    def sp_metadata(self) -> Path:
        """The RV's signed metadata for AD and BVD."""
        return self.directory / "metadata-sp.xml"


@dataclass(frozen=True, slots=True)
class World:
    """One demo world: a directory and a set of ports.

    Args:
        directory: everything generated stands below it.
        ports: of the listeners.
    """

    directory: Path
    ports: Ports = Ports()

    @property
    def trust_bundle(self) -> Path:
        """PEM of the test root and its intermediate."""
        return self.directory / "pki" / "trust.pem"

    def files(self, party: Party) -> PartyFiles:
        """The files of a party."""
        return PartyFiles(self.directory / party.folder)

    def front_port(self, party: Party) -> int:
        """Where a declaring party listens for browsers."""
        return self.ports.as_mapping()[f"{party.folder}_front"]

    def back_port(self, party: Party) -> int:
        """Where a declaring party listens for the RV."""
        return self.ports.as_mapping()[f"{party.folder}_back"]

    def front(self, party: Party) -> str:
        """Base URL of a declaring party (DigiD, a BVD) for browsers."""
        return f"http://{party.host}:{self.front_port(party)}"

    def back(self, party: Party) -> str:
        """Base URL of a declaring party for the RV (mutual TLS)."""
        return f"https://{party.host}:{self.back_port(party)}"

    @property
    def rv_front(self) -> str:
        """Base URL of the RV for browsers."""
        return f"http://{RV.host}:{self.ports.rv_front}"

    @property
    def rv_back(self) -> str:
        """Base URL of the RV for dienstverleners' servers (mutual TLS)."""
        return f"https://{RV.host}:{self.ports.rv_back}"

    @property
    def rv_management(self) -> str:
        """Base URL of the RV's metrics and health."""
        return f"http://{LOOPBACK}:{self.ports.rv_management}"

    @property
    def rv_acs(self) -> str:
        """Where the authenticatiedienst sends its artifact."""
        return self.rv_front + RV_ACS_PATH

    @property
    def digid_front(self) -> str:
        """Base URL of the DigiD simulator for browsers."""
        return self.front(DIGID)

    @property
    def digid_back(self) -> str:
        """Base URL of the DigiD simulator for the RV (mutual TLS)."""
        return self.back(DIGID)

    @property
    def buitenland(self) -> str:
        """Base URL of the nodes of other countries."""
        return f"http://{FOREIGN.host}:{self.ports.buitenland}"

    def node(self, country: str) -> str:
        """Entity ID of the node of another country: the address of its metadata."""
        return f"{self.buitenland}/{country}/metadata"

    @property
    def dutch_node(self) -> str:
        """Entity ID of the eIDAS-berichtenservice among the nodes of Europe."""
        return self.front(EIDAS) + EIDAS_METADATA_PATH

    def website_port(self, party: Party) -> int:
        """Where a dienstverlener's portal listens."""
        return self.ports.as_mapping()[party.folder]

    def website(self, party: Party) -> str:
        """Base URL of a dienstverlener's portal."""
        return f"http://{party.host}:{self.website_port(party)}"

    @property
    def portal_front(self) -> str:
        """Base URL of the demo portal."""
        return self.website(PORTAL)

    @property
    def portal_acs(self) -> str:
        """Where the RV sends its artifact for the demo portal."""
        return self.portal_front + PORTAL_ACS_PATH

    @property
    def zorg_front(self) -> str:
        """Base URL of the second dienstverlener."""
        return self.website(ZORG)

    @property
    def zorg_acs(self) -> str:
        """Where the RV sends its artifact for the second dienstverlener."""
        return self.zorg_front + PORTAL_ACS_PATH

    @property
    def cluster_front(self) -> str:
        """Base URL of the supplier's portal."""
        return f"http://{CLOUD.host}:{self.ports.cluster}"

    @property
    def variables(self) -> Mapping[str, str]:
        """What `config/routeringsvoorziening.yaml` leaves open: the directory, and the RV's own ports."""
        ports = self.ports
        return {
            "world": str(self.directory.resolve()),
            "rv_front_port": str(ports.rv_front),
            "rv_back_port": str(ports.rv_back),
            "rv_management_port": str(ports.rv_management),
        }
