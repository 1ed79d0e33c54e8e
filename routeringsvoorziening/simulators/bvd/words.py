"""What pages call the grounds, the actions and the states, in Dutch and English."""

from collections.abc import Mapping
from typing import Final

from routeringsvoorziening.simulators.bvd.settings import Text
from routeringsvoorziening.simulators.registers.mandates import Action, Kind, Standing

KINDS: Final[Mapping[Kind, Text]] = {
    Kind.VOLUNTARY: ("Machtiging", "Voluntary mandate"),
    Kind.PARENTAL: ("Ouderlijk gezag", "Parental authority"),
    Kind.BEWIND: ("Bewind", "Administration of property"),
    Kind.CURATELE: ("Curatele", "Guardianship of an adult"),
    Kind.MENTORSCHAP: ("Mentorschap", "Mentorship for care"),
}
ACTIONS: Final[Mapping[Action, Text]] = {
    Action.INZIEN: ("alleen inzien", "view only"),
    Action.WIJZIGEN: ("inzien en wijzigen", "view and change"),
}
STANDINGS: Final[Mapping[Standing, Text]] = {
    Standing.HOLDS: ("Geldig", "Valid"),
    Standing.NOT_YET: ("Nog niet geldig", "Not yet valid"),
    Standing.OVER: ("Verlopen", "Expired"),
    Standing.USED: ("Gebruikt", "Used"),
    Standing.DECEASED: ("Beëindigd door overlijden", "Ended by death"),
}
