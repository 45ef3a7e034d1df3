"""ST701 to ST703: channels, an axis, a number or a length fit at no size, and Paddle converts the call all the same: every run of the export fails.

Of some eighty calls with an axis, a number or a length that does not fit, Paddle 3.3.1 refuses all but these at the conversion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from shapetrace.facts import free_ops, ops
from shapetrace.rules import mixed_indices
from shapetrace.said import said
from shapetrace.trace import Conversion, Finding, Fix, Op, Said, Sink, Tensor, Trace


class _Check(NamedTuple):
    """Something that Paddle does not look at when it converts an op."""

    rule: str
    ops: tuple[str, ...]
    refused: Callable[[Conversion, Op], Said | None]
    """Says why no run gets past the op; None where one may."""
    instead: Said
    """What to write."""


def findings(trace: Trace, rule: str) -> Iterator[Finding]:
    """One for each op that no run of the export gets past. A conversion that has failed has its own reason."""
    for index, conversion in enumerate(trace.conversions):
        for place, op in enumerate(conversion.ops if conversion.failure is None else ()):
            for check in _CHECKS.get(op.name, ()):
                if check.rule != rule or not op.stack or mixed_indices.is_misread(conversion, op.inputs):
                    continue
                refusal = check.refused(conversion, op)
                if refusal is not None:
                    yield _finding(trace, index, place, check, refusal)


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
    counts, size = _repeated(conversion, op)
    if len(counts) != 1 or counts[0] in (1, size) or min(counts[0], size) < 0:
        return None
    axis = op.attrs.get("axis", op.attrs.get("dim"))
    return said(
        "repeat_interleave got {} repeats, and axis {} of {} is {}", counts[0], axis, _shape(conversion, op), size
    )


def _repeat(conversion: Conversion, op: Op) -> Said | None:
    """The same, of a single number that is a tensor, as a dim in rewritten code is."""
    counts, size = _repeated(conversion, op)
    if counts != (1,) or size == 1:
        return None
    return said("repeat_interleave got one number as a tensor, and takes a tensor of one for each place of the axis")


def _repeated(conversion: Conversion, op: Op) -> tuple[tuple[int, ...], int]:
    """The shape of a tensor of repeats, and the size of the axis; nothing where there is no such tensor."""
    rank, axis = _rank(conversion, op), op.attrs.get("axis", op.attrs.get("dim"))
    if len(op.inputs) < 2 or op.inputs[1] < 0 or not isinstance(axis, int) or not rank or not -rank <= axis < rank:
        return (), -1
    return conversion.values[op.inputs[1]].shape, conversion.values[op.inputs[0]].shape[axis]


def _fill(conversion: Conversion, op: Op) -> Said | None:
    """The kernel of `masked_fill` reads its value in the tensor's dtype, whatever it is (masked_fill_kernel.cc)."""
    if len(op.inputs) < 3 or min(op.inputs[0], op.inputs[2]) < 0:
        return None
    filled, value = conversion.values[op.inputs[0]].dtype, conversion.values[op.inputs[2]].dtype
    if filled == value or not value:
        return None
    return said("masked_fill got a value of {}, and reads it as {}", value, filled)


def _scale(conversion: Conversion, op: Op) -> Said | None:
    """The kernels of `interpolate` read a scale that is a tensor as float32, whatever it is (interpolate_kernel.cc)."""
    last = conversion.values[op.inputs[-1]] if op.inputs[-1] >= 0 else None
    if last is None or last.dtype not in ("int32", "int64"):
        return None
    if len(op.inputs) != _WITH_A_SCALE and (len(op.inputs) != 2 or last.shape != ()):  # PIR, and before it
        return None
    return said("interpolate got a scale_factor that is a tensor of ints, and reads it as float32")


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


_CONVOLUTIONS = ("pd_op.conv2d", "pd_op.depthwise_conv2d", "pd_op.conv3d")
_FILLS = ("pd_op.masked_fill", "pd_op.masked_fill_")
_WITH_A_SCALE = 4
"""Operands of an op that resizes: the tensor, a size in one tensor, in several, and a scale."""
_LAST = ("NHWC", "NDHWC")
_LAYOUTS = ("NCHW", "NCDHW", *_LAST)
_CHOICES = ("pd_op.topk", "pd_op.kthvalue")
_REPEATS = ("pd_op.repeat_interleave_with_tensor_index", "pd_op.repeat_interleave")  # PIR, and before it
_ALL = (
    _Check(
        "ST701",
        _CONVOLUTIONS,
        _channels,
        said("make the layer for the channels that it gets, or give it what it is for"),
    ),
    _Check("ST702", ("pd_op.transpose",), _perm, said("give perm one number for each axis of the tensor")),
    _Check("ST702", _CHOICES, _largest, said("take no more than the axis holds")),
    _Check("ST702", _REPEATS, _repeats, said("give one number of repeats for each place of the axis")),
    _Check("ST703", _REPEATS, _repeat, said("fill a tensor with it: paddle.full([x.shape[axis]], n, 'int64')")),
    _Check("ST703", _FILLS, _fill, said("make it of the tensor's dtype: float(n), which Paddle converts")),
    _Check(
        "ST703",
        tuple(ops.full(*free_ops.RESIZES)),
        _scale,
        said("make it a float, which Paddle converts: scale_factor=float(n)"),
    ),
)
_CHECKS = {name: [check for check in _ALL if name in check.ops] for check in _ALL for name in check.ops}


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


def _finding(trace: Trace, index: int, place: int, check: _Check, sentence: Said) -> Finding:
    op = trace.conversions[index].ops[place]
    site = trace.sites[op.stack[-1]]
    return Finding(
        rule=check.rule,
        severity="error",
        said=sentence,
        expression=" ".join(site.code.split()),
        source=site,
        sink=Sink.at(site, ops.bare(op.name)),
        conversion=index,
        layers=(op.layer,) if op.layer else (),
        fix=Fix(check.instead),
        remarks=(said("Paddle does not see this when it converts; every run of the export fails here"),),
        ops=(place,),
    )
