"""The answer that a dienstverlener gets: what is in it, when it is made, and that others can verify it."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from routeringsvoorziening.broker.failures import Failure, FailureKind
from routeringsvoorziening.broker.vocabulary import LoA
from routeringsvoorziening.frontends.saml.building import _unused_suffix, build_answer
from routeringsvoorziening.frontends.saml.dienst import Times
from routeringsvoorziening.frontends.saml.pending import PendingAnswer, Statement
from routeringsvoorziening.saml.copying import recipients_of
from routeringsvoorziening.saml.encryption import DecryptionKey, decrypt_id
from routeringsvoorziening.saml.keys import VerificationKey
from routeringsvoorziening.saml.messages.artifact_response import ArtifactResponse, read_artifact_response
from routeringsvoorziening.saml.messages.assertion import Assertion, build_assertion, read_assertion
from routeringsvoorziening.saml.messages.response import Response, read_response
from routeringsvoorziening.saml.names import PREFIXES, STATUS_SUCCESS
from routeringsvoorziening.saml.offload import SHORT
from routeringsvoorziening.saml.parsing import Element, canonical, parse
from routeringsvoorziening.saml.schema import validate
from routeringsvoorziening.saml.soap import unwrap
from routeringsvoorziening.saml.verifying import Verified, verify
from tests.support import federation as fed
from tests.support.federation import MINUTE, NOW
from tests.support.pki import leaf
from tests.support.signed import sign_with_prefixes

LATER = NOW + timedelta(seconds=90)
RESOLVE = "_their-resolve"
BVD = fed.AD.replace(":AD:", ":BVD:")


def evidence(**changed: object) -> Verified:
    """The AD's signed Assertion, as a backend hands it over."""
    element = fed.signed(build_assertion(fed.ad_assertion(**changed)), fed.signing_key(fed.AD_OIN))
    return verify(parse(etree.tostring(element)), fed.identity_provider().signing_keys, at=NOW)


def pending(**changed: object) -> PendingAnswer:
    verified = evidence(**changed)
    asserted = read_assertion(verified)
    statement = Statement(
        dienstverlener=fed.DV,
        service=fed.SERVICE,
        loa=LoA.SUBSTANTIEEL,
        authorities=(fed.AD,),
        acting_subject=asserted.acting_subject,
        legal_subject=(),
        representation_types=(),
        evidence=(verified.canonical,),
    )
    return PendingAnswer("RV-1", fed.DV, fed.REQUEST_ID, fed.DV_ACS, statement)


def our_keys() -> list[VerificationKey]:
    return [fed.signing_key(fed.RD_OIN).verification_key]


def received(answer: PendingAnswer | None, times: Times = fed.TIMES) -> tuple[Element, ArtifactResponse]:
    body = build_answer(fed.dienst(times), RESOLVE, answer, now=LATER)
    element = unwrap(parse(body))
    return element, read_artifact_response(verify(element, our_keys(), at=LATER))


def response(answer: PendingAnswer, times: Times = fed.TIMES) -> Response:
    _, outer = received(answer, times)
    assert outer.response is not None
    return read_response(outer.response)


def declared(answer: PendingAnswer, times: Times = fed.TIMES) -> tuple[Assertion, Verified]:
    inner = response(answer, times)
    assert inner.assertion is not None
    verified = verify(inner.assertion, our_keys(), at=LATER)
    return read_assertion(verified), verified


@pytest.mark.eis("ARR-01", "ARR-02", "ARR-03", "ARR-04", "ARR-06", "GEN-02", "GEN-03", "GEN-04")
def test_the_artifact_response_answers_the_resolve() -> None:
    """Signed by us, InResponseTo the ArtifactResolve, Success, with the Response in it."""
    _, outer = received(pending())
    assert (outer.in_response_to, outer.issuer, outer.issue_instant) == (RESOLVE, fed.RD, LATER)
    assert outer.status.code == STATUS_SUCCESS
    assert outer.response is not None


@pytest.mark.eis("ARR-05")
def test_nothing_to_give_is_success_without_a_response() -> None:
    """Signed, Success, empty."""
    _, outer = received(None)
    assert outer.status.success
    assert outer.response is None


