"""What ops demand that cut, look up or put rows, by Paddle's own check of their operands (`InferMeta`) or the kernel's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, zip_longest

from shapetrace import symbolic
from shapetrace.facts import ops
from shapetrace.said import said
from shapetrace.sizes.reading import Asked, Reading, pairs
from shapetrace.symbolic.signs import never_negative, never_positive
from shapetrace.trace import Op


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
        reader.say_not_known(op, "set_value")
    left = [dim for axis, dim in enumerate(places) if axis not in single]
    for dim, size in zip(reversed(left), reversed(value), strict=False):
        if dim is not None and size != "1":
            yield "equal", dim, size


def _put(reader: Reading, op: Op) -> Asked:
    """Places are broadcast, and what is put there too (index_put_kernel.cc).

    A mask of other sizes than the tensor's axes is refused by brackets, and by the function not, which then writes elsewhere.
    """
    whole, places, put = reader.dims(reader.operand(op, 0)), reader.listed(op, 1), reader.dims(reader.operand(op, 2))
    shapes = [reader.dims(value) for value in places]
    if any(value is not None and value.dtype == "bool" for value in places):
        left = whole[len(shapes[0]) :]
        chosen = put[: max(len(put) - len(left), 0)]
        if len(places) > 1 or whole != shapes[0] + left or chosen not in ([], ["1"]):
            reader.say_not_known(op, "index_put")
            return
    else:
        left = [*_broadcasted(shapes), *whole[len(places) :]]
        for first, second in combinations(shapes, 2):
            yield from pairs("broadcast", reversed(first), reversed(second))
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


def _taken(reader: Reading, op: Op) -> Asked:
    """Along other axes there is a row for each index (`take_along_axis` in `python/paddle/tensor/manipulation.py`).

    Where both are broadcast, an export leaves those of unknown size as they are.
    """
    dims, indices = reader.shapes(op, 0, 1)
    axis = int(op.attrs.get("axis", 0)) % max(len(dims), 1)
    broadcast = op.inputs[1] >= 0 and reader.op_of(op.inputs[1]).api == ops.bare(op.name)
    for place, (dim, count) in enumerate(zip(dims, indices, strict=False)):
        if place != axis:
            yield "equal" if broadcast else "at_least", dim, count


def _scattered(reader: Reading, op: Op) -> Asked:
    """As many rows to put as places, each as long as those of the table (ScatterInferMeta in ternary.cc, funcs/scatter.h).

    A place that is a number takes one row, without an axis of rows.
    """
    table, places, rows = reader.shapes(op, 0, 1, 2)
    if places and rows:
        yield "at_least", rows[0], places[0]
    yield from pairs("equal", reversed(table[1:]), reversed(rows))


def _scattered_by_columns(reader: Reading, op: Op) -> Asked:
    """What is put has the axes of the places, and then what is left of the table's (ScatterNdAddInferMeta in ternary.cc)."""
    table, places, rows = reader.shapes(op, 0, 1, 2)
    if places and places[-1].isdigit():
        yield from pairs("equal", [*places[:-1], *table[int(places[-1]) :]], rows)


def _added_at(reader: Reading, op: Op) -> Asked:
    """As much along the axis as there are places, and else of one shape (IndexAddInferMeta in ternary.cc, index_add_impl.h)."""
    table, places, rows = reader.shapes(op, 0, 1, 2)
    axis = int(op.attrs.get("axis", 0)) % max(len(table), 1)
    for place, (dim, size) in enumerate(zip(table, rows, strict=False)):
        yield "equal", places[0] if place == axis and places else dim, size


def _searched(reader: Reading, op: Op) -> Asked:
    """A row to search in for each row, where there are several (SearchsortedInferMeta in binary.cc)."""
    rows, values = reader.shapes(op, 0, 1)
    yield from pairs("equal", rows[:-1], values)


def _repeated(reader: Reading, op: Op) -> Asked:
    """A number for each row (RepeatInterleaveWithTensorIndexInferMeta in binary.cc)."""
    dims, counts = reader.shapes(op, 0, 1)
    if dims and counts:
        yield "equal", dims[int(op.attrs.get("axis", 0)) % len(dims)], counts[0]


def _kth(reader: Reading, op: Op) -> Asked:
    dims = reader.dims(reader.operand(op, 0))
    if dims:
        yield "at_least", dims[int(op.attrs.get("axis", -1)) % len(dims)], str(op.attrs.get("k", 1))


def _topk(reader: Reading, op: Op) -> Asked:
    dims, count = reader.dims(reader.operand(op, 0)), reader.data(reader.operand(op, 1))
    if dims and count:
        yield "at_least", dims[int(op.attrs.get("axis", -1)) % len(dims)], count[0]


def _labelled(reader: Reading, op: Op) -> Asked:
    """A label for each row (CrossEntropyWithSoftmaxInferMeta in binary.cc)."""
    x, label = reader.shapes(op, 0, 1)
    axis = int(op.attrs.get("axis", -1)) % max(len(x), 1)
    for place, (left, right) in enumerate(zip(x, label, strict=False)):
        if place != axis or op.attrs.get("soft_label"):
            yield "equal", left, right


def _classified(reader: Reading, op: Op) -> Asked:
    """A label for each place (NllLossInferMeta in ternary.cc)."""
    x, label = reader.shapes(op, 0, 1)
    yield from pairs("equal", [*x[:1], *x[2:]], label)


READING: dict[str, Callable[[Reading, Op], Asked]] = {
    "slice": _slice,
    "split": _split,
    "split_with_num": _split_with_num,
    "nll_loss": _classified,
    "scatter": _scattered,
    "scatter_nd_add": _scattered_by_columns,
    "index_add": _added_at,
    "searchsorted": _searched,
    "index_put": _put,
    "repeat_interleave_with_tensor_index": _repeated,
    "cross_entropy_with_softmax": _labelled,
    "topk": _topk,
    "kthvalue": _kth,
    **dict.fromkeys(("take_along_axis", "put_along_axis"), _taken),
    **dict.fromkeys(("set_value", "set_value_with_tensor"), _assigned),
}
"""How the demands of each op are read."""
