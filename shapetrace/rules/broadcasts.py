"""Where an `expand` that left an axis at 1 does no harm, since whatever takes its result broadcasts."""

from __future__ import annotations

from shapetrace.facts import ops
from shapetrace.rules import forced
from shapetrace.rules.evidence import Evidence
from shapetrace.trace import Conversion, Op, OpArgument


def make_up_for(evidence: Evidence[OpArgument]) -> bool:
    """Whether each op that takes the result of the `expand` a dim went into has the same dim in its other operand."""
    use = evidence.use
    if use.op not in ops.EXPANDS or use.tensor < 0 or use.index is None:
        return False
    conversion = evidence.trace.conversions[use.conversion]
    axis = use.index - len(use.arguments)
    results = [op.outputs[0] for op in conversion.ops if _is_it(op, evidence)]
    takers = [(op, result) for result in results for op in conversion.ops if result in op.inputs]
    if not takers or any(result in conversion.outputs for result in results):
        return False
    return all(_has(conversion, op, result, axis, evidence) for op, result in takers)


def _is_it(op: Op, evidence: Evidence[OpArgument]) -> bool:
    site = evidence.site(evidence.use.site)
    if (
        op.name != "pd_op.expand"
        or not op.stack
        or not op.outputs
        or op.inputs[:1] != (evidence.use.tensor,)
        or site is None
    ):
        return False
    line = evidence.trace.sites[op.stack[-1]]
    return line.file == site.file and site.line <= line.line <= max(site.line, site.end_line)


def _has(conversion: Conversion, op: Op, result: int, axis: int, evidence: Evidence[OpArgument]) -> bool:
    """Whether an op broadcasts the result along the axis to the dim that was meant."""
    others = [value for value in op.inputs if value not in (result, -1)]
    if not forced.broadcasts(op) or len(others) != 1:
        return False
    dims = conversion.values[others[0]].dims or ()
    return len(dims) >= -axis and conversion.expressions[dims[axis]] == evidence.expression