@pytest.mark.eis("RSP-01", "RSP-02", "RSP-03", "RSP-04", "RSP-06")
def test_the_response_answers_the_request() -> None:
    """InResponseTo the AuthnRequest, Destination the chosen ACS, not signed itself, one Assertion."""
    inner = response(pending())
    assert (inner.in_response_to, inner.destination, inner.issuer) == (fed.REQUEST_ID, fed.DV_ACS, fed.RD)
    element, _ = received(pending())
    assert element.xpath("count(samlp:Response/ds:Signature)", namespaces=PREFIXES) == 0.0


@pytest.mark.eis("AS-02", "AS-03", "AS-04", "AS-05", "AS-06", "AS-08", "AS-09", "AS-11", "AS-12", "ATT-05", "LOA-01")
def test_the_assertion_says_what_the_koppelvlak_asks() -> None:
    """Every field, with the times of the moment of resolving and not of the login."""
    said, _ = declared(pending())
    assert said.confirmation.recipient == fed.DV_ACS
    assert said.confirmation.in_response_to == fed.REQUEST_ID
    assert said.confirmation.not_on_or_after == LATER + 2 * MINUTE
    assert (said.issue_instant, said.authn_instant, said.not_before) == (LATER, LATER, LATER - 2 * MINUTE)
    assert said.not_on_or_after == LATER + 15 * MINUTE
    assert (said.audiences, said.authenticating_authorities) == ((fed.DV,), (fed.AD,))
    assert (said.service_uuid, said.class_ref) == (fed.SERVICE, "http://eidas.europa.eu/LoA/substantial")
    assert len(said.name_id) == 32
    assert said.session_index is None


@pytest.mark.eis("AS-07")
@pytest.mark.parametrize(("level", "minutes"), [(LoA.BASIS, 20), (LoA.LAAG, 15), (LoA.SUBSTANTIEEL, 10), (LoA.HOOG, 2)])
def test_conditions_follow_the_level_and_never_end_first(level: LoA, minutes: int) -> None:
    """Each level has a window of its own; where that is shorter than the subject confirmation, it is as long as that."""
    windows = {LoA.BASIS: 20 * MINUTE, LoA.LAAG: 15 * MINUTE, LoA.SUBSTANTIEEL: 10 * MINUTE, LoA.HOOG: MINUTE}
    answer = pending()
    said, _ = declared(
        replace(answer, outcome=replace(answer.outcome, loa=level)),  # type: ignore[type-var]
        replace(fed.TIMES, conditions=windows),
    )
    assert said.confirmation.not_on_or_after == LATER + 2 * MINUTE
    assert said.not_on_or_after == LATER + minutes * MINUTE


@pytest.mark.eis("AS-01", "SIG-09")
def test_the_assertion_verifies_by_itself() -> None:
    """Its own signature, with nothing but a KeyName of our metadata in KeyInfo."""
    _, verified = declared(pending())
    assert verified.key.key_name == fed.signing_key(fed.RD_OIN).key_name
    element = parse(verified.canonical)
    key_info = element.find("ds:Signature/ds:KeyInfo", PREFIXES)
    assert key_info is not None
    assert [etree.QName(child).localname for child in key_info] == ["KeyName"]


@pytest.mark.eis("AS-13", "AS-14")
def test_advice_holds_the_ad_s_own_assertion() -> None:
    """Byte for byte in canonical form, and the AD's signature still verifies."""
    answer = pending()
    said, verified = declared(answer)
    assert said.advice == answer.outcome.evidence  # type: ignore[union-attr]
    original = parse(said.advice[0])
    assert verify(original, fed.identity_provider().signing_keys, at=NOW).canonical == said.advice[0]
    in_place = verified.element.find("saml:Advice/saml:Assertion", PREFIXES)
    assert in_place is not None
    verify(in_place, fed.identity_provider().signing_keys, at=NOW)


