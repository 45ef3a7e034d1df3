"""What to write instead: the fix of a finding, as edits of the user's own files. See `plan`."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from msgspec import structs

from shapetrace.edits import overlapping
from shapetrace.facts import op_arguments
from shapetrace.rules.fixes import alike, instead
from shapetrace.rules.fixes.plan import Plan
from shapetrace.rules.fixes.source import Source
from shapetrace.said import said
from shapetrace.trace import Edit, Finding, Fix, Site, Trace, Use

_PLAN = "_plan_of_fixes"


def of_use(trace: Trace, use: Use) -> Fix | None:
    """The fix for a use of a leaked dim."""
    return plan(trace).fix(use)


def of_site(trace: Trace, site: Site) -> Fix | None:
    """The fix for a place in rewritten code where Python needs a number and has a tensor."""
    source = plan(trace).source(site.file)
    node = source.node(site) if source is not None else None
    if source is None or not isinstance(node, ast.expr | ast.stmt):
        return None
    parts = [node] if isinstance(node, ast.expr) else [part for part in ast.walk(node) if isinstance(part, ast.expr)]
    part = next((part for part in parts if instead.written(source, part) is not None), None)
    if part is None:
        return None
    whole = instead.outermost(source, part)
    first = instead.written(source, whole)
    assert first is not None
    if instead.is_check(source.parent(whole)):
        edits = instead.check_as_assert(source, whole)
        says = said("an assert becomes part of the program; an exception cannot")
        return Fix(says, "maybe", edits) if edits else None
    worth, edits = first.applicability, instead.edits(source, first, whole)
    for other in alike.others(source, whole):
        form = instead.written(source, other)
        assert form is not None
        worth = "maybe" if form.applicability == "maybe" else worth
        edits += instead.edits(source, form, other)
    if _wants_a_number(source, whole):
        worth = "maybe"
    return Fix(first.says, worth, tuple(dict.fromkeys(edits)))


def of_choice(trace: Trace, site: Site) -> Fix | None:
    """The fix for an `and` or `or` of numbers in rewritten code, as the conditional expression that it stands for."""
    source = plan(trace).source(site.file)
    node = source.node(site) if source is not None else None
    if source is None or not isinstance(node, ast.BoolOp):
        return None
    form = instead.chosen(source, node)
    return Fix(form.says, form.applicability, instead.edits(source, form, node)) if form is not None else None


def _wants_a_number(source: Source, node: ast.expr) -> bool:
    """Whether a call that an expression is computed for is known to take no tensor in that place."""
    keyword, inner = None, node
    for outer in source.outwards(node):
        if isinstance(outer, ast.Call):
            position = outer.args.index(inner) if inner in outer.args else -1
            name = ast.unparse(outer.func).rpartition(".")[2]
            return inner is not outer.func and not op_arguments.takes_tensor_at(name, position, keyword)
        if isinstance(outer, ast.keyword):
            keyword = outer.arg
        elif isinstance(outer, ast.BinOp | ast.UnaryOp | ast.IfExp | ast.List | ast.Tuple):
            inner = outer
        else:
            return False
    return False


def plan(trace: Trace) -> Plan:
    """The plan of a trace's fixes, made once for all its uses."""
    kept = vars(trace).get(_PLAN)
    if kept is None or kept[0] != len(trace.uses):
        vars(trace)[_PLAN] = kept = len(trace.uses), Plan(trace)
    made: Plan = kept[1]
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
            if any(True for _ in overlapping({*taken, *fix.edits})):
                finding = structs.replace(finding, fix=structs.replace(fix, applicability="maybe"))
            else:
                taken |= set(fix.edits)
        result.append(finding)
    return result
