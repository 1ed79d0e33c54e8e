"""The service catalogue of the demo world: what the Routeringsvoorziening offers at eTD, for whom it is encrypted."""

from datetime import datetime
from typing import Final

from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.etd.catalogue import (
    CatalogueEntry,
    RequestedAttribute,
    ServiceCatalogue,
    ServiceDefinition,
    ServiceInstance,
)
from routeringsvoorziening.saml.etd.identifiers import service_id_of
from routeringsvoorziening.saml.keys import load_signing_key
from routeringsvoorziening.saml.metadata.model import KeyUse, MetadataKey
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.bsnk_keys import KEY_SET_VERSION

VERSION: Final = "urn:etoegang:1.13:53"
LEVEL_OF: Final = {10: "loa2", 20: "loa2plus", 25: "loa3", 30: "loa4"}
"""The catalogue's minimum by the level of the dienst."""
STRUCTURE_VERSION: Final = "2"
"""Of signed structures of BSNk."""
_ENCRYPTION: Final = frozenset[KeyUse]({"encryption"})
_NAME: Final = RequestedAttribute(
    names.COMPANY_NAME,
    {"nl": "Om u met de naam van uw organisatie aan te spreken", "en": "To address you by your organisation's name"},
)


def demo_catalogue(world: layout.World, at: datetime) -> ServiceCatalogue:
    """Of a demo world, whose PKI exists already.

    Raises:
        OSError: a file is missing.
    """
    files = world.files(layout.PORTAL)
    pair = load_signing_key(files.key("encryption").read_bytes(), files.certificate("encryption").read_bytes())
    key = MetadataKey(pair.key_name, pair.certificate, _ENCRYPTION)
    services = layout.BUSINESS_SERVICES
    entry = CatalogueEntry(
        oin=layout.RV.oin,
        names={"nl": layout.PORTAL.name, "en": layout.PORTAL.name},
        definitions=tuple(map(_definition, services)),
        instances=tuple(_instance(each, key) for each in services),
    )
    return ServiceCatalogue(at, VERSION, (entry,))


def _definition(service: layout.DemoService) -> ServiceDefinition:
    by_language = {"nl": service.name_nl, "en": service.name_en}
    return ServiceDefinition(
        uuid=service.uuid,
        names=by_language,
        descriptions=by_language,
        class_ref=names.LEVEL + LEVEL_OF[service.minimum_loa],
        makelaar=layout.HM.oin,
        entity_concerned=_types(service),
        restrictions=frozenset({names.VESTIGINGSNR}) if service.uuid in layout.FOR_A_BRANCH else frozenset(),
        requested=() if service.identity == "Pseudonym" else (_NAME,),
    )


def _types(service: layout.DemoService) -> tuple[frozenset[str], ...]:
    """As what an organisation comes: by its numbers; or an eenmanszaak as the person that it is."""
    if service.identity == "BSN":
        return (frozenset({names.KVK, names.BSN}),)
    if service.identity == "Pseudonym":
        return (frozenset({names.PSEUDO_ID}),)
    return frozenset({names.KVK, names.RSIN}), frozenset({names.KVK})


def _instance(service: layout.DemoService, key: MetadataKey) -> ServiceInstance:
    polymorphic = service.identity != "legacy-BSN"
    return ServiceInstance(
        service_id=service_id_of(layout.RV_AT_ETD, service.index),
        uuid=service.uuid,
        makelaar=layout.HM.oin,
        keys=(key,),
        urls={"nl": f"https://{layout.PORTAL.host}/"},
        bsnk_structure_version=STRUCTURE_VERSION if polymorphic else None,
        bsnk_key_set_version=str(KEY_SET_VERSION) if polymorphic else None,
    )