@pytest.mark.eis("AS-01", "AS-13", "AS-14", "SIG-03")
@pytest.mark.parametrize("prefix", [b"saml", b"saml2"])
def test_prefixes_that_the_ad_s_signature_keeps_are_kept_in_advice(prefix: bytes) -> None:
    """An AD that signs with a PrefixList; both signatures verify, ours around it and its own in place."""
    unsigned = canonical(build_assertion(fed.ad_assertion()))
    spelled = unsigned.replace(b"saml:", prefix + b":").replace(b"xmlns:saml=", b"xmlns:" + prefix + b"=")
    around = parse(b'<x xmlns:xs="http://www.w3.org/2001/XMLSchema">' + spelled + b"</x>")
    sign_with_prefixes(around[0], f"ds {prefix.decode()} xs", fed.signing_key(fed.AD_OIN), also_of_signed_info=False)
    kept = verify(around[0], fed.identity_provider().signing_keys, at=NOW).canonical
    assert b"XMLSchema" in kept
    answer = pending()
    told = replace(answer.outcome, evidence=(kept,))  # type: ignore[type-var]
    said, verified = declared(replace(answer, outcome=told))
    assert said.advice == (kept,)
    in_place = verified.element.find("saml:Advice/saml:Assertion", PREFIXES)
    assert in_place is not None
    verify(in_place, fed.identity_provider().signing_keys, at=NOW)


@pytest.mark.eis("ATT-01", "ATT-02", "ATT-09", "ATT-10")
def test_only_the_dienstverlener_can_read_who_it_is() -> None:
    """The AD's ciphertext goes on unchanged, and the DV's key opens the copy."""
    said, _ = declared(pending())
    assert said.legal_subject == ()
    key = DecryptionKey(leaf(fed.DV_OIN, "encryption").key_name, leaf(fed.DV_OIN, "encryption").key)
    opened = decrypt_id(parse(said.acting_subject[0]), entity_id=fed.DV, keys=[key])
    assert opened.value == fed.BSN


@pytest.mark.eis("ATT-04", "ATT-17")
def test_keys_of_others_and_old_ids_are_left_behind() -> None:
    """With a key for the BVD as well, the summary keeps the DV's alone; Advice keeps both; all Ids differ."""
    bvd = replace(fed.service_provider(), entity_id=BVD)
    both = fed.encrypted_for(fed.service_provider(), bvd)
    said, verified = declared(pending(acting_subject=(both,)))
    assert recipients_of(said.acting_subject[0]) == {fed.DV}
    assert BVD.encode() in said.advice[0]
    ids = verified.element.xpath("//@Id | //@ID")
    assert len(ids) == len(set(ids))


@pytest.mark.eis("ATT-17")
def test_a_suffix_that_is_taken_is_not_used() -> None:
    """An AD whose Ids end in -1 already gets copies that end in something else."""
    subject = fed.encrypted_for(fed.service_provider())
    element = parse(subject)
    old = element.xpath("string(//@Id)")
    renamed = subject.replace(old.encode(), old.encode() + b"-1")
    _, verified = declared(pending(acting_subject=(renamed,)))
    ids = verified.element.xpath("//@Id | //@ID")
    assert len(ids) == len(set(ids))
    assert any(each.endswith("-1-2") for each in ids)


@pytest.mark.eis("RSP-06", "ART-02", "ERR-03")
def test_a_failure_has_a_status_and_no_assertion() -> None:
    """The two codes and the text, and nothing else."""
    failed = replace(pending(), outcome=Failure(FailureKind.CANCELLED, "x"))
    inner = response(failed)
    assert inner.assertion is None
    assert inner.status.message == "Authentication cancelled"


@pytest.mark.eis("GEN-01", "AS-02")
def test_no_id_and_no_name_is_used_twice() -> None:
    """Two answers to the same outcome share neither IDs nor TransientID."""
    answer = pending()
    first, second = declared(answer)[0], declared(answer)[0]
    assert first.id != second.id
    assert first.name_id != second.name_id


@pytest.mark.eis("GEN-06")
def test_everything_is_valid_against_the_schemas() -> None:
    """The message as a whole, Advice included, and unique IDs throughout (the parser refuses anything else)."""
    body = build_answer(fed.dienst(), RESOLVE, pending(), now=LATER)
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    validate(unwrap(parse(body)), "protocol")


@pytest.mark.eis("ART-03", "ENC-03")
def test_no_bsn_is_in_it() -> None:
    """The identifier is nowhere in clear."""
    assert fed.BSN.encode() not in build_answer(fed.dienst(), RESOLVE, pending(), now=LATER)
    assert canonical(evidence().element).count(fed.BSN.encode()) == 0


