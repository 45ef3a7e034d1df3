"""ST902 and ST903: the inputs of a saved program are not those that the user has in mind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.facts import ops
from shapetrace.plugin import Rule
from shapetrace.rules import asked
from shapetrace.rules.registry import register
from shapetrace.said import joined, said
from shapetrace.trace import Conversion, Finding, Input, Op, Request, Trace

_OF_A_CALL = re.compile(r"_jst\.\d+\.(.+?)(?:\.0)?$")
"""What Paddle calls the inputs that it takes from a call."""


def unused(trace: Trace) -> Iterator[Finding]:
    """ST902: an input with a spec that no result depends on, so that the saved program has it not."""
    for request in asked.requests(trace):
        if not request.saves or request.refused or request.conversion < 0 or not request.effective:
            continue
        conversion = trace.conversions[request.conversion]
        if conversion.failure is None and conversion.outputs:
            read = {dim.tensor for dim in trace.dims if dim.op == "read" and dim.conversion == request.conversion}
            for dropped in _unused(conversion, read):
                if not _left_out(request, dropped):
                    yield _dropped(trace, request, dropped)


def _left_out(request: Request, dropped: Input) -> bool:
    """Whether who saves the program has left out an input that `to_static` has a spec of, as PaddleDetection does."""
    specs = asked.specs(request.given)
    return bool(request.declared and specs) and dropped.name not in map(asked.name, specs)


def _unused(conversion: Conversion, read: set[int]) -> Iterator[Input]:
    """The inputs that nothing needs, without those of which Python read a dim: what became of that is told by other rules."""
    needed = _needed(conversion) | read
    for spec in conversion.inputs:
        values = [tensor.index for tensor in conversion.tensors if tensor.name == spec.name and tensor.op in ops.INPUTS]
        if values and needed.isdisjoint(values):
            yield spec


def _needed(conversion: Conversion) -> set[int]:
    """The values that the results depend on, and what the program does besides."""
    needed, live = set(conversion.outputs), set[int]()
    before = -1
    while before != len(live):  # an op in a block comes after the op that the block is of
        before = len(live)
        for index in range(len(conversion.ops) - 1, -1, -1):
            op = conversion.ops[index]
            if index not in live and (op.parent in live or _acts(op) or not needed.isdisjoint(op.outputs)):
                live.add(index)
                needed.update(op.inputs)
                if op.parent >= 0 and op.parent not in live:  # the loop or branch that an array grows in
                    live.add(op.parent)
                    needed.update(conversion.ops[op.parent].inputs)
    return needed


def _acts(op: Op) -> bool:
    """Whether an op does something other than give results, so that it is kept without them."""
    return not op.outputs or op.name.endswith(("_", "print", "assert", "py_func"))


def _dropped(trace: Trace, request: Request, dropped: Input) -> Finding:
    item = next((spec for spec in asked.specs(request.effective) if asked.name(spec) == dropped.name), None)
    positional, refused = item is not None and not item.path, request.unsaved is not None
    told = (
        said("no result depends on the input {}: Paddle does not save it", dropped.name)
        if refused
        else said("no result depends on the input {}: the exported model has it not", dropped.name)
    )
    rest = [other.name for other in trace.conversions[request.conversion].inputs if other != dropped]
    by_place = said(
        "the export has these inputs: {}; who feeds it by place feeds the wrong ones", ", ".join(rest) or "()"
    )
    return asked.finding(
        trace,
        "ST902",
        "error" if refused else "warning" if positional else "note",
        told,
        request,
        asked.at(trace, dropped.site if item is None or item.site < 0 else item.site),
        asked.at(trace, request.defined),
        expression=dropped.name,
        notes=(by_place,) if positional and not refused else (),
        says=said("leave its spec out, or see why the model does not use it"),
    )


def from_a_call(trace: Trace) -> Iterator[Finding]:
    """ST903: no spec was given, so the shapes are those of an earlier call."""
    for request in asked.requests(trace):
        if not request.saves or request.given is not None or not _takes_a_call(request):
            continue
        inputs = trace.conversions[request.conversion].inputs if request.conversion >= 0 else []
        if inputs:
            told = joined("{} and {}", [f"{_parameter(spec)} {asked.shape(spec.shape)}" for spec in inputs])
            yield asked.finding(
                trace,
                "ST903",
                "warning",
                said("no spec is given, so the export has the inputs of an earlier call: {}", told),
                request,
                asked.at(trace, request.site),
                asked.at(trace, request.called),
                notes=(said("each of these sizes is a constant of the export, the batch too"),),
                says=said(
                    "give jit.save an input_spec, with None for each size that may vary, and none for what only training needs"
                ),
            )


def _takes_a_call(request: Request) -> bool:
    """Whether the specs that counted are those that Paddle has made of the arguments of an earlier call."""
    if request.declared is None:
        return request.cached
    specs = asked.specs(request.declared)
    return bool(specs) and all(_OF_A_CALL.match(item.name) for item in specs)


def _parameter(spec: Input) -> str:
    named = _OF_A_CALL.match(spec.name)
    return named[1] if named else spec.name


register(Rule("ST902", "an input that the program never uses", "warning", unused))
register(Rule("ST903", "no spec was given, and shapes came from an earlier call", "warning", from_a_call))
