"""Messages between eIDAS nodes: what we write is what the eIDAS schemas want, and nothing less is read."""

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.eidas.assertion import EidasAssertion, build_eidas_assertion, read_eidas_assertion
from routeringsvoorziening.saml.eidas.attributes import Value
from routeringsvoorziening.saml.eidas.authn_request import (
    EidasRequest,
    build_eidas_request,
    level_of,
    read_eidas_request,
)
from routeringsvoorziening.saml.eidas.encrypted_assertion import decrypt_assertion, encrypt_assertion
from routeringsvoorziening.saml.eidas.encrypted_value import decrypt_value, encrypt_value, readers_of
from routeringsvoorziening.saml.eidas.identifiers import parse_identifier
from routeringsvoorziening.saml.eidas.metadata import Node, write_asking_node, write_identifying_node
from routeringsvoorziening.saml.eidas.response import (
    DENIED,
    FAILED,
    EidasResponse,
    build_eidas_response,
    read_eidas_response,
)
from routeringsvoorziening.saml.eidas.schema import validate
from routeringsvoorziening.saml.eidas.vocabulary import (
    ATTRIBUTES,
    DATE_OF_BIRTH,
    FAMILY_NAME,
    GIVEN_NAME,
    LEGAL,
    LEGAL_IDENTIFIER,
    LEGAL_NAME,
    LEVELS,
    NATURAL,
    PERSON_IDENTIFIER,
    VAT_NUMBER,
    XSI_TYPE,
    minimum_data_set,
)
from routeringsvoorziening.saml.encryption import DecryptionKey, Recipient
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.status import SUCCESS
from routeringsvoorziening.saml.messages.subject import SubjectConfirmation
from routeringsvoorziening.saml.parsing import parse
from routeringsvoorziening.saml.schema import validate as validate_saml
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.saml.verifying import verify
from tests.support.pki import leaf

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OIN = "00000009999999999021"
DUTCH, GREEK = "http://eidas.localhost/eidas/metadata", "http://buitenland.localhost/GR/metadata"
ACS = "http://eidas.localhost/eidas/acs"
NATURAL_VALUES = {
    PERSON_IDENTIFIER: Value("GR/NL/AZ1"),
    FAMILY_NAME: Value("Dimou", "Δήμου"),
    GIVEN_NAME: Value("Eleni", "Ελένη"),
    DATE_OF_BIRTH: Value("1996-12-06"),
}
LEGAL_VALUES = {LEGAL_IDENTIFIER: Value("GR/NL/9"), LEGAL_NAME: Value("Aigaio", "Αιγαίο"), VAT_NUMBER: Value("EL9")}


def signing_key() -> SigningKey:
    pair = leaf(OIN)
    return SigningKey(pair.key_name, pair.certificate, pair.key)


def recipient(entity_id: str = DUTCH) -> Recipient:
    pair = leaf(OIN, "encryption")
    return Recipient(entity_id, pair.key_name, pair.certificate)


def decryption_keys() -> list[DecryptionKey]:
    pair = leaf(OIN, "encryption")
    return [DecryptionKey(pair.key_name, pair.key)]


REQUEST = EidasRequest("_q", DUTCH, GREEK, NOW, 25, "NL", (*minimum_data_set(NATURAL), VAT_NUMBER), provider_name="Us")
ASSERTION = EidasAssertion(
    id="_a",
    issuer=GREEK,
    issue_instant=NOW,
    subject="GR/NL/AZ1",
    confirmation=SubjectConfirmation("_q", ACS, NOW + timedelta(minutes=5)),
    not_before=NOW,
    not_on_or_after=NOW + timedelta(minutes=5),
    audience=DUTCH,
    authn_instant=NOW,
    level=30,
    values=NATURAL_VALUES,
)


def verified(element):
    """Signed, sent, and verified."""
    key = signing_key()
    sign(element, key)
    return verify(parse(etree.tostring(element)), [key.verification_key], at=NOW)


def code(function, *arguments, **options) -> str:
    with pytest.raises(SamlError) as refused:
        function(*arguments, **options)
    return refused.value.code


@pytest.mark.parametrize("level", sorted(LEVELS))
@pytest.mark.parametrize("kind", ["public", "private"])
def test_a_request_says_what_was_asked(level, kind) -> None:
    """There and back, valid by the schemas of eIDAS and of SAML."""
    request = replace(REQUEST, minimum_level=level, service_kind=kind)
    element = build_eidas_request(request)
    validate(element)
    validate_saml(element)
    assert read_eidas_request(verified(element)) == request


def _set(path: str, name: str, value: str):
    return lambda element: element.xpath(path, namespaces=SPACES)[0].set(name, value)


def _text(path: str, value: str):
    def change(element):
        element.xpath(path, namespaces=SPACES)[0].text = value

    return change


