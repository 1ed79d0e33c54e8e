"""The table of requirement → tests, and the verdict."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.eisen.scope import Requirement

Tests = Mapping[str, Sequence[str]]


def table(scope: Mapping[str, Requirement], tests: Tests) -> Iterator[str]:
    """A line per requirement, and below it the tests that prove it."""
    for requirement in scope.values():
        found = tests.get(requirement.id, ())
        yield f"{requirement.id:9}{requirement.level:7}{_state(requirement, found):9}{requirement.about}"
        yield from (f"{'':25}{name}" for name in found)


def _state(requirement: Requirement, found: Sequence[str]) -> str:
    if found:
        return "proven"
    if requirement.in_scope:
        return "MISSING"
    return f"({requirement.later[:7]})" if requirement.later else "(none)"


def missing(scope: Mapping[str, Requirement], tests: Tests) -> list[str]:
    """The ids in scope without a test, of every level."""
    return [name for name, requirement in scope.items() if requirement.in_scope and not tests.get(name)]


def counts(scope: Mapping[str, Requirement], tests: Tests) -> str:
    """One line that says how far it is, by reason of what waits."""
    waiting = Counter(requirement.later for requirement in scope.values() if requirement.later)
    told = f"; later: {', '.join(f'{count} {reason}' for reason, count in sorted(waiting.items()))}" if waiting else ""
    return f"{_tested(scope, tests)} of {len(scope)} requirements tested{told}; {sum(map(len, tests.values()))} proofs"


def verdict(scope: Mapping[str, Requirement], tests: Tests) -> str:
    """The JSON line.

    `must`, `covered` and `missing` are about the MUSTs in scope, `should_missing` about the other levels; `total` and
    `tested` count every id. What waits and what no test can show is named with its reason and never counted as tested.
    """
    must = sum(requirement.required for requirement in scope.values())
    lacking = missing(scope, tests)
    musts = [name for name in lacking if scope[name].required]
    return json.dumps(
        {
            "must": must,
            "covered": must - len(musts),
            "missing": musts,
            "should_missing": [name for name in lacking if name not in musts],
            "total": len(scope),
            "tested": _tested(scope, tests),
            "later": {name: entry.later for name, entry in scope.items() if entry.later},
            "untestable": {name: entry.untestable for name, entry in scope.items() if entry.untestable},
        }
    )


def _tested(scope: Mapping[str, Requirement], tests: Tests) -> int:
    return sum(1 for name, requirement in scope.items() if requirement.in_scope and tests.get(name))
