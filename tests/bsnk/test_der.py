"""DER: one spelling per value, and nothing else is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.bsnk import der
from tests.bsnk.vectors import outcome


def sequence(*parts: bytes) -> bytes:
    return der.write(der.SEQUENCE, *parts)


@given(st.integers(0, (1 << 320) - 1))
def test_integers_come_back(number: int) -> None:
    """Any that is not negative, to 320 bits."""
    assert der.read(sequence(der.write_integer(number)), limit=100).integer() == number


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01", b"\x00\x00", b"\x80", b"\xff", b"\xff\xff", b"\x01" + bytes(41), b"\x00\x80" + bytes(41)],
)
def test_integers_of_another_spelling(content: bytes) -> None:
    """Empty, with needless zeros, negative, too large."""
    assert outcome(der.read(sequence(der.write(der.INTEGER, content)), limit=100).integer) == "bsnk.form"


def test_versions_have_a_bound() -> None:
    """31 bits."""
    data = [sequence(der.write_integer(number)) for number in ((1 << 31) - 1, 1 << 31)]
    assert der.read(data[0], limit=100).small() == (1 << 31) - 1
    assert outcome(der.read(data[1], limit=100).small) == "bsnk.form"


@given(st.binary(max_size=600))
def test_content_comes_back(content: bytes) -> None:
    """With lengths in the short form, and in the long form of one and two bytes."""
    reader = der.read(sequence(der.write(der.OCTET_STRING, content)), limit=1000)
    assert reader.content(der.OCTET_STRING) == content
    reader.finish()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x01",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x03\x02\x01\x01",
        b"\x30\x82\x00\x03\x02\x01\x01",
        b"\x30\x83\x00\x00\x03\x02\x01\x01",
        b"\x30\x84\x00\x00\x00\x03\x02\x01\x01",
        b"\x30\x81",
        b"\x30\x82\x01",
        b"\x30\x04\x02\x01\x01",
        b"\x30\x03\x02\x01\x01\x00",
        b"\x31\x03\x02\x01\x01",
        b"\x02\x01\x01",
    ],
)
def test_lengths_of_another_spelling(data: bytes) -> None:
    """Indefinite, needlessly long, too short, too long, something behind it, no SEQUENCE."""
    assert outcome(der.read, b"\x30\x03\x02\x01\x01", limit=100) == "ok"
    assert outcome(der.read, data, limit=100) == "bsnk.form"


def test_size_has_a_limit() -> None:
    """Checked before anything is read."""
    data = sequence(der.write(der.OCTET_STRING, bytes(100)))
    assert outcome(der.read, data, limit=len(data)) == "ok"
    assert outcome(der.read, data, limit=len(data) - 1) == "bsnk.form"


@pytest.mark.parametrize("content", [b"", b"a\n", b"\x00", b"\x7f", b"\xc3\xab", b"a" * 11])
def test_texts_are_printable_and_short(content: bytes) -> None:
    """ASCII without control characters, 1 to the limit."""
    good = der.read(sequence(der.write_text("a" * 10)), limit=100)
    assert good.text(limit=10) == "a" * 10
    bad = der.read(sequence(der.write(der.IA5_STRING, content)), limit=100)
    assert outcome(bad.text, limit=10) == "bsnk.form"


def test_an_inner_value_may_not_stick_out() -> None:
    """A length that goes on behind the value that it is in."""
    data = sequence(b"\x30\x02\x04\x05", bytes(8))
    assert outcome(der.read(data, limit=100).inside().content, der.OCTET_STRING) == "bsnk.form"


@pytest.mark.parametrize(
    ("dotted", "wanted"),
    [
        ("1.2.840.10045.4.3.3", "2a8648ce3d040303"),
        ("2.16.528.1.1003.10.1.2.1", "60841001876b0a010201"),
        ("0.4.0", "0400"),
    ],
)
def test_object_identifiers(dotted: str, wanted: str) -> None:
    """As X.690 writes them."""
    assert der.oid_bytes(dotted).hex() == wanted


@given(st.binary(max_size=64))
def test_any_bytes(data: bytes) -> None:
    """Whatever it is, it is read or refused with the one code."""
    assert outcome(der.read, data, limit=100) in {"ok", "bsnk.form"}
