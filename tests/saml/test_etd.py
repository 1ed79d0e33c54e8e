"""The wire of eTD: names, what may stand in Advice, metadata, and the service catalogue."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from routeringsvoorziening.saml import names as st
from routeringsvoorziening.saml.certificates import load_trust_bundle
from routeringsvoorziening.saml.encryption import NameId, Recipient, encrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.etd.advice import MOST, check_advice
from routeringsvoorziening.saml.etd.catalogue import (
    CatalogueEntry,
    RequestedAttribute,
    ServiceCatalogue,
    ServiceDefinition,
    ServiceInstance,
)
from routeringsvoorziening.saml.etd.catalogue_reading import read_catalogue
from routeringsvoorziening.saml.etd.catalogue_writing import NAMESPACE, write_catalogue
from routeringsvoorziening.saml.etd.identifiers import parse_etd_entity_id, service_id_of
from routeringsvoorziening.saml.etd.metadata import (
    EtdService,
    EtdServiceProvider,
    inspect_makelaar,
    read_etd_dienstverlener,
    read_makelaar,
    write_etd_dienstverlener,
)
from routeringsvoorziening.saml.etd.recipients import readdressed
from routeringsvoorziening.saml.messages.attributes import read_attributes, value_in_clear, values_in_clear
from routeringsvoorziening.saml.metadata.model import Endpoint, IdentityProvider, MetadataKey
from routeringsvoorziening.saml.metadata.writing import write_identity_provider
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.saml.signing import sign
from tests.support import federation as fed
from tests.support.federation import NOW
from tests.support.pki import pki

OIN = fed.RD_OIN
DV = f"urn:etoegang:DV:{OIN}:entities:9001"
HM = f"urn:etoegang:HM:{OIN}:entities:9009"
MR = f"urn:etoegang:MR:{OIN}:entities:9102"
KEY = fed.signing_key(OIN)
TRUST = load_trust_bundle(pki().trust_pem)
UUID = "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1203"


def code(caught: pytest.ExceptionInfo[SamlError]) -> str:
    return caught.value.code


# --- names -------------------------------------------------------------------------------------------------------


def test_an_entity_id_says_who() -> None:
    """Role, OIN, index; from 9000 up it is a test system's."""
    parsed = parse_etd_entity_id(HM, "HM")
    assert (parsed.role, parsed.oin, parsed.index, parsed.is_test) == ("HM", OIN, 9009, True)
    assert not parse_etd_entity_id(f"urn:etoegang:DV:{OIN}:entities:12").is_test


@pytest.mark.parametrize(
    "text",
    [HM.replace("HM", "RD"), HM.replace("9009", "90090"), HM[:-1] + "x", f" {HM}", fed.AD, HM.replace("0", "\u0660")],
)
def test_what_is_no_entity_id_is_refused(text: str) -> None:
    """Another role, a longer index, another scheme, digits of another script."""
    with pytest.raises(SamlError) as caught:
        parse_etd_entity_id(text)
    assert code(caught) == "md.entity"


def test_a_service_id_is_made_of_the_oin_and_the_index() -> None:
    """And only a dienstverlener has services."""
    assert service_id_of(DV, 13) == f"urn:etoegang:DV:{OIN}:services:13"
    with pytest.raises(SamlError):
        service_id_of(HM, 13)


# --- recipients --------------------------------------------------------------------------------------------------


def encrypted_for(entity_id: str) -> bytes:
    return canonical(encrypt_id(NameId("90000011", names.KVK), [Recipient(entity_id, KEY.key_name, KEY.certificate)]))


@pytest.mark.eis("ATT-21")
def test_an_identifier_gets_the_name_that_the_koppelvlak_knows() -> None:
    """For the same organisation by its OIN; nothing but Recipient changes."""
    dv = f"urn:nl-eid-gdi:1.0:DV:{OIN}:entities:9003"
    before = encrypted_for(f"urn:etoegang:DV:{OIN}:entities:1")
    after = readdressed(before, dv)
    assert [each.get("Recipient") for each in parse(after).iter(st.xenc("EncryptedKey"))] == [dv]
    assert after.replace(dv.encode(), b"") == before.replace(f"urn:etoegang:DV:{OIN}:entities:1".encode(), b"")


