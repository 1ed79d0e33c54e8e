"""The table of requirement → tests, and the verdict."""

import json
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
    return f"({requirement.later[:7]})" if requirement.later else "MISSING" if requirement.required else "-"


def missing(scope: Mapping[str, Requirement], tests: Tests) -> list[str]:
    """The required ids without a test."""
    return [name for name, requirement in scope.items() if requirement.required and not tests.get(name)]


def counts(scope: Mapping[str, Requirement], tests: Tests) -> str:
    """One line that says how far it is, by reason of what waits."""
    later: dict[str, int] = {}
    for requirement in scope.values():
        if requirement.later:
            later[requirement.later] = later.get(requirement.later, 0) + 1
    waiting = ", ".join(f"{count} {reason}" for reason, count in sorted(later.items()))
    return f"{len(scope)} requirements; later: {waiting}; {sum(map(len, tests.values()))} proofs"


def verdict(scope: Mapping[str, Requirement], tests: Tests) -> str:
    """The JSON line: how many must be proven by now, how many are, and which are not."""
    must = sum(requirement.required for requirement in scope.values())
    lacking = missing(scope, tests)
    return json.dumps({"must": must, "covered": must - len(lacking), "missing": lacking})
