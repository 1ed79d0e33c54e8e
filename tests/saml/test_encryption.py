"""EncryptedID: who can read it can read it, nobody else learns anything."""

import base64
import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given, settings
from hypothesis import strategies as st

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import (
    NameId,
    Recipient,
    decrypt_id,
    encrypt_bytes,
    encrypt_for_each,
    encrypt_id,
)
from routeringsvoorziening.saml.encryption_form import MAX_KEYS
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element, canonical, parse
from routeringsvoorziening.saml.schema import validate
from tests.support.pki import ec_key
from tests.support.wire import (
    BSN,
    BVD,
    DV,
    NOW,
    RD,
    assertion,
    bent,
    decryption_key,
    drop,
    drop_attribute,
    find,
    insert,
    put,
    recipient,
    refused,
    twice,
    write,
)

NAME = NameId(BSN, names.ID_LEGACY_BSN)
DATA, KEY = "xenc:EncryptedData", "xenc:EncryptedKey"
WHOLE = f'<saml:NameID xmlns:saml="{names.SAML}" Format="{names.NAMEID_PERSISTENT}" NameQualifier="{{}}"{{}}>{{}}</saml:NameID>'


def encrypted(*recipients: Recipient) -> Element:
    return encrypt_id(NAME, recipients or (recipient(DV),))


def decrypted(element: Element, entity_id: str = DV, *labels: str) -> NameId:
    return decrypt_id(element, entity_id=entity_id, keys=[decryption_key(entity_id, each) for each in labels or ("",)])


def of_plaintext(plaintext: str | bytes) -> Element:
    raw = plaintext if isinstance(plaintext, bytes) else plaintext.encode()
    return encrypt_bytes(raw, [recipient(DV)])


@pytest.mark.eis("ATT-12", "ENC-01", "ENC-02")
def test_the_recipient_reads_it():
    """What was encrypted for a dienstverlener, it decrypts."""
    assert decrypted(encrypted()) == NAME


BSNS = (
    st.integers(0, 99_999_999)
    .map(lambda number: f"{number:08d}")
    .map(lambda head: head + str(sum((9 - place) * int(digit) for place, digit in enumerate(head)) % 11))
    .filter(lambda bsn: len(bsn) == 9 and bsn != "000000000")
)


@pytest.mark.eis("ATT-20")
@given(BSNS)
def test_any_bsn_survives(bsn):
    """Nine digits that pass their proof come back, leading zeros too."""
    assert decrypted(encrypt_id(NameId(bsn, names.ID_LEGACY_BSN), [recipient(DV)])).value == bsn


@pytest.mark.eis("ATT-20")
@given(st.binary(min_size=1, max_size=400), st.sampled_from([names.ID_BSN, names.ID_PSEUDONYM]))
def test_any_bsnk_structure_survives(raw, kind):
    """An encrypted identity or pseudonym of any length comes back: every padding occurs."""
    value = base64.b64encode(raw).decode()
    assert decrypted(encrypt_id(NameId(value, kind), [recipient(DV)])) == NameId(value, kind)


@pytest.mark.eis("ATT-11", "ATT-15", "ENC-01", "ENC-02")
def test_one_key_is_written_with_a_retrieval_method():
    """The form of the recordings: RetrievalMethod, Recipient, the recipient's KeyName, ReferenceList (AMB-09)."""
    element = encrypted()
    data, key = find(element, DATA), find(element, KEY)
    assert find(data, "ds:KeyInfo/ds:RetrievalMethod").get("URI") == f"#{key.get('Id')}"
    assert (key.get("Recipient"), find(key, "ds:KeyInfo/ds:KeyName").text) == (DV, recipient(DV).key_name)
    assert find(key, "xenc:ReferenceList/xenc:DataReference").get("URI") == f"#{data.get('Id')}"
    assert find(data, "xenc:EncryptionMethod").get("Algorithm") == "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
    assert find(key, "xenc:EncryptionMethod").get("Algorithm") == "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
    assert element.find(f"{KEY}/xenc:CarriedKeyName", names.PREFIXES) is None


