"""What stands in the files about eHerkenning, and what must fit between the diensten."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from routeringsvoorziening.broker.vocabulary import LoA, ServiceUUID
from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.kinds import MethodKind, Said
from routeringsvoorziening.configuration.model.common import LEVELS, LoAName, Part
from routeringsvoorziening.configuration.model.dienst import ServiceUuidText
from routeringsvoorziening.configuration.model.methods import AuthenticationMethod
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.etd.identifiers import ENTITY_ID, parse_etd_entity_id, service_id_of
from routeringsvoorziening.saml.etd.metadata import inspect_makelaar

KIND: Final = "eherkenning"
EtdLevel = Literal["loa2", "loa2plus", "loa3", "loa4"]
LEVELS_BY_DEFAULT: Final[dict[EtdLevel, LoAName]] = {
    "loa2": "basis",
    "loa2plus": "laag",
    "loa3": "substantieel",
    "loa4": "hoog",
}
"""eTD: EH2+ is eIDAS low, EH3 substantial, EH4 high; EH2 is below low, so no more than basis. EH1 ended in 2021."""
_RESTRICTIONS: Final = {"vestigingsnr": names.VESTIGINGSNR, "subdossiernr": names.SUBDOSSIER_NR}

MakelaarId = Annotated[
    str, Field(pattern=ENTITY_ID, examples=["urn:etoegang:HM:00000009999999999020:entities:0001"], max_length=80)
]


class EHerkenningMethod(AuthenticationMethod):
    """eHerkenning, through one herkenningsmakelaar."""

    entity_id: MakelaarId
    """Of the makelaar."""
    own_entity_id: MakelaarId
    """Ours as a dienstverlener of eTD: urn:etoegang:DV:<our OIN>:entities:<index>."""
    loa: dict[EtdLevel, LoAName] = LEVELS_BY_DEFAULT
    """What each level of eTD counts for. A login at a level that is not in it is refused."""


class EHerkenningDienst(Part):
    """How eTD knows a dienst."""

    service_index: Annotated[int, Field(ge=0, le=65535)]
    """AttributeConsumingServiceIndex, and the last number of the ServiceID; of one dienst only."""
    service_uuid: ServiceUuidText | None = None
    """The ServiceUUID in the service catalogue of eTD. Absent: the same as here."""
    restrictions: tuple[Literal["vestigingsnr", "subdossiernr"], ...] = ()
    """Mandates for a part of an organisation that it can handle; others are refused."""
    requested: tuple[Annotated[str, Field(pattern=r"^urn:etoegang:[!-~]{1,200}$")], ...] = ()
    """Attributes that it may have, as the service catalogue lists them."""

    @property
    def restriction_names(self) -> frozenset[str]:
        """As attributes are called."""
        return frozenset(_RESTRICTIONS[each] for each in self.restrictions)


def check_diensten(diensten: Sequence[Said], findings: Findings) -> None:
    """Every dienst has a service index of its own. Code: `eherkenning.service-index`."""
    seen: dict[int, Place] = {}
    for each in diensten:
        part, place = each.part, each.place
        if isinstance(part, EHerkenningDienst):
            index = part.service_index
            if index in seen:
                text = f"service_index {index} stands also in {seen[index]}"
                findings.error("eherkenning.service-index", place, text, "Give every dienst an index of its own.")
            seen.setdefault(index, place)


def levels_of(method: EHerkenningMethod) -> dict[str, LoA]:
    """AuthnContextClassRef to our level."""
    return {names.LEVEL + name: LEVELS[level] for name, level in method.loa.items()}


def diensten_of(configuration: Configuration) -> dict[ServiceUUID, EHerkenningDienst]:
    """What every dienst that has eHerkenning says for it."""
    said = ((uuid, dienst.said.get(KIND)) for uuid, dienst in configuration.diensten.items())
    return {uuid: part for uuid, part in said if isinstance(part, EHerkenningDienst)}


def service_id(method: EHerkenningMethod, dienst: EHerkenningDienst) -> str:
    """The ServiceID of a dienst of ours."""
    return service_id_of(method.own_entity_id, dienst.service_index)


METHOD_KIND: Final = MethodKind(
    KIND,
    method=EHerkenningMethod,
    dienst=EHerkenningDienst,
    parse_entity_id=lambda text: parse_etd_entity_id(text, "HM"),
    inspect_metadata=inspect_makelaar,
    check_diensten=check_diensten,
    for_organisations=True,
)
