"""What ops on images and maps demand, by Paddle's own check of their operands (`InferMeta`) or the kernel's."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, prod

from shapetrace import symbolic
from shapetrace.facts import axes, free_ops, ops
from shapetrace.said import said
from shapetrace.sizes.reading import Asked, Reading, pairs
from shapetrace.symbolic.signs import never_negative
from shapetrace.trace import Op

_RANK_OF_IMAGES = 4
_RANK_OF_PAD = 5
_RANK_OF_WINDOWS = 3
_RANK_OF_SCORES = 3  # of a batch; of one image, they are for the boxes of all


def _convolved(reader: Reading, op: Op) -> Asked:
    """As many channels as the filter takes."""
    x, filters = reader.shapes(op, 0, 1)
    last = str(op.attrs.get("data_format", "NCHW")).endswith("C")
    if len(x) > 1 and len(filters) > 1 and not last:
        turned = ops.bare(op.name).endswith("transpose")
        yield "equal", x[1], filters[0] if turned else f"Mul({filters[1]}, {op.attrs.get('groups', 1)})"


def _deformed(reader: Reading, op: Op) -> Asked:
    """An offset, and a weight if there are such, for each place of the result (DeformableConvInferMeta in multiary.cc)."""
    x, offsets, filters, mask = reader.shapes(op, 0, 1, 2, 3)
    result, groups = reader.result(op), int(op.attrs.get("deformable_groups", 1))
    if not len(x) == len(filters) == len(result) == _RANK_OF_IMAGES:
        return
    yield "equal", x[1], f"Mul({filters[1]}, {op.attrs.get('groups', 1)})"
    for each, numbers in ((offsets, 2 * groups), (mask, groups)):
        if len(each) == _RANK_OF_IMAGES:
            yield "equal", x[0], each[0]
            yield "equal", each[1], f"Mul({filters[2]}, {filters[3]}, {numbers})"
            yield from pairs("equal", result[2:], each[2:])


def _unpooled(reader: Reading, op: Op) -> Asked:
    """A place within the result for each element (UnpoolInferMeta in binary.cc, unpool_kernel.cc).

    Paddle lets the result be less than a stride larger or smaller than usual (`_unpool_output_size` in `python/paddle/nn/functional/pooling.py`).
    """
    x, places = reader.shapes(op, 0, 1)
    after, source = reader.result(op)[2:], reader.op_of(op.inputs[1])
    yield from pairs("equal", x, places)
    pooled = reader.dims(reader.operand(source, 0))[2:] if source.name == "pd_op.max_pool2d_with_index" else []
    apart = [symbolic.combine("-", sides) for sides in zip(after, pooled, strict=False)]
    if not apart or not all(map(never_negative, apart)):
        why = said("how large the numbers are that {} looks up is not known", "unpool")
        reader.say_unclear(reader.place_of(op), op, why)
    windows = (op.attrs[name] for name in ("ksize", "strides", "padding"))
    for dim, size, width, stride, pad in zip(x[2:], after, *windows, strict=False):
        usual = f"Add(Mul({dim}, {stride}), {width - stride - 2 * pad})"
        yield "at_least", size, f"Add({usual}, {1 - stride})"
        yield "at_least", f"Add({usual}, {stride - 1})", size


def _resized(reader: Reading, op: Op) -> Asked:
    """Something is left of each axis."""
    dims, factors = reader.dims(reader.operand(op, 0)), op.attrs.get("scale") or []
    last = str(op.attrs.get("data_format", "")).endswith("C")
    axes = dims[1:-1] if last else dims[2:]
    if all(value is None for value in reader.operands(op)[1:]):
        for dim, factor in zip(axes, factors, strict=False):
            yield "at_least", dim, str(ceil(1 / factor))


def _padded(reader: Reading, op: Op) -> Asked:
    """What is reflected is there (Pad3dInferMeta in unary.cc)."""
    dims, pads = reader.dims(reader.operand(op, 0)), reader.data(reader.operand(op, 1))
    if op.attrs.get("mode") != "reflect" or len(dims) != _RANK_OF_PAD:
        return
    padded = dims[1:-1] if str(op.attrs.get("data_format")).endswith("C") else dims[2:]
    for dim, before, after in zip(reversed(padded), pads[::2], pads[1::2], strict=False):
        yield "at_least", dim, f"Add(Max({before}, {after}), 1)"


def _cropped(reader: Reading, op: Op) -> Asked:
    """What is cut out is there (CropInferMeta in unary.cc); a -1 is what is left after the offset."""
    dims, shape, offsets = (
        reader.dims(reader.operand(op, 0)),
        reader.data(reader.operand(op, 1)),
        reader.data(reader.operand(op, 2)),
    )
    for dim, size, offset in zip(dims, shape, offsets, strict=False):
        yield "at_least", dim, f"Add({offset}, {'1' if size == '-1' else size})"


def _unshuffled(reader: Reading, op: Op) -> Asked:
    dims, factor = reader.dims(reader.operand(op, 0)), op.attrs.get("downscale_factor")
    for dim in dims[2:] if str(op.attrs.get("data_format")) == "NCHW" else dims[1:3]:
        yield "equal", f"Mod({dim}, {factor})", "0"


def _shuffled(reader: Reading, op: Op) -> Asked:
    """The groups are of one size (ChannelShuffleInferMeta in unary.cc)."""
    dims, groups = reader.dims(reader.operand(op, 0)), op.attrs.get("groups")
    if len(dims) > 1 and isinstance(groups, int):
        yield "equal", f"Mod({dims[1 if op.attrs.get('data_format') == 'NCHW' else -1]}, {groups})", "0"


def _folded(reader: Reading, op: Op) -> Asked:
    """A window for each place of the image, and whole channels (FoldInferMeta in unary.cc)."""
    dims, window = reader.dims(reader.operand(op, 0)), op.attrs.get("kernel_sizes") or []
    if len(dims) != _RANK_OF_WINDOWS or not window:
        return
    yield "equal", f"Mod({dims[1]}, {prod(window)})", "0"
    pads, sizes = op.attrs["paddings"], op.attrs["output_sizes"]
    both = [pads[place] + pads[(place + 2) % len(pads)] for place in range(len(sizes))]
    steps = zip(sizes, both, window, op.attrs["dilations"], op.attrs["strides"], strict=False)
    counts = [(size + pad - dilation * (width - 1) - 1) // stride + 1 for size, pad, width, dilation, stride in steps]
    if all(count > 0 for count in counts):
        yield "equal", dims[2], str(prod(counts))


def _shifted(reader: Reading, op: Op) -> Asked:
    """The batch is of whole films (TemporalShiftInferMeta in unary.cc)."""
    dims = reader.dims(reader.operand(op, 0))
    if dims:
        yield "equal", f"Mod({dims[0]}, {op.attrs.get('seg_num', 1)})", "0"


def _grid_sample(reader: Reading, op: Op) -> Asked:
    x, grid = reader.shapes(op, 0, 1)
    if x and grid:
        yield "equal", x[0], grid[0]


def _of_regions(reader: Reading, op: Op) -> Asked:
    """A number of regions for each image (roi_align_kernel.cc)."""
    x, counts = reader.shapes(op, 0, 2)
    if x and counts:
        yield "equal", x[0], counts[0]


def _suppressed(reader: Reading, op: Op) -> Asked:
    """A score for each box (MultiClassNMSInferMeta in multiary.cc); boxes of images without scores are passed over."""
    boxes, scores = reader.shapes(op, 0, 1)
    if len(boxes) == len(scores) == _RANK_OF_SCORES:
        yield "at_least", boxes[0], scores[0]
        yield "equal", boxes[1], scores[2]


def _boxes(reader: Reading, op: Op) -> Asked:
    """A size of each image (YoloBoxInferMeta in binary.cc)."""
    x, sizes = reader.shapes(op, 0, 1)
    if x and sizes:
        yield "equal", x[0], sizes[0]


READING: dict[str, Callable[[Reading, Op], Asked]] = {
    **dict.fromkeys((name for name in free_ops.WINDOWED if "conv" in name), _convolved),
    "deformable_conv": _deformed,
    **dict.fromkeys(free_ops.RESIZES, _resized),
    "unpool": _unpooled,
    **dict.fromkeys(axes.REGIONS, _of_regions),
    "crop": _cropped,
    "temporal_shift": _shifted,
    "index_sample": _grid_sample,
    "grid_sample": _grid_sample,
    "multiclass_nms3": _suppressed,
    "yolo_box": _boxes,
    "pad3d": _padded,
    "pixel_unshuffle": _unshuffled,
    "channel_shuffle": _shuffled,
    "fold": _folded,
}
"""How the demands of each op are read."""
