"""The bookkeeping of proof itself: our list, the baseline and the verdict."""

import json
import os
from pathlib import Path

import pytest
import yaml

from tests.eisen import baseline, report
from tests.eisen.scope import Requirement, read_scope

QUIET = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
ROLES = {"RD": "RD", "AD-BVD": "AD", "DV": "DV"}


@pytest.fixture
def checklist() -> list[dict]:
    """The machine-readable checklist that lies beside the checkout, when it does."""
    shared = Path(os.environ.get("RV_SHARED") or Path(__file__).resolve().parents[3] / "shared")
    file = shared / "koppelvlak" / "eisen.yaml"
    if not file.exists():
        pytest.skip("the checklist of the koppelvlak does not lie beside this checkout (set RV_SHARED)")
    return yaml.safe_load(file.read_text(encoding="utf-8"))["requirements"]


def test_our_list_has_exactly_the_ids_of_the_checklist(checklist):
    """No requirement is forgotten, and none is invented."""
    assert sorted(read_scope()) == sorted(entry["id"] for entry in checklist)


def test_our_list_agrees_on_levels_and_roles(checklist):
    """A MUST is not quietly a SHOULD, and nobody's duty moves to another party."""
    scope = read_scope()
    for entry in checklist:
        ours = scope[entry["id"]]
        assert ours.level == entry["level"], entry["id"]
        assert set(ours.roles) == {ROLES[role] for role in [entry["role"], *entry.get("also", ())]}, entry["id"]


def test_later_has_a_known_reason():
    """What is not in scope says why, in one of a few words."""
    reasons = {requirement.later for requirement in read_scope().values()}
    assert reasons <= {None, "LC", "representation", "SSO/SLO", "eTD", "BSNk"}


def test_the_baseline_holds_known_ids_only():
    """covered.txt names requirements of our list."""
    assert set(baseline.read()) <= set(read_scope())


def test_a_requirement_that_loses_its_test_is_reported():
    """What stood in the baseline and has no test now is lost; what is new is not."""
    assert baseline.lost(["AR-01", "AR-02"], ["AR-02", "AR-03"]) == ["AR-01"]


def test_the_verdict_counts_required_ids_only():
    """SHOULDs and what comes later are in the table, not in the count."""
    scope = {
        "A-1": Requirement("A-1", ("RD",), "MUST", "one", None),
        "A-2": Requirement("A-2", ("RD",), "MUST", "two", None),
        "A-3": Requirement("A-3", ("RD",), "SHOULD", "three", None),
        "A-4": Requirement("A-4", ("RD",), "MUST", "four", "LC"),
    }
    found = json.loads(report.verdict(scope, {"A-1": ["test"], "A-4": ["test"]}))
    assert found == {"must": 2, "covered": 1, "missing": ["A-2"]}


def test_a_mark_of_an_unknown_requirement_fails_the_test(pytester):
    """A slip of the pen in an id cannot pass for a proof."""
    pytester.makeconftest("from tests.support.marks import *")
    pytester.makepyfile("import pytest\n@pytest.mark.eis('AR-99')\ndef test_a(): pass")
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(errors=1)


def test_a_mark_of_a_known_requirement_passes(pytester):
    """The positive twin."""
    pytester.makeconftest("from tests.support.marks import *")
    pytester.makepyfile("import pytest\n@pytest.mark.eis('AR-07')\ndef test_a(): pass")
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)