@pytest.mark.attack("S70")
@pytest.mark.parametrize(
    "recipient", [f"urn:etoegang:DV:{'9' * 20}:entities:1", f"urn:etoegang:HM:{OIN}:entities:1", "urn:somebody"]
)
def test_an_identifier_for_another_organisation_stays_another_ones(recipient: str) -> None:
    """Another OIN, another role, no entity ID."""
    before = encrypted_for(recipient)
    assert readdressed(before, f"urn:nl-eid-gdi:1.0:DV:{OIN}:entities:9003") == before


# --- attributes --------------------------------------------------------------------------------------------------


def statement(inside: str) -> etree._Element:
    encrypted = encrypted_for(DV).decode()
    return parse(
        f'<saml:AttributeStatement xmlns:saml="{st.SAML}" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="{st.XSI}"><saml:Attribute Name="{names.ACTING_SUBJECT_ID}"><saml:AttributeValue>{encrypted}'
        f'</saml:AttributeValue></saml:Attribute><saml:Attribute Name="{names.SERVICE_UUID}"><saml:AttributeValue>'
        f"{UUID}</saml:AttributeValue></saml:Attribute>{inside}</saml:AttributeStatement>".encode()
    )


@pytest.mark.eis("ATT-21")
@pytest.mark.parametrize("kind", ["string", "boolean"])
def test_a_value_of_a_plain_type_stays_valid_elsewhere(kind: str) -> None:
    """Makelaars write xsi:type="xs:string"; in a message of ours nothing says what xs is, so the text goes alone."""
    given = f'<saml:Attribute Name="{names.COMPANY_NAME}"><saml:AttributeValue xsi:type="xs:{kind}">Korenaar'
    found = read_attributes(statement(f"{given}</saml:AttributeValue></saml:Attribute>"), names.VOCABULARY)
    (value,) = found.others[names.COMPANY_NAME]
    assert b"type" not in value
    assert values_in_clear([value]) == ("Korenaar",)


@pytest.mark.eis("ATT-21")
def test_an_attribute_that_is_encrypted_whole_is_kept_apart() -> None:
    """ETD allows it, ST-SAML does not (ATT-03, AMB-24)."""
    whole = f"<saml:EncryptedAttribute>{etree.tostring(parse(encrypted_for(DV))[0]).decode()}</saml:EncryptedAttribute>"
    found = read_attributes(statement(whole), names.VOCABULARY)
    assert [parse(each).tag for each in found.others[""]] == [st.saml("EncryptedAttribute")]
    with pytest.raises(SamlError) as caught:
        read_attributes(statement(whole), replace(names.VOCABULARY, encrypted_attributes=False))
    assert code(caught) == "attribute.structure"


REFERS = (
    '<xenc:CipherData><xenc:CipherReference URI="{}"/></xenc:CipherData>',
    '<ds:KeyInfo><ds:RetrievalMethod URI="{}"/></ds:KeyInfo><xenc:CipherData/>',
)


@pytest.mark.attack("S31", "S58")
@pytest.mark.parametrize("form", REFERS)
@pytest.mark.parametrize("uri", ["/dev/zero", "https://elsewhere.example/", "", "file:///etc/passwd"])
@pytest.mark.parametrize("whole", [True, False])
def test_an_attribute_that_would_have_its_reader_fetch_something_is_refused(
    form: str, uri: str, *, whole: bool
) -> None:
    """We hand it on to dienstverleners, whose libraries may open anything."""

    def holding(inside: str) -> str:
        data = f'<xenc:EncryptedData xmlns:xenc="{xenc}" xmlns:ds="{st.DS}">{inside}</xenc:EncryptedData>'
        if whole:
            return f"<saml:EncryptedAttribute>{data}</saml:EncryptedAttribute>"
        return f'<saml:Attribute Name="urn:x"><saml:AttributeValue>{data}</saml:AttributeValue></saml:Attribute>'

    xenc = st.XENC
    assert read_attributes(statement(holding(REFERS[1].format("#_key"))), names.VOCABULARY).others
    with pytest.raises(SamlError) as caught:
        read_attributes(statement(holding(form.format(uri))), names.VOCABULARY)
    assert code(caught) == "enc.structure"


def test_clear_text_and_elements_are_told_apart() -> None:
    """None for what cannot be read."""
    hidden = f'<saml:AttributeValue xmlns:saml="{st.SAML}">{encrypted_for(DV).decode()}</saml:AttributeValue>'
    assert values_in_clear([value_in_clear("a < b"), hidden.encode()]) == ("a < b", None)


