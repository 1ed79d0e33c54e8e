"""`rv pki`."""

from pathlib import Path

from click.testing import CliRunner

from routeringsvoorziening.cli import main

PROFILE = """
parties:
  - {folder: stad, name: Stad, oin: "00000009999999999001", hosts: [stad.localhost], purposes: [signing]}
"""


def test_it_shows_what_was_made_and_what_was_kept(tmp_path: Path) -> None:
    """The first run makes, the second keeps; both print a table."""
    profile, world = tmp_path / "profile.yaml", tmp_path / "world"
    profile.write_text(PROFILE)
    arguments = ["pki", "--world", str(world), "--profile", str(profile)]
    first, second = (CliRunner().invoke(main, arguments) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "made" in first.output
    assert "kept" in second.output
    for word in ("stad", "signing", "00000009999999999001", "valid until", str(world / "stad" / "signing.pem")):
        assert word in first.output


def test_a_bad_profile_ends_with_its_mistake(tmp_path: Path) -> None:
    """No traceback: the mistake, and exit status 1."""
    profile = tmp_path / "profile.yaml"
    profile.write_text("parties: []")
    result = CliRunner().invoke(main, ["pki", "--world", str(tmp_path), "--profile", str(profile)])
    assert result.exit_code == 1
    assert "parties" in result.output
