"""ST504 again: an index that is a tensor and a slice between numbers in one pair of brackets, of which Paddle infers a wrong shape.

`x[:, n, 1:3]` becomes one `slice` op, whose bounds are a list of tensors as soon as one of them is a tensor. For the bounds that are
numbers Paddle then takes -1 (`paddle/base/variable_index.py` fills its list so), and `SliceInferMeta` finds an empty axis. When the model
runs, the true bounds arrive, and the result is right; but where the slice stands before the tensor, the kernel compares a size of -1
with 1, and refuses (`paddle/phi/kernels/funcs/slice_utils.h`). Measured on 3.0.0 to 3.3.1; of 2.6.2 only the second is so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from shapetrace.facts import ops
from shapetrace.rules import fixes
from shapetrace.rules.fixes.source import Source
from shapetrace.said import said
from shapetrace.trace import Conversion, FailedCall, Finding, Fix, Op, Said, Sink, Site, Trace

_SLICE = ops.full("slice")
_KNOWN, _TENSOR = 1, -1  # what `infer_flags` says of the bounds of an axis
_READ = said("the op itself computes with the real sizes; whatever reads the shape of its result gets this number")


def found(trace: Trace) -> Iterator[Finding]:
    """One for each such index that ends the conversion or every run; a note where only the shape is wrong."""
    for number, conversion in enumerate(trace.conversions):
        told = set()
        for place, op in enumerate(conversion.ops):
            if op.name in _SLICE and op.stack and op.stack not in told and _is_mixed(op):
                finding = _finding(trace, number, place)
                if finding is not None:
                    told.add(op.stack)
                    yield finding


def misled(conversion: Conversion, call: FailedCall) -> bool:
    """Whether a call that failed was given a tensor whose shape is wrong by such an index."""
    return is_misread(conversion, _given(call))


def _given(call: FailedCall) -> list[int]:
    """The tensors that a call was given, as indices into `Conversion.values`."""
    given = [item for argument in (*call.arguments, *call.operands) for item in (argument, *argument.items)]
    return [item.value for item in given if item.value >= 0]


def _reaches(conversion: Conversion, op: Op, call: FailedCall) -> bool:
    """Whether a call was given the result of an op, or a tensor that is computed from it."""
    after = {*op.outputs}
    for later in conversion.ops[conversion.values[op.outputs[0]].op + 1 :]:
        if not after.isdisjoint(later.inputs):
            after.update(later.outputs)
    return not after.isdisjoint(_given(call))


def is_misread(conversion: Conversion, values: Sequence[int]) -> bool:
    """Whether one of these values has a wrong shape in the program, by such an index further up."""
    return _misread_axis(conversion, values) >= 0 and any(op.name in _SLICE and _is_mixed(op) for op in conversion.ops)


def _misread_axis(conversion: Conversion, values: Sequence[int]) -> int:
    """The first axis of these values that is one number in the program and another in the symbolic shape; -1 for none."""
    for stored in (conversion.values[value] for value in values if value >= 0):
        for axis, (size, dim) in enumerate(zip(stored.shape, stored.dims or (), strict=False)):
            meant = conversion.expressions[dim]
            if size >= 0 and meant.isdigit() and int(meant) != size:
                return axis
    return -1


def _ranges(op: Op) -> list[int]:
    """The axes that an op slices between numbers."""
    flags = zip(op.attrs.get("axes", ()), op.attrs.get("infer_flags", ()), strict=False)
    return [axis for axis, flag in flags if flag == _KNOWN and axis not in op.attrs.get("decrease_axis", ())]


def _is_mixed(op: Op) -> bool:
    return bool(_ranges(op)) and _TENSOR in op.attrs["infer_flags"]


def _is_refused(op: Op) -> bool:
    """Whether the kernel refuses: an axis that is sliced between numbers comes before one whose index is a tensor."""
    flags = zip(op.attrs.get("axes", ()), op.attrs.get("infer_flags", ()), strict=False)
    indices = [axis for axis, flag in flags if flag == _TENSOR and axis in op.attrs.get("decrease_axis", ())]
    ranges = _ranges(op)
    return bool(ranges and indices) and min(ranges) < max(indices)


def _finding(trace: Trace, number: int, place: int) -> Finding | None:
    conversion = trace.conversions[number]
    op, failure = conversion.ops[place], conversion.failure
    site, fix = _written(trace, trace.sites[op.stack[-1]], len(op.attrs["decrease_axis"]))
    code = " ".join(site.code.split())
    refused, axis = _is_refused(op), _misread_axis(conversion, op.outputs[:1])
    if not refused and axis < 0:
        return None
    failed = axis >= 0 and failure is not None and failure.call is not None and _reaches(conversion, op, failure.call)
    return Finding(
        rule="ST504",
        severity="error" if refused or failed else "note",
        said=_at_runs(code) if refused and not failed else _inferred(conversion, op, axis, code),
        expression=code,
        sink=Sink.at(site, "[]"),
        fix=fix,
        conversion=number,
        layers=(op.layer,),
        ops=(place,),
        remarks=() if refused or failed else (_READ,),
    )


def _at_runs(code: str) -> Said:
    return said("`{}` fails at every run: in it a slice between numbers comes before an index that is a tensor", code)


def _inferred(conversion: Conversion, op: Op, axis: int, code: str) -> Said:
    value = conversion.values[op.outputs[0]]
    assert value.dims is not None
    meant = conversion.expressions[value.dims[axis]]
    return said("Paddle infers that axis {} of `{}` is {}, and it is {}", axis, code, value.shape[axis], meant)


# What to write instead.


def _written(trace: Trace, site: Site, indices: int) -> tuple[Site, Fix]:
    """Where the index is written, and what to write there: what takes an axis away first, then the slices between numbers."""
    says = said("index in two steps: first what takes an axis away, then the slices between numbers")
    source = fixes.plan(trace).source(site.file)
    inside = range(site.line, max(site.line, site.end_line) + 1)
    nodes = [node for node in ast.walk(source.tree) if isinstance(node, ast.Subscript)] if source is not None else []
    fitting = [
        node for node in nodes if node.lineno in inside and node.end_lineno in inside and _count(node) == indices
    ]
    if source is None or len(fitting) != 1:
        return site, Fix(says)
    (node,) = fitting
    return source.place(node, site), Fix(says, "machine", (source.replace(node, _in_two_steps(source, node)),))


def _count(node: ast.Subscript) -> int:
    """How many items of an index take an axis away; -1 where that cannot be said, or it mixes nothing."""
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else []
    alone = [item for item in items if not isinstance(item, ast.Slice)]
    plain = not any(isinstance(item, ast.Starred) or _is_special(item) for item in alone)
    between = any(isinstance(item, ast.Slice) and _is_between_numbers(item) for item in items)
    mixed = between and any(not isinstance(_unsigned(item), ast.Constant) for item in alone)
    return len(alone) if plain and mixed else -1


def _is_special(item: ast.expr) -> bool:
    return isinstance(item, ast.Constant) and item.value in (None, Ellipsis)


def _is_between_numbers(item: ast.Slice) -> bool:
    bounds = [bound for bound in (item.lower, item.upper, item.step) if bound is not None]
    return bool(bounds) and all(isinstance(_unsigned(bound), ast.Constant) for bound in bounds)


def _unsigned(number: ast.expr) -> ast.expr:
    return number.operand if isinstance(number, ast.UnaryOp) else number


def _in_two_steps(source: Source, node: ast.Subscript) -> str:
    assert isinstance(node.slice, ast.Tuple)
    first, then = [], []
    for item in node.slice.elts:
        later = isinstance(item, ast.Slice) and _is_between_numbers(item)
        first.append(":" if later else source.text(item))
        if isinstance(item, ast.Slice):
            then.append(source.text(item) if later else ":")
    return f"{source.text(node.value)}[{_index(first)}][{_index(then)}]"


def _index(items: list[str]) -> str:
    """Items of an index, without those at the end that leave an axis as it is."""
    while len(items) > 1 and items[-1] == ":":
        items = items[:-1]
    return ", ".join(items)
