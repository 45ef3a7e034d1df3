"""Which inputs of a program a tensor is computed from, and whether any tensor fits their specs."""

from __future__ import annotations

from shapetrace.facts import ops
from shapetrace.rules import asked
from shapetrace.trace import Asked, Conversion, FailedCall, Request, Trace


def of_value(conversion: Conversion, value: int, *, by_size: bool = True) -> list[str]:
    """The names of the inputs that a tensor is computed from, those first that come first in the program.

    Args:
        conversion: The conversion.
        value: The tensor.
        by_size: Also those of which it takes no more than a size.
    """
    names: dict[str, None] = {}
    pending, visited = [value], set()
    while pending:
        value = pending.pop()
        if value < 0 or value in visited:
            continue
        visited.add(value)
        op = conversion.ops[conversion.values[value].op]
        if op.name in ops.INPUTS:
            names[conversion.values[value].name] = None
        if by_size or op.name not in ops.SHAPES:
            pending += op.inputs
    return list(reversed(names))


def impossible(request: Request, failed: bool) -> list[Asked]:
    """The specs of sizes below zero; and of no elements at all in a row of numbers, where that ended the conversion."""
    specs = asked.specs(request.effective)
    below = [item for item in specs if min(item.shape, default=0) < -1]
    empty = [item for item in specs if item.shape == (0,) and (below or failed)]
    return [item for item in specs if item in below or item in empty]


def gets_the_impossible(trace: Trace, index: int, call: FailedCall) -> bool:
    """Whether a call that failed got a tensor that comes of an input that no tensor can be."""
    conversion = trace.conversions[index]
    requests = (request for request in trace.requests if request.conversion == index)
    names = {asked.name(item) for request in requests for item in impossible(request, True)}
    given = [item for argument in (*call.arguments, *call.operands) for item in (argument, *argument.items)]
    return bool(names) and any(not names.isdisjoint(of_value(conversion, item.value)) for item in given)
