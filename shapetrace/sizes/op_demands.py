"""What each op demands of the dims it works on, by Paddle's own check of its operands (`InferMeta`) or the kernel's.

A function an op: it yields the kind of a demand and the two dims that it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd

from shapetrace.facts import free_ops, ops
from shapetrace.sizes import image_demands, row_demands
from shapetrace.sizes.reading import Asked, Reading, factors, pairs, product
from shapetrace.trace import Op


def _reshape(reader: Reading, op: Op) -> Asked:
    """As many elements as before."""
    (before, many), (after, more) = map(factors, (reader.dims(reader.operand(op, 0)), reader.result(op)))
    for dim in list(before):
        if dim in after:
            before.remove(dim)
            after.remove(dim)
    shared = gcd(many, more) or 1
    if before or after or many != more:
        yield "equal", product([*before, str(many // shared)]), product([*after, str(more // shared)])


def _expand(reader: Reading, op: Op) -> Asked:
    """An axis has the size that is wanted, or is 1."""
    before, after = reader.dims(reader.operand(op, 0)), reader.result(op)
    for dim, wanted in zip(reversed(before), reversed(after), strict=False):
        if dim != "1":
            yield "broadcast", dim, wanted
            yield "at_least", wanted, dim


def _normalized(reader: Reading, op: Op) -> Asked:
    """A weight for each channel."""
    x = reader.dims(reader.operand(op, 0))
    last = str(op.attrs.get("data_format", "NCHW")).endswith("C")
    for weight in reader.operands(op)[1:]:
        if len(x) > 1 and len(reader.dims(weight)) == 1:
            yield "equal", x[-1 if last else 1], reader.dims(weight)[0]


def _grouped(reader: Reading, op: Op) -> Asked:
    """Groups of one size, and a weight for each channel (GroupNormInferMeta in multiary.cc)."""
    x, groups = reader.dims(reader.operand(op, 0)), op.attrs.get("groups")
    if len(x) > 1 and isinstance(groups, int):
        yield "equal", f"Mod({x[-1 if op.attrs.get('data_format') == 'NHWC' else 1]}, {groups})", "0"
    yield from _normalized(reader, op)


def _framed(reader: Reading, op: Op) -> Asked:
    """A frame fits (FrameInferMeta in unary.cc); `stft` asks that of what it is given, and pads it then (`python/paddle/signal.py`)."""
    index, width, axis = op.inputs[0], op.attrs.get("frame_length"), int(op.attrs.get("axis", -1))
    while op.api == "stft" and (made := reader.op_of(index)).api == "stft" and made.inputs:
        index = made.inputs[0]
    dims = reader.dims(reader.conversion.values[index])
    if dims:
        yield "at_least", dims[axis], str(width)


def _square(reader: Reading, op: Op) -> Asked:
    dims = reader.dims(reader.operand(op, 0))
    if len(dims) > 1:
        yield "equal", dims[-2], dims[-1]


def _bilinear(reader: Reading, op: Op) -> Asked:
    """Rows of both, each as long as the weight has for it (BilinearInferMeta in multiary.cc)."""
    x, y, weight = reader.shapes(op, 0, 1, 2)
    if len(x) == len(y) == 2 and len(weight) == 3:
        yield from (("equal", x[0], y[0]), ("equal", x[1], weight[1]), ("equal", y[1], weight[2]))


def _filled(reader: Reading, op: Op) -> Asked:
    """The first two are broadcast (MaskedFillInferMeta in ternary.cc, LerpInferMeta, ComplexInferMeta in binary.cc)."""
    x, mask = reader.shapes(op, 0, 1)
    yield from pairs("broadcast", reversed(x), reversed(mask))


def _layer_norm(reader: Reading, op: Op) -> Asked:
    normalized = reader.dims(reader.operand(op, 0))[int(op.attrs.get("begin_norm_axis", 1)) :]
    for weight in reader.operands(op)[1:]:
        if normalized and reader.dims(weight):
            yield "equal", product(normalized), reader.dims(weight)[0]


def _einsum(reader: Reading, op: Op) -> Asked:
    """Axes of one letter are equal, or 1."""
    terms = str(op.attrs.get("equation", "")).partition("->")[0].replace(" ", "").split(",")
    first: dict[str, str] = {}
    for term, value in zip(terms, reader.listed(op, 0), strict=False):
        dims = reader.dims(value)
        for letter, dim in zip(term, dims, strict=False) if "." not in term and len(term) == len(dims) else ():
            yield "broadcast", first.setdefault(letter, dim), dim


def _recurrent(reader: Reading, op: Op) -> Asked:
    """The states that it begins with are of the batch (RnnInferMeta in multiary.cc)."""
    x = reader.dims(reader.operand(op, 0))
    for state in reader.listed(op, 1):
        dims = reader.dims(state)
        if len(x) > 1 and len(dims) > 1:
            yield "equal", x[1], dims[1]


def _squeezed(reader: Reading, op: Op) -> Asked:
    """Which axes are gone is decided when the program is built."""
    before, after = reader.dims(reader.operand(op, 0)), reader.result(op)
    for dim in [dim for dim in before if dim not in after and not dim.isdigit()]:
        yield "equal", dim, "1"


def _compared(reader: Reading, op: Op) -> Asked:
    """What is compared is of one shape (KLDivInferMeta, BCELossInferMeta and HuberLossInferMeta in binary.cc)."""
    x, label = reader.shapes(op, 0, 1)
    yield from pairs("equal", x, label)


def _similar(reader: Reading, op: Op) -> Asked:
    """Broadcast; but along the axis that is summed, an export has two unknown sizes for equal.

    And a number beside an unknown size for another factor than it is (`cosine_similarity` in `python/paddle/nn/functional/common.py`).
    """
    x, y = reader.shapes(op, 0, 1)
    place = reader.place_of(op)
    following = reader.conversion.ops[place + 1 : place + 4]  # the axis, and the sum
    sums = [each for each in following if each.name == "pd_op.sum" and each.inputs[0] == op.outputs[0]]
    axes = [int(axis) for each in sums for axis in reader.data(reader.operand(each, 1))]
    if len(x) != len(y):
        reader.say_not_known(op, "cosine_similarity")
    for axis, (left, right) in enumerate(zip(x, y, strict=False)):
        if axes[:1] not in ([axis], [axis - len(x)]):
            yield "broadcast", left, right
        elif left.isdigit() != right.isdigit():
            reader.say_not_known(op, "cosine_similarity")
        elif not left.isdigit():
            yield "equal", left, right


def _nothing(reader: Reading, op: Op) -> Asked:
    return iter(())


READING: dict[str, Callable[[Reading, Op], Asked]] = {
    **image_demands.READING,
    **row_demands.READING,
    **dict.fromkeys(ops.RESHAPES, _reshape),
    **dict.fromkeys(("expand", "expand_as"), _expand),
    **dict.fromkeys(free_ops.NORMALIZING, _normalized),
    **dict.fromkeys((name for name in free_ops.WINDOWED if "conv" not in name), _nothing),
    "layer_norm": _layer_norm,
    **dict.fromkeys(("kldiv_loss", "bce_loss", "huber_loss", "log_loss", "hinge_loss", "dot"), _compared),
    "sigmoid_cross_entropy_with_logits": _compared,
    **dict.fromkeys(free_ops.SQUARE, _square),
    "bilinear": _bilinear,
    **dict.fromkeys(("masked_fill", "lerp", "complex"), _filled),
    "einsum": _einsum,
    "rnn": _recurrent,
    "squeeze": _squeezed,
    "group_norm": _grouped,
    "frame": _framed,
    **dict.fromkeys(("pixel_shuffle", "unbind", "pad"), _nothing),
}
"""How the demands of an op are read, beyond that no axis of its result is empty."""
OF_APIS: dict[tuple[str, str], Callable[[Reading, Op], Asked]] = {("cosine_similarity", "multiply"): _similar}
"""The same of an op in a function of Paddle's that asks more of its operands than the op does."""