@pytest.mark.eis("ATT-14", "ATT-15", "ATT-18", "ATT-22")
def test_two_recipients_share_a_named_key():
    """One EncryptedData, an EncryptedKey each, CarriedKeyName equal to the KeyName of the data."""
    element = encrypted(recipient(DV), recipient(BVD))
    name = find(element, f"{DATA}/ds:KeyInfo/ds:KeyName").text
    keys = element.findall(KEY, names.PREFIXES)
    assert len(element.findall(DATA, names.PREFIXES)) == 1
    assert [key.get("Recipient") for key in keys] == [DV, BVD]
    assert {find(key, "xenc:CarriedKeyName").text for key in keys} == {name}
    assert {decrypted(element, DV), decrypted(element, BVD)} == {NAME}


@pytest.mark.eis("ATT-13")
@pytest.mark.parametrize("label", ["", "next"])
def test_a_recipient_with_two_keys_needs_only_one(label):
    """During a rollover either key opens it."""
    assert decrypted(encrypted(recipient(DV), recipient(DV, "next")), DV, label) == NAME


@pytest.mark.eis("ATT-16")
def test_keys_of_others_are_ignored():
    """A key for somebody else stands first and is passed over."""
    assert decrypted(encrypted(recipient(BVD), recipient(DV))) == NAME


@pytest.mark.eis("ATT-16", "ENC-03")
@pytest.mark.attack("S70")
def test_what_is_not_for_us_cannot_be_read():
    """Another recipient, another key of ours, our KeyName for another recipient."""
    refused("enc.recipient", lambda: decrypted(encrypted(), RD))
    refused("enc.recipient", lambda: decrypted(encrypted(), DV, "next"))
    refused("enc.recipient", lambda: decrypt_id(encrypted(), entity_id=BVD, keys=[decryption_key(DV)]))


@pytest.mark.eis("ENC-03")
@pytest.mark.attack("S55")
def test_a_key_under_the_right_name_that_does_not_fit_opens_nothing():
    """Who only says that it is the recipient learns nothing."""
    wrong = recipient(DV, "next")
    element = encrypted(Recipient(DV, recipient(DV).key_name, wrong.certificate))
    assert refused("enc.failed", lambda: decrypted(element)).detail == ""


@pytest.mark.eis("GEN-06")
def test_an_encrypted_id_is_valid():
    """It validates as part of an assertion."""
    from routeringsvoorziening.saml.messages.assertion import build_assertion

    both = (canonical(encrypted()), canonical(encrypted(recipient(DV), recipient(BVD))))
    validate(build_assertion(assertion(acting_subject=both)), "assertion")


@pytest.mark.attack("S61")
def test_nothing_is_used_twice():
    """Every encryption has its own vector, key, Ids and padding."""
    values = [find(encrypted(), f"{DATA}/xenc:CipherData/xenc:CipherValue").text for _ in range(50)]
    assert len({base64.b64decode(value)[:16] for value in values}) == 50
    assert len(set(values)) == 50
    lengths = {len(base64.b64decode(value)) for value in values}
    assert len(lengths) == 1


@pytest.mark.attack("S61")
def test_the_value_is_nowhere_in_clear():
    """The BSN is in no byte of what is sent."""
    assert BSN.encode() not in canonical(encrypted())


def test_somebody_must_be_able_to_read_it():
    """No recipient is a mistake of ours."""
    with pytest.raises(ValueError, match="recipient"):
        encrypt_id(NAME, [])


@pytest.mark.eis("ATT-20")
@pytest.mark.attack("S44")
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("90007034", names.ID_LEGACY_BSN),
        ("0900070341", names.ID_LEGACY_BSN),
        ("900070342", names.ID_LEGACY_BSN),
        ("000000000", names.ID_LEGACY_BSN),
        ("90007034x", names.ID_LEGACY_BSN),
        ("\uff19\uff10\uff10070341", names.ID_LEGACY_BSN),
        (" 900070341", names.ID_LEGACY_BSN),
        ("900070341\n", names.ID_LEGACY_BSN),
        ("", names.ID_LEGACY_BSN),
        ("no base64!", names.ID_PSEUDONYM),
        ("", names.ID_BSN),
        (BSN, "urn:nl-eid-gdi:1.0:id:other"),
    ],
)
def test_another_identifier_is_refused_both_ways(value, kind):
    """Eight digits, a failed proof, other digits, whitespace, an unknown kind: neither sent nor accepted."""
    refused("subject.identifier", lambda: encrypt_id(NameId(value, kind), [recipient(DV)]))
    refused("subject.identifier", lambda: decrypted(of_plaintext(WHOLE.format(kind, "", value))))


