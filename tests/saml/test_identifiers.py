"""EntityIDs and IDs."""

import pytest

from routeringsvoorziening.saml.identifiers import (
    new_message_id,
    new_transient_id,
    parse_entity_id,
    valid_message_id,
)
from tests.support.signed import refused

GOOD = "urn:nl-eid-gdi:1.0:DV:00000009999999999001:entities:0042"


@pytest.mark.eis("MD-02")
@pytest.mark.parametrize("role", ["AD", "DV", "BVD", "LC", "RD"])
def test_takes_an_entity_id_apart(role: str) -> None:
    """Each of the five roles, the OIN and the index come out."""
    parsed = parse_entity_id(GOOD.replace("DV", role), role)
    assert (parsed.role, parsed.oin, parsed.index, parsed.is_test) == (role, "00000009999999999001", 42, False)


@pytest.mark.eis("MD-02")
@pytest.mark.attack("S82")
@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD.replace("DV", "TD"),
        GOOD.replace("DV", "dv"),
        GOOD.replace("00000009999999999001", "0000000999999999900"),
        GOOD.replace("00000009999999999001", "000000099999999990011"),
        GOOD.replace("00000009999999999001", "0000000999999999900x"),
        GOOD.replace("00000009999999999001", "0000000999999999900\u0661"),
        GOOD + "1",
        GOOD + "\n",
        " " + GOOD,
        GOOD.replace("0042", "42"),
        GOOD.replace("1.0", "1x0"),
        GOOD.replace("urn", "URN"),
    ],
)
def test_refuses_what_is_no_entity_id(text: str) -> None:
    """Role TD, a short or long OIN, other digits, anything around it."""
    with refused("md.entity"):
        parse_entity_id(text)


@pytest.mark.eis("MD-02")
def test_refuses_another_role_than_expected() -> None:
    """A DV is no AD, though its EntityID is well-formed."""
    assert parse_entity_id(GOOD, "DV").text == GOOD
    with refused("md.entity"):
        parse_entity_id(GOOD, "AD")


@pytest.mark.eis("MD-02")
@pytest.mark.parametrize(("index", "expected"), [("8999", False), ("9000", True), ("9999", True)])
def test_knows_the_indexes_of_test_systems(index: str, expected: bool) -> None:
    """9000 to 9999 are for test systems only."""
    assert parse_entity_id(GOOD.replace("0042", index)).is_test is expected


@pytest.mark.eis("GEN-01")
def test_message_ids_are_random_ncnames() -> None:
    """A large sample has no collision and every one is a valid ID."""
    sample = {valid_message_id(new_message_id()) for _ in range(10_000)}
    assert len(sample) == 10_000
    assert all(len(each) == 41 for each in sample)


def test_transient_ids_are_32_hexadecimal_digits() -> None:
    """The form that the national routing service gives them."""
    assert len(bytes.fromhex(new_transient_id())) == 16
    assert new_transient_id() != new_transient_id()


@pytest.mark.parametrize("text", ["_a", "a.b-c_1", "a" * 256, "\u00e9\u00e9n", "_\u00b7"])
def test_accepts_any_ncname_of_at_most_256_characters(text: str) -> None:
    """As real software sends them: up to 83 characters seen, 256 allowed."""
    assert valid_message_id(text) == text


@pytest.mark.attack("S40")
@pytest.mark.parametrize(
    "text", ["", "1a", "-a", ".a", "a b", " a", "a\n", "a:b", "a/b", "a#b", "a" * 257, "\u00d7", "a\u00d7"]
)
def test_refuses_ids_that_are_no_ncname(text: str) -> None:
    """Empty, too long, starting with a digit, with a colon, whitespace or a URI character."""
    with refused("id.form"):
        valid_message_id(text)
