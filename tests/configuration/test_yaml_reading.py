"""YAML as data: safe, small, and every part with its line."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from routeringsvoorziening.configuration.findings import Findings
from routeringsvoorziening.configuration.yaml_reading import DEPTH, FILE_BYTES, read_document


def read(path: Path, text: str | bytes):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    findings = Findings()
    return read_document(path, findings), list(findings)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("00000001234567012345", "00000001234567012345"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("08:30", "08:30"),
        ("1_000", "1_000"),
        ("1234567890123456789", "1234567890123456789"),
        ("1.5", 1.5),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("2026-01-01", "2026-01-01"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("", None),
        ("null", None),
        ("~", None),
    ],
)
def test_a_scalar_is_what_it_looks_like(path: Path, text: str, value: object) -> None:
    """Only plain decimal digits are numbers, only true and false are booleans."""
    document, findings = read(path, f"a: {text}\n")
    assert findings == []
    assert document.data == {"a": value}
    assert type(document.data["a"]) is type(value)


def test_every_part_knows_its_line(path: Path) -> None:
    """Keys and list items have the line on which they stand; what is absent, that of what is around it."""
    document, _ = read(path, "# comment\na:\n  - b: 1\n    c: 2\n  - d\n")
    assert [document.place(*each).line for each in (("a",), ("a", 0, "c"), ("a", 1))] == [2, 4, 5]
    assert document.place("a", 0, "x", "y").line == 3
    assert document.place("a", 0, "c").dotted == "a[0].c"
    assert str(document.place("a", 0, "c")) == f"{path}:4"


def test_an_empty_file_is_an_empty_mapping(path: Path) -> None:
    """So that what is missing is reported, and not the file."""
    document, findings = read(path, "# nothing\n")
    assert (document.data, findings) == ({}, [])


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: {c: 1, c: 2}\n", "yaml.duplicate-key", 2),
        ("a: &x 1\nb: *x\n", "yaml.alias", 2),
        ("a: 1\nb: !secret x\n", "yaml.tag", 2),
        ("a: 1\nb: !!binary aGk=\n", "yaml.tag", 2),
        ("a: 1\n? [b]\n: 2\n", "yaml.key", 2),
        ("a: 1\n b: 2\n", "yaml.syntax", 2),
        ("a: 1\n---\nb: 2\n", "yaml.syntax", 2),
        ("a: 1\nb: \x01\n", "yaml.syntax", 1),
        ("[" * (DEPTH + 1), "yaml.depth", 1),
        ("[" * 100_000, "yaml.depth", 1),
        (b"a: 1\nb: \xff\n", "file.encoding", 2),
        ("#" * (FILE_BYTES + 1), "file.size", None),
    ],
)
def test_what_is_not_used_is_refused(path: Path, text: str | bytes, code: str, line: int | None) -> None:
    """Each with its code and line, and no document comes out."""
    document, findings = read(path, text)
    assert document is None
    assert [(each.code, each.place.line) for each in findings] == [(code, line)]


def test_the_deepest_nesting_is_read(path: Path) -> None:
    """The positive twin: as deep as may be."""
    document, findings = read(path, "[" * (DEPTH - 1) + "a" + "]" * (DEPTH - 1))
    assert findings == []
    assert document is not None


KEYS = st.text("abcdefgh", min_size=1, max_size=4)
DATA = st.recursive(
    st.one_of(
        st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=8), st.booleans(), st.integers(0, 10**9)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


@given(data=st.dictionaries(KEYS, DATA, max_size=4))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, data: dict) -> None:
    """Text that looks like something else is quoted by a writer, and stays text."""
    path = tmp_path_factory.mktemp("yaml") / "a.yaml"
    try:
        document, findings = read(path, yaml.safe_dump(data, allow_unicode=True))
    finally:
        path.unlink()
    assert findings == []
    assert document.data == data


@given(noise=st.binary(max_size=200))
def test_no_bytes_do_more_than_give_a_finding(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    """Whatever is in a file: a document or exactly one finding."""
    document, findings = read(tmp_path_factory.mktemp("yaml") / "a.yaml", noise)
    assert (document is None) == (len(findings) == 1)
