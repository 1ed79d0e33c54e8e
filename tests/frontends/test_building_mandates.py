"""The combined declaration: identity and authority in one Assertion, with both originals as evidence."""

from dataclasses import replace

import pytest
from lxml import etree

from routeringsvoorziening.broker.vocabulary import (
    AuthenticationRequest,
    Declaration,
    EntityID,
    LoA,
    Mandate,
    MandateServiceId,
    Reference,
    ServiceUUID,
    SubjectIdentifier,
)
from routeringsvoorziening.frontends.saml.building import build_answer
from routeringsvoorziening.frontends.saml.pending import PendingAnswer, statement_of
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.encryption import DecryptionKey, decrypt_id
from routeringsvoorziening.saml.messages.artifact_response import read_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, read_assertion
from routeringsvoorziening.saml.messages.response import read_response
from routeringsvoorziening.saml.names import PREFIXES
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.schema import validate
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import Verified, verify
from tests.support import federation as fed
from tests.support import mandates
from tests.support.federation import NOW
from tests.support.mandates import BVD, GEZAG_TYPE
from tests.support.pki import leaf

LC = "urn:nl-eid-gdi:1.0:LC:00000009999999999003:entities:9011"


def mandate(*types: str, **changed: object) -> Mandate:
    """What the BVD declared, as its backend hands it over."""
    asserted = mandates.bvd_assertion(**({"representation_types": types or (GEZAG_TYPE,)} | changed))
    verified = mandates.verified_evidence(asserted, mandates.BVD_OIN, mandates.bvd_provider())
    declared = read_assertion(verified)
    recipients = frozenset({EntityID(fed.DV)})
    return Mandate(
        service=MandateServiceId("gezag"),
        authority=EntityID(BVD),
        legal_subject=tuple(SubjectIdentifier(recipients, each) for each in declared.legal_subject),
        representation_types=declared.representation_types,
        evidence=verified.canonical,
    )


def pending(given: Mandate | None, *, connection: str = fed.DV, loa: LoA = LoA.SUBSTANTIEEL) -> PendingAnswer:
    request = AuthenticationRequest(
        "saml", EntityID(connection), EntityID(fed.DV), ServiceUUID(fed.SERVICE), received_at=NOW, reply={}
    )
    identity = replace(mandates.identity_for_bvd(), loa=loa)
    declaration = Declaration(request, Reference("RV-1"), identity, given, NOW)
    return PendingAnswer("RV-1", connection, fed.REQUEST_ID, fed.DV_ACS, statement_of(declaration))


def declared(answer: PendingAnswer) -> tuple[Assertion, Verified]:
    """What the dienstverlener reads, and the document it stands in."""
    keys = [fed.signing_key(fed.RD_OIN).verification_key]
    element = unwrap(parse(build_answer(fed.dienst(), "_resolve", answer, now=NOW)))
    response = read_artifact_response(verify(element, keys, at=NOW)).response
    assert response is not None
    assertion = read_response(response).assertion
    assert assertion is not None
    verified = verify(assertion, keys, at=NOW)
    return read_assertion(verified), verified


def opened(encrypted: bytes) -> str:
    key = DecryptionKey(leaf(fed.DV_OIN, "encryption").key_name, leaf(fed.DV_OIN, "encryption").key)
    return decrypt_id(parse(encrypted), entity_id=fed.DV, keys=[key]).value


def ciphers(xml: bytes) -> list[str]:
    """The CipherValues in document order."""
    return [
        str(each) for each in parse(xml).xpath("//xenc:EncryptedData//xenc:CipherValue/text()", namespaces=PREFIXES)
    ]


@pytest.mark.eis("RBVD-04", "AS-11", "ATT-02", "ATT-06", "LOA-02", "AS-08", "ATT-01")
def test_one_assertion_says_it_all() -> None:
    """Who acts, for whom, for which dienst, at the AD's level, on what ground; AD and BVD vouch, in that order."""
    said, _ = declared(pending(mandate()))
    assert said.authenticating_authorities == (fed.AD, BVD)
    assert (said.service_uuid, said.representation_types) == (fed.SERVICE, (GEZAG_TYPE,))
    assert said.class_ref == "http://eidas.europa.eu/LoA/substantial"
    assert said.audiences == (fed.DV,)
    assert [opened(each) for each in said.acting_subject] == [fed.BSN]
    assert [opened(each) for each in said.legal_subject] == [mandates.CHILD]


@pytest.mark.eis("ATT-02", "AS-11", "ATT-06")
def test_for_yourself_nobody_is_represented() -> None:
    """No LegalSubjectID, no RepresentationType, one authority, one original."""
    said, _ = declared(pending(None))
    assert (said.legal_subject, said.representation_types) == ((), ())
    assert (said.authenticating_authorities, len(said.advice)) == ((fed.AD,), 1)


