"""The BVD simulator's declaration: who acts, for whom, on what ground, for the dienstverlener alone."""

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.families import residents
from tests.simulators.conftest import NewBvd
from tests.support import simulated
from tests.support.simulated import DV, MINUTE, NOW, RD, RD_ACS, recipient
from tests.support.simulated_bvd import BEWIND, GEZAG, MACHTIGEN, RECORD, BvdVisit, opened

BSNS = {each.key: each.bsn for each in residents(NOW.date())}
PUBLISHED = "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind"


@pytest.mark.eis("ATT-24", "ATT-01", "ATT-03", "ATT-12", "ATT-20")
@pytest.mark.parametrize(
    ("party", "acting", "legal"),
    [(MACHTIGEN, "fenna", "joke"), (GEZAG, "shanti", "anaya"), (BEWIND, "noor", "bep")],
    ids=["machtigen", "gezag", "bewind"],
)
async def test_both_persons_are_declared_for_the_dienstverlener(
    new_bvd: NewBvd, party: layout.Party, acting: str, legal: str
) -> None:
    """ActingSubjectID is who logged in, LegalSubjectID who was chosen; the dienstverlener's key opens both."""
    visit = await new_bvd(party)
    assertion = await visit.declared(await visit.choose(acting))
    for values, person in ((assertion.acting_subject, acting), (assertion.legal_subject, legal)):
        (identity,) = values
        name_id = opened(identity, DV)
        assert (name_id.value, name_id.name_qualifier) == (BSNS[person], names.ID_LEGACY_BSN)


@pytest.mark.eis("ATT-07", "ATT-24")
async def test_a_parent_represents_on_the_published_ground(gezag: BvdVisit) -> None:
    """RepresentationType is the one URN of the published table."""
    assertion = await gezag.declared(await gezag.choose())
    assert assertion.representation_types == (PUBLISHED,)


@pytest.mark.eis("ATT-24")
async def test_what_a_court_decided_has_a_type_of_its_own(bewind: BvdVisit) -> None:
    """Legal representation always says on what ground; these URNs are the simulator's own until they are published."""
    address = await bewind.choose("noor", mandate="bewind-noor-kees")
    assert (await bewind.declared(address)).representation_types == ("urn:nl-eid-gdi:1.1:RT:Bewind",)


@pytest.mark.eis("ATT-24")
async def test_a_voluntary_mandate_has_no_type(machtigen: BvdVisit) -> None:
    """RepresentationType is for legal representation (AMB-07)."""
    assert (await machtigen.declared(await machtigen.choose())).representation_types == ()


@pytest.mark.eis("LOA-06")
@pytest.mark.parametrize("party", layout.BVDS, ids=lambda party: party.folder)
async def test_no_level_is_declared(new_bvd: NewBvd, party: layout.Party) -> None:
    """The class is `unspecified`: how surely somebody logged in is for the AD to say."""
    visit = await new_bvd(party)
    assertion = await visit.declared(await visit.choose())
    assert assertion.class_ref == "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"


@pytest.mark.eis("AS-15", "AS-16", "AS-05")
async def test_it_is_for_the_routeringsdienst(gezag: BvdVisit) -> None:
    """Audience and Recipient are the RD's; no AuthenticatingAuthority, no Advice."""
    assertion = await gezag.declared(await gezag.choose())
    assert assertion.audiences == (RD.entity_id,)
    assert assertion.confirmation.recipient == RD_ACS
    assert assertion.authenticating_authorities == ()
    assert not assertion.has_advice
    assert assertion.issuer == GEZAG.entity_id


@pytest.mark.eis("ATT-05")
async def test_the_service_is_copied(gezag: BvdVisit) -> None:
    """ServiceUUID is that of the request."""
    assert (await gezag.declared(await gezag.choose(service=RECORD))).service_uuid == RECORD


@pytest.mark.eis("AS-04", "AS-06", "AS-09")
async def test_its_times_are_those_of_the_resolve(gezag: BvdVisit, clock: simulated.Clock) -> None:
    """Made when the artifact is resolved, and good for two minutes, however long the browser took (AMB-19)."""
    address = await gezag.choose()
    clock.advance(MINUTE)
    assertion = await gezag.declared(address)
    assert assertion.issue_instant == assertion.authn_instant == NOW + MINUTE
    assert assertion.confirmation.not_on_or_after == NOW + 3 * MINUTE


@pytest.mark.eis("ATT-10", "ATT-11")
async def test_nobody_else_is_a_recipient(gezag: BvdVisit) -> None:
    """Only the dienstverlener: not the routeringsdienst, not the BVD itself."""
    assertion = await gezag.declared(await gezag.choose())
    for identity in (*assertion.acting_subject, *assertion.legal_subject):
        assert recipients_of(parse(identity)) == {DV.entity_id}


@pytest.mark.eis("ATT-13", "ATT-14", "ATT-15")
async def test_each_of_two_keys_of_the_dienstverlener_opens_both_identities(new_bvd: NewBvd) -> None:
    """A dienstverlener that is replacing its key gets two EncryptedKeys, tied to the data by CarriedKeyName."""
    routing = simulated.rd_as_asker(recipient(DV), recipient(DV, "next"))
    visit = await new_bvd(GEZAG, routing=routing)
    assertion = await visit.declared(await visit.choose())
    for (identity,), person in ((assertion.acting_subject, "shanti"), (assertion.legal_subject, "anaya")):
        assert {opened(identity, DV, label).value for label in ("", "next")} == {BSNS[person]}


@pytest.mark.eis("GEN-01", "AS-02")
async def test_two_declarations_share_no_identifier(gezag: BvdVisit) -> None:
    """Each has an ID and a TransientID of its own."""
    first, second = [await gezag.declared(await gezag.choose()) for _ in range(2)]
    assert first.id != second.id
    assert first.name_id != second.name_id


@pytest.mark.eis("ART-07", "ARR-05")
async def test_an_artifact_works_once(gezag: BvdVisit) -> None:
    """The second time there is Success, and no Response."""
    address = await gezag.choose()
    assert (await gezag.message(address)).response is not None
    assert (await gezag.message(address)).response is None


@pytest.mark.eis("TLS-03", "TLS-04")
async def test_only_the_routeringsdienst_resolves(gezag: BvdVisit) -> None:
    """Another party's client certificate does not do; the right one still gets the answer after it."""
    address = await gezag.choose()
    refused = await gezag.resolve(address.query["SAMLart"], simulated.leaf(DV.oin, "tls"))
    assert refused.status == 403
    assert (await gezag.message(address)).response is not None
