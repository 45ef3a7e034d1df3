"""ST701 and ST702: channels, an axis, a number or a length fit at no size, and Paddle converts the call all the same: every run of the export fails.

Of some eighty calls with an axis, a number or a length that does not fit, Paddle 3.3.1 refuses all but these at the conversion.
"""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.facts import ops
from shapetrace.said import said
from shapetrace.trace import Conversion, Finding, Fix, Op, Said, Sink, Tensor, Trace

_CONVOLUTIONS = ("pd_op.conv2d", "pd_op.depthwise_conv2d", "pd_op.conv3d")


def findings(trace: Trace, rule: str) -> Iterator[Finding]:
    """One for each op that no run of the export gets past. A conversion that has failed has its own reason."""
    for index, conversion in enumerate(trace.conversions):
        for place, op in enumerate(conversion.ops if conversion.failure is None else ()):
            told = op.name in _CHECKS and _RULES.get(op.name, "ST702") == rule
            refusal = _CHECKS[op.name](conversion, op) if told else None
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


def _channels(conversion: Conversion, op: Op) -> Said | None:
    """ConvInferMeta in binary.cc compares the channels with the weight's where no dim of the tensor is unknown."""
    groups, layout = op.attrs.get("groups"), op.attrs.get("data_format")
    if len(op.inputs) < 2 or min(op.inputs[:2]) < 0 or not isinstance(groups, int) or layout not in _LAYOUTS:
        return None
    given, weight = (conversion.values[value].shape for value in op.inputs[:2])
    if len(given) != len(weight) or len(given) < 3:
        return None
    channels, wanted = given[-1 if layout in _LAST else 1], weight[1] * groups
    if min(channels, wanted) < 0 or channels == wanted:
        return None
    return said(
        "{} got {}, of {} channels, and its weight is for {}",
        ops.bare(op.name),
        _shape(conversion, op),
        channels,
        wanted,
    )


_LAST = ("NHWC", "NDHWC")
_LAYOUTS = ("NCHW", "NCDHW", *_LAST)
_CHECKS = {
    **dict.fromkeys(_CONVOLUTIONS, _channels),
    "pd_op.transpose": _perm,
    "pd_op.topk": _largest,
    "pd_op.kthvalue": _largest,
    "pd_op.repeat_interleave_with_tensor_index": _repeats,
}


_RULES = dict.fromkeys(_CONVOLUTIONS, "ST701")
"""The rule of an op's, where it is not ST702."""
_INSTEAD = {
    "pd_op.conv2d": "make the layer for the channels that it gets, or give it what it is for",
    "pd_op.depthwise_conv2d": "make the layer for the channels that it gets, or give it what it is for",
    "pd_op.conv3d": "make the layer for the channels that it gets, or give it what it is for",
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
        rule=_RULES.get(op.name, "ST702"),
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
