"""Every fault of the BVD simulator does what its name says, and nothing does it by itself."""

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.assertion import Assertion, read_assertion
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.verifying import verify
from routeringsvoorziening.simulators.bvd.faults import FAULTS, FaultSwitches
from routeringsvoorziening.simulators.declaring.faults import COMMON
from tests.support.simulated import DV, NOW, RD, signing_key
from tests.support.simulated_bvd import GEZAG, BvdVisit, opened

OF_A_BVD = {
    "wrong-class",
    "no-legal-subject",
    "legal-for-another",
    "two-legal-values",
    "no-representation-type",
    "unlisted-representation-type",
}


def test_a_bvd_can_do_wrong_what_everybody_can_and_more() -> None:
    """The table is that of every declaring party with what only a BVD can do."""
    assert set(FAULTS) == {fault.name for fault in COMMON} | OF_A_BVD


def test_every_fault_is_described() -> None:
    """In two languages, for the page."""
    assert all(fault.nl and fault.en for fault in FAULTS.values())


def test_an_unknown_fault_is_a_mistake_of_the_test() -> None:
    """It does not pass unseen; DigiD's own faults are not a BVD's."""
    with pytest.raises(KeyError):
        FaultSwitches(["lower-loa"])


async def declared_with(gezag: BvdVisit, fault: str) -> Assertion:
    return await gezag.declared(await gezag.choose(fault=fault))


async def test_without_a_fault_all_is_right(gezag: BvdVisit) -> None:
    """The twin of every test below."""
    assertion = await gezag.declared(await gezag.choose())
    assert assertion.class_ref == names.CLASS_UNSPECIFIED
    assert len(assertion.acting_subject) == len(assertion.legal_subject) == len(assertion.representation_types) == 1
    assert assertion.audiences == (RD.entity_id,)


@pytest.mark.eis("LOA-06")
async def test_wrong_class(gezag: BvdVisit) -> None:
    """A level of assurance."""
    assert (await declared_with(gezag, "wrong-class")).class_ref == "http://eidas.europa.eu/LoA/high"


@pytest.mark.eis("ATT-24")
async def test_no_legal_subject(gezag: BvdVisit) -> None:
    """For nobody."""
    assert (await declared_with(gezag, "no-legal-subject")).legal_subject == ()


@pytest.mark.eis("ATT-24")
async def test_legal_for_another(gezag: BvdVisit) -> None:
    """The dienstverlener is no recipient of LegalSubjectID."""
    (identity,) = (await declared_with(gezag, "legal-for-another")).legal_subject
    assert DV.entity_id not in recipients_of(parse(identity))


async def test_two_legal_values(gezag: BvdVisit) -> None:
    """Both open, and no identifier occurs twice."""
    first, second = (await declared_with(gezag, "two-legal-values")).legal_subject
    assert opened(first, DV) == opened(second, DV)


@pytest.mark.eis("ATT-24")
async def test_no_representation_type(gezag: BvdVisit) -> None:
    """On no ground."""
    assert (await declared_with(gezag, "no-representation-type")).representation_types == ()


@pytest.mark.eis("ATT-07")
async def test_unlisted_representation_type(gezag: BvdVisit) -> None:
    """On a ground that no table knows."""
    (urn,) = (await declared_with(gezag, "unlisted-representation-type")).representation_types
    assert urn == "urn:nl-eid-gdi:1.1:RT:Onbekend"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("wrong-signature", "sig.invalid"),
        ("altered", "sig.invalid"),
        ("other-key", "sig.invalid"),
        ("unsigned-assertion", "sig.missing"),
        ("no-acting-subject", "attribute.structure"),
        ("two-acting-subjects", "attribute.structure"),
    ],
)
async def test_what_any_reader_refuses(gezag: BvdVisit, fault: str, code: str) -> None:
    """The faults that every declaring party shares work here too."""
    with pytest.raises(SamlError) as raised:
        await declared_with(gezag, fault)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("fault", "differs"),
    [
        ("other-issuer", lambda each: each.issuer != GEZAG.entity_id),
        ("other-audience", lambda each: RD.entity_id not in each.audiences),
        ("other-service", lambda each: each.service_uuid.startswith("00000000")),
        ("expired", lambda each: each.not_on_or_after < NOW),
        ("not-yet-valid", lambda each: each.not_before > NOW),
        ("with-advice", lambda each: each.has_advice),
        ("with-authority", lambda each: each.authenticating_authorities == (GEZAG.entity_id,)),
        ("for-another", lambda each: DV.entity_id not in recipients_of(parse(each.acting_subject[0]))),
    ],
)
async def test_what_a_careful_reader_refuses(gezag: BvdVisit, fault: str, differs) -> None:
    """The signature is good; the content is not what was asked for."""
    assert differs(await declared_with(gezag, fault))


async def test_advice_that_should_not_be_there_is_signed(gezag: BvdVisit) -> None:
    """With both persons in it, and without a double identifier."""
    (inner,) = (await declared_with(gezag, "with-advice")).advice
    verified = verify(parse(inner), [signing_key(GEZAG).verification_key], at=NOW)
    assert len(read_assertion(verified).legal_subject) == 1


@pytest.mark.parametrize(
    ("fault", "status"), [("unavailable", 503), ("garbage", 200), ("html", 200), ("redirect", 302)]
)
async def test_faults_of_the_wire(gezag: BvdVisit, fault: str, status: int) -> None:
    """Switched on for every answer, and off again."""
    gezag.faults.switch_on(fault)
    answer = await gezag.resolve((await gezag.choose()).query["SAMLart"])
    assert answer.status == status
    assert b"ArtifactResponse" not in await answer.read()
    gezag.faults.clear()
    assert (await gezag.message(await gezag.choose())).response is not None


async def test_slow_answers_are_right_in_the_end(gezag: BvdVisit) -> None:
    """Late, and good."""
    gezag.faults.switch_on("slow")
    assert (await gezag.message(await gezag.choose())).response is not None


async def test_a_fault_of_one_choice_is_of_that_choice(gezag: BvdVisit) -> None:
    """The next one is right."""
    await gezag.choose(fault="no-legal-subject")
    assert len((await gezag.declared(await gezag.choose())).legal_subject) == 1
