"""The portal's page for somebody who comes with eHerkenning on behalf of a company."""

from dataclasses import replace
from typing import Final

import pytest

from routeringsvoorziening.saml.encryption import NameId, encrypt_id
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.messages.attributes import value_in_clear
from routeringsvoorziening.saml.parsing import canonical
from routeringsvoorziening.simulators.eherkenning.companies import ACCOUNTANT, BAKERY, Organisation
from routeringsvoorziening.simulators.world import layout
from tests.simulators.conftest import NewVisit, PortalVisit
from tests.support.simulated import DV, recipient

SERVICE: Final = replace(layout.PORTAL_SERVICES[0], methods=("eherkenning",))


@pytest.fixture
async def visit(new_visit: NewVisit) -> PortalVisit:
    """A browser at a portal where companies log in."""
    return await new_visit(services=(SERVICE,), authorities={layout.HM.entity_id: "eHerkenning"})


def given(value: str, kind: str) -> bytes:
    """An identifier, encrypted for the portal."""
    return canonical(encrypt_id(NameId(value, kind), [recipient(DV)]))


async def logged_in_for(visit: PortalVisit, company: Organisation) -> str:
    """The page of an employee with a mandate of a company; the makelaar alone vouches."""
    relay_state = await visit.leave(SERVICE.index)
    visit.rd.assertion = {
        "authenticating_authorities": (layout.HM.entity_id,),
        "acting_subject": (given(f"{'a' * 64}@{'b' * 32}", names.PSEUDO),),
        "legal_subject": (given(company.kvk, names.KVK),),
        "other_attributes": {names.COMPANY_NAME: (value_in_clear(company.name),)},
    }
    return await visit.arrive(visit.rd.redirect(relay_state))


@pytest.mark.eis("ATT-21")
async def test_without_a_bvd_the_diagram_has_no_lane_for_one(visit: PortalVisit) -> None:
    """The mandate is eHerkenning's own."""
    page = await logged_in_for(visit, BAKERY)
    assert "U handelt namens" in page
    assert "Browser</text>" in page
    assert ">BVD<" not in page
    assert "voor wie handelt u?" not in page


@pytest.mark.parametrize(
    ("company", "sentence"),
    [(BAKERY, "<strong>Bakkerij Korenaar B.V.</strong></p>"), (ACCOUNTANT, f"<strong>{ACCOUNTANT.name}</strong>.</p>")],
)
async def test_a_sentence_ends_in_one_full_stop(visit: PortalVisit, company: Organisation, sentence: str) -> None:
    """Also after a name that ends in one."""
    assert f"U handelt namens {sentence}" in await logged_in_for(visit, company)


async def test_a_label_has_one_colon(visit: PortalVisit) -> None:
    """What is said of the employee."""
    assert "<dt>U zelf: Pseudoniem van de medewerker</dt>" in await logged_in_for(visit, BAKERY)
