"""Opening a structure: what goes in comes out, and whatever is not meant for us is refused with its own code."""

from dataclasses import replace

import pytest

from routeringsvoorziening.bsnk.arithmetic import Table, add
from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.issuing import Minting, Scheme
from routeringsvoorziening.bsnk.keys import KeyType, RecipientKeys, SchemeKeyType
from routeringsvoorziening.bsnk.opening import (
    check_bsn,
    open_identity,
    open_pseudonym,
    open_unsigned_identity,
    open_unsigned_pseudonym,
    verify,
)
from routeringsvoorziening.bsnk.signatures import BASE, sign_with_third_point
from routeringsvoorziening.bsnk.structures import (
    Kind,
    Signature,
    SignedForm,
    decode,
    encode_signed,
    encode_signed_part,
)
from routeringsvoorziening.bsnk.wrapping import Identifier, wrap
from tests.bsnk.people import BSN, DIVERSIFIER, KEY_SET, LATER_KEY_SET, OIN, OTHER_BSN, OTHER_OIN

SIGNED = {
    "v2": Minting(),
    "v1": Minting(version=1),
    "legacy": Minting(version=1, signature=Signature.EC_SCHNORR),
    "extra": Minting(extra_elements=(("RP:Nonce", b"\x01\x02"), ("Number", 5), ("Text", "ë"))),
}
SIGNED_DIRECT = {
    "v2": Minting(),
    "v1": Minting(version=1),
    "party": Minting(authorized_party=OTHER_OIN),
}
UNSIGNED = Minting(version=None)


def refusal(opening, *args, **kwargs) -> str:
    """The code with which something is refused."""
    with pytest.raises(BsnkError) as caught:
        opening(*args, **kwargs)
    return caught.value.code


@pytest.mark.eis("ATT-20")
@pytest.mark.parametrize("form", SIGNED)
def test_identity_comes_back(scheme: Scheme, keys: RecipientKeys, form: str) -> None:
    """An EI of every signed form gives the BSN that went in."""
    made = scheme.encrypted_identity(BSN, OIN, KEY_SET, minting=SIGNED[form])
    opened = open_identity(made, keys, scheme.public_keys, recipient=OIN)
    assert (opened.value, opened.type) == (BSN, "B")


def test_direct_identity_comes_back(scheme: Scheme, keys: RecipientKeys) -> None:
    """A DEI gives the BSN that went in."""
    made = scheme.direct_encrypted_identity(BSN, OIN, KEY_SET)
    assert open_identity(made, keys, scheme.public_keys, recipient=OIN).value == BSN


@pytest.mark.eis("ATT-20")
@pytest.mark.parametrize("form", SIGNED)
@pytest.mark.parametrize("diversifier", [(), DIVERSIFIER])
def test_pseudonym_is_the_same_each_time(scheme: Scheme, keys: RecipientKeys, form: str, diversifier) -> None:
    """EPs of one person look different each time and open to one pseudonym."""
    made = [
        scheme.encrypted_pseudonym(BSN, OIN, KEY_SET, diversifier=diversifier, minting=SIGNED[form]) for _ in range(2)
    ]
    opened = [open_pseudonym(each, keys, scheme.public_keys, recipient=OIN) for each in made]
    assert made[0] != made[1]
    assert opened[0] == opened[1]
    assert (opened[0].recipient, opened[0].closing_key_version, opened[0].diversifier) == (OIN, KEY_SET, diversifier)


@pytest.mark.parametrize("form", SIGNED_DIRECT)
@pytest.mark.parametrize("diversifier", [(), DIVERSIFIER])
def test_direct_pseudonym_equals_the_other(scheme: Scheme, keys: RecipientKeys, form: str, diversifier) -> None:
    """A DEP gives the pseudonym that the EP of the same person, recipient and diversifier gives."""
    direct = scheme.direct_encrypted_pseudonym(BSN, OIN, KEY_SET, diversifier=diversifier, minting=SIGNED_DIRECT[form])
    usual = scheme.encrypted_pseudonym(BSN, OIN, KEY_SET, diversifier=diversifier)
    opened = [open_pseudonym(each, keys, scheme.public_keys, recipient=OIN) for each in (direct, usual)]
    assert opened[0] == opened[1]


def test_pseudonyms_differ_per_person_recipient_and_diversifier(scheme: Scheme) -> None:
    """Nobody else's pseudonym, at nobody else, in no other part, is the same."""
    found = set()
    for oin in (OIN, OTHER_OIN):
        ring = scheme.recipient_keys(oin, KEY_SET, diversifiers=[DIVERSIFIER])
        for bsn in (BSN, OTHER_BSN):
            for diversifier in ((), DIVERSIFIER):
                made = scheme.encrypted_pseudonym(bsn, oin, KEY_SET, diversifier=diversifier)
                found.add(open_pseudonym(made, ring, scheme.public_keys, recipient=oin).value)
    assert len(found) == 8