def _drop(path: str):
    def change(element):
        found = element.xpath(path, namespaces=SPACES)[0]
        found.getparent().remove(found)

    return change


def _twice(path: str):
    def change(element):
        found = element.xpath(path, namespaces=SPACES)[0]
        found.addnext(copy.deepcopy(found))

    return change


SPACES = names.PREFIXES | {"eidas": "http://eidas.europa.eu/saml-extensions"}
WRONG_REQUESTS = {
    "exact instead of minimum": (_set("//samlp:RequestedAuthnContext", "Comparison", "exact"), "loa"),
    "a level that is not eIDAS": (_text("//saml:AuthnContextClassRef", "http://eID.logius.nl/LoA/basic"), "loa"),
    "two levels": (_twice("//saml:AuthnContextClassRef"), "loa"),
    "no level": (_drop("//samlp:RequestedAuthnContext"), "loa"),
    "no ForceAuthn": (_set(".", "ForceAuthn", "false"), "msg.value"),
    "IsPassive": (_set(".", "IsPassive", "true"), "msg.value"),
    "no SPType": (_drop("//eidas:SPType"), "msg.structure"),
    "an SPType that does not exist": (_text("//eidas:SPType", "governmental"), "msg.schema"),
    "a country in small letters": (_text("//eidas:NodeCountry", "nl"), "msg.schema"),
    "no country": (_drop("//eidas:NodeCountry"), "msg.structure"),
    "an attribute twice": (_twice("//eidas:RequestedAttribute"), "attribute.structure"),
    "a required attribute that does not exist": (
        _set("//eidas:RequestedAttribute", "Name", "urn:example:shoe-size"),
        "attribute.structure",
    ),
    "no Destination": (lambda element: element.attrib.pop("Destination"), "destination"),
}


@pytest.mark.parametrize("name", WRONG_REQUESTS)
def test_a_request_that_is_not_as_eidas_wants_it_is_refused(name) -> None:
    """Each by its own code."""
    bend, expected = WRONG_REQUESTS[name]
    element = build_eidas_request(REQUEST)
    bend(element)
    assert code(read_eidas_request, verified(element)) == expected


@pytest.mark.parametrize("values", [NATURAL_VALUES, LEGAL_VALUES], ids=["natural", "legal"])
def test_an_assertion_says_who_it_is(values) -> None:
    """There and back through the ciphertext, in both scripts, valid by the schemas of eIDAS."""
    assertion = replace(ASSERTION, values=values)
    element = build_eidas_assertion(assertion)
    validate(element)
    opened = decrypt_assertion(parse(etree.tostring(encrypt_assertion(element, recipient()))), decryption_keys())
    assert read_eidas_assertion(opened) == assertion
    assert read_eidas_assertion(opened).values == values


def _values(change):
    return lambda: build_eidas_assertion(replace(ASSERTION, values=change))


def _bent(bend, **changes):
    def build():
        element = build_eidas_assertion(replace(ASSERTION, **changes))
        bend(element)
        return element

    return build


def _type_of(local: str, value: str):
    def change(element):
        for each in element.iter(names.saml("AttributeValue")):
            if each.get(XSI_TYPE, "").endswith(f":{local}Type"):
                each.set(XSI_TYPE, value)

    return change


WITHOUT_BIRTH = {kind: value for kind, value in NATURAL_VALUES.items() if kind != DATE_OF_BIRTH}
WRONG_ASSERTIONS = {
    "no date of birth": (_values(WITHOUT_BIRTH), "attribute.structure"),
    "a date that is none": (_values({**NATURAL_VALUES, DATE_OF_BIRTH: Value("6-12-1996")}), "msg.schema"),
    "an empty name": (_values({**NATURAL_VALUES, FAMILY_NAME: Value("")}), "attribute.structure"),
    "half a company": (_values({**NATURAL_VALUES, LEGAL_NAME: Value("x")}), "attribute.structure"),
    "no type": (_bent(_type_of("DateOfBirth", "xs:string")), "msg.schema"),
    "the type of another attribute": (
        _bent(_type_of("DateOfBirth", "eidas-natural:PersonIdentifierType")),
        "attribute.structure",
    ),
    "an unknown type": (_bent(_type_of("DateOfBirth", "eidas-natural:ShoeSizeType")), "msg.schema"),
    "an attribute twice": (_bent(_twice("//saml:Attribute")), "attribute.structure"),
    "two values in Latin script": (_bent(_twice("//saml:AttributeValue")), "attribute.structure"),
    "two audiences": (_bent(_twice("//saml:AudienceRestriction")), "audience"),
    "no audience": (_bent(_drop("//saml:AudienceRestriction")), "audience"),
    "two confirmations": (_bent(_twice("//saml:SubjectConfirmation")), "subject.confirmation"),
    "no NameID": (_bent(_drop("//saml:NameID")), "subject.structure"),
    "two AuthnStatements": (_bent(_twice("//saml:AuthnStatement")), "msg.structure"),
    "two AttributeStatements": (_bent(_twice("//saml:AttributeStatement")), "attribute.structure"),
    "not a level of eIDAS": (_bent(_text("//saml:AuthnContextClassRef", "urn:x")), "loa"),
    "not an Assertion": (lambda: build_eidas_request(REQUEST), "msg.type"),
}


