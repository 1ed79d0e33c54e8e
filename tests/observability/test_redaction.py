"""What never gets into a line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.observability.redaction import LONGEST, REMOVED, safe_text, safe_value


@pytest.mark.attack("S91")
@pytest.mark.parametrize("around", ["{}", "bsn {}.", "urn:bsn:{}", "a{}b", "<NameID>{}</NameID>", "{}\n"])
def test_a_bsn_is_taken_out_wherever_it_stands(bsn, around):
    """Between letters, signs and line ends."""
    assert bsn not in safe_text(around.format(bsn))
    assert REMOVED in safe_text(around.format(bsn))


@pytest.mark.parametrize("text", ["900000015", "9000000150", "00000004183317817000", "1900000015", "12345678"])
def test_other_numbers_stay(text):
    """Nine digits that fail the 11-proof, an OIN, longer and shorter numbers."""
    assert safe_text(text) == text


def test_numbers_names_and_nested_values_too(bsn):
    """An int, a field's name, a list in a mapping, an object's text."""
    value = {bsn: int(bsn), "list": [{"deep": (bsn, 5, True, None, 1.5)}], "error": ValueError(bsn)}
    text = json.dumps(safe_value(value))
    assert bsn not in text
    assert "[5, true" not in text
    assert "5, true, null, 1.5" in text


@pytest.mark.attack("S91")
@given(st.text())
def test_no_text_makes_two_lines_or_steers_a_terminal(text):
    """No control character survives, C0, C1, DEL, line separators or direction marks."""
    assert not [one for one in safe_text(text) if not one.isprintable() and one in CONTROLS]


CONTROLS = {chr(code) for code in (*range(32), *range(127, 160), 0x2028, 0x2029, *range(0x202A, 0x202F))}


def test_a_document_is_cut():
    """A value of a log line is a fact, not a document."""
    assert len(safe_text("x" * 100_000)) == LONGEST + 1


def test_endless_nesting_ends():
    """A structure that holds itself does not hang the log."""
    loop: list[object] = []
    loop.append(loop)
    assert REMOVED in json.dumps(safe_value(loop))
