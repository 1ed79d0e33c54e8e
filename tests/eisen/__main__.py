"""`make eisen`: which requirement is proven by which tests. The last line is JSON.

`python -m tests.eisen` fails when a requirement in scope has no test, or one of covered.txt lost its tests; `--update` writes covered.txt again.
"""

import sys

from tests.eisen import baseline, report
from tests.eisen.collecting import CollectionFailed, collect
from tests.eisen.scope import read_scope


def main(arguments: list[str]) -> int:
    """Print the table and the verdict; the exit status."""
    scope = read_scope()
    try:
        tests = collect().eisen
    except CollectionFailed as error:
        print(error)
        return 2
    proven = [name for name in scope if tests.get(name)]
    lost = baseline.lost(baseline.read(), proven)
    unknown = sorted(set(tests) - set(scope))
    print(*report.table(scope, tests), "", report.counts(scope, tests), sep="\n")
    if "--update" in arguments:
        baseline.write(proven)
    elif lost:
        print(f"Proven before, and not any more: {' '.join(lost)}")
    if unknown:
        print(f"Marked, but not a requirement: {' '.join(unknown)}")
    print(report.verdict(scope, tests), flush=True)
    return 1 if unknown or report.missing(scope, tests) or (lost and "--update" not in arguments) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
