"""The systemd unit that we ship."""

from configparser import ConfigParser

import pytest

from tests.deploy.conftest import DEPLOY

UNIT = DEPLOY / "rv.service"


@pytest.fixture
def unit() -> ConfigParser:
    """The unit as it lies in deploy/."""
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    return parser


@pytest.mark.eis("SES-08")
@pytest.mark.parametrize("relation", ["After", "Wants"])
def test_it_waits_for_a_clock_that_is_right(unit, relation):
    """Every rule of time assumes it: the RV starts once the clock was synchronised."""
    assert "time-sync.target" in unit["Unit"][relation].split()
