"""Structures: every field comes back, and whatever is changed is refused."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.bsnk import der
from routeringsvoorziening.bsnk.curve import GENERATOR
from routeringsvoorziening.bsnk.issuing import Minting, Scheme
from routeringsvoorziening.bsnk.keys import RecipientKeys
from routeringsvoorziening.bsnk.opening import open_identity, open_pseudonym
from routeringsvoorziening.bsnk.signatures import BASE
from routeringsvoorziening.bsnk.structures import (
    FORMS,
    Encrypted,
    Kind,
    Signature,
    Signed,
    SignedForm,
    decode,
    encode,
    encode_signed,
    encode_signed_part,
)
from tests.bsnk.people import BSN, DIVERSIFIER, KEY_SET, OIN, OTHER_OIN
from tests.bsnk.vectors import outcome

EXTRA = (("RP:Nonce", b"\x01\x02"), ("Number", 5), ("Text", "ë"))
RICH = Minting(extra_elements=EXTRA, authorized_party=OTHER_OIN)
POINTS = (GENERATOR, BASE.multiply(2), BASE.multiply(3))


def minted(scheme: Scheme, kind: Kind, minting: Minting = RICH) -> bytes:
    """One structure of a kind, with everything in it that it can have."""
    match kind:
        case Kind.EI:
            return scheme.encrypted_identity(BSN, OIN, KEY_SET, minting=minting)
        case Kind.DEI:
            return scheme.direct_encrypted_identity(BSN, OIN, KEY_SET, minting=minting)
        case Kind.EP:
            return scheme.encrypted_pseudonym(BSN, OIN, KEY_SET, diversifier=DIVERSIFIER, minting=minting)
        case Kind.DEP:
            return scheme.direct_encrypted_pseudonym(BSN, OIN, KEY_SET, diversifier=DIVERSIFIER, minting=minting)


def rewritten(found: Signed, **changes: object) -> bytes:
    """The structure with something in its body or around it changed, and its old signature."""
    names = ("audit_element", "signing_key_version", "issuance_date", "extra_elements")
    around = {name: changes.pop(name, getattr(found, name)) for name in names}
    part = encode_signed_part(replace(found.body, **changes), around.pop("audit_element"), **around)
    return encode_signed(found.form, part, found.r, found.s)


def opened(data: bytes, scheme: Scheme, keys: RecipientKeys) -> str:
    """`ok`, or the code of the refusal."""
    body = decode(data).body
    opening = open_identity if body.kind.is_identity else open_pseudonym
    return outcome(opening, data, keys, scheme.public_keys, recipient=OIN)


@pytest.mark.parametrize("kind", Kind)
def test_every_field_comes_back(scheme: Scheme, kind: Kind) -> None:
    """What was minted says what it was minted with."""
    found = decode(minted(scheme, kind))
    assert isinstance(found, Signed)
    body = found.body
    assert (body.kind, body.recipient, body.recipient_key_set_version) == (kind, OIN, KEY_SET)
    assert (body.scheme_version, body.scheme_key_set_version) == (1, 1)
    assert body.type == (None if kind.is_identity else "B")
    assert body.diversifier == (() if kind.is_identity else DIVERSIFIER)
    assert body.authorized_party == (OTHER_OIN if kind.is_direct else None)
    assert found.extra_elements == EXTRA
    assert found.issuance_date.endswith("01")
    assert len(found.audit_element) == 16


@pytest.mark.parametrize("kind", Kind)
def test_writing_what_was_read(scheme: Scheme, kind: Kind) -> None:
    """Nothing is lost."""
    data = minted(scheme, kind)
    assert rewritten(decode(data)) == data


CHANGES = {
    "scheme_version": (2, "bsnk.signature"),
    "scheme_key_set_version": (9, "bsnk.scheme"),
    "creator": (OTHER_OIN, "bsnk.signature"),
    "recipient": (OTHER_OIN, "bsnk.signature"),
    "recipient_key_set_version": (20260102, "bsnk.signature"),
    "audit_element": (bytes(16), "bsnk.signature"),
    "issuance_date": ("20200101", "bsnk.signature"),
    "extra_elements": ((), "bsnk.signature"),
}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_field_is_refused(scheme: Scheme, keys: RecipientKeys, kind: Kind, name: str) -> None:
    """Every field is under the signature; only the scheme key set is looked up before it."""
    data = minted(scheme, kind)
    value, code = CHANGES[name]
    assert opened(data, scheme, keys) == "ok"
    assert opened(rewritten(decode(data), **{name: value}), scheme, keys) == code


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        (Kind.EP, {"type": "E"}, "bsnk.signature"),
        (Kind.DEP, {"type": "E"}, "bsnk.signature"),
        (Kind.EP, {"diversifier": ()}, "bsnk.signature"),
        (Kind.DEP, {"diversifier": (("Role", "x"),)}, "bsnk.signature"),
        (Kind.DEI, {"authorized_party": OIN}, "bsnk.signature"),
        (Kind.DEP, {"authorized_party": None}, "bsnk.signature"),
        (Kind.DEI, {"signing_key_version": 7}, "bsnk.scheme"),
        (Kind.DEP, {"signing_key_version": 7}, "bsnk.scheme"),
    ],
)
def test_a_changed_field_of_some_kinds(scheme: Scheme, keys: RecipientKeys, kind: Kind, changes, code) -> None:
    """So are the fields that not every kind has."""
    assert opened(rewritten(decode(minted(scheme, kind)), **changes), scheme, keys) == code


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("place", range(3))
def test_a_changed_point_is_refused(scheme: Scheme, keys: RecipientKeys, kind: Kind, place: int) -> None:
    """Each of the three points is under the signature."""
    found = decode(minted(scheme, kind))
    points = list(found.body.points)
    points[place] = GENERATOR
    assert opened(rewritten(found, points=tuple(points)), scheme, keys) == "bsnk.signature"


@pytest.mark.parametrize("minting", [Minting(), Minting(version=1, signature=Signature.EC_SCHNORR)])
@pytest.mark.parametrize("kind", Kind)
def test_a_changed_signature_is_refused(scheme: Scheme, keys: RecipientKeys, kind: Kind, minting: Minting) -> None:
    """Zero, one, the order, and the number next to it."""
    found = decode(minted(scheme, kind, minting if kind in (Kind.EI, Kind.EP) else RICH))
    order = 0xD35E472036BC4FB7E13C785ED201E065F98FCFA5B68F12A32D482EC7EE8658E98691555B44C59311
    for r, s in (
        (0, found.s),
        (found.r, 0),
        (found.r, found.s + 1),
        (found.r + 1, found.s),
        (found.s, found.r),
        (1, 1),
        (order, order),
        (found.r, found.s + order),
    ):
        changed = encode_signed(found.form, found.signed_part, r, s)
        assert outcome(decode, changed) in {"ok", "bsnk.form"}
        if outcome(decode, changed) == "ok":
            assert opened(changed, scheme, keys) == "bsnk.signature"


@pytest.mark.parametrize("form", [form for form in FORMS.values() if form.kind is Kind.EI])
def test_a_structure_under_another_form_is_refused(scheme: Scheme, keys: RecipientKeys, form: SignedForm) -> None:
    """The OID around it says how it is signed: no other way of verifying is tried."""
    found = decode(minted(scheme, Kind.EI, Minting()))
    changed = encode_signed(form, found.signed_part, found.r, found.s)
    assert outcome(decode, changed) == ("ok" if form == found.form else "bsnk.form")


def test_version_1_as_the_other_version_1(scheme: Scheme, keys: RecipientKeys) -> None:
    """EC-SDSA and EC-Schnorr of version 1 have the same fields; the signature of one is none of the other."""
    made = decode(minted(scheme, Kind.EI, Minting(version=1)))
    legacy = SignedForm(Kind.EI, 1, Signature.EC_SCHNORR)
    assert opened(encode_signed(legacy, made.signed_part, made.r, made.s), scheme, keys) == "bsnk.signature"


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_inside_another_is_refused(scheme: Scheme, kind: Kind) -> None:
    """The signed OID says what is inside."""
    found = decode(minted(scheme, kind))
    for form in FORMS.values():
        if form.kind is not kind:
            changed = encode_signed(form, found.signed_part, found.r, found.s)
            assert outcome(decode, changed) == "bsnk.form"


@pytest.mark.parametrize(("kind", "other"), [(Kind.EI, Kind.EP), (Kind.EP, Kind.DEP), (Kind.DEP, Kind.EP)])
def test_the_inner_name_must_fit_the_outer(scheme: Scheme, kind: Kind, other: Kind) -> None:
    """Also when everything else does."""
    data = minted(scheme, kind, Minting(version=1))
    inner = [der.write_oid(each.value) for each in (kind, other)]
    assert data.count(inner[0]) == 1
    assert outcome(decode, data) == "ok"
    assert outcome(decode, data.replace(*inner)) == "bsnk.form"


@pytest.mark.parametrize("kind", Kind)
def test_every_truncation_and_addition_is_refused(scheme: Scheme, kind: Kind) -> None:
    """No prefix of a structure is one, and nothing may stand behind it."""
    data = minted(scheme, kind)
    assert {outcome(decode, data[:length]) for length in range(len(data))} == {"bsnk.form"}
    assert outcome(decode, data + b"\x00") == "bsnk.form"


@given(place=st.integers(0, 10_000), change=st.integers(1, 255), kind=st.sampled_from(list(Kind)))
def test_any_changed_byte_is_refused(scheme: Scheme, keys: RecipientKeys, place: int, change: int, kind: Kind) -> None:
    """Change any one byte of a structure: it never opens."""
    data = bytearray(minted(scheme, kind))
    data[place % len(data)] ^= change
    code = outcome(decode, bytes(data))
    if code == "ok":
        code = opened(bytes(data), scheme, keys)
    assert code in {"bsnk.form", "bsnk.point", "bsnk.signature", "bsnk.scheme"}


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """Whatever it is, it is refused with the one code."""
    assert outcome(decode, data) == "bsnk.form"


def plain(**changes: object) -> bytes:
    """An EP with something changed."""
    body = Encrypted(Kind.EP, 1, 1, OTHER_OIN, OIN, KEY_SET, POINTS, "B", DIVERSIFIER)
    return encode(replace(body, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "1"},
        {"recipient": "0000000999999999900X"},
        {"creator": OIN + "0"},
        {"type": "b"},
        {"type": "\x01"},
        {"points": POINTS[:2]},
        {"points": (*POINTS, GENERATOR)},
        {"scheme_version": 1 << 31},
        {"diversifier": tuple(reversed(DIVERSIFIER))},
        {"diversifier": (DIVERSIFIER[0], DIVERSIFIER[0])},
        {"diversifier": tuple((f"{number:02}", "x") for number in range(17))},
        {"diversifier": (("Key", "x" * 257),)},
        {"authorized_party": OIN},
    ],
)
def test_fields_of_another_form(changes: dict[str, object]) -> None:
    """OINs of twenty digits, a capital as type, three points, a diversifier in order, and no field of another kind."""
    assert outcome(decode, plain()) == "ok"
    assert outcome(decode, plain(**changes)) == "bsnk.form"


def test_an_empty_diversifier_is_refused() -> None:
    """None is written by leaving it out."""
    body = plain(diversifier=())
    parts = der.read(body, limit=1000)
    content = body[-(len(body) - 4) :]
    assert parts.next_tag == der.OBJECT_IDENTIFIER
    assert outcome(decode, body) == "ok"
    assert outcome(decode, der.write(der.SEQUENCE, content, der.write(0xA0))) == "bsnk.form"


@pytest.mark.parametrize(
    "changes", [{"audit_element": bytes(15)}, {"issuance_date": "2026-01-01"}, {"issuance_date": "2026010"}]
)
def test_fields_around_of_another_form(scheme: Scheme, changes: dict[str, object]) -> None:
    """Sixteen bytes of audit element, eight digits of date."""
    assert outcome(decode, rewritten(decode(minted(scheme, Kind.EI)), **changes)) == "bsnk.form"


def test_too_large_is_refused(scheme: Scheme) -> None:
    """Before it is read."""
    extra = tuple((f"{number:02}", b"x" * 1000) for number in range(9))
    found = decode(minted(scheme, Kind.EI))
    assert outcome(decode, rewritten(found, extra_elements=extra[:7])) == "ok"
    assert outcome(decode, rewritten(found, extra_elements=extra)) == "bsnk.form"


def test_extra_elements_that_are_no_text(scheme: Scheme) -> None:
    """A UTF8String must be UTF-8."""
    found = decode(minted(scheme, Kind.EI))
    data = rewritten(found, extra_elements=(("Text", "abé"),))
    assert outcome(decode, data) == "ok"
    assert outcome(decode, data.replace("abé".encode(), b"ab\xff\xfe")) == "bsnk.form"


def test_the_repr_shows_no_point(scheme: Scheme) -> None:
    """Points and signatures stay out of logs."""
    found = decode(minted(scheme, Kind.EP))
    assert str(found.r) not in repr(found)
    assert "points" not in repr(found.body)
