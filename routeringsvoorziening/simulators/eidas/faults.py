"""Everything the eIDAS-berichtenservice can do wrong: what every declaring party can, and what only it can."""

from typing import Final

from routeringsvoorziening.simulators.declaring import faults
from routeringsvoorziening.simulators.declaring.faults import COMMON, Fault, table_of
from routeringsvoorziening.simulators.eidas import faults_content as content

FAULTS: Final = table_of(
    *COMMON,
    Fault("lower-loa", "niveau laag, wat er ook gevraagd is", "level low whatever was asked", content.lower_loa),
    Fault("no-eidas-loa", "niveau basis", "level basis", content.no_eidas_loa),
    Fault("legal-subject", "met LegalSubjectID", "with LegalSubjectID", content.legal_subject),
    Fault("too-much", "gegeven dat de dienst niet mag hebben", "attribute not allowed", content.too_much),
    Fault("unknown-attribute", "onbekend gegeven", "unknown attribute", content.unknown_attribute),
    Fault("attribute-in-clear", "naam onversleuteld", "name in clear", content.attribute_in_clear),
    Fault("attribute-for-another", "naam voor een ander", "name for another", content.attribute_for_another),
    Fault("attribute-for-rd", "naam ook leesbaar voor de RD", "name readable by the RD", content.attribute_for_rd),
    Fault("swapped-attributes", "gegevens verwisseld", "attributes swapped", content.swapped_attributes),
)
"""Every fault by name."""


class FaultSwitches(faults.FaultSwitches):
    """The switches of an eIDAS-berichtenservice simulator."""

    table = FAULTS
