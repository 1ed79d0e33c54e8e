"""Everything the DigiD simulator can do wrong: what every declaring party can, and what only an AD can."""

from typing import Final

from routeringsvoorziening.simulators.declaring import faults
from routeringsvoorziening.simulators.declaring.faults import COMMON, Fault, table_of
from routeringsvoorziening.simulators.digid import faults_content as content

FAULTS: Final = table_of(
    *COMMON,
    Fault("lower-loa", "niveau onder het minimum", "level below the minimum", content.lower_loa),
    Fault("unknown-loa", "onbekend niveau", "unknown level", content.unknown_loa),
    Fault("legal-subject", "met LegalSubjectID", "with LegalSubjectID", content.legal_subject),
    Fault("no-bvd-audience", "Audience zonder de BVD", "Audience without the BVD", content.no_bvd_audience),
    Fault("no-bvd-key", "niet versleuteld voor de BVD", "not encrypted for the BVD", content.no_bvd_key),
)
"""Every fault by name."""


class FaultSwitches(faults.FaultSwitches):
    """The switches of a DigiD simulator."""

    table = FAULTS
