"""EncryptedIDs copied from one assertion into another."""

import pytest

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.copying import check_ids_differ, copy_encrypted_id, recipients_of
from routeringsvoorziening.saml.encryption import NameId, decrypt_id
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.assertion import build_assertion
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.saml.schema import validate
from tests.support.wire import (
    AD,
    BSN,
    BVD,
    DV,
    RD,
    assertion,
    bent,
    decryption_key,
    drop,
    drop_attribute,
    encrypted,
    find,
    insert,
    put,
    recipient,
    refused,
    twice,
)

BOTH = encrypted(recipient(BVD), recipient(DV))
ALONE = encrypted(recipient(DV))


def values(element):
    return {each.text for each in element.iter(names.xenc("CipherValue"))}


def references(element):
    return {each.get("URI") for each in element.iter() if each.get("URI")}


def ids(element):
    return {each.get("Id") for each in element.iter() if each.get("Id")}


@pytest.mark.eis("ATT-04", "ATT-11")
def test_recipients_are_those_of_the_keys():
    """Who holds a key, from bytes or from an element."""
    assert recipients_of(BOTH) == {DV, BVD}
    assert recipients_of(parse(ALONE)) == {DV}


@pytest.mark.eis("ATT-09", "ATT-17")
@pytest.mark.parametrize("original", [ALONE, BOTH])
def test_a_copy_has_new_ids_and_the_same_ciphertext(original):
    """Every Id and every reference gets the suffix; every cipher value stays."""
    before, copied = parse(original), copy_encrypted_id(original, keep_recipients={DV, BVD})
    assert ids(copied) == {f"{each}-1" for each in ids(before)}
    assert references(copied) == {f"{each}-1" for each in references(before)}
    assert values(copied) == values(before)
    assert {each.removeprefix("#") for each in references(copied)} <= ids(copied)


@pytest.mark.eis("ATT-09")
@pytest.mark.parametrize("original", [ALONE, BOTH])
def test_a_copy_still_opens(original):
    """The dienstverlener decrypts the copy as it would the original."""
    copied = copy_encrypted_id(original, keep_recipients={DV})
    found = decrypt_id(copied, entity_id=DV, keys=[decryption_key(DV)])
    assert found == NameId(BSN, names.ID_LEGACY_BSN)


@pytest.mark.eis("ATT-04")
def test_keys_of_others_are_left_out():
    """Only who is addressed keeps a key (AMB-10)."""
    assert recipients_of(copy_encrypted_id(BOTH, keep_recipients={DV, RD})) == {DV}


@pytest.mark.eis("ATT-04")
def test_a_copy_for_nobody_is_refused():
    """When nobody who is addressed holds a key there is no copy."""
    refused("enc.recipient", lambda: copy_encrypted_id(BOTH, keep_recipients={RD}))
    refused("enc.recipient", lambda: copy_encrypted_id(BOTH, keep_recipients=()))


def test_the_original_stays_as_it_is():
    """An element that is copied does not change."""
    original = parse(BOTH)
    copy_encrypted_id(original, keep_recipients={DV})
    assert canonical(original) == BOTH


@pytest.mark.eis("ATT-17")
def test_a_retrieval_method_follows_the_key_that_stays():
    """Two keys and a RetrievalMethod to the one that is left out, as a published example has it."""
    element = parse(ALONE)
    bent(element, twice("xenc:EncryptedKey"), put("xenc:EncryptedKey", "Recipient", BVD))
    copied = copy_encrypted_id(element, keep_recipients={DV})
    target = find(copied, "xenc:EncryptedData/ds:KeyInfo/ds:RetrievalMethod").get("URI")
    assert target == f"#{find(copied, 'xenc:EncryptedKey').get('Id')}"
    assert decrypt_id(copied, entity_id=DV, keys=[decryption_key(DV)]).value == BSN


def test_a_key_that_stays_without_an_id_is_refused():
    """RetrievalMethod would have nothing to point to."""
    element = parse(ALONE)
    bent(element, twice("xenc:EncryptedKey"), put("xenc:EncryptedKey", "Recipient", BVD))
    element[2].attrib.pop("Id")
    refused("enc.structure", lambda: copy_encrypted_id(element, keep_recipients={DV}))


@pytest.mark.eis("ATT-17", "GEN-06", "AS-14")
def test_a_copy_and_its_original_fit_in_one_assertion():
    """Original in Advice, copy in the summary: valid by the schema, no Id twice."""
    evidence = canonical(build_assertion(assertion(acting_subject=(ALONE,))))
    copied = canonical(copy_encrypted_id(ALONE, keep_recipients={DV}))
    whole = build_assertion(
        assertion(issuer=RD, acting_subject=(copied,), authenticating_authorities=(AD,), advice=(evidence,))
    )
    validate(whole, "assertion")
    assert canonical(find(whole, "saml:Advice/saml:Assertion")) == evidence


@pytest.mark.attack("S31", "S56", "S58")
@pytest.mark.parametrize(
    ("code", "bends"),
    [
        (
            "enc.structure",
            [
                drop("xenc:EncryptedData/xenc:CipherData/xenc:CipherValue"),
                insert("xenc:EncryptedData/xenc:CipherData", 0, '<xenc:CipherReference URI="/dev/zero"/>'),
            ],
        ),
        (
            "alg.forbidden",
            [put("xenc:EncryptedKey/xenc:EncryptionMethod", "Algorithm", "http://www.w3.org/2001/04/xmlenc#rsa-1_5")],
        ),
        ("enc.recipient", [drop_attribute("xenc:EncryptedKey", "Recipient")]),
    ],
)
def test_what_may_not_be_decrypted_is_not_copied_either(code, bends):
    """The form is checked before it is handed on to a dienstverlener."""
    bad = canonical(bent(parse(ALONE), *bends))
    refused(code, lambda: copy_encrypted_id(bad, keep_recipients={DV}))
    refused(code, lambda: recipients_of(bad))


@pytest.mark.eis("ATT-17", "AS-13")
@pytest.mark.attack("S40")
@pytest.mark.parametrize(
    ("other", "same"),
    [
        (b'<b ID="_2"></b>', False),
        (b'<b Id="_1"></b>', True),
        (b'<b xml:id="_1"></b>', True),
        (b'<b x="1"><c iD="_1"></c></b>', True),
        (b'<b valid="_1" InResponseTo="_1"></b>', False),
    ],
)
def test_two_originals_may_not_share_an_id(other: bytes, same: bool) -> None:
    """Whatever the attribute is called, as long as a parser takes it for an ID; a reference to it is none."""
    first = b'<a ID="_1"><c Id="_3"></c></a>'
    if not same:
        check_ids_differ(first, other)
        return
    with pytest.raises(SamlError) as caught:
        check_ids_differ(first, other)
    assert caught.value.code == "id.duplicate"
