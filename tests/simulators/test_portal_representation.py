"""The portal in the role DV, when somebody acts for somebody else: what it asks, and on what ground it lets them in."""

from typing import Any, Final

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.messages.status import Status
from routeringsvoorziening.simulators.portal.representing import (
    BEWIND_TYPE,
    CURATELE_TYPE,
    GEZAG_TYPE,
    MENTORSCHAP_TYPE,
    representations_of,
)
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.families import residents
from tests.simulators.conftest import PortalVisit
from tests.support.simulated import AD, BSN, DV, NOW, AnsweringRd, encrypted, recipient

CHILD: Final = next(each for each in residents(NOW.date()) if each.key == "anaya")
RECORD, BENEFIT, APPOINTMENT = 4, 3, 1
UNLISTED: Final = "urn:nl-eid-gdi:1.1:RT:Onbekend"


def for_another(rd: AnsweringRd, bvd: layout.Party = layout.GEZAG, *types: str, **changed: Any) -> None:
    """Let the Routeringsdienst declare that somebody acts for somebody else."""
    said: dict[str, Any] = {
        "authenticating_authorities": (AD.entity_id, bvd.entity_id),
        "legal_subject": (encrypted(CHILD.bsn, recipient(DV)),),
        "representation_types": types,
        "advice": (rd._evidence(), rd._evidence()),
    }
    rd.assertion = said | changed


async def prepared(visit: PortalVisit, *types: str, bvd: layout.Party = layout.GEZAG, **changed: Any) -> None:
    """The evidence of the answer can only be made once there is a request."""
    await visit.leave(RECORD)
    for_another(visit.rd, bvd, *types, **changed)


@pytest.mark.eis("AR-15", "AR-17", "AR-18", "AR-19", "SES-11")
@pytest.mark.parametrize(
    ("wish", "listed", "required"),
    [
        ("", (AD,), ()),
        ("gezag", (AD, layout.GEZAG), (layout.GEZAG,)),
        ("bewind", (AD, layout.BEWIND), (layout.BEWIND,)),
        ("machtigen", (AD,), ()),
        ("nonsense", (AD,), ()),
    ],
)
async def test_a_choice_made_here_goes_along(visit: PortalVisit, wish: str, listed: Any, required: Any) -> None:
    """IDPList with the AD and the BVD, RequesterID with the BVD; a BVD that does not fit the service is never asked."""
    await visit.leave(RECORD, voor=wish)
    assert visit.request.idp_list == tuple(each.entity_id for each in listed)
    assert visit.request.requester_ids == tuple(each.entity_id for each in required)


@pytest.mark.eis("ERR-05", "ERR-08")
@pytest.mark.parametrize("wish", ["gezag", "kies"])
async def test_the_diagram_does_not_say_where_a_login_ended_when_nobody_told(visit: PortalVisit, wish: str) -> None:
    """Cancelled, perhaps at the BVD: it has a lane, and the answer that we saw says how it ended, not DigiD's."""
    visit.rd.response = {"status": Status(names.STATUS_RESPONDER, names.STATUS_AUTHN_FAILED, names.CANCELLED_MESSAGE)}
    page = await visit.come_back(RECORD, voor=wish)
    assert ">BVD<" in page
    assert "Response: geannuleerd" in page
    assert "antwoord: geannuleerd" not in page
    assert "bij DigiD of bij een BVD, staat niet in het antwoord" in page


@pytest.mark.eis("AR-15", "AR-17")
async def test_a_choice_can_be_left_to_the_routeringsdienst(visit: PortalVisit) -> None:
    """No Scoping at all; a Scoping without an IDPList is never sent (AMB-04)."""
    await visit.leave(RECORD, voor="kies")
    assert (visit.request.idp_list, visit.request.requester_ids) == (None, ())


async def test_the_services_offer_what_fits_them(visit: PortalVisit) -> None:
    """For each service its own BVDs, in words; and the choice that is made elsewhere."""
    page = await visit.arrive("/")
    for service in layout.PORTAL_SERVICES:
        assert all(f'value="{each.bvd.folder}"' in page for each in representations_of(service))
    assert page.count('value="kies"') == len(layout.PORTAL_SERVICES)
    assert "Voor mijn kind" in page


@pytest.mark.eis("ATT-08", "ATT-02", "ATT-12", "AS-13")
@pytest.mark.parametrize("wish", ["gezag", "kies"])
async def test_a_declaration_for_a_child_opens_a_session_for_both(visit: PortalVisit, wish: str) -> None:
    """Who acts, for whom, by which BVD, on what ground; both numbers decrypted here, both originals shown."""
    await prepared(visit, GEZAG_TYPE)
    page = await visit.come_back(RECORD, voor=wish)
    assert f"U handelt namens <strong>{CHILD.name}</strong>" in page
    for shown in (CHILD.bsn, BSN, GEZAG_TYPE, layout.GEZAG.entity_id, "ouderlijk gezag over een kind"):
        assert shown in page
    assert "<strong>42 van de 42</strong>" in page
    assert ">BVD<" in page


