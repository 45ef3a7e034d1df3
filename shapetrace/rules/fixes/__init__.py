"""What to write instead: the fix of a finding, as edits of the user's own files. See `plan`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import structs

from shapetrace import edits
from shapetrace.rules.fixes.plan import Plan
from shapetrace.trace import Edit, Finding, Fix, Site, Trace

if TYPE_CHECKING:
    from shapetrace.rules.evidence import Evidence

_PLAN = "_plan_of_fixes"


def of_use(evidence: Evidence) -> Fix | None:
    """The fix for a use of a leaked dim."""
    return plan(evidence.trace).fix(evidence.use)


def plan(trace: Trace) -> Plan:
    """The plan of a trace's fixes, made once for all its uses."""
    known = vars(trace).get(_PLAN)
    if known is None or known[0] != len(trace.uses):
        vars(trace)[_PLAN] = known = len(trace.uses), Plan(trace)
    made: Plan = known[1]
    return made


def replacing(site: Site, text: str) -> Edit:
    """The edit that puts a text in the place of a site."""
    return Edit(site.file, site.line, site.column, max(site.end_line, site.line), site.end_column, text)


def apart(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with fixes that a machine can apply together: one that overlaps with those before it is for a person."""
    taken: set[Edit] = set()
    result = []
    for finding in findings:
        fix = finding.fix
        if fix is not None and fix.applicability == "machine":
            if any(True for _ in edits.overlapping({*taken, *fix.edits})):
                finding = structs.replace(finding, fix=structs.replace(fix, applicability="maybe"))
            else:
                taken |= set(fix.edits)
        result.append(finding)
    return result