# --- Advice ------------------------------------------------------------------------------------------------------


def told(issuer: str = MR, *, signed: bool = True, inside: str = "", version: str = "2.0") -> str:
    element = parse(
        f'<saml:Assertion xmlns:saml="{st.SAML}" ID="_{issuer[-4:]}{len(inside)}" Version="{version}" '
        f'IssueInstant="2026-06-01T12:00:00Z"><saml:Issuer>{issuer}</saml:Issuer>{inside}</saml:Assertion>'.encode()
    )
    if signed:
        sign(element, KEY)
    return canonical(element).decode()


def advice(*children: str) -> etree._Element:
    return parse(f'<saml:Advice xmlns:saml="{st.SAML}">{"".join(children)}</saml:Advice>'.encode())


@pytest.mark.attack("S10")
def test_signed_assertions_of_those_who_tell_may_stand_in_advice() -> None:
    """Of an authenticatiedienst and a machtigingenregister."""
    check_advice(advice(told(), told(MR.replace("MR", "AD").replace("9102", "9101"))), HM)


@pytest.mark.attack("S10", "S03", "S04")
@pytest.mark.parametrize(
    ("children", "expected"),
    [
        ((), "advice.structure"),
        ((told(signed=False),), "sig.missing"),
        ((told(HM),), "advice.structure"),
        ((told(HM.replace("9009", "9010")),), "advice.structure"),
        ((told(fed.AD),), "md.entity"),
        ((told(version="1.1"),), "msg.version"),
        ((told(inside=told("urn:etoegang:AD:" + OIN + ":entities:9101")),), "advice.structure"),
        (('<saml:AssertionIDRef xmlns:saml="' + st.SAML + '">_x</saml:AssertionIDRef>',), "advice.structure"),
        (("evil",), "advice.structure"),
        (tuple(told(MR.replace("9102", f"91{n:02}")) for n in range(MOST + 1)), "advice.structure"),
    ],
    ids=[
        "nothing",
        "unsigned",
        "the makelaar",
        "another makelaar",
        "of ST",
        "1.1",
        "nested",
        "a reference",
        "text",
        "many",
    ],
)
def test_anything_else_in_advice_is_refused(children: tuple[str, ...], expected: str) -> None:
    """None of it can be taken for the summary."""
    with pytest.raises(SamlError) as caught:
        check_advice(advice(*children), HM)
    assert code(caught) == expected


# --- metadata ----------------------------------------------------------------------------------------------------


def provider(**changed: object) -> EtdServiceProvider:
    facts = {
        "entity_id": DV,
        "keys": (MetadataKey(KEY.key_name, KEY.certificate, frozenset({"signing"})),),
        "acs": (Endpoint("https://rv.example/saml/acs/eherkenning", st.BINDING_ARTIFACT, 0, is_default=True),),
        "services": tuple(
            EtdService(each, service_id_of(DV, each), {"nl": f"Dienst {each}"}, each == 11, (names.COMPANY_NAME,))
            for each in (11, 12)
        ),
    }
    return EtdServiceProvider(**(facts | changed))  # type: ignore[arg-type]


def read(data: bytes) -> EtdServiceProvider:
    return read_etd_dienstverlener(data, trust=TRUST, at=NOW)


def test_our_metadata_is_what_etd_lists_and_no_more() -> None:
    """ServiceID first, one default, no validUntil and no NameIDFormat; and it reads back as it was."""
    data = write_etd_dienstverlener(provider(), KEY)
    assert b"validUntil" not in data
    assert b"NameIDFormat" not in data
    found = read(data)
    assert (found.entity_id, found.acs, found.services) == (DV, provider().acs, provider().services)


