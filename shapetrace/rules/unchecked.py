"""ST702: an axis, number or length fits at no size, and Paddle converts the call all the same: every run of the export fails.

Of some eighty calls with an axis, a number or a length that does not fit, Paddle 3.3.1 refuses all but these at the conversion.
"""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.facts import ops
from shapetrace.said import said
from shapetrace.trace import Conversion, Finding, Fix, Op, Said, Sink, Tensor, Trace


def findings(trace: Trace) -> Iterator[Finding]:
    """One for each op that no run of the export gets past. A conversion that has failed has its own reason."""
    for index, conversion in enumerate(trace.conversions):
        for place, op in enumerate(conversion.ops if conversion.failure is None else ()):
            refusal = _CHECKS[op.name](conversion, op) if op.name in _CHECKS else None
            if refusal is not None and op.stack:
                yield _finding(trace, index, place, refusal)


def _perm(conversion: Conversion, op: Op) -> Said | None:
    """TransposeInferMeta in unary.cc refuses a `perm` that is longer than the shape."""
    perm, rank = op.attrs.get("perm"), _rank(conversion, op)
    if not perm or rank is None or len(perm) == rank:
        return None
    what = said("{} of {} by {}", "transpose", _shape(conversion, op), f"[{', '.join(map(str, perm))}]")
    return said("{}: the tensor has {} axes, and perm orders {}", what, rank, len(perm))


def _largest(conversion: Conversion, op: Op) -> Said | None:
    """TopKInferMeta and KthvalueInferMeta in unary.cc compare k with the axis where no dim of the tensor is unknown."""
    k, rank = op.attrs.get("k", _held(conversion, op)), _rank(conversion, op)
    axis = op.attrs.get("axis")
    if not isinstance(k, int | float) or not isinstance(axis, int) or not rank or not -rank <= axis < rank:
        return None
    size = conversion.values[op.inputs[0]].shape[axis]
    if not 0 <= size < k:
        return None
    name = ops.bare(op.name)
    return said("{} got k = {}, and axis {} of {} is {}", name, int(k), axis % rank, _shape(conversion, op), size)


def _repeats(conversion: Conversion, op: Op) -> Said | None:
    """`repeat_interleave` wants one number for each place of the axis; its kernel compares them (repeat_interleave_kernel.cc)."""
    rank, axis = _rank(conversion, op), op.attrs.get("axis")
    if len(op.inputs) < 2 or op.inputs[1] < 0 or not isinstance(axis, int) or not rank or not -rank <= axis < rank:
        return None
    counts = conversion.values[op.inputs[1]].shape
    size = conversion.values[op.inputs[0]].shape[axis]
    if len(counts) != 1 or counts[0] in (1, size) or min(counts[0], size) < 0:
        return None
    return said(
        "repeat_interleave got {} repeats, and axis {} of {} is {}", counts[0], axis, _shape(conversion, op), size
    )


_CHECKS = {
    "pd_op.transpose": _perm,
    "pd_op.topk": _largest,
    "pd_op.kthvalue": _largest,
    "pd_op.repeat_interleave_with_tensor_index": _repeats,
}


_INSTEAD = {
    "pd_op.transpose": "give perm one number for each axis of the tensor",
    "pd_op.topk": "take no more than the axis holds",
    "pd_op.kthvalue": "take no more than the axis holds",
    "pd_op.repeat_interleave_with_tensor_index": "give one number of repeats for each place of the axis",
}


def _held(conversion: Conversion, op: Op) -> object:
    """The number that the second operand holds, where it is a constant."""
    if len(op.inputs) < 2 or op.inputs[1] < 0:
        return None
    maker = conversion.ops[conversion.values[op.inputs[1]].op]
    return maker.attrs.get("value") if maker.name == ops.FULL else None


def _rank(conversion: Conversion, op: Op) -> int | None:
    return len(conversion.values[op.inputs[0]].shape) if op.inputs and op.inputs[0] >= 0 else None


def _shape(conversion: Conversion, op: Op) -> str:
    tensor = Tensor(conversion, op.inputs[0])
    symbolic = tensor.symbolic
    if symbolic is None or len(symbolic) != len(tensor.shape):
        symbolic = tuple("?" if size < 0 else str(size) for size in tensor.shape)
    return f"[{', '.join(symbolic)}]"


def _finding(trace: Trace, index: int, place: int, sentence: Said) -> Finding:
    op = trace.conversions[index].ops[place]
    site = trace.sites[op.stack[-1]]
    return Finding(
        rule="ST702",
        severity="error",
        said=sentence,
        expression=" ".join(site.code.split()),
        source=site,
        sink=Sink.at(site, ops.bare(op.name)),
        conversion=index,
        layers=(op.layer,) if op.layer else (),
        fix=Fix(said(_INSTEAD[op.name])),
        remarks=(said("Paddle does not see this when it converts; every run of the export fails here"),),
        ops=(place,),
    )
