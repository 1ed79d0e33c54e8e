"""Signatures on their own; `test_structures` changes what they cover, `test_openssl` has a witness."""

from dataclasses import replace

import pytest

from routeringsvoorziening.bsnk.arithmetic import Table
from routeringsvoorziening.bsnk.curve import GENERATOR, N
from routeringsvoorziening.bsnk.issuing import Minting, Scheme
from routeringsvoorziening.bsnk.keys import KeyType, RecipientKeys
from routeringsvoorziening.bsnk.signatures import BASE, verify_direct, verify_with_third_point
from routeringsvoorziening.bsnk.structures import Signature, Signed, decode
from tests.bsnk.people import BSN, KEY_SET, OIN
from tests.bsnk.vectors import outcome

SCHNORR = {"EC-SDSA": Minting(), "EC-Schnorr": Minting(version=1, signature=Signature.EC_SCHNORR)}


def third(scheme: Scheme, name: str) -> tuple[Signed, Table]:
    found = decode(scheme.encrypted_identity(BSN, OIN, KEY_SET, minting=SCHNORR[name]))
    return found, scheme.public_keys.for_third_point(found.body)


@pytest.mark.parametrize("name", SCHNORR)
def test_with_and_without_a_table(scheme: Scheme, keys: RecipientKeys, name: str) -> None:
    """The recipient's table makes it faster, and changes no verdict."""
    found, base = third(scheme, name)
    own = next(key.public for key in keys if key.type is KeyType.IDENTITY_DECRYPTION)
    assert own.point == found.body.points[2]
    changed = replace(found, signed_part=found.signed_part + b"x")
    for table in (None, own, BASE):
        assert outcome(verify_with_third_point, found, base, table) == "ok"
        assert outcome(verify_with_third_point, changed, base, table) == "bsnk.signature"


@pytest.mark.parametrize("name", SCHNORR)
@pytest.mark.parametrize("values", [{"r": 0}, {"s": 0}, {"s": N}, {"r": 1 << 320}, {"r": -1}])
def test_values_out_of_range(scheme: Scheme, name: str, values: dict[str, int]) -> None:
    """0 < r < 2³²⁰ and 0 < s < n."""
    found, base = third(scheme, name)
    assert outcome(verify_with_third_point, replace(found, **values), base) == "bsnk.signature"


@pytest.mark.parametrize("name", SCHNORR)
def test_s_has_one_value(scheme: Scheme, name: str) -> None:
    """Its congruents are refused, though the equation holds for them."""
    found, base = third(scheme, name)
    assert outcome(verify_with_third_point, replace(found, s=found.s + N), base) == "bsnk.signature"


@pytest.mark.parametrize("name", SCHNORR)
def test_an_equation_that_ends_in_infinity(scheme: Scheme, name: str) -> None:
    """Where the third point is the base and the terms cancel, there is no point to hash."""
    found, _ = third(scheme, name)
    body = replace(found.body, points=(GENERATOR, GENERATOR, GENERATOR))
    s = 5 if name == "EC-SDSA" else N - 5
    assert outcome(verify_with_third_point, replace(found, body=body, r=5, s=s), BASE) == "bsnk.signature"


@pytest.mark.parametrize("values", [{"r": 0}, {"s": 0}, {"s": N}, {"r": N}, {"r": -1}])
def test_values_of_ecdsa_out_of_range(scheme: Scheme, values: dict[str, int]) -> None:
    """0 < r, s < n."""
    found = decode(scheme.direct_encrypted_identity(BSN, OIN, KEY_SET))
    key = scheme.public_keys.for_direct(found.body, 1)
    assert outcome(verify_direct, found, key) == "ok"
    assert outcome(verify_direct, replace(found, **values), key) == "bsnk.signature"


def test_nonces_are_not_used_twice(scheme: Scheme) -> None:
    """The r of no two signatures is the same."""
    found = [third(scheme, "EC-SDSA")[0].r for _ in range(10)]
    assert len(set(found)) == 10
