"""The demo world's diensten: what can be done at which dienstverlener, how surely and with which login method."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from routeringsvoorziening.simulators.world.parties import (
    BELASTINGEN,
    DIGID,
    DIJKZICHT,
    EIDAS,
    HEIDEWOUDE,
    HM,
    POLDERVEEN,
    PORTAL,
    SSO_DOMAINS,
    ZORG,
    Party,
)

IdentityKind = Literal["legacy-BSN", "BSN", "Pseudonym"]
"""As what a service gets a person: the last part of the NameQualifier (ATT-20)."""


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
