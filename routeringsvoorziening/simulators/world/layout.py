"""The demo world: where its parties listen and where their files stand.

Everything here is a frozen value, so that a demo, a test and a bench can each have a world of their own: another
directory, other ports. Who is in it, and with which diensten, stands in `parties` and `diensten` and never differs.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Self

from routeringsvoorziening.simulators.world.diensten import (
    BELASTINGEN_SERVICES,
    BUSINESS,
    BUSINESS_SERVICES,
    CLUSTER_SERVICES,
    EUROPEAN_SERVICES,
    FOR_A_BRANCH,
    LOGIN_METHODS,
    PENSION,
    PORTAL_SERVICES,
    PSEUDONYM_TOO,
    STAY,
    VISIT,
    WEBSITES,
    ZORG_SERVICES,
    DemoService,
    IdentityKind,
    Website,
)
from routeringsvoorziening.simulators.world.parties import (
    BEHIND_CLOUD,
    BELASTINGEN,
    BEWIND,
    BVDS,
    CLOUD,
    DECRYPTED,
    DIGID,
    DIJKZICHT,
    EIDAS,
    FOREIGN,
    GEZAG,
    HEIDEWOUDE,
    HM,
    MACHTIGEN,
    PARTIES,
    POLDERVEEN,
    PORTAL,
    PURPOSES,
    RV,
    RV_AT_ETD,
    SSO_DOMAINS,
    ZORG,
    Party,
    Purpose,
)

__all__ = [
    "ARTIFACT_PATH",
    "BEHIND_CLOUD",
    "BELASTINGEN",
    "BELASTINGEN_SERVICES",
    "BEWIND",
    "BUSINESS",
    "BUSINESS_SERVICES",
    "BVDS",
    "CLOUD",
    "CLUSTER_SERVICES",
    "DECRYPTED",
    "DIGID",
    "DIJKZICHT",
    "EIDAS",
    "EIDAS_ACS_PATH",
    "EIDAS_METADATA_PATH",
    "ETD_METADATA_PATH",
    "EUROPEAN_SERVICES",
    "FOREIGN",
    "FOR_A_BRANCH",
    "GEZAG",
    "HEIDEWOUDE",
    "HM",
    "LOGIN_METHODS",
    "LOGOUT_PATH",
    "LOOPBACK",
    "MACHTIGEN",
    "METADATA_PATH",
    "PARTIES",
    "PENSION",
    "POLDERVEEN",
    "PORTAL",
    "PORTAL_ACS_PATH",
    "PORTAL_LOGOUT_PATH",
    "PORTAL_SERVICES",
    "PSEUDONYM_TOO",
    "PURPOSES",
    "RV",
    "RV_ACS_PATH",
    "RV_AT_ETD",
    "SP_METADATA_PATH",
    "SSO_DOMAINS",
    "SSO_PATH",
    "STAY",
    "VISIT",
    "WEBSITES",
    "ZORG",
    "ZORG_SERVICES",
    "DemoService",
    "IdentityKind",
    "Party",
    "PartyFiles",
    "Ports",
    "Purpose",
    "Website",
    "World",
]
"""What stands in `parties` and `diensten` too, so that one name leads to the whole world."""

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
