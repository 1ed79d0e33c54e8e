"""`${name}` in values."""

from pathlib import Path

import pytest

from routeringsvoorziening.configuration.findings import Findings
from routeringsvoorziening.configuration.variables import substitute, variables_of
from routeringsvoorziening.configuration.yaml_reading import read_document


@pytest.fixture
def fill(tmp_path: Path):
    """Reads YAML, fills in its variables; gives data and codes."""

    def filled(text: str, **overrides: str):
        findings = Findings()
        path = tmp_path / "main.yaml"
        path.write_text(text)
        document = read_document(path, findings)
        variables = variables_of(document, overrides, findings)
        return substitute(document, variables, findings).data, [each.code for each in findings]

    return filled


def test_a_variable_is_filled_in_everywhere(fill) -> None:
    """In mappings and lists, more than once, beside other text."""
    data, codes = fill("variables: {a: x, b: 1}\nc: ['${a}-${b}', {d: '${a}'}]\n")
    assert codes == []
    assert data["c"] == ["x-1", {"d": "x"}]


def test_an_override_replaces_it(fill) -> None:
    """`--set a=y`."""
    data, codes = fill("variables: {a: x}\nc: ${a}\n", a="y")
    assert (data["c"], codes) == ("y", [])


def test_a_path_is_relative_to_the_main_file(fill, tmp_path: Path) -> None:
    """A value that begins with ./ or ../ is made absolute; others stay as they are."""
    data, _ = fill("variables: {a: ../x, b: ./y, c: z}\nd: ['${a}', '${b}', '${c}']\n")
    assert data["d"] == [str((tmp_path.parent / "x").resolve()), str((tmp_path / "y").resolve()), "z"]


def test_an_overriding_path_is_relative_to_the_working_directory(fill, tmp_path, monkeypatch) -> None:
    """As people expect of a command line."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    data, _ = fill("variables: {a: ../x}\nd: ${a}\n", a="./here")
    assert data["d"] == str((tmp_path / "work" / "here").resolve())


def test_two_dollars_are_one(fill) -> None:
    """A literal ${ can be written."""
    data, codes = fill("a: $${b}\n")
    assert (data["a"], codes) == ("${b}", [])


@pytest.mark.parametrize(
    ("text", "overrides", "code"),
    [
        ("a: ${b}\n", {}, "variable.unknown"),
        ("variables: {a: x}\n", {"b": "y"}, "variable.unknown"),
        ("variables: [a]\n", {}, "variable.form"),
        ("variables: {A: x}\n", {}, "variable.form"),
        ("variables: {a: [x]}\n", {}, "variable.form"),
        ("variables: {a: true}\n", {}, "variable.form"),
    ],
)
def test_a_mistake_is_found(fill, text, overrides, code) -> None:
    """Unknown names and odd forms."""
    assert fill(text, **overrides)[1] == [code]
