"""What each op demands of the dims it works on, by Paddle's own check of its operands (`InferMeta`) or the kernel's.

A function an op: it yields the kind of a demand and the two dims that it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, zip_longest
from math import ceil, gcd, prod
from typing import Literal, NamedTuple

from shapetrace import symbolic
from shapetrace.facts import axes, free_ops, ops
from shapetrace.said import said
from shapetrace.sizes.operands import Operands
from shapetrace.symbolic import form
from shapetrace.symbolic.signs import never_negative, never_positive
from shapetrace.trace import Conversion, Op, Said

Kind = Literal["equal", "differ", "broadcast", "at_least", "rows", "not_empty"]
"""`broadcast`: equal, or one of them 1. `differ`: they are not equal. `rows`: a table has at least as many. `not_empty`: at least 1; Paddle itself lets an empty tensor pass in places."""
Asked = Iterator[tuple[Kind, str, str]]


class Unclear(NamedTuple):
    """An op that may demand something that is not known."""

    keys: frozenset[str]
    """The symbols of the dims that it is about."""
    op: int
    why: Said
    misread: bool = False
    """Whether Paddle's symbolic pass may tell another shape of its result than it has, so that nothing that follows says what is taken."""


class Reading(Operands):
    """The operands of the ops of a conversion, and the ops of which it is not clear what they demand.

    Args:
        conversion: The conversion.
        expressions: Its expressions, with what is known of data-dependent symbols put in.
    """

    def __init__(self, conversion: Conversion, expressions: Sequence[str]) -> None:
        super().__init__(conversion, expressions)
        self.unclear: list[Unclear] = []
        self._makers = frozenset(symbol.op for symbol in conversion.symbols if symbol.input is None)

    def gives_symbols(self, op: Op) -> bool:
        """Whether Paddle's symbolic pass has not told the shape of an op's result, but made symbols of it."""
        return self.place_of(op) in self._makers

    def say_unclear(self, place: int, op: Op, why: Said, misread: Sequence[str] = ()) -> None:
        """Say that it is not known what an op demands, where it works on unknown dims.

        Args:
            place: Its index.
            op: The op.
            why: What is not known.
            misread: Numbers that Paddle's symbolic pass may take for others than they are.
        """
        listed = (
            each
            for place, index in enumerate(op.inputs)
            if index >= 0 and self.op_of(index).name == ops.COMBINE
            for each in self.listed(op, place)
        )
        dims = [*misread, *(dim for value in (*self.operands(op), *listed) for dim in self.dims(value))]
        keys = frozenset().union(*map(symbolic.symbols, dims))
        if keys:
            self.unclear.append(Unclear(keys, place, why, bool(misread)))


def _pairs(kind: Kind, left: Iterable[str], right: Iterable[str]) -> Asked:
    """The same of each two dims, as far as there are both."""
    return ((kind, a, b) for a, b in zip(left, right, strict=False))