@pytest.mark.attack("S19")
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"services": ()}, "md.service"),
        ({"services": provider().services * 2}, "md.service"),
        ({"services": (replace(provider().services[0], is_default=False), provider().services[1])}, "md.service"),
        ({"services": (replace(provider().services[0], service_id="urn:other"),)}, "md.service"),
        ({"acs": (Endpoint("https://rv.example/", st.BINDING_POST, 0, is_default=True),)}, "md.endpoint"),
        ({"entity_id": HM}, "md.entity"),
        ({"entity_id": DV.replace(OIN, "9" * 20)}, "oin.mismatch"),
        ({"keys": ()}, "md.keys"),
    ],
)
def test_other_metadata_of_a_dienstverlener_is_refused(changed: dict[str, object], expected: str) -> None:
    """By the first rule that it breaks."""
    with pytest.raises(SamlError) as caught:
        read(write_etd_dienstverlener(provider(**changed), KEY))
    assert code(caught) in {expected, "msg.schema"}


def makelaar(**changed: object) -> bytes:
    facts = {
        "entity_id": HM,
        "keys": (MetadataKey(KEY.key_name, KEY.certificate, frozenset({"signing"})),),
        "artifact_resolution": (Endpoint("https://hm.example/artifact", st.BINDING_SOAP, 0, is_default=True),),
        "single_sign_on": (Endpoint("https://hm.example/sso", st.BINDING_POST),),
    }
    return write_identity_provider(IdentityProvider(**(facts | changed)), KEY)  # type: ignore[arg-type]


def test_a_makelaars_metadata_is_that_of_somebody_who_declares() -> None:
    """Its endpoints and keys; it need not say until when."""
    found = read_makelaar(makelaar(), trust=TRUST, at=NOW)
    assert (found.entity_id, found.valid_until, len(found.signing_keys)) == (HM, None, 1)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"entity_id": DV}, "md.entity"),
        ({"entity_id": fed.AD}, "md.entity"),
        ({"valid_until": NOW - timedelta(days=1)}, "md.expired"),
        ({"single_sign_on": (Endpoint("http://hm.example/sso", st.BINDING_POST),)}, "md.location"),
    ],
)
def test_other_metadata_of_a_makelaar_is_refused(changed: dict[str, object], expected: str) -> None:
    """Another role, another scheme, expired, plain http; every mistake is told."""
    found, problems = inspect_makelaar(makelaar(**changed), trust=TRUST, at=NOW)
    assert found is None
    assert expected in {each.code for each in problems}


@pytest.mark.attack("S19")
def test_a_makelaars_metadata_that_was_altered_is_refused() -> None:
    """The signature covers the addresses."""
    data = makelaar().replace(b"https://hm.example/sso", b"https://ev.example/sso")
    found, problems = inspect_makelaar(data, trust=TRUST, at=NOW)
    assert found is None
    assert "md.signature" in {each.code for each in problems}


# --- service catalogue -------------------------------------------------------------------------------------------


DEFINITION = ServiceDefinition(
    uuid=UUID,
    names={"nl": "Subsidie", "en": "Grants"},
    descriptions={"nl": "Subsidie voor ondernemers"},
    class_ref=names.LEVEL + "loa3",
    makelaar=OIN,
    entity_concerned=(frozenset({names.KVK, names.RSIN}), frozenset({names.KVK})),
    restrictions=frozenset({names.VESTIGINGSNR}),
    requested=(RequestedAttribute(names.COMPANY_NAME, {"nl": "Om u aan te spreken"}),),
)
INSTANCE = ServiceInstance(
    service_id=service_id_of(DV, 13),
    uuid=UUID,
    makelaar=OIN,
    keys=(MetadataKey(KEY.key_name, KEY.certificate, frozenset({"encryption"})),),
    urls={"nl": "https://portal.example/"},
    classifiers=("eIDAS-inbound",),
    bsnk_structure_version="2",
    bsnk_key_set_version="20260601",
)
CATALOGUE = ServiceCatalogue(
    NOW, "urn:etoegang:1.13:53", (CatalogueEntry(OIN, {"nl": "Gemeente"}, (DEFINITION,), (INSTANCE,)),)
)


def test_a_catalogue_reads_back_as_it_was_written() -> None:
    """Everything of it, by a key that was given."""
    found = read_catalogue(write_catalogue(CATALOGUE, KEY), [KEY.verification_key], at=NOW)
    assert found == CATALOGUE
    service = found.service(INSTANCE.service_id)
    assert service is not None
    assert service.definition == DEFINITION
    (recipient,) = service.instance.recipients
    assert parse_etd_entity_id(recipient.entity_id, "DV").oin == OIN
    assert recipient.certificate.public_bytes(Encoding.DER) == KEY.certificate.public_bytes(Encoding.DER)
    assert found.service("urn:etoegang:DV:none") is None