@pytest.mark.eis("ATT-08")
async def test_a_voluntary_mandate_needs_no_type(visit: PortalVisit) -> None:
    """DigiD Machtigen, for a service that takes it."""
    await prepared(visit, bvd=layout.MACHTIGEN)
    assert "U handelt namens" in await visit.come_back(APPOINTMENT, voor="machtigen")


@pytest.mark.eis("ATT-08")
@pytest.mark.parametrize(
    ("service", "bvd", "types", "code"),
    [
        (RECORD, layout.GEZAG, (), "representation.missing"),
        (RECORD, layout.GEZAG, (UNLISTED,), "representation.type"),
        (RECORD, layout.GEZAG, (GEZAG_TYPE, UNLISTED), "representation.type"),
        (RECORD, layout.BEWIND, (BEWIND_TYPE,), "representation.type"),
        (BENEFIT, layout.BEWIND, (MENTORSCHAP_TYPE,), "representation.type"),
        (APPOINTMENT, layout.MACHTIGEN, (GEZAG_TYPE,), "representation.type"),
    ],
)
async def test_a_ground_that_is_not_enough_is_no_way_in(
    visit: PortalVisit, service: int, bvd: layout.Party, types: tuple[str, ...], code: str
) -> None:
    """A missing type, an unknown one, or one that this service does not take: no session, and words for the person."""
    await prepared(visit, *types, bvd=bvd)
    assert await visit.refused_for(service, voor=bvd.folder) == ("representation-type", code)
    assert "U mag deze dienst niet voor deze persoon gebruiken." in await visit.arrive("/sessie")


@pytest.mark.eis("ATT-08")
@pytest.mark.parametrize(
    ("service", "kind"), [(RECORD, CURATELE_TYPE), (RECORD, MENTORSCHAP_TYPE), (BENEFIT, BEWIND_TYPE)]
)
async def test_the_same_ground_is_enough_elsewhere(visit: PortalVisit, service: int, kind: str) -> None:
    """The positive twin: a mentor sees a record, a bewindvoerder applies for benefits."""
    await prepared(visit, kind, bvd=layout.BEWIND)
    assert "U handelt namens" in await visit.come_back(service, voor="bewind")


@pytest.mark.eis("AS-11", "ATT-02", "AS-21")
@pytest.mark.parametrize(
    ("wish", "changed", "check", "code"),
    [
        ("", {}, "authority", "authority"),
        ("bewind", {}, "authority", "authority"),
        ("gezag", {"authenticating_authorities": (AD.entity_id,)}, "on-own-behalf", "legal-subject"),
        ("gezag", {"legal_subject": ()}, "on-own-behalf", "legal-subject"),
        (
            "gezag",
            {"authenticating_authorities": (AD.entity_id,), "legal_subject": ()},
            "on-own-behalf",
            "representation.required",
        ),
        (
            "gezag",
            {"authenticating_authorities": (AD.entity_id, layout.GEZAG.entity_id, layout.GEZAG.entity_id)},
            "authority",
            "authority",
        ),
        ("gezag", {"authenticating_authorities": (layout.GEZAG.entity_id,)}, "authority", "authority"),
        ("gezag", {"legal_subject": (encrypted(CHILD.bsn, recipient(layout.ZORG)),)}, "represented", "enc.recipient"),
        (
            "gezag",
            {"legal_subject": (encrypted(CHILD.bsn, recipient(DV), recipient(layout.ZORG)),)},
            "represented",
            "recipient.not-in-audience",
        ),
    ],
)
async def test_what_was_not_asked_or_cannot_be_read_is_refused(
    visit: PortalVisit, wish: str, changed: dict[str, Any], check: str, code: str
) -> None:
    """Somebody represented unasked, by another BVD, without a BVD, not at all, or encrypted for another."""
    await prepared(visit, GEZAG_TYPE, **changed)
    assert await visit.refused_for(RECORD, voor=wish) == (check, code)


@pytest.mark.eis("AS-13")
async def test_one_original_is_too_few(visit: PortalVisit) -> None:
    """Both authorities' declarations belong to the evidence."""
    await prepared(visit, GEZAG_TYPE)
    visit.rd.assertion = {**visit.rd.assertion, "advice": (visit.rd._evidence(),)}
    assert await visit.refused_for(RECORD, voor="gezag") == ("advice", "advice.missing")
