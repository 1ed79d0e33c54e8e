"""DigiD and a BVD together: what the one declares, the other can use, and nobody on the way can read."""

from typing import Any

import pytest
from yarl import URL

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.encryption_form import check_form
from routeringsvoorziening.saml.messages.artifact_response import read_artifact_response
from routeringsvoorziening.saml.messages.assertion import read_assertion
from routeringsvoorziening.saml.messages.response import Response, read_response
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import Verified, verify
from routeringsvoorziening.simulators.world import layout
from routeringsvoorziening.simulators.world.persons import BY_KEY
from tests.simulators.conftest import DigidVisit, NewBvd, NewDigid
from tests.support.simulated import AD, DV, NOW, RD, key_descriptor, leaf, signing_key
from tests.support.simulated_bvd import BEWIND, GEZAG, MACHTIGEN, RECORD, bvd_as_recipient, opened

NO_SUPPORTED_IDP = (names.STATUS_REQUESTER, names.STATUS_NO_SUPPORTED_IDP)


async def response_of(digid: DigidVisit, location: str) -> Response:
    """The Response behind DigiD's artifact."""
    body = await (await digid.resolve(URL(location).query["SAMLart"])).read()
    message = read_artifact_response(verify(unwrap(parse(body)), [signing_key(AD).verification_key], at=NOW))
    assert message.response is not None
    return read_response(message.response)


async def log_in(digid: DigidVisit, person: str = "shanti", **asked: Any) -> Verified:
    """Somebody logs in, on the way to a BVD; gives DigiD's verified Assertion."""
    asked = {"service_uuid": RECORD, "requester_ids": (GEZAG.entity_id,)} | asked
    page = (await digid.ask(**asked)).headers["Location"]
    fields = {"person": person, "means": "document", "action": "login"} | asked.pop("form", {})
    answer = await digid.front.post(page, data=fields, allow_redirects=False)
    response = await response_of(digid, answer.headers["Location"])
    assert response.assertion is not None
    return verify(response.assertion, [signing_key(AD).verification_key], at=NOW)


@pytest.fixture
async def digid(new_digid: NewDigid) -> DigidVisit:
    """DigiD, that knows every BVD of the demo."""
    return await new_digid(bvds=[bvd_as_recipient(party) for party in layout.BVDS])


@pytest.mark.eis("AS-15", "ATT-22", "ATT-18", "ATT-14", "ATT-15", "RAD-05", "ATT-10")
@pytest.mark.parametrize("bvd", layout.BVDS, ids=lambda party: party.folder)
async def test_with_representation_the_bvd_is_addressed_and_can_read(digid: DigidVisit, bvd: layout.Party) -> None:
    """Audience {RD, BVD}; one EncryptedData with a key for the dienstverlener and one for the BVD, and nobody else."""
    assertion = read_assertion(await log_in(digid, requester_ids=(bvd.entity_id,)))
    assert assertion.audiences == (RD.entity_id, bvd.entity_id)
    (identity,) = assertion.acting_subject
    element = parse(identity)
    assert recipients_of(element) == {DV.entity_id, bvd.entity_id}
    assert len(check_form(element).keys) == 2
    content_key = element.findtext(f"{names.xenc('EncryptedData')}/{names.ds('KeyInfo')}/{names.ds('KeyName')}")
    for key in element.iterfind(names.xenc("EncryptedKey")):
        assert key.findtext(names.xenc("CarriedKeyName")) == content_key
        (reference,) = key.iterfind(f"{names.xenc('ReferenceList')}/{names.xenc('DataReference')}")
        assert reference.get("URI") == f"#{element[0].get('Id')}"
    assert {opened(identity, party).value for party in (DV, bvd)} == {BY_KEY["shanti"].bsn}


@pytest.mark.eis("AS-15", "ATT-22")
async def test_without_representation_nobody_else_is(digid: DigidVisit) -> None:
    """No RequesterID: Audience {RD}, and a key for the dienstverlener alone."""
    assertion = read_assertion(await log_in(digid, requester_ids=()))
    assert assertion.audiences == (RD.entity_id,)
    assert recipients_of(parse(assertion.acting_subject[0])) == {DV.entity_id}


