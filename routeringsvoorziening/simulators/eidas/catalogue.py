"""What the eIDAS-berichtenservice knows of the services: which it is open for, and what each may have of a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.saml.eidas import vocabulary as eidas
from routeringsvoorziening.saml.eidas.vocabulary import LEGAL, NATURAL, AttributeKind
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import DemoService, IdentityKind, Party

NAMES: Final = (eidas.FAMILY_NAME, eidas.GIVEN_NAME, eidas.DATE_OF_BIRTH)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a service may have.

    Args:
        attributes: of a person or company; nothing else leaves this service, apart from the identity.
        pseudonym: somebody who has no BSN is let in under a pseudonym.
        legal_persons: companies may log in.
    """

    attributes: tuple[AttributeKind, ...] = ()
    pseudonym: bool = False
    legal_persons: bool = False


RIGHTS: Final[Mapping[str, Rights]] = {
    layout.STAY.uuid: Rights((*NAMES, eidas.PERSON_IDENTIFIER), pseudonym=True),
    layout.PENSION.uuid: Rights(NAMES),
    layout.VISIT.uuid: Rights(NAMES),
    layout.BUSINESS.uuid: Rights(
        (*NAMES, eidas.PLACE_OF_BIRTH, eidas.LEGAL_IDENTIFIER, eidas.LEGAL_NAME, eidas.VAT_NUMBER),
        pseudonym=True,
        legal_persons=True,
    ),
}
"""Of the demo world, by ServiceUUID; the dienstencatalogus of the demo says the same."""


@dataclass(frozen=True, slots=True)
class EuropeanService:
    """A service for which people from other countries may log in.

    Args:
        dienstverlener: entity ID of the party that offers it (IntendedAudience).
        dienstverlener_name: as pages show it.
        dienstverlener_oin: for whom BSNk structures are made.
        uuid: the ServiceUUID, compared exactly.
        name_nl: its Dutch name.
        name_en: its English name.
        minimum_loa: 20, 25 or 30 when it is asked abroad; what is below laag is asked as laag.
        identity: as what it wants somebody who has a BSN.
        rights: what it may have.
        decrypted: the routeringsdienst opens a BSN on the dienstverlener's behalf, so it is encrypted for it.
    """

    dienstverlener: str
    dienstverlener_name: str
    dienstverlener_oin: str
    uuid: str
    name_nl: str
    name_en: str
    minimum_loa: int
    identity: IdentityKind
    rights: Rights
    decrypted: bool = False

    def may_have(self, *, legal: bool) -> tuple[AttributeKind, ...]:
        """Of a company, or of a person."""
        return tuple(each for each in self.rights.attributes if each.namespace == (LEGAL if legal else NATURAL))


Catalogue = Mapping[tuple[str, str], EuropeanService]
"""(IntendedAudience, ServiceUUID) to service (RAD-07)."""


def demo_catalogue() -> Catalogue:
    """The services of the demo world that are open for people from other countries."""
    offered = ((website.party, service) for website in layout.WEBSITES for service in website.services)
    return {
        (party.entity_id, service.uuid): _service(party, service) for party, service in offered if _is_open(service)
    }


def _is_open(service: DemoService) -> bool:
    return "eidas" in service.methods and service.uuid in RIGHTS


def _service(party: Party, service: DemoService) -> EuropeanService:
    return EuropeanService(
        party.entity_id,
        party.name,
        party.oin,
        service.uuid,
        service.name_nl,
        service.name_en,
        max(service.minimum_loa, 20),
        service.identity,
        RIGHTS[service.uuid],
        party in layout.DECRYPTED and service.identity == "legacy-BSN",
    )