@pytest.mark.eis("ATT-12")
@pytest.mark.parametrize(
    "plaintext",
    [
        WHOLE.format(names.ID_LEGACY_BSN, ' SPNameQualifier="x"', BSN),
        WHOLE.format(names.ID_LEGACY_BSN, ' SPProvidedID="x"', BSN),
        WHOLE.format(names.ID_LEGACY_BSN, "", f"{BSN}<b/>"),
        WHOLE.format(names.ID_LEGACY_BSN, "", BSN).replace("persistent", "transient"),
        WHOLE.format(names.ID_LEGACY_BSN, "", BSN).replace("NameID", "Issuer"),
        f'<saml:NameID xmlns:saml="{names.SAML}" Format="{names.NAMEID_PERSISTENT}">{BSN}</saml:NameID>',
        f'<saml:NameID xmlns:saml="{names.SAML}" NameQualifier="{names.ID_LEGACY_BSN}">{BSN}</saml:NameID>',
        f"<NameID>{BSN}</NameID>",
    ],
)
def test_another_element_inside_is_refused(plaintext):
    """One persistent NameID with a NameQualifier and nothing more."""
    refused("subject.identifier", lambda: decrypted(of_plaintext(plaintext)))


@pytest.mark.attack("S59")
@pytest.mark.parametrize(
    "plaintext",
    [
        "",
        BSN,
        WHOLE.format(names.ID_LEGACY_BSN, "", BSN) * 2,
        "<!DOCTYPE x []>" + WHOLE.format(names.ID_LEGACY_BSN, "", BSN),
        WHOLE.format(names.ID_LEGACY_BSN, "", f"9000<!-- -->{BSN[4:]}"),
        WHOLE.format(names.ID_LEGACY_BSN, "", BSN).encode("utf-16"),
        WHOLE.format(names.ID_LEGACY_BSN, "", "\0"),
        b"\xff" * 64,
    ],
)
def test_a_plaintext_that_is_not_one_element_fails_uniformly(plaintext):
    """Two roots, a DTD, a comment, another encoding, no XML: the same error, without a detail."""
    assert refused("enc.failed", lambda: decrypted(of_plaintext(plaintext))).args == ("enc.failed",)


@pytest.mark.attack("S59")
def test_encryption_within_encryption_is_refused():
    """What is inside is not decrypted again."""
    refused("subject.identifier", lambda: decrypted(of_plaintext(canonical(encrypted()))))


def flipped(element: Element, path: str, bit: int) -> Element:
    value = find(element, f"{path}/xenc:CipherData/xenc:CipherValue")
    raw = bytearray(base64.b64decode(value.text or ""))
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    value.text = base64.b64encode(raw).decode()
    return element


@pytest.mark.attack("S55", "S56", "S60")
@settings(max_examples=300)
@given(st.sampled_from([DATA, KEY]), st.integers(0, 1 << 13))
def test_damage_gives_one_error_or_another_identity_that_is_refused(path, bit):
    """Whatever bit flips, nothing of the value is said; what fails inside fails in the same words."""
    element = flipped(parse(CIPHERED), path, bit)
    told = "nothing"
    try:
        decrypted(element)
    except SamlError as error:
        told = f"{error!r} {error.__cause__!r} {error.__context__!r}"
        code = error.code
    else:
        code = "another identity"
    assert code in {"enc.failed", "subject.identifier"}
    assert BSN not in told
    assert "saml:NameID" not in told


CIPHERED = canonical(encrypted())


