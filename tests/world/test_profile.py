"""The profile of a test PKI."""

from pathlib import Path

import pytest

from routeringsvoorziening.simulators.world.profile import ProfileInvalid, demo_profile, read_profile

EXAMPLE = Path(__file__).parents[2] / "certs-example" / "profile.yaml"

VALID = """
days: 90
parties:
  - {folder: stad, name: Stad, oin: "00000009999999999001", hosts: [stad.localhost]}
"""


def test_the_example_is_the_demo() -> None:
    """certs-example/profile.yaml says what `rv pki` makes without a profile."""
    assert read_profile(EXAMPLE) == demo_profile()


def test_a_short_profile_suffices(tmp_path: Path) -> None:
    """Everything but the parties has a default."""
    path = tmp_path / "profile.yaml"
    path.write_text(VALID)
    assert read_profile(path).parties[0].purposes == ("signing", "encryption", "tls")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"00000009999999999001"', "00000001234567012345", "parties.0.oin"),
        ("stad, name", "../stad, name", "parties.0.folder"),
        ("stad, name", "pki, name", "folder of its own"),
        ("days: 90", "days: 10", "renew_before_days"),
        ("days: 90", "days: 3650", "authority.days"),
        ("days: 90", "dagen: 90", "dagen"),
        ("parties:", "parties: [", "while parsing"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Each mistake is refused with its place."""
    path = tmp_path / "profile.yaml"
    path.write_text(VALID.replace(old, new))
    with pytest.raises(ProfileInvalid, match=said):
        read_profile(path)


def test_a_huge_profile_is_refused(tmp_path: Path) -> None:
    """More than 64 KiB is not read."""
    path = tmp_path / "profile.yaml"
    path.write_text(VALID + "#" * 65536)
    with pytest.raises(ProfileInvalid, match="65536"):
        read_profile(path)
