"""Finds variables whose dtype changes in a turn of a converted loop: Paddle 3 builds the program for the dtype before it.

The result of a `while`, and what its block has for the variable, are then said to be of the first dtype. Ops that were chosen for that refuse
the other one when the export runs; only a `cast` takes what comes (3.0 to 3.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shapetrace.facts import ops
from shapetrace.trace import ControlFlow, Conversion, State, Trace, Variable

_DECLARED = {"bool": "bool", "int": "int64", "float": "float64"}
"""The dtype that a number of Python's becomes (`paddle/jit/dy2static/convert_operators.py:to_static_variable`)."""
_INDIFFERENT = frozenset({"pd_op.cast", ops.YIELD, ops.WHILE})


class Changed(NamedTuple):
    """A variable whose dtype changes, where something goes by the first one."""

    flow: ControlFlow
    variable: Variable
    before: str
    after: str


def changed(trace: Trace, index: int, conversion: Conversion) -> Iterator[Changed]:
    """The variables of the loops of a finished conversion that no run survives."""
    for place, op in enumerate(conversion.ops):
        if op.name != ops.WHILE:
            continue
        lines = _lines(trace, conversion, place)
        for before, after in _mismatched(conversion, place):
            for flow in trace.control_flow:
                if flow.conversion == index and flow.kind == "loop" and flow.site >= 0:
                    head = trace.sites[flow.site]
                    named = [variable for variable in flow.variables if dtypes(variable) == (before, after)]
                    if (head.file, head.line) in lines and named:
                        yield Changed(flow, named[0], before, after)
                        break


def _lines(trace: Trace, conversion: Conversion, loop: int) -> set[tuple[str, int]]:
    """The lines that were running when the block of a loop was made; the loop's own is among them. Paddle keeps none for the loop itself."""
    stacks = (op.stack for op in conversion.ops[loop + 1 :] if op.parent == loop and op.stack)
    return {(site.file, site.line) for site in map(trace.sites.__getitem__, next(stacks, ()))}


def dtypes(variable: Variable) -> tuple[str, str]:
    """The dtype that Paddle has for a variable of a loop, and the one that a turn leaves."""
    after = variable.after[-1] if variable.after else State("unset")
    return _DECLARED.get(variable.before.type, variable.before.dtype), after.dtype


def _mismatched(conversion: Conversion, loop: int) -> Iterator[tuple[str, str]]:
    """The dtypes before and after a turn, where they differ and an op goes by the first."""
    op = conversion.ops[loop]
    yields = (inner for inner in conversion.ops[loop + 1 :] if inner.parent == loop and inner.name == ops.YIELD)
    turn = next(yields, None)
    arguments = [
        value for value, tensor in enumerate(conversion.values) if tensor.op == loop and value not in op.outputs
    ]
    if turn is None or len(turn.inputs) != len(op.inputs) or len(arguments) != len(op.outputs):
        return  # of Paddle 2.6, where a variable is what was written to it last
    for result, argument, left in zip(op.outputs, arguments, turn.inputs[1:], strict=True):
        before, after = conversion.values[result].dtype, conversion.values[left].dtype if left >= 0 else ""
        users = [inner for inner in conversion.ops if {result, argument} & {*inner.inputs}]
        if after and before != after and any(inner.name not in _INDIFFERENT for inner in users):
            yield before, after
