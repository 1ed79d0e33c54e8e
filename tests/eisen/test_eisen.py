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


SCOPE = {
    "A-1": Requirement("A-1", ("RD",), "MUST", "one"),
    "A-2": Requirement("A-2", ("RD",), "MUST", "two"),
    "A-3": Requirement("A-3", ("RD",), "SHOULD", "three"),
    "A-4": Requirement("A-4", ("RD",), "MUST", "four", later="BSNk"),
    "A-5": Requirement("A-5", ("RD",), "MAY", "five", untestable="it is a promise between people"),
}


def test_the_verdict_counts_every_level():
    """MUSTs by themselves; every id in the total; what waits or cannot be shown is named, and never counted as tested."""
    found = json.loads(report.verdict(SCOPE, {"A-1": ["test"], "A-4": ["test"], "A-5": ["test"]}))
    assert found == {
        "must": 2,
        "covered": 1,
        "missing": ["A-2"],
        "should_missing": ["A-3"],
        "total": 5,
        "tested": 1,
        "later": {"A-4": "BSNk"},
        "untestable": {"A-5": "it is a promise between people"},
    }


def test_a_should_without_a_test_is_missing_too():
    """No level is quietly left out; with a test nothing is missing."""
    assert report.missing(SCOPE, {"A-1": ["test"], "A-2": ["test"]}) == ["A-3"]
    assert report.missing(SCOPE, {"A-1": ["test"], "A-2": ["test"], "A-3": ["test"]}) == []


def test_what_cannot_be_tested_says_why_and_has_no_test():
    """The way out is for what is true of people or machines, not for what nobody got round to."""
    proven = set(baseline.read())
    for requirement in read_scope().values():
        assert requirement.untestable is None or len(requirement.untestable.split()) >= 5, requirement.id
        assert requirement.untestable is None or requirement.id not in proven, requirement.id


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