@pytest.mark.attack("S66", "S69", "S70")
@pytest.mark.parametrize("name", WRONG_ASSERTIONS)
def test_an_assertion_that_is_not_whole_is_refused(name) -> None:
    """Each by its own code."""
    build, expected = WRONG_ASSERTIONS[name]
    assert code(read_eidas_assertion, build()) == expected


def test_a_prefix_means_nothing() -> None:
    """The type counts by its namespace: other software has other prefixes."""
    text = etree.tostring(build_eidas_assertion(ASSERTION)).replace(b"eidas-natural", b"eidasnp")
    assert read_eidas_assertion(parse(text)) == ASSERTION


def response(**changes) -> EidasResponse:
    encrypted = encrypt_assertion(build_eidas_assertion(ASSERTION), recipient())
    return replace(EidasResponse("_r", "_q", GREEK, ACS, NOW, SUCCESS, encrypted), **changes)


def test_a_response_holds_one_encrypted_assertion() -> None:
    """There and back, valid by the schemas."""
    element = build_eidas_response(response())
    validate(element)
    read = read_eidas_response(verified(element))
    assert (read.in_response_to, read.issuer, read.destination) == ("_q", GREEK, ACS)
    assert read_eidas_assertion(decrypt_assertion(read.encrypted_assertion, decryption_keys())) == ASSERTION


@pytest.mark.parametrize("status", [DENIED, FAILED])
def test_a_response_says_why_there_is_nobody(status) -> None:
    """Requester/RequestDenied without consent, Responder/AuthnFailed otherwise."""
    read = read_eidas_response(verified(build_eidas_response(response(status=status, encrypted_assertion=None))))
    assert (read.status, read.encrypted_assertion) == (status, None)


def _with_clear(element) -> None:
    element.append(build_eidas_assertion(ASSERTION))


WRONG_RESPONSES = {
    "two": (response, _twice("saml:EncryptedAssertion"), "assertion.count"),
    "none": (lambda: response(encrypted_assertion=None), lambda _: None, "assertion.count"),
    "in clear beside it": (response, _with_clear, "assertion.encrypted"),
    "one with a failure": (lambda: response(status=FAILED), lambda _: None, "status"),
    "no InResponseTo": (response, lambda element: element.attrib.pop("InResponseTo"), "irt.missing"),
}


@pytest.mark.attack("S07", "S68")
@pytest.mark.parametrize("name", WRONG_RESPONSES)
def test_a_response_with_more_or_less_than_one_is_refused(name) -> None:
    """Each by its own code."""
    make, bend, expected = WRONG_RESPONSES[name]
    element = build_eidas_response(make())
    bend(element)
    assert code(read_eidas_response, verified(element)) == expected


def _broken(path: str):
    def change(element):
        found = element.xpath(path, namespaces=SPACES)[0]
        found.text = ("A" if found.text[40] != "A" else "B").join((found.text[:40], found.text[41:]))

    return change


WRONG_CIPHERS = {
    "ciphertext changed": (_broken("xenc:EncryptedData/xenc:CipherData/xenc:CipherValue"), "enc.failed"),
    "key changed": (_broken("//xenc:EncryptedKey//xenc:CipherValue"), "enc.failed"),
    "too short": (_text("xenc:EncryptedData/xenc:CipherData/xenc:CipherValue", "AAAA"), "enc.failed"),
    "CBC": (_set("xenc:EncryptedData/xenc:EncryptionMethod", "Algorithm", names.AES256_CBC), "alg.forbidden"),
    "RSA 1.5": (_set("//xenc:EncryptedKey/xenc:EncryptionMethod", "Algorithm", "urn:rsa-1_5"), "alg.forbidden"),
    "another digest": (_set("//ds:DigestMethod", "Algorithm", names.SHA1), "alg.forbidden"),
    "another key": (_text("//ds:KeyName", "somebody-else"), "enc.recipient"),
    "two keys": (_twice("//xenc:EncryptedKey"), "enc.structure"),
    "no key": (_drop("//xenc:EncryptedKey"), "enc.structure"),
}