def _reshape(reader: Reading, op: Op) -> Asked:
    """As many elements as before."""
    (before, many), (after, more) = map(factors, (reader.dims(reader.operand(op, 0)), reader.result(op)))
    for dim in list(before):
        if dim in after:
            before.remove(dim)
            after.remove(dim)
    shared = gcd(many, more) or 1
    if before or after or many != more:
        yield "equal", _product([*before, str(many // shared)]), _product([*after, str(more // shared)])


def factors(dims: Sequence[str]) -> tuple[list[str], int]:
    """The factors of a product of dims: those that have symbols, and the numbers multiplied."""
    pending, unknown, number = [form.parse(dim) for dim in dims], list[str](), 1
    while pending:
        node = pending.pop(0)
        if isinstance(node, tuple) and node[0] == "Mul":
            pending[:0] = node[1:]
        elif isinstance(node, int):
            number *= node
        else:
            unknown.append(form.unparse(node))
    return unknown, number


def _product(dims: Sequence[str]) -> str:
    factors = [dim for dim in dims if dim != "1"]
    return f"Mul({', '.join(factors)})" if len(factors) > 1 else (factors or ["1"])[0]


def _expand(reader: Reading, op: Op) -> Asked:
    """An axis has the size that is wanted, or is 1."""
    before, after = reader.dims(reader.operand(op, 0)), reader.result(op)
    for dim, wanted in zip(reversed(before), reversed(after), strict=False):
        if dim != "1":
            yield "broadcast", dim, wanted
            yield "at_least", wanted, dim


def _slice(reader: Reading, op: Op) -> Asked:
    """An index is within its axis; one below zero counts from the end, which Paddle's symbolic pass leaves out."""
    dims = reader.dims(reader.operand(op, 0))
    starts, ends = (reader.data(reader.operand(op, place)) for place in (1, 2))
    for axis, start, end in zip(op.attrs.get("axes") or [], starts, ends, strict=False):
        if axis not in (op.attrs.get("decrease_axis") or []):
            below = [each for each in (start, end) if symbolic.symbols(each) and not never_negative(each)]
            if below and not reader.gives_symbols(op):
                reader.say_unclear(reader.place_of(op), op, said("where a slice begins may be negative"), below)
        elif axis < len(dims):
            if not never_positive(start):
                yield "at_least", dims[axis], f"Add({start}, 1)"
            if not never_negative(start):
                yield "at_least", dims[axis], symbolic.combine("neg", [start])


def _assigned(reader: Reading, op: Op) -> Asked:
    """An index is within its axis, and a tensor that is put into places has as many (SetValueInferMeta in unary.cc)."""
    first = 2 if "with_tensor" in op.name else 1
    starts, ends, steps = (reader.data(reader.operand(op, place)) for place in range(first, first + 3))
    dims, single = reader.dims(reader.operand(op, 0)), op.attrs.get("decrease_axes") or []
    places: list[str | None] = list(dims)
    for axis, start, end, step in zip(op.attrs.get("axes") or [], starts, ends, steps, strict=False):
        if axis in single and axis < len(dims) and start.removeprefix("-").isdigit():
            yield "at_least", dims[axis], start[1:] if start.startswith("-") else f"Add({start}, 1)"
        elif axis < len(dims) and (start, step) == ("0", "1") and never_negative(end):
            places[axis] = f"Min({dims[axis]}, {end})"
        elif axis < len(dims):
            places[axis] = None
    value = reader.dims(reader.operand(op, 1)) if first > 1 else []
    if value and None in places:
        reader.say_unclear(reader.place_of(op), op, said("what {} asks of its operands is not known", "set_value"))
    left = [dim for axis, dim in enumerate(places) if axis not in single]
    for dim, size in zip(reversed(left), reversed(value), strict=False):
        if dim is not None and size != "1":
            yield "equal", dim, size


def _split(reader: Reading, op: Op) -> Asked:
    """The parts make up the axis, or are of one size."""
    dims, held = reader.dims(reader.operand(op, 0)), [reader.data(each) for each in reader.operands(op)[1:]]
    if not held or not held[-1] or not dims:
        return
    dim = dims[int(held[-1][0]) % len(dims)]
    sections = held[0] if len(held) > 1 else []
    if sections and "-1" not in sections:
        yield "equal", dim, f"Add({', '.join(sections)}, 0)"


def _split_with_num(reader: Reading, op: Op) -> Asked:
    dims, axis = reader.dims(reader.operand(op, 0)), reader.data(reader.operand(op, 1))
    count = op.attrs.get("num")
    if dims and axis and isinstance(count, int):
        yield "equal", f"Mod({dims[int(axis[0]) % len(dims)]}, {count})", "0"


def _convolved(reader: Reading, op: Op) -> Asked:
    """As many channels as the filter takes."""
    x, filters = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    last = str(op.attrs.get("data_format", "NCHW")).endswith("C")
    if len(x) > 1 and len(filters) > 1 and not last:
        turned = ops.bare(op.name).endswith("transpose")
        yield "equal", x[1], filters[0] if turned else f"Mul({filters[1]}, {op.attrs.get('groups', 1)})"


def _deformed(reader: Reading, op: Op) -> Asked:
    """An offset, and a weight if there are such, for each place of the result (DeformableConvInferMeta in multiary.cc)."""
    x, offsets, filters, mask = (reader.dims(reader.operand(op, place)) for place in range(4))
    result, groups = reader.result(op), int(op.attrs.get("deformable_groups", 1))
    if not len(x) == len(filters) == len(result) == _RANK_OF_IMAGES:
        return
    yield "equal", x[1], f"Mul({filters[1]}, {op.attrs.get('groups', 1)})"
    for each, numbers in ((offsets, 2 * groups), (mask, groups)):
        if len(each) == _RANK_OF_IMAGES:
            yield "equal", x[0], each[0]
            yield "equal", each[1], f"Mul({filters[2]}, {filters[3]}, {numbers})"
            yield from (("equal", size, dim) for size, dim in zip(result[2:], each[2:], strict=True))


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


def _kth(reader: Reading, op: Op) -> Asked:
    dims = reader.dims(reader.operand(op, 0))
    if dims:
        yield "at_least", dims[int(op.attrs.get("axis", -1)) % len(dims)], str(op.attrs.get("k", 1))


def _taken(reader: Reading, op: Op) -> Asked:
    """Along other axes there is a row for each index (`take_along_axis` in `python/paddle/tensor/manipulation.py`).

    Where both are broadcast, an export leaves those of unknown size as they are.
    """
    dims, indices = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    axis = int(op.attrs.get("axis", 0)) % max(len(dims), 1)
    broadcast = op.inputs[1] >= 0 and reader.op_of(op.inputs[1]).api == ops.bare(op.name)
    for place, (dim, count) in enumerate(zip(dims, indices, strict=False)):
        if place != axis:
            yield "equal" if broadcast else "at_least", dim, count


def _scattered(reader: Reading, op: Op) -> Asked:
    """As many rows to put as places, each as long as those of the table (ScatterInferMeta in ternary.cc, funcs/scatter.h)."""
    table, places, rows = (reader.dims(reader.operand(op, place)) for place in (0, 1, 2))
    if places and rows:
        yield "at_least", rows[0], places[0]
    for dim, size in zip(table[1:], rows[1:], strict=False):
        yield "equal", dim, size


def _scattered_by_columns(reader: Reading, op: Op) -> Asked:
    """What is put has the axes of the places, and then what is left of the table's (ScatterNdAddInferMeta in ternary.cc)."""
    table, places, rows = (reader.dims(reader.operand(op, place)) for place in (0, 1, 2))
    if places and places[-1].isdigit():
        for dim, size in zip([*places[:-1], *table[int(places[-1]) :]], rows, strict=False):
            yield "equal", dim, size


def _added_at(reader: Reading, op: Op) -> Asked:
    """As much along the axis as there are places, and else of one shape (IndexAddInferMeta in ternary.cc, index_add_impl.h)."""
    table, places, rows = (reader.dims(reader.operand(op, place)) for place in (0, 1, 2))
    axis = int(op.attrs.get("axis", 0)) % max(len(table), 1)
    for place, (dim, size) in enumerate(zip(table, rows, strict=False)):
        yield "equal", places[0] if place == axis and places else dim, size


def _searched(reader: Reading, op: Op) -> Asked:
    """A row to search in for each row, where there are several (SearchsortedInferMeta in binary.cc)."""
    rows, values = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    for dim, size in zip(rows[:-1], values, strict=False):
        yield "equal", dim, size


def _square(reader: Reading, op: Op) -> Asked:
    dims = reader.dims(reader.operand(op, 0))
    if len(dims) > 1:
        yield "equal", dims[-2], dims[-1]


def _repeated(reader: Reading, op: Op) -> Asked:
    """A number for each row (RepeatInterleaveWithTensorIndexInferMeta in binary.cc)."""
    dims, counts = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    if dims and counts:
        yield "equal", dims[int(op.attrs.get("axis", 0)) % len(dims)], counts[0]


def _bilinear(reader: Reading, op: Op) -> Asked:
    """Rows of both, each as long as the weight has for it (BilinearInferMeta in multiary.cc)."""
    x, y, weight = (reader.dims(reader.operand(op, place)) for place in (0, 1, 2))
    if len(x) == len(y) == 2 and len(weight) == 3:
        yield from (("equal", x[0], y[0]), ("equal", x[1], weight[1]), ("equal", y[1], weight[2]))


def _of_regions(reader: Reading, op: Op) -> Asked:
    """A number of regions for each image (roi_align_kernel.cc)."""
    x, counts = (reader.dims(reader.operand(op, place)) for place in (0, 2))
    if x and counts:
        yield "equal", x[0], counts[0]


def _filled(reader: Reading, op: Op) -> Asked:
    """The first two are broadcast (MaskedFillInferMeta in ternary.cc, LerpInferMeta, ComplexInferMeta in binary.cc)."""
    x, mask = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    for left, right in zip(reversed(x), reversed(mask), strict=False):
        yield "broadcast", left, right


def _labelled(reader: Reading, op: Op) -> Asked:
    """A label for each row (CrossEntropyWithSoftmaxInferMeta in binary.cc)."""
    x, label = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    axis = int(op.attrs.get("axis", -1)) % max(len(x), 1)
    for place, (left, right) in enumerate(zip(x, label, strict=False)):
        if place != axis or op.attrs.get("soft_label"):
            yield "equal", left, right


def _classified(reader: Reading, op: Op) -> Asked:
    """A label for each place (NllLossInferMeta in ternary.cc)."""
    x, label = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    for left, right in zip([*x[:1], *x[2:]], label, strict=False):
        yield "equal", left, right


def _cropped(reader: Reading, op: Op) -> Asked:
    """What is cut out is there (CropInferMeta in unary.cc); a -1 is what is left after the offset."""
    dims, shape, offsets = (
        reader.dims(reader.operand(op, 0)),
        reader.data(reader.operand(op, 1)),
        reader.data(reader.operand(op, 2)),
    )
    for dim, size, offset in zip(dims, shape, offsets, strict=False):
        yield "at_least", dim, f"Add({offset}, {'1' if size == '-1' else size})"


def _shifted(reader: Reading, op: Op) -> Asked:
    """The batch is of whole films (TemporalShiftInferMeta in unary.cc)."""
    dims = reader.dims(reader.operand(op, 0))
    if dims:
        yield "equal", f"Mod({dims[0]}, {op.attrs.get('seg_num', 1)})", "0"


def _layer_norm(reader: Reading, op: Op) -> Asked:
    normalized = reader.dims(reader.operand(op, 0))[int(op.attrs.get("begin_norm_axis", 1)) :]
    for weight in reader.operands(op)[1:]:
        if normalized and reader.dims(weight):
            yield "equal", _product(normalized), reader.dims(weight)[0]


def _topk(reader: Reading, op: Op) -> Asked:
    dims, count = reader.dims(reader.operand(op, 0)), reader.data(reader.operand(op, 1))
    if dims and count:
        yield "at_least", dims[int(op.attrs.get("axis", -1)) % len(dims)], count[0]


def _grid_sample(reader: Reading, op: Op) -> Asked:
    x, grid = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    if x and grid:
        yield "equal", x[0], grid[0]


def _einsum(reader: Reading, op: Op) -> Asked:
    """Axes of one letter are equal, or 1."""
    terms = str(op.attrs.get("equation", "")).partition("->")[0].replace(" ", "").split(",")
    first: dict[str, str] = {}
    for term, value in zip(terms, reader.listed(op, 0), strict=False):
        dims = reader.dims(value)
        for letter, dim in zip(term, dims, strict=False) if "." not in term and len(term) == len(dims) else ():
            yield "broadcast", first.setdefault(letter, dim), dim


def _suppressed(reader: Reading, op: Op) -> Asked:
    """A score for each box (MultiClassNMSInferMeta in multiary.cc); boxes of images without scores are passed over."""
    boxes, scores = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    if len(boxes) == len(scores) == _RANK_OF_SCORES:
        yield "at_least", boxes[0], scores[0]
        yield "equal", boxes[1], scores[2]


def _boxes(reader: Reading, op: Op) -> Asked:
    """A size of each image (YoloBoxInferMeta in binary.cc)."""
    x, sizes = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    if x and sizes:
        yield "equal", x[0], sizes[0]


def _recurrent(reader: Reading, op: Op) -> Asked:
    """The states that it begins with are of the batch (RnnInferMeta in multiary.cc)."""
    x = reader.dims(reader.operand(op, 0))
    for state in reader.listed(op, 1):
        dims = reader.dims(state)
        if len(x) > 1 and len(dims) > 1:
            yield "equal", x[1], dims[1]


def _padded(reader: Reading, op: Op) -> Asked:
    """What is reflected is there (Pad3dInferMeta in unary.cc)."""
    dims, pads = reader.dims(reader.operand(op, 0)), reader.data(reader.operand(op, 1))
    if op.attrs.get("mode") != "reflect" or len(dims) != _RANK_OF_PAD:
        return
    padded = dims[1:-1] if str(op.attrs.get("data_format")).endswith("C") else dims[2:]
    for dim, before, after in zip(reversed(padded), pads[::2], pads[1::2], strict=False):
        yield "at_least", dim, f"Add(Max({before}, {after}), 1)"


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


def _squeezed(reader: Reading, op: Op) -> Asked:
    """Which axes are gone is decided when the program is built."""
    before, after = reader.dims(reader.operand(op, 0)), reader.result(op)
    for dim in [dim for dim in before if dim not in after and not dim.isdigit()]:
        yield "equal", dim, "1"


_RANK_OF_IMAGES = 4
_RANK_OF_PAD = 5
_RANK_OF_WINDOWS = 3
_RANK_OF_SCORES = 3  # of a batch; of one image, they are for the boxes of all


def _resized(reader: Reading, op: Op) -> Asked:
    """Something is left of each axis."""
    dims, factors = reader.dims(reader.operand(op, 0)), op.attrs.get("scale") or []
    last = str(op.attrs.get("data_format", "")).endswith("C")
    axes = dims[1:-1] if last else dims[2:]
    if all(value is None for value in reader.operands(op)[1:]):
        for dim, factor in zip(axes, factors, strict=False):
            yield "at_least", dim, str(ceil(1 / factor))


def _compared(reader: Reading, op: Op) -> Asked:
    """What is compared is of one shape (KLDivInferMeta, BCELossInferMeta and HuberLossInferMeta in binary.cc)."""
    x, label = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    for left, right in zip(x, label, strict=False):
        yield "equal", left, right


def _put(reader: Reading, op: Op) -> Asked:
    """Places are broadcast, and what is put there too (`index_put_kernel.cc`); a mask of other sizes than the tensor's axes has is not refused everywhere."""
    whole, places, put = reader.dims(reader.operand(op, 0)), reader.listed(op, 1), reader.dims(reader.operand(op, 2))
    shapes = [reader.dims(value) for value in places]
    if any(value is not None and value.dtype == "bool" for value in places):
        left = whole[len(shapes[0]) :]
        chosen = put[: max(len(put) - len(left), 0)]
        if len(places) > 1 or whole != shapes[0] + left or chosen not in ([], ["1"]):
            reader.say_unclear(reader.place_of(op), op, said("what {} asks of its operands is not known", "index_put"))
            return
    else:
        left = [*_broadcasted(shapes), *whole[len(places) :]]
        for first, second in combinations(shapes, 2):
            yield from _pairs("broadcast", reversed(first), reversed(second))
    for dim, size in zip(reversed(left), reversed(put), strict=False):
        if size != "1":
            yield "broadcast", dim, size
            yield "at_least", dim, size


def _broadcasted(shapes: Sequence[Sequence[str]]) -> list[str]:
    """What several shapes have in common when they are broadcast."""
    found: list[str] = []
    for dims in zip_longest(*map(reversed, shapes), fillvalue="1"):
        larger = [dim for dim in dict.fromkeys(dims) if dim != "1"] or ["1"]
        found.insert(0, larger[0] if len(larger) == 1 else f"Broadcast({', '.join(larger)})")
    return found


def _unpooled(reader: Reading, op: Op) -> Asked:
    """A place within the result for each element (UnpoolInferMeta in binary.cc, unpool_kernel.cc).

    Paddle lets the result be less than a stride larger or smaller than usual (`_unpool_output_size` in `python/paddle/nn/functional/pooling.py`).
    """
    x, places = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    after, source = reader.result(op)[2:], reader.op_of(op.inputs[1])
    yield from _pairs("equal", x, places)
    pooled = reader.dims(reader.operand(source, 0))[2:] if source.name == "pd_op.max_pool2d_with_index" else []
    if pooled != after:
        why = said("how large the numbers are that {} looks up is not known", "unpool")
        reader.say_unclear(reader.place_of(op), op, why)
    windows = (op.attrs[name] for name in ("ksize", "strides", "padding"))
    for dim, size, width, stride, pad in zip(x[2:], after, *windows, strict=False):
        usual = f"Add(Mul({dim}, {stride}), {width - stride - 2 * pad})"
        yield "at_least", size, f"Add({usual}, {1 - stride})"
        yield "at_least", f"Add({usual}, {stride - 1})", size


def _similar(reader: Reading, op: Op) -> Asked:
    """Broadcast; but along the axis that is summed, an export has two unknown sizes for equal.

    And a number beside an unknown size for another factor than it is (`cosine_similarity` in `python/paddle/nn/functional/common.py`).
    """
    x, y = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    place = reader.place_of(op)
    following = reader.conversion.ops[place + 1 : place + 4]  # the axis, and the sum
    sums = [each for each in following if each.name == "pd_op.sum" and each.inputs[0] == op.outputs[0]]
    axes = [int(reader.data(reader.operand(each, 1))[0]) for each in sums]
    for axis, (left, right) in enumerate(zip(x, y, strict=False)):
        if axes[:1] not in ([axis], [axis - len(x)]):
            yield "broadcast", left, right
        elif left.isdigit() != right.isdigit():
            why = said("what {} asks of its operands is not known", "cosine_similarity")
            reader.say_unclear(place, op, why)
        elif not left.isdigit():
            yield "equal", left, right


def _nothing(reader: Reading, op: Op) -> Asked:
    return iter(())


READING: dict[str, Callable[[Reading, Op], Asked]] = {
    **dict.fromkeys(ops.RESHAPES, _reshape),
    **dict.fromkeys(("expand", "expand_as"), _expand),
    **dict.fromkeys(free_ops.NORMALIZING, _normalized),
    **dict.fromkeys((name for name in free_ops.WINDOWED if "conv" in name), _convolved),
    **dict.fromkeys((name for name in free_ops.WINDOWED if "conv" not in name), _nothing),
    "deformable_conv": _deformed,
    **dict.fromkeys(free_ops.RESIZES, _resized),
    "slice": _slice,
    "split": _split,
    "split_with_num": _split_with_num,
    "layer_norm": _layer_norm,
    **dict.fromkeys(("kldiv_loss", "bce_loss", "huber_loss", "log_loss", "hinge_loss", "dot"), _compared),
    "sigmoid_cross_entropy_with_logits": _compared,
    "nll_loss": _classified,
    "scatter": _scattered,
    "scatter_nd_add": _scattered_by_columns,
    "index_add": _added_at,
    "searchsorted": _searched,
    "index_put": _put,
    "unpool": _unpooled,
    **dict.fromkeys(free_ops.SQUARE, _square),
    "repeat_interleave_with_tensor_index": _repeated,
    "bilinear": _bilinear,
    **dict.fromkeys(axes.REGIONS, _of_regions),
    **dict.fromkeys(("masked_fill", "lerp", "complex"), _filled),
    "cross_entropy_with_softmax": _labelled,
    "crop": _cropped,
    "temporal_shift": _shifted,
    "index_sample": _grid_sample,
    "topk": _topk,
    "grid_sample": _grid_sample,
    "einsum": _einsum,
    "rnn": _recurrent,
    "multiclass_nms3": _suppressed,
    "yolo_box": _boxes,
    "pad3d": _padded,
    "pixel_unshuffle": _unshuffled,
    "channel_shuffle": _shuffled,
    "fold": _folded,
    "squeeze": _squeezed,
    "group_norm": _grouped,
    "frame": _framed,
    "kthvalue": _kth,
    **dict.fromkeys(("take_along_axis", "put_along_axis"), _taken),
    **dict.fromkeys(("set_value", "set_value_with_tensor"), _assigned),
    **dict.fromkeys(("pixel_shuffle", "unbind", "pad"), _nothing),
}
"""How the demands of an op are read, beyond that no axis of its result is empty."""
OF_APIS: dict[tuple[str, str], Callable[[Reading, Op], Asked]] = {("cosine_similarity", "multiply"): _similar}
"""The same of an op in a function of Paddle's that asks more of its operands than the op does."""