@pytest.mark.eis("ATT-13", "MD-AD-02", "ATT-22")
async def test_a_bvd_that_replaces_its_key_can_read_with_either(new_digid: NewDigid) -> None:
    """Two encryption certificates in its metadata: two EncryptedKeys with the same Recipient."""
    both = bvd_as_recipient(
        GEZAG,
        keys=(
            key_descriptor(leaf(GEZAG.oin, "signing"), "signing"),
            key_descriptor(leaf(GEZAG.oin, "encryption"), "encryption"),
            key_descriptor(leaf(GEZAG.oin, "encryption", "next"), "encryption"),
        ),
    )
    (identity,) = read_assertion(await log_in(await new_digid(bvds=[both]))).acting_subject
    assert [each.recipient for each in check_form(parse(identity)).keys] == [DV.entity_id] + [GEZAG.entity_id] * 2
    assert opened(identity, GEZAG) == opened(identity, GEZAG, "next")


@pytest.mark.eis("ERR-15", "ERR-02", "RAD-05")
@pytest.mark.parametrize(
    "requesters",
    [("urn:nobody",), (AD.entity_id,), (GEZAG.entity_id, MACHTIGEN.entity_id)],
    ids=["unknown", "no BVD", "two"],
)
async def test_a_requester_that_is_not_one_known_bvd_is_refused(digid: DigidVisit, requesters: tuple[str, ...]) -> None:
    """Requester and NoSupportedIDP (AMB-05)."""
    answer = await digid.ask(requester_ids=requesters)
    status = (await response_of(digid, answer.headers["Location"])).status
    assert (status.code, status.second) == NO_SUPPORTED_IDP


@pytest.mark.eis("MD-AD-02", "MD-AD-01")
@pytest.mark.parametrize(
    "changed",
    [{"valid_until": NOW}, {"keys": (key_descriptor(leaf(GEZAG.oin, "signing"), "signing"),)}],
    ids=["expired", "without encryption key"],
)
async def test_a_bvd_whose_metadata_is_no_use_is_refused(new_digid: NewDigid, changed: dict[str, Any]) -> None:
    """Nothing can be encrypted for it: as if it were not known."""
    digid = await new_digid(bvds=[bvd_as_recipient(GEZAG, **changed)])
    answer = await digid.ask(requester_ids=(GEZAG.entity_id,))
    status = (await response_of(digid, answer.headers["Location"])).status
    assert (status.code, status.second) == NO_SUPPORTED_IDP


@pytest.mark.eis("RBVD-01", "RBVD-02", "RBVD-03", "ATT-09", "ATT-24", "AS-15")
@pytest.mark.parametrize(
    ("bvd", "person", "service", "legal"),
    [
        (MACHTIGEN, "fenna", layout.PORTAL_SERVICES[1].uuid, "joke"),
        (GEZAG, "shanti", RECORD, "anaya"),
        (BEWIND, "willem", RECORD, "gerrit"),
    ],
    ids=lambda value: getattr(value, "folder", value),
)
async def test_what_digid_declares_opens_the_bvd(
    digid: DigidVisit, new_bvd: NewBvd, *, bvd: layout.Party, person: str, service: str, legal: str
) -> None:
    """DigiD's declaration byte for byte into the request: the BVD knows who it is, and declares for the same service."""
    verified = await log_in(digid, person, service_uuid=service, requester_ids=(bvd.entity_id,))
    visit = await new_bvd(bvd)
    path = (await visit.ask(service_uuid=service, idp_assertion=verified.canonical)).headers["Location"]
    (mandate,) = [each for each in (await visit.form(path)).choices["mandate"] if each.endswith(legal)]
    answer = await visit.post(path, mandate=mandate)
    assertion = await visit.declared(URL(answer.headers["Location"]))
    acting, represented = (opened(*each, DV) for each in (assertion.acting_subject, assertion.legal_subject))
    assert acting.value == BY_KEY[person].bsn
    assert represented != acting
    assert assertion.service_uuid == service


@pytest.mark.eis("AS-15", "ATT-22", "RBVD-03")
@pytest.mark.parametrize(("fault", "code"), [("no-bvd-audience", "audience"), ("no-bvd-key", "enc.recipient")])
async def test_the_faults_of_an_ad_that_forgets_the_bvd(
    new_digid: NewDigid, new_bvd: NewBvd, fault: str, code: str
) -> None:
    """Either is refused by the BVD, each for its own reason."""
    digid = await new_digid(bvds=[bvd_as_recipient(GEZAG)], faults=(fault,))
    verified = await log_in(digid)
    visit = await new_bvd(GEZAG)
    answer = await visit.ask(service_uuid=RECORD, idp_assertion=verified.canonical)
    assert (await visit.refusal(answer))[2] == f"IdpAssertion is refused: {code}"