@pytest.mark.attack("S55", "S57", "S60")
@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 31, 33])
def test_a_ciphertext_of_a_wrong_length_fails_uniformly(length):
    """Less than a vector and a block, or no whole blocks."""
    raw = base64.b64encode(secrets.token_bytes(length)).decode() or "AA=="
    element = bent(encrypted(), write(f"{DATA}/xenc:CipherData/xenc:CipherValue", raw))
    assert refused("enc.failed", lambda: decrypted(element)).args == ("enc.failed",)


@pytest.mark.attack("S60")
def test_nothing_is_printed(capfd):
    """Not on stdout and not on stderr, by nobody, whichever byte is damaged: libxml2 would print the plaintext."""
    for bit in range(0, 2400, 7):
        with pytest.raises(Exception, match=r"enc\.failed|subject\.identifier") as raised:
            decrypted(flipped(encrypted(), DATA, bit))
        assert raised.value.__context__ is None
    assert capfd.readouterr() == ("", "")


def test_a_name_id_hides_its_value():
    """The repr of an identity says its kind only."""
    assert BSN not in repr(NAME)
    assert BSN not in repr(decryption_key(DV))


@pytest.mark.eis("ENC-02")
@pytest.mark.parametrize(("uri", "digest"), [(names.SHA1, hashes.SHA1()), (names.SHA256, hashes.SHA256())])
def test_the_newer_name_of_oaep_is_read(uri, digest):
    """xmlenc11 rsa-oaep with MGF1-SHA1 and a SHA-1 or SHA-256 digest (AMB-11)."""
    element = rewrapped(digest)
    method = f"{KEY}/xenc:EncryptionMethod"
    bent(element, put(method, "Algorithm", names.RSA_OAEP), put(f"{method}/ds:DigestMethod", "Algorithm", uri))
    assert decrypted(element) == NAME
    bent(element, insert(method, 1, f'<m:MGF xmlns:m="{names.XENC11}" Algorithm="{names.MGF1_SHA1}"/>'))
    assert decrypted(element) == NAME


def rewrapped(digest: hashes.HashAlgorithm) -> Element:
    """An EncryptedID whose content key is wrapped with another digest."""
    element = encrypted()
    value = find(element, f"{KEY}/xenc:CipherData/xenc:CipherValue")
    private = decryption_key(DV).private_key
    sha1 = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    content_key = private.decrypt(base64.b64decode(value.text or ""), sha1)
    other = padding.OAEP(padding.MGF1(hashes.SHA1()), digest, None)
    value.text = base64.b64encode(private.public_key().encrypt(content_key, other)).decode()
    return element


METHOD = f"{KEY}/xenc:EncryptionMethod"


@pytest.mark.eis("ENC-01", "ENC-02")
@pytest.mark.attack("S56", "S57")
@pytest.mark.parametrize(
    "bend",
    [
        put(f"{DATA}/xenc:EncryptionMethod", "Algorithm", "http://www.w3.org/2001/04/xmlenc#aes128-cbc"),
        put(f"{DATA}/xenc:EncryptionMethod", "Algorithm", "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"),
        put(f"{DATA}/xenc:EncryptionMethod", "Algorithm", "http://www.w3.org/2009/xmlenc11#aes256-gcm"),
        put(METHOD, "Algorithm", "http://www.w3.org/2001/04/xmlenc#rsa-1_5"),
        put(METHOD, "Algorithm", "http://www.w3.org/2001/04/xmlenc#kw-aes256"),
        put(f"{METHOD}/ds:DigestMethod", "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#md5"),
        put(f"{METHOD}/ds:DigestMethod", "Algorithm", ""),
        insert(METHOD, 0, f'<m:MGF xmlns:m="{names.XENC11}" Algorithm="{names.MGF1_SHA1}"/>'),
    ],
)
def test_another_algorithm_is_refused(bend):
    """Only AES-256-CBC and RSA-OAEP with MGF1-SHA1; rsa-1_5 is not even read."""
    refused("alg.forbidden", lambda: decrypted(bent(encrypted(), bend)))