@pytest.mark.attack("S19", "S14")
def test_a_catalogue_by_another_key_or_altered_is_refused() -> None:
    """Signed by whom we know, and nothing changed since."""
    data = write_catalogue(CATALOGUE, KEY)
    other = fed.signing_key(fed.AD_OIN)
    with pytest.raises(SamlError) as caught:
        read_catalogue(data, [other.verification_key], at=NOW)
    assert code(caught) == "key.unknown"
    with pytest.raises(SamlError) as caught:
        read_catalogue(data.replace(b"loa3", b"loa2"), [KEY.verification_key], at=NOW)
    assert code(caught) == "sig.invalid"


@pytest.mark.attack("S36", "S43")
def test_what_a_comment_says_is_no_part_of_a_catalogue() -> None:
    """Anybody can add one: a signature does not cover it. The twin says it without a comment, and is refused."""
    data = write_catalogue(CATALOGUE, KEY)
    word = b"<esc:Classifier>of-anybody</esc:Classifier>"
    added = data.replace(b"<esc:Classifiers>", b"<esc:Classifiers><!--of-anybody-->")
    assert added != data
    assert read_catalogue(added, [KEY.verification_key], at=NOW) == CATALOGUE
    with pytest.raises(SamlError) as caught:
        read_catalogue(added.replace(b"<!--of-anybody-->", word), [KEY.verification_key], at=NOW)
    assert code(caught) == "sig.invalid"


def resigned(*changes: tuple[str, str]) -> bytes:
    """The catalogue with something else in it, signed again."""
    root = parse(write_catalogue(CATALOGUE, KEY))
    root.remove(root[0])
    text = etree.tostring(root).decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    element = parse(text.encode())
    sign(element, KEY)
    return etree.tostring(element)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<esc:ServiceName xml:lang="nl">Subsidie</esc:ServiceName>', ""),
        ("Subsidie voor ondernemers", "x" * 1025),
        ("<esc:ServiceProviderID>", "<esc:Other/><esc:ServiceProviderID>"),
        (f"<esc:ServiceProviderID>{OIN}", "<esc:ServiceProviderID>123"),
        (f"<esc:HerkenningsmakelaarId>{OIN}</esc:HerkenningsmakelaarId>", ""),
        ("<esc:ServiceID>", "<esc:ServiceID>x</esc:ServiceID><esc:ServiceID>"),
        (' esc:Version="urn:etoegang:1.13:53"', ""),
        ("<esc:Classifiers>", "<esc:ServiceUUID>late</esc:ServiceUUID><esc:Classifiers>"),
        ('xml:lang="en"', 'xml:lang="nl"'),
    ],
)
def test_a_catalogue_of_another_form_is_refused(old: str, new: str) -> None:
    """What is missing, twice, unknown, too long or out of order."""
    changes = [(old, new)]
    if not new and "ServiceName" in old:
        changes.append(('<esc:ServiceName xml:lang="en">Grants</esc:ServiceName>', ""))
    with pytest.raises(SamlError) as caught:
        read_catalogue(resigned(*changes), [KEY.verification_key], at=NOW)
    assert code(caught) == "catalogue.structure"


def test_the_twin_that_is_only_signed_again_is_accepted() -> None:
    """So what the others are refused for is what was changed."""
    assert read_catalogue(resigned(), [KEY.verification_key], at=NOW) == CATALOGUE


def test_two_services_with_one_service_id_are_refused() -> None:
    """Whom would one encrypt for?"""
    twice = replace(CATALOGUE, entries=CATALOGUE.entries * 2)
    with pytest.raises(SamlError) as caught:
        read_catalogue(write_catalogue(twice, KEY), [KEY.verification_key], at=NOW)
    assert code(caught) == "catalogue.structure"


@pytest.mark.attack("S30")
def test_a_catalogue_with_a_doctype_is_not_even_parsed() -> None:
    """The one hardened parser reads it."""
    data = write_catalogue(CATALOGUE, KEY).replace(b"?>", b"?><!DOCTYPE x>", 1)
    with pytest.raises(SamlError) as caught:
        read_catalogue(data, [KEY.verification_key], at=NOW)
    assert code(caught) == "xml.doctype"
    assert NAMESPACE == "urn:etoegang:1.13:service-catalog"
