"""As what a dienst gets people."""

import pytest

from routeringsvoorziening.backends.configuring import load_configuration


@pytest.mark.eis("ATT-20")
def test_a_dienst_says_as_what_people_are_declared(room) -> None:
    """The BSN itself unless it says otherwise; the demo has one of each kind."""
    diensten = load_configuration(room.main, at=room.at).diensten
    kinds = {uuid: dienst.identity for uuid, dienst in diensten.items() if dienst.identity != "legacy-BSN"}
    assert kinds["7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1005"] == "BSN"
    assert kinds["7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1006"] == "Pseudonym"
    assert "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1001" not in kinds


def test_there_are_no_other_kinds_of_identity(room) -> None:
    """As the wire spells them, and nothing else."""
    room.replace("identity: Pseudonym", "identity: pseudoniem", "dienstencatalogus/voorbeeldstad-bsnk.yaml")
    finding = room.only()
    assert (finding.code, finding.place.dotted) == ("field.value", "diensten[1].identity")