@pytest.mark.attack("S55", "S56", "S58", "S60")
@pytest.mark.parametrize("name", WRONG_CIPHERS)
def test_a_ciphertext_that_is_not_right_fails_without_a_word_about_its_content(name, capfd) -> None:
    """One error for everything inside; nothing on any output."""
    bend, expected = WRONG_CIPHERS[name]
    element = encrypt_assertion(build_eidas_assertion(ASSERTION), recipient())
    bend(element)
    with pytest.raises(SamlError) as refused:
        decrypt_assertion(element, decryption_keys())
    assert refused.value.code == expected
    assert "Dimou" not in repr(refused.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("text", ["ES/NL/02635542Y", "BE/NL/1/2", "GR/NL/Ω 1"])
def test_an_identifier_has_two_countries(text) -> None:
    """And whatever the country wrote behind them."""
    assert parse_identifier(text, origin=text[:2]).text == text


@pytest.mark.parametrize(
    "text", ["", "ES/NL/", "ES/NL/ ", "es/NL/1", "ESP/NL/1", "ES/BE/1", "ES-NL-1", "1", "ES/NL/1\n", "DE/NL/1"]
)
def test_an_identifier_of_another_form_or_country_is_refused(text) -> None:
    """Without a word about the value."""
    with pytest.raises(SamlError) as refused:
        parse_identifier(text, origin="ES")
    assert refused.value.code == "subject.identifier"
    assert refused.value.detail.count("1") == 0


@given(st.text(max_size=400))
def test_no_text_makes_an_identifier_crash(text) -> None:
    """It is one for the Netherlands, or refused by the one code."""
    found = "NL"
    try:
        found = parse_identifier(text).destination
    except SamlError as refused:
        found = {"subject.identifier": "NL"}[refused.code]
    assert found == "NL"


@pytest.mark.eis("ATT-11", "ATT-13")
def test_a_value_is_for_its_readers_alone() -> None:
    """Both scripts; who has a key can be seen, what it says cannot."""
    values = encrypt_value(FAMILY_NAME, Value("Dimou", "Δήμου"), [recipient()])
    assert [readers_of(each) for each in values] == [{DUTCH}, {DUTCH}]
    assert all(b"Dimou" not in each for each in values)
    opened = decrypt_value(FAMILY_NAME, values, entity_id=DUTCH, keys=decryption_keys())
    assert (opened.latin, opened.original) == ("Dimou", "Δήμου")


@pytest.mark.attack("S61")
def test_a_value_under_another_name_does_not_open() -> None:
    """What was encrypted as a given name is no family name."""
    values = encrypt_value(GIVEN_NAME, Value("Eleni"), [recipient()])
    assert code(decrypt_value, FAMILY_NAME, values, entity_id=DUTCH, keys=decryption_keys()) == "attribute.structure"
    assert decrypt_value(GIVEN_NAME, values, entity_id=DUTCH, keys=decryption_keys()).latin == "Eleni"


@pytest.mark.parametrize(
    "value",
    [
        b'<saml:AttributeValue xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">Dimou</saml:AttributeValue>',
        b'<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">Dimou</saml:NameID>',
    ],
)
def test_a_value_in_clear_has_no_readers(value) -> None:
    """It is refused before anybody hands it on."""
    assert code(readers_of, value) == "attribute.structure"


def test_nodes_publish_what_others_need() -> None:
    """Country, level, keys and addresses; valid metadata, signed."""
    node = Node(GREEK, "GR", signing_key(), NOW + timedelta(days=1))
    key = signing_key().verification_key
    for data in (write_identifying_node(node, f"{GREEK}/request", 25), write_asking_node(node, ACS, key)):
        document = parse(data)
        validate_saml(document, "metadata")
        assert document.get("entityID") == GREEK
        assert document.xpath("string(//*[local-name()='NodeCountry'])") == "GR"
        assert verify(document, [key], at=NOW).element.get("entityID") == GREEK


def test_every_attribute_has_its_type_in_the_schema() -> None:
    """Each that we know validates with a value, under its own Name and type."""
    samples = {DATE_OF_BIRTH: "1996-12-06", **{kind: "Male" for kind in ATTRIBUTES.values() if kind.local == "Gender"}}
    for space in (NATURAL, LEGAL):
        kinds = [kind for kind in ATTRIBUTES.values() if kind.namespace == space]
        values = {kind: Value(samples.get(kind, "x")) for kind in kinds}
        validate(build_eidas_assertion(replace(ASSERTION, values=values)))


def test_a_level_that_is_not_of_eidas_is_refused() -> None:
    """Basis is ours alone; what was not notified is not recognised."""
    assert [level_of(uri) for uri in LEVELS.values()] == [20, 25, 30]
    for uri in ("http://eID.logius.nl/LoA/basic", "http://eidas.europa.eu/NotNotified/LoA/low", ""):
        assert code(level_of, uri) == "loa"