@pytest.mark.eis("ATT-06")
def test_two_types_are_passed_on_as_two() -> None:
    """In the BVD's order; and none when a voluntary mandate has none."""
    types = (GEZAG_TYPE, GEZAG_TYPE + "_2")
    assert declared(pending(mandate(*types)))[0].representation_types == types
    voluntary = replace(mandate(), representation_types=())
    assert declared(pending(voluntary))[0].representation_types == ()


@pytest.mark.eis("LOA-02")
@pytest.mark.parametrize("loa", [LoA.BASIS, LoA.HOOG])
def test_the_level_is_the_ad_s(loa: LoA) -> None:
    """Whatever the BVD's class says."""
    said, _ = declared(pending(mandate(), loa=loa))
    assert (
        said.class_ref
        == {LoA.BASIS: "http://eID.logius.nl/LoA/basic", LoA.HOOG: "http://eidas.europa.eu/LoA/high"}[loa]
    )


@pytest.mark.eis("AS-13", "AS-14", "SIG-05")
def test_advice_holds_both_originals_that_still_verify() -> None:
    """Byte for byte, each with its own party's signature, by themselves and where they stand."""
    answer = pending(mandate())
    said, verified = declared(answer)
    assert said.advice == answer.outcome.evidence  # type: ignore[union-attr]
    keys = (fed.identity_provider().signing_keys, mandates.bvd_provider().signing_keys)
    in_place = verified.element.findall("saml:Advice/saml:Assertion", PREFIXES)
    assert [each.findtext("saml:Issuer", None, PREFIXES) for each in in_place] == [fed.AD, BVD]
    for original, element, party_keys in zip(said.advice, in_place, keys, strict=True):
        assert verify(parse(original), party_keys, at=NOW).canonical == original
        verify(element, party_keys, at=NOW)


@pytest.mark.eis("ATT-09", "ATT-04", "ATT-10", "ATT-22")
def test_ciphertexts_are_passed_on_and_the_bvd_s_key_is_not() -> None:
    """The AD's identity had a key for the BVD too; the summary keeps the DV's alone, Advice keeps both (AMB-10)."""
    said, _ = declared(pending(mandate()))
    assert recipients_of(said.acting_subject[0]) == recipients_of(said.legal_subject[0]) == {fed.DV}
    assert recipients_of(said.acting_subject[0]) <= set(said.audiences)
    assert f'Recipient="{BVD}"'.encode() in said.advice[0]
    assert ciphers(said.acting_subject[0])[0] in ciphers(said.advice[0])
    assert ciphers(said.legal_subject[0])[0] in ciphers(said.advice[1])


@pytest.mark.eis("ATT-17", "GEN-01", "GEN-06")
def test_every_id_is_unique_and_every_reference_stays_within_its_copy() -> None:
    """Both copies and both originals together; the whole is valid against the schema."""
    body = build_answer(fed.dienst(), "_resolve", pending(mandate()), now=NOW)
    root = unwrap(parse(body))
    validate(root, "protocol")
    ids = root.xpath("//@Id | //@ID")
    assert len(ids) == len(set(ids)) > 8
    for encrypted in root.xpath("//saml:EncryptedID", namespaces=PREFIXES):
        within = set(encrypted.xpath(".//@Id"))
        references = encrypted.xpath(".//xenc:DataReference/@URI | .//ds:RetrievalMethod/@URI", namespaces=PREFIXES)
        assert {each.removeprefix("#") for each in references} <= within


@pytest.mark.eis("AS-08", "ATT-04", "ATT-10")
def test_through_a_supplier_the_identities_are_still_the_dienstverlener_s_alone() -> None:
    """The supplier is in the audience and has no key for either person."""
    said, _ = declared(pending(mandate(), connection=LC))
    assert said.audiences == (LC, fed.DV)
    assert recipients_of(said.acting_subject[0]) | recipients_of(said.legal_subject[0]) == {fed.DV}


@pytest.mark.eis("ART-03", "ENC-03", "ATT-10")
def test_neither_bsn_is_in_it() -> None:
    """Nothing in clear, and no key for the Routeringsdienst anywhere."""
    body = build_answer(fed.dienst(), "_resolve", pending(mandate()), now=NOW)
    assert fed.BSN.encode() not in body
    assert mandates.CHILD.encode() not in body
    recipients = etree.fromstring(body).xpath("//xenc:EncryptedKey/@Recipient", namespaces=PREFIXES)
    assert set(recipients) == {fed.DV, BVD}