def test_another_mask_generation_is_refused():
    """MGF1 with SHA-256 is none of ours."""
    mask = insert(
        METHOD, 1, f'<m:MGF xmlns:m="{names.XENC11}" Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/>'
    )
    refused("alg.forbidden", lambda: decrypted(bent(encrypted(), put(METHOD, "Algorithm", names.RSA_OAEP), mask)))


@pytest.mark.eis("ATT-11")
@pytest.mark.parametrize("bend", [drop_attribute(KEY, "Recipient"), put(KEY, "Recipient", " ")])
def test_a_key_without_recipient_is_refused(bend):
    """Every EncryptedKey says for whom it is."""
    refused("enc.recipient", lambda: decrypted(bent(encrypted(), bend)))


REFERENCE = '<xenc:CipherReference URI="/dev/zero"/>'


@pytest.mark.eis("ATT-03", "ATT-15")
@pytest.mark.attack("S31", "S58")
@pytest.mark.parametrize(
    "bends",
    [
        [drop(f"{DATA}/xenc:CipherData/xenc:CipherValue"), insert(f"{DATA}/xenc:CipherData", 0, REFERENCE)],
        [drop(f"{KEY}/xenc:CipherData/xenc:CipherValue"), insert(f"{KEY}/xenc:CipherData", 0, REFERENCE)],
        [insert(f"{DATA}/xenc:CipherData", 1, REFERENCE)],
        [drop(KEY)],
        [drop(DATA)],
        [twice(DATA)],
        [twice(f"{DATA}/ds:KeyInfo")],
        [insert(".", 1, "<saml:NameID>x</saml:NameID>")],
        [write(".", "text")],
        [put(DATA, "Type", "http://www.w3.org/2001/04/xmlenc#Content")],
        [put(DATA, "MimeType", "text/xml")],
        [put(DATA, "Encoding", "x")],
        [put(KEY, "Encoding", "x")],
        [insert(DATA, 3, "<xenc:EncryptionProperties/>")],
        [insert(KEY, 3, "<xenc:EncryptionProperties/>")],
        [insert(f"{DATA}/xenc:EncryptionMethod", 0, "<xenc:KeySize>256</xenc:KeySize>")],
        [insert(METHOD, 0, "<xenc:OAEPparams>AAAA</xenc:OAEPparams>")],
        [twice(f"{METHOD}/ds:DigestMethod")],
        [put(f"{DATA}/ds:KeyInfo/ds:RetrievalMethod", "URI", "#elsewhere")],
        [put(f"{DATA}/ds:KeyInfo/ds:RetrievalMethod", "URI", "http://evil.example/")],
        [drop_attribute(f"{DATA}/ds:KeyInfo/ds:RetrievalMethod", "Type")],
        [insert(f"{DATA}/ds:KeyInfo/ds:RetrievalMethod", 0, "<ds:Transforms/>")],
        [drop(f"{DATA}/ds:KeyInfo/ds:RetrievalMethod")],
        [drop(f"{DATA}/ds:KeyInfo/ds:RetrievalMethod"), insert(f"{DATA}/ds:KeyInfo", 0, "<ds:KeyName>x</ds:KeyName>")],
        [drop(f"{DATA}/ds:KeyInfo/ds:RetrievalMethod"), insert(f"{DATA}/ds:KeyInfo", 0, "<ds:KeyName/>")],
        [drop(f"{KEY}/ds:KeyInfo/ds:KeyName"), insert(f"{KEY}/ds:KeyInfo", 0, "<ds:KeyValue/>")],
        [put(f"{KEY}/xenc:ReferenceList/xenc:DataReference", "URI", "#elsewhere")],
        [insert(f"{KEY}/xenc:ReferenceList", 0, '<xenc:KeyReference URI="#x"/>')],
        [insert(KEY, 4, "<xenc:AgreementMethod/>")],
        [twice(KEY)] * MAX_KEYS,
    ],
)
def test_another_form_is_refused(bends: list[Callable[[Element], object]]):
    """References that would be fetched, more or less than there must be, parameters, a thousand keys."""
    refused("enc.structure", lambda: decrypted(bent(encrypted(), *bends)))


