"""The findings of a configuration, for people: the same words wherever they stop a command."""

from collections.abc import Sequence
from typing import Final

import click

from routeringsvoorziening.configuration.findings import ConfigurationInvalid, Finding, Severity

MARKS: Final = {Severity.ERROR: "ERROR", Severity.UNUSABLE: "LEFT OUT", Severity.WARNING: "WARNING"}


def told(findings: Sequence[Finding]) -> list[str]:
    """Each with its place, what is wrong, what to do, and its code."""
    return [_told(each) for each in findings]


def counted(findings: Sequence[Finding]) -> str:
    """How many of each kind; it stands below all else, so that nobody overlooks what stands above."""
    counts = [(severity, sum(each.severity is severity for each in findings)) for severity in Severity]
    told_of = ", ".join(f"{count} x {MARKS[severity]}" for severity, count in counts if count)
    if not told_of:
        return "No mistakes."
    mistaken = any(each.severity is not Severity.WARNING for each in findings)
    return f"{told_of}: see above." if mistaken else f"No mistakes, {told_of}: see above."


def stop_for(problem: ConfigurationInvalid) -> click.ClickException:
    """What ends a command that needs a configuration: the report of `rv check`."""
    report = [*told(problem.findings), counted(problem.findings)]
    return click.ClickException("the configuration cannot be used.\n\n" + "\n\n".join(report))


def _told(finding: Finding) -> str:
    lines = [f"{MARKS[finding.severity]:8}  {finding.place}  {finding.place.dotted}", f"          {finding.text}"]
    if finding.mend:
        lines.append(f"          -> {finding.mend}")
    return "\n".join(line.rstrip() for line in (*lines, f"          [{finding.code}]"))