def test_unsigned_opens_by_its_own_name_only(scheme: Scheme, keys: RecipientKeys) -> None:
    """An unsigned EI and EP open with the function that says so; the usual ones refuse them."""
    identity = scheme.encrypted_identity(BSN, OIN, KEY_SET, minting=UNSIGNED)
    pseudonym = scheme.encrypted_pseudonym(BSN, OIN, KEY_SET, minting=UNSIGNED)
    assert open_unsigned_identity(identity, keys, recipient=OIN).value == BSN
    assert open_unsigned_pseudonym(pseudonym, keys, recipient=OIN).closing_key_version == KEY_SET
    assert refusal(open_identity, identity, keys, scheme.public_keys, recipient=OIN) == "bsnk.signature"
    assert refusal(open_pseudonym, pseudonym, keys, scheme.public_keys, recipient=OIN) == "bsnk.signature"


def test_signed_is_not_opened_as_unsigned(scheme: Scheme, keys: RecipientKeys) -> None:
    """What is signed is verified, or not opened at all."""
    made = scheme.encrypted_identity(BSN, OIN, KEY_SET)
    assert refusal(open_unsigned_identity, made, keys, recipient=OIN) == "bsnk.form"


def test_kinds_are_not_confused(scheme: Scheme, keys: RecipientKeys) -> None:
    """A pseudonym is no identity, and the other way round."""
    identity = scheme.encrypted_identity(BSN, OIN, KEY_SET)
    pseudonym = scheme.encrypted_pseudonym(BSN, OIN, KEY_SET)
    assert refusal(open_pseudonym, identity, keys, scheme.public_keys, recipient=OIN) == "bsnk.form"
    assert refusal(open_identity, pseudonym, keys, scheme.public_keys, recipient=OIN) == "bsnk.form"


def test_other_recipient(scheme: Scheme, keys: RecipientKeys) -> None:
    """A structure for another recipient is refused, also when that recipient's keys happen to be held."""
    made = scheme.encrypted_identity(BSN, OTHER_OIN, KEY_SET)
    both = RecipientKeys([*keys, *scheme.recipient_keys(OTHER_OIN, KEY_SET)])
    for ring in (keys, both):
        assert refusal(open_identity, made, ring, scheme.public_keys, recipient=OIN) == "bsnk.recipient"
    assert open_identity(made, both, scheme.public_keys, recipient=OTHER_OIN).value == BSN


def test_other_key_set(scheme: Scheme, keys: RecipientKeys) -> None:
    """A structure for a key set that is not held is refused; with the key set it opens."""
    made = scheme.encrypted_identity(BSN, OIN, LATER_KEY_SET)
    assert refusal(open_identity, made, keys, scheme.public_keys, recipient=OIN) == "bsnk.key-set"
    both = RecipientKeys([*keys, *scheme.recipient_keys(OIN, LATER_KEY_SET)])
    assert open_identity(made, both, scheme.public_keys, recipient=OIN).value == BSN


@pytest.mark.parametrize(
    ("missing", "direct"),
    [
        (KeyType.PSEUDONYM_DECRYPTION, False),
        (KeyType.PSEUDONYM_CLOSING, False),
        (KeyType.PSEUDONYM_CLOSING, True),
        (KeyType.DIRECT_RECEIVING, True),
    ],
)
def test_missing_key_of_a_pseudonym(scheme: Scheme, keys: RecipientKeys, missing: KeyType, direct) -> None:
    """Without one of the keys that a pseudonym needs, nothing comes out."""
    mint = scheme.direct_encrypted_pseudonym if direct else scheme.encrypted_pseudonym
    made = mint(BSN, OIN, KEY_SET)
    ring = RecipientKeys(key for key in keys if key.type is not missing)
    assert refusal(open_pseudonym, made, ring, scheme.public_keys, recipient=OIN) == "bsnk.key-missing"
    assert open_pseudonym(made, keys, scheme.public_keys, recipient=OIN).recipient == OIN


def test_missing_key_of_an_identity(scheme: Scheme, keys: RecipientKeys) -> None:
    """The keys of pseudonyms do not open an identity."""
    made = scheme.encrypted_identity(BSN, OIN, KEY_SET)
    ring = RecipientKeys(key for key in keys if key.type is not KeyType.IDENTITY_DECRYPTION)
    assert refusal(open_identity, made, ring, scheme.public_keys, recipient=OIN) == "bsnk.key-missing"


def test_missing_receiving_key_of_the_diversifier(scheme: Scheme) -> None:
    """A DEP with a diversifier is not opened with the DRKi of none."""
    made = scheme.direct_encrypted_pseudonym(BSN, OIN, KEY_SET, diversifier=DIVERSIFIER)
    ring = scheme.recipient_keys(OIN, KEY_SET)
    assert refusal(open_pseudonym, made, ring, scheme.public_keys, recipient=OIN) == "bsnk.key-missing"


