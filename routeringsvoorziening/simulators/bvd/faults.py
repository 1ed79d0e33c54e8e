"""Everything a BVD simulator can do wrong: what every declaring party can, and what only a BVD can."""

from typing import Final

from routeringsvoorziening.simulators.bvd import faults_content as content
from routeringsvoorziening.simulators.declaring import faults
from routeringsvoorziening.simulators.declaring.faults import COMMON, Fault, table_of

FAULTS: Final = table_of(
    *COMMON,
    Fault("wrong-class", "met een betrouwbaarheidsniveau", "with a level", content.wrong_class),
    Fault("no-legal-subject", "zonder LegalSubjectID", "no LegalSubjectID", content.no_legal_subject),
    Fault(
        "legal-for-another",
        "LegalSubjectID voor een ander versleuteld",
        "LegalSubjectID encrypted for another",
        content.legal_for_another,
    ),
    Fault(
        "two-legal-values",
        "LegalSubjectID met twee waarden",
        "LegalSubjectID with two values",
        content.two_legal_values,
    ),
    Fault(
        "no-representation-type", "zonder RepresentationType", "no RepresentationType", content.no_representation_type
    ),
    Fault(
        "unlisted-representation-type",
        "onbekend RepresentationType",
        "unknown RepresentationType",
        content.unlisted_representation_type,
    ),
)
"""Every fault by name."""


class FaultSwitches(faults.FaultSwitches):
    """The switches of a BVD simulator."""

    table = FAULTS