@pytest.mark.eis("ATT-09", "ATT-17")
def test_other_attributes_are_handed_on_with_new_ids() -> None:
    """What an AD declares besides stays as it is, but for Ids that also stand in Advice."""
    plain = b'<saml:AttributeValue xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">12345678</saml:AttributeValue>'
    subject = fed.encrypted_for(fed.service_provider())
    holding = plain.replace(b"12345678", subject)
    answer = pending(other_attributes={"urn:x:Plain": (plain,), "urn:x:Company": (canonical(parse(holding)),)})
    statement = replace(answer.outcome, attributes={"urn:x:Plain": (plain,), "urn:x:Company": (holding,)})  # type: ignore[type-var]
    said, verified = declared(replace(answer, outcome=statement))
    assert said.other_attributes["urn:x:Plain"] == (plain,)
    (company,) = said.other_attributes["urn:x:Company"]
    assert _ciphers(company) == _ciphers(subject)
    ids = verified.element.xpath("//@Id | //@ID")
    assert len(ids) == len(set(ids))


@pytest.mark.eis("ATT-17")
@pytest.mark.parametrize("spelled", ["ID", "Id", "xml:id", "x:iD"])
def test_an_id_of_any_spelling_is_new_in_what_is_handed_on(spelled: str) -> None:
    """Its original stands in Advice, and an answer with one twice could not be given."""
    value = canonical(
        parse(
            '<saml:AttributeValue xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">'
            f'<x:r xmlns:x="urn:x" {spelled}="_own"/></saml:AttributeValue>'.encode()
        )
    )
    answer = pending(other_attributes={"urn:x:Own": (value,)})
    said, _ = declared(replace(answer, outcome=replace(answer.outcome, attributes={"urn:x:Own": (value,)})))  # type: ignore[type-var]
    assert said.other_attributes["urn:x:Own"] == (value.replace(b'"_own"', b'"_own-1"'),)


@pytest.mark.eis("ATT-09")
def test_a_legal_subject_of_the_ad_itself_is_declared() -> None:
    """Where the AD says who is represented (eTD) and no BVD does, the summary says it too."""
    answer = pending()
    subject = fed.encrypted_for(fed.service_provider())
    said, _ = declared(replace(answer, outcome=replace(answer.outcome, legal_subject=(subject,))))  # type: ignore[type-var]
    assert len(said.legal_subject) == 1


def _ciphers(xml: bytes) -> list[str]:
    return [str(each) for each in parse(xml).xpath("//*[local-name()='CipherValue']/text()")]


@pytest.mark.attack("S33", "S48")
def test_how_much_work_an_answer_is() -> None:
    """A usual one is short; evidence that keeps prefixes is read again, and very much of it is not looked through here."""
    statement = pending().outcome
    assert isinstance(statement, Statement)
    (usual,) = statement.evidence
    assert pending().work < SHORT
    assert replace(pending(), outcome=Failure(FailureKind.CANCELLED, "cancelled")).work == 0
    dense = usual.replace(b"</saml:Assertion>", b"<x></x>" * 400 + b"</saml:Assertion>")
    keeping = dense.replace(b"<x>", b'<x a="InclusiveNamespaces">', 1)
    assert replace(statement, evidence=(dense,)).work < SHORT < replace(statement, evidence=(keeping,)).work
    assert replace(statement, evidence=(usual, b"x" * 50_000)).work > SHORT
    many = {f"urn:x:{number}": () for number in range(400)}
    assert replace(statement, attributes=many).work > SHORT


@pytest.mark.eis("ATT-17")
@pytest.mark.attack("S48")
def test_a_new_suffix_is_found_in_one_pass() -> None:
    """However many are taken; the first that is free, whatever the evidence holds."""
    assert _unused_suffix(()) == "-1"
    assert _unused_suffix((b'Id="a-1" Id="b-3"', b'Id="c-2" Id="d-04" -5 -6x')) == "-4"
    taken = "".join(f'-{number}"' for number in range(6000, 0, -1)).encode() + b"-" + b"9" * 5000 + b'"'
    started = time.thread_time()
    assert _unused_suffix((taken,)) == "-6001"
    assert time.thread_time() - started < 0.5