def test_closing_key_of_choice(scheme: Scheme, keys: RecipientKeys) -> None:
    """After a renewal of the other keys the old closing key still gives the pseudonym that is on record."""
    before = open_pseudonym(scheme.encrypted_pseudonym(BSN, OIN, KEY_SET), keys, scheme.public_keys, recipient=OIN)
    both = RecipientKeys([*keys, *scheme.recipient_keys(OIN, LATER_KEY_SET)])
    made = scheme.encrypted_pseudonym(BSN, OIN, LATER_KEY_SET)
    kept = open_pseudonym(made, both, scheme.public_keys, recipient=OIN, closing_key_version=KEY_SET)
    renewed = open_pseudonym(made, both, scheme.public_keys, recipient=OIN)
    assert kept == before
    assert (renewed.closing_key_version, renewed.value != before.value) == (LATER_KEY_SET, True)


def test_other_scheme(scheme: Scheme, keys: RecipientKeys) -> None:
    """What another scheme of the same key set version signed is refused."""
    made = Scheme.generate().encrypted_identity(BSN, OIN, KEY_SET)
    assert refusal(open_identity, made, keys, scheme.public_keys, recipient=OIN) == "bsnk.signature"


def test_unknown_scheme_key_set(scheme: Scheme, keys: RecipientKeys) -> None:
    """A scheme key set without public keys here is refused before anything is computed."""
    later = Scheme.generate(key_set_version=2)
    for made in (later.encrypted_identity(BSN, OIN, KEY_SET), later.direct_encrypted_identity(BSN, OIN, KEY_SET)):
        assert refusal(open_identity, made, keys, scheme.public_keys, recipient=OIN) == "bsnk.scheme"


@pytest.mark.parametrize("signature", [Signature.EC_SDSA, Signature.EC_SCHNORR])
def test_third_point_of_an_attacker(scheme: Scheme, keys: RecipientKeys, signature: Signature) -> None:
    """Whoever chooses the third point can sign whatever they like with it; so it must be the recipient's own.

    The forged structure has a signature that verifies, and would decrypt to the attacker's choice.
    """
    forged = forge(scheme, OTHER_BSN, signature)
    verify(decode(forged), scheme.public_keys)
    assert refusal(open_identity, forged, keys, scheme.public_keys, recipient=OIN) == "bsnk.point"


def forge(scheme: Scheme, bsn: str, signature: Signature) -> bytes:
    """An EI made of public keys alone: the scheme's, and the recipient's as every structure shows it."""
    seen = decode(scheme.encrypted_identity(BSN, OIN, KEY_SET, minting=UNSIGNED))
    of_scheme = next(key.public for key in scheme.public_keys if key.type is SchemeKeyType.IDENTITY)
    blinded = add(wrap(Identifier(bsn, "B")), Table(seen.points[2]).multiply(5))
    body = replace(seen, points=(BASE.multiply(5), blinded, of_scheme.multiply(7)))
    signed_part = encode_signed_part(body, bytes(16))
    r, s = sign_with_third_point(signature, signed_part, of_scheme, 7)
    return encode_signed(SignedForm(Kind.EI, 1, signature), signed_part, r, s)


@pytest.mark.eis("ATT-20")
def test_identity_of_eight_digits(scheme: Scheme, keys: RecipientKeys) -> None:
    """An identifier of eight digits is a BSN without its leading zero."""
    made = scheme.encrypted_identity("10082426", OIN, KEY_SET)
    assert open_identity(made, keys, scheme.public_keys, recipient=OIN).value == "010082426"


@pytest.mark.parametrize(("identifier", "type_"), [("999990018", "B"), ("1", "B"), ("ABC", "B"), ("999990019", "E")])
def test_identity_that_is_no_bsn(scheme: Scheme, keys: RecipientKeys, identifier: str, type_: str) -> None:
    """What does not pass the eleven test, or is of another type, is not a BSN."""
    made = scheme.encrypted_identity(identifier, OIN, KEY_SET, type_=type_)
    assert refusal(open_identity, made, keys, scheme.public_keys, recipient=OIN) == "bsnk.identity"


@pytest.mark.parametrize("text", ["000000000", "99999001", "9999900191", "٩٩٩٩٩٠٠١٩", "99999001X", ""])
def test_bsn_of_another_form(text: str) -> None:
    """Nine ASCII digits, not all zero."""
    assert refusal(check_bsn, text) == "bsnk.identity"


def test_nothing_shows_the_person(scheme: Scheme, keys: RecipientKeys) -> None:
    """Neither the repr of what came out nor the text of a refusal holds the BSN or the pseudonym."""
    identity = open_identity(scheme.encrypted_identity(BSN, OIN, KEY_SET), keys, scheme.public_keys, recipient=OIN)
    pseudonym = open_pseudonym(scheme.encrypted_pseudonym(BSN, OIN, KEY_SET), keys, scheme.public_keys, recipient=OIN)
    assert BSN not in repr(identity)
    assert pseudonym.value not in repr(pseudonym)
    assert str(pseudonym.point.x) not in repr(pseudonym)