@pytest.mark.eis("ATT-14")
def test_a_carried_name_that_is_not_the_datas_is_refused():
    """CarriedKeyName equals the KeyName of the data."""
    element = encrypted(recipient(DV), recipient(BVD))
    refused("enc.structure", lambda: decrypted(bent(element, write(f"{KEY}/xenc:CarriedKeyName", "other"))))


def test_a_value_that_is_not_base64_is_refused():
    """CipherValue is base64; line breaks within it are layout."""
    path = f"{DATA}/xenc:CipherData/xenc:CipherValue"
    refused("msg.encoding", lambda: decrypted(bent(encrypted(), write(path, "!"))))
    element = encrypted()
    folded = "\n".join((find(element, path).text or "")[at : at + 64] for at in range(0, 600, 64))
    assert decrypted(bent(element, write(path, f"\n{folded}\n"))) == NAME


def test_only_an_encrypted_id_is_decrypted():
    """EncryptedData alone is not enough."""
    refused("enc.structure", lambda: decrypted(find(encrypted(), DATA)))


def test_a_key_that_is_not_rsa_is_refused():
    """Metadata would not let it through either."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    key, name = ec_key("recipient"), x509.Name([])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    refused("key.weak", lambda: encrypted(Recipient(DV, "ec", builder.sign(key, SHA256()))))


POLYMORPHIC = pytest.mark.parametrize("kind", [names.ID_BSN, names.ID_PSEUDONYM])


@pytest.mark.eis("ATT-19", "ATT-03", "ATT-11")
@POLYMORPHIC
def test_a_polymorphic_value_is_one_pair_per_recipient(kind):
    """Two recipients give two EncryptedIDs, each with one EncryptedData, one EncryptedKey, and a value of its own."""
    values = {DV: NameId("QQ==", kind), BVD: NameId("Qg==", kind)}
    made = encrypt_for_each(values, [recipient(BVD), recipient(DV)])
    assert [[key.get("Recipient") for key in each.iter(names.xenc("EncryptedKey"))] for each in made] == [[DV], [BVD]]
    assert [len(each.findall(names.xenc("EncryptedData"))) for each in made] == [1, 1]
    assert [decrypted(each, party) for each, party in zip(made, (DV, BVD), strict=True)] == list(values.values())
    vectors = {each.findtext(f".//{names.xenc('EncryptedData')}//{names.xenc('CipherValue')}") for each in made}
    assert len(vectors) == 2
    for each in made:
        validate(each, "assertion")


@pytest.mark.eis("ATT-19")
@pytest.mark.attack("S59")
def test_what_is_for_one_recipient_the_other_cannot_open():
    """The pairs are separate: a key for the one opens nothing of the other."""
    values = {DV: NameId("QQ==", names.ID_BSN), BVD: NameId("Qg==", names.ID_BSN)}
    for_dv, for_bvd = encrypt_for_each(values, [recipient(BVD), recipient(DV)])
    refused("enc.recipient", lambda: decrypted(for_bvd, DV))
    refused("enc.recipient", lambda: decrypted(for_dv, BVD))


@pytest.mark.eis("ATT-13", "ATT-19")
def test_two_keys_of_one_recipient_share_a_polymorphic_value():
    """A rollover is no second recipient: one EncryptedData, and either key opens it."""
    keys = [recipient(DV), recipient(DV, "next")]
    (made,) = encrypt_for_each({DV: NameId("QQ==", names.ID_BSN)}, keys)
    assert decrypted(made).value == decrypted(made, DV, "next").value == "QQ=="


@pytest.mark.eis("ATT-19")
@POLYMORPHIC
def test_a_polymorphic_value_is_never_shared(kind):
    """To encrypt one for two parties is a mistake in a program."""
    with pytest.raises(ValueError, match="for one party"):
        encrypt_id(NameId("QQ==", kind), [recipient(DV), recipient(BVD)])


def test_everybody_needs_a_key():
    """A value for a party without one is a mistake in a program."""
    with pytest.raises(ValueError, match="recipient"):
        encrypt_for_each({BVD: NameId("QQ==", names.ID_BSN)}, [recipient(DV)])
