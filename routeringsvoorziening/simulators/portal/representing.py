"""Acting for somebody else, as a dienstverlener sees it: which BVDs fit a service, which RepresentationTypes suffice.

A dienstverlener decides itself who gets in (ATT-08): a mentor may see a medical record and may not apply for benefits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.simulators.portal.checks import require
from routeringsvoorziening.simulators.portal.texts import Text
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.layout import DemoService, Party

_TYPE: Final = "urn:nl-eid-gdi:1.1:RT:"
GEZAG_TYPE: Final = _TYPE + "Zorg_Volledig_Gezag_Kind"
"""The one type of the published table (ATT-07); the others are the demo's own."""
BEWIND_TYPE: Final = _TYPE + "Bewind"
CURATELE_TYPE: Final = _TYPE + "Curatele"
MENTORSCHAP_TYPE: Final = _TYPE + "Mentorschap"
TYPE_NAMES: Final[Mapping[str, Text]] = {
    GEZAG_TYPE: ("ouderlijk gezag over een kind, in de zorg", "parental authority over a child, in care"),
    BEWIND_TYPE: ("bewind", "administration of property"),
    CURATELE_TYPE: ("curatele", "guardianship of an adult"),
    MENTORSCHAP_TYPE: ("mentorschap", "mentorship for care"),
}


@dataclass(frozen=True, slots=True)
class Representation:
    """One way to act for somebody else at a service.

    Args:
        bvd: who says for whom.
        name: of the BVD, as the page shows it.
        prompt: what a button says.
        types: the RepresentationTypes that the service takes; empty for a mandate that needs none.
    """

    bvd: Party
    name: Text
    prompt: Text
    types: frozenset[str] = frozenset()


def _machtigen() -> Representation:
    return Representation(
        layout.MACHTIGEN, ("DigiD Machtigen", "DigiD Machtigen"), ("met een machtiging", "with an authorisation")
    )


def _gezag() -> Representation:
    return Representation(
        layout.GEZAG,
        ("Ouderlijk gezag", "Parental authority"),
        ("voor mijn kind", "for my child"),
        frozenset({GEZAG_TYPE}),
    )


def _court(*types: str) -> Representation:
    return Representation(
        layout.BEWIND,
        ("Bewind, curatele en mentorschap", "Court-appointed representatives"),
        ("als bewindvoerder, curator of mentor", "as an administrator, guardian or mentor"),
        frozenset(types),
    )


_APPOINTMENT, _PARKING, _BENEFIT, _RECORD, _GRANT, _PANEL = (each.uuid for each in layout.PORTAL_SERVICES)
_CLIENTS: Final = layout.BUSINESS_SERVICES[4].uuid
_OFFERED: Final[Mapping[str, tuple[Representation, ...]]] = {
    _APPOINTMENT: (_machtigen(), _court(BEWIND_TYPE, CURATELE_TYPE, MENTORSCHAP_TYPE)),
    _PARKING: (_machtigen(), _court(BEWIND_TYPE, CURATELE_TYPE)),
    _BENEFIT: (_machtigen(), _court(BEWIND_TYPE, CURATELE_TYPE)),
    _CLIENTS: (_court(BEWIND_TYPE, CURATELE_TYPE, MENTORSCHAP_TYPE),),
    _GRANT: (_machtigen(), _court(BEWIND_TYPE, CURATELE_TYPE)),
    _PANEL: (_machtigen(), _court(BEWIND_TYPE, CURATELE_TYPE)),
    _RECORD: (_gezag(), _court(CURATELE_TYPE, MENTORSCHAP_TYPE)),
    layout.ZORG_SERVICES[0].uuid: (_machtigen(), _gezag(), _court(CURATELE_TYPE, MENTORSCHAP_TYPE)),
    layout.VISIT.uuid: (_machtigen(),),
    layout.CLUSTER_SERVICES[layout.HEIDEWOUDE][1].uuid: (
        _machtigen(),
        _gezag(),
        _court(CURATELE_TYPE, MENTORSCHAP_TYPE),
    ),
}


def representations_of(service: DemoService) -> tuple[Representation, ...]:
    """In neutral order; empty when everybody comes for themselves."""
    return _OFFERED.get(service.uuid, ())


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of the routeringsdienst about acting for somebody else.

    Args:
        narrowed: the login methods and BVDs are listed (Scoping); otherwise everything is left open.
        through: the representations that are open.
        required: the citizen must act for somebody else (RequesterID).
    """

    narrowed: bool
    through: tuple[Representation, ...] = ()
    required: bool = False

    @property
    def entities(self) -> tuple[str, ...]:
        """The BVDs, for IDPList."""
        return tuple(each.bvd.entity_id for each in self.through)

    def representation(self, entity_id: str) -> Representation | None:
        """The one by that BVD, when it was open."""
        return next((each for each in self.through if each.bvd.entity_id == entity_id), None)


FOR_MYSELF: Final = Wish(narrowed=True)
LET_CHOOSE: Final = "kies"
"""Value of the button that leaves every choice to the routeringsdienst."""


def wish_of(service: DemoService, value: str) -> Wish:
    """What a button asked: nothing for yourself, `kies` for a choice there, else the folder name of a BVD."""
    offered = representations_of(service)
    if value == LET_CHOOSE:
        return Wish(narrowed=False, through=offered)
    chosen = tuple(each for each in offered if each.bvd.folder == value)
    return Wish(narrowed=True, through=chosen, required=True) if chosen else FOR_MYSELF


def check_types(representation: Representation, types: tuple[str, ...]) -> None:
    """ATT-08: what was declared is enough for this service, all of it.

    Raises:
        CheckFailed: `representation.type` for a type that the service does not take, `representation.missing` for none
            where one is needed.
    """
    require(set(types) <= representation.types, "representation.type")
    require(bool(types) or not representation.types, "representation.missing")
